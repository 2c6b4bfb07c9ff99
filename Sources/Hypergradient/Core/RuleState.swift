internal import HypergradientRecipes

/// A rule with the state that it keeps: the one host of rules, in an ``Optimizer``, in a cohort of
/// interleaved runs, in a method that carries a rule, and in a level of a tower.
///
///     u_t = rule(g_t, θ_{t−1}, state)
///
/// It makes directions and applies none by itself, but where θ −= η·u goes in the same pass over
/// memory. It is a value: a copy goes on with the same bits, and memory is copied when one of two
/// copies writes.
///
/// - Complexity: a step allocates nothing.
public struct RuleState<Rule: UpdateRule>: Sendable {
  public typealias Scalar = Rule.Scalar

  @usableFromInline var steps = 0
  /// Threads that share the elements of a long vector.
  @usableFromInline var threads = 1
  /// What the rule asks of the whole gradient.
  @usableFromInline let facts: RuleRequirements.Facts
  /// Whether u_t is kept.
  @usableFromInline let keepsDirection: Bool
  @usableFromInline let layout: RuleLayout
  @usableFromInline var memory: RuleMemory
  /// Steps that a guard has refused: ``Guarded``.
  @usableFromInline var refusedSteps = 0
  /// The state before a guarded step, as long as that lasts; no part of a checkpoint.
  private var before: RuleMemory?
  /// The rule; its hyperparameters may be changed between steps. It stands last, so that code that
  /// does not know its type finds the others without looking up where they are.
  public var rule: Rule

  /// - Parameters:
  ///   - count: elements of a vector; at least 0.
  ///   - keepsDirection: whether u_t stays until the next one is made.
  ///   - scratch: elements of a part, where it does not; by default those that caches and threads
  ///     like best.
  ///   - ownVectors: vectors that the owner keeps beside the rule's.
  ///   - first: the first value of a state vector, from its number and the rule's own.
  init(
    _ rule: Rule, count: Int, keepsDirection: Bool, scratch: Int? = nil, ownVectors: Int = 0,
    first: (Int, Scalar) -> Scalar = { $1 }
  ) {
    require(count >= 0, "\(count) is not a count of parameters")
    let requirements = rule.requirements
    // A guard looks at all of u before θ moves.
    let usual =
      requirements.facts.contains(.guarded)
      ? count
      : count >= VectorKernels.threadedLength ? VectorKernels.threadedLength : stripLength
    self.rule = rule
    facts = requirements.facts
    self.keepsDirection = keepsDirection
    layout = RuleLayout(
      of: Scalar.self, requirements, count: count, keepsDirection: keepsDirection,
      scratch: scratch ?? usual, ownVectors: ownVectors)
    memory = RuleMemory(byteCount: layout.byteCount)
    for (index, scalar) in requirements.scalars.enumerated() { memory.scalars()[index] = scalar }
    for (index, value) in requirements.stateVectors.enumerated() {
      let value = first(index, Scalar.nearest(to: value))
      if value != 0 { stateVector(index).update(repeating: value) }
    }
  }

  /// The rule's vectors.
  public var memoryVectors: Int { layout.stateVectorCount }

  /// Directions made.
  @inlinable public var stepCount: Int { steps }

  /// Elements of a vector.
  @inlinable @inline(__always) var count: Int { layout.count }

  @inlinable @inline(__always) var usedThreads: Int {
    layout.count >= VectorKernels.threadedLength ? threads : 1
  }

  // MARK: Vectors

  /// u_t, or the scratch for a part of it.
  @inlinable @inline(__always) var u: UnsafeMutablePointer<Scalar> {
    memory.elements(at: layout.directionOffset, of: Scalar.self)
  }

  /// The first state vector.
  @inlinable @inline(__always) var state: UnsafeMutablePointer<Scalar> {
    memory.elements(at: layout.stateOffset, of: Scalar.self)
  }

  @inlinable @inline(__always) var scalars: RuleScalars {
    RuleScalars(
      UnsafeMutableBufferPointer(start: memory.scalars(), count: layout.scalarCount))
  }

  func stateVector(_ index: Int) -> UnsafeMutableBufferPointer<Scalar> {
    UnsafeMutableBufferPointer(start: state + index * layout.stride, count: count)
  }

  /// A vector of the owner's.
  @usableFromInline func ownVector(_ index: Int) -> UnsafeMutableBufferPointer<Scalar> {
    UnsafeMutableBufferPointer(
      start: memory.elements(at: layout.ownOffset, of: Scalar.self) + index * layout.stride,
      count: count)
  }

  /// Memory of its own, before it is written.
  @inlinable @inline(__always) mutating func makeUnique() {
    if !isKnownUniquelyReferenced(&memory) { memory = memory.copy() }
  }

  // MARK: Steps

  /// u_t of all elements into the kept vector or, part by part, into the scratch; θ −= η·u_t in the
  /// same pass, where η is known already.
  ///
  /// - Parameter facts: the host's own, or none where it is known to have none.
  @inlinable @inline(__always)
  mutating func write(
    _ theta: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>, of objective: Objective,
    _ facts: RuleRequirements.Facts, gradientNorm: Double, loss: Double, thenStepBy eta: Double?
  ) {
    if facts.contains(.guarded) {
      return writeGuarded(
        theta, g, of: objective, gradientNorm: gradientNorm, loss: loss, thenStepBy: eta)
    }
    writePlain(
      theta, g, of: objective, facts, gradientNorm: gradientNorm, loss: loss, thenStepBy: eta)
  }

  @inlinable @inline(__always)
  mutating func writePlain(
    _ theta: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>, of objective: Objective,
    _ facts: RuleRequirements.Facts, gradientNorm: Double, loss: Double, thenStepBy eta: Double?
  ) {
    makeUnique()
    let step = RuleStep(
      index: steps, gradientNorm: gradientNorm, loss: loss, scalars: scalars)
    steps += 1
    let strip = Strip(
      count: count, gradient: g, parameters: UnsafePointer(theta), direction: u, state: state,
      stride: layout.stride, stateVectors: layout.stateVectorCount, room: layout.directionCount,
      threads: usedThreads)
    var move: StripMove<Scalar>?
    if let eta { move = StripMove(parameters: theta, rate: eta, keepsDirection: keepsDirection) }
    rule.begin(step)
    if facts.contains(.survey) { survey(strip, step, of: objective) }
    if !objective.changesGradient, rule.accelerated(strip, step, moving: move) { return }
    writeParts(strip, step, move, of: objective)
  }

  /// The same part by part, where the rule has no faster way or its gradient must be made first.
  @inlinable
  func writeParts(
    _ strip: Strip<Scalar>, _ step: RuleStep, _ move: StripMove<Scalar>?, of objective: Objective
  ) {
    let length = strip.partLength()
    var start = 0
    while start < strip.count {
      var part = strip.part(from: start, count: min(length, strip.count - start))
      var partMove: StripMove<Scalar>?
      if let move { partMove = move.part(from: start) }
      start += part.count
      if objective.changesGradient {
        part = part.withGradient(of: objective)
        if rule.accelerated(part, step, moving: partMove) { continue }
      }
      rule.direction(part, step)
      if let partMove {
        partMove.move(
          along: UnsafePointer(part.direction), count: part.count, threads: part.threads)
      }
    }
  }

  /// A survey of a whole gradient in parts of ``stripLength`` elements, so that sums over them depend
  /// on neither the threads nor the room for directions.
  @usableFromInline
  func survey(_ strip: Strip<Scalar>, _ step: RuleStep, of objective: Objective) {
    if !objective.changesGradient, rule.acceleratedSurvey(strip, step) { return }
    var start = 0
    while start < strip.count {
      var part = strip.part(from: start, count: min(stripLength, strip.count - start))
      start += part.count
      if objective.changesGradient {
        part = part.withGradient(of: objective)
        if rule.acceleratedSurvey(part, step) { continue }
      }
      rule.survey(part, step)
    }
  }

  /// θ −= rate·u with the kept direction.
  @inlinable @inline(__always)
  func apply(_ theta: UnsafeMutablePointer<Scalar>, rate: Double) {
    StripMove(parameters: theta, rate: rate, keepsDirection: true)
      .move(along: UnsafePointer(u), count: count, threads: usedThreads)
  }
}

// For runs that are interleaved, element i of run r at [i · lanes + r].
extension RuleState {
  /// u_t strip by strip, each handed on as soon as it is written: where it begins, u, and how long
  /// it is.
  mutating func writeStrips(
    _ theta: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>, stripLength: Int,
    then take: (Int, UnsafeMutablePointer<Scalar>, Int) -> Void
  ) {
    let step = RuleStep(index: steps, gradientNorm: .nan, scalars: scalars)
    steps += 1
    rule.begin(step)
    var start = 0
    while start < count {
      let length = min(stripLength, count - start)
      let strip = Strip(
        count: length, gradient: g + start, parameters: UnsafePointer(theta + start),
        direction: keepsDirection ? u + start : u, state: state + start, stride: layout.stride,
        stateVectors: layout.stateVectorCount)
      if !rule.accelerated(strip, step, moving: nil) { rule.direction(strip, step) }
      take(start, strip.direction, length)
      start += length
    }
  }

  /// Puts the state of another host's run in place of one of this.
  mutating func adopt(
    _ run: Int, of lanes: Int, from other: RuleState, run source: Int, of otherLanes: Int
  ) {
    func copy(
      _ to: UnsafeMutablePointer<Scalar>, _ from: UnsafeMutablePointer<Scalar>
    ) {
      for i in 0..<(count / lanes) { to[i * lanes + run] = from[i * otherLanes + source] }
    }
    for index in 0..<layout.stateVectorCount {
      copy(stateVector(index).baseAddress!, other.stateVector(index).baseAddress!)
    }
    if keepsDirection { copy(u, other.u) }
  }
}

// For methods that choose the rate after they have seen the direction.
extension RuleState {
  /// A rule whose direction is kept; ``begin(parameterCount:)`` makes the state.
  public init(_ rule: Rule) { self.init(rule, count: 0, keepsDirection: true) }

  /// The state at its first values, for so many parameters.
  public mutating func begin(parameterCount: Int) {
    self = RuleState(rule, count: parameterCount, keepsDirection: true)
  }

  /// Makes u_t and returns ⟨u_t, g_t⟩.
  ///
  /// - Parameter loss: f(θ), which the gradient belongs to.
  @discardableResult
  public mutating func make(
    _ theta: UnsafeMutablePointer<Scalar>, _ gradient: UnsafePointer<Scalar>, loss: Double
  ) -> Double {
    let norm =
      facts.contains(.gradientNorm)
      ? VectorLoops.norm(gradient, count: count) : .nan
    write(theta, gradient, of: .plain, facts, gradientNorm: norm, loss: loss, thenStepBy: nil)
    return VectorLoops.dot(UnsafePointer(u), gradient, count: count)
  }

  /// point ← θ − rate·u.
  public func move(
    from theta: UnsafeMutablePointer<Scalar>, by rate: Double, into point: inout [Scalar]
  ) {
    point.withUnsafeMutableBufferPointer { point in
      point.baseAddress!.update(from: theta, count: count)
      apply(point.baseAddress!, rate: rate)
    }
  }

  /// f(θ − rate·u) of the draw that made u, asked for at `point`.
  func loss<O: Oracle<Scalar>>(
    from theta: UnsafeMutablePointer<Scalar>, by rate: Double, at point: inout [Scalar],
    _ oracle: inout O
  ) -> Double {
    move(from: theta, by: rate, into: &point)
    return point.withUnsafeBufferPointer { oracle.loss(at: $0.baseAddress!, draw: 0) }
  }

  /// u_t, as long as the body runs.
  public func withDirection<Result>(_ body: (UnsafePointer<Scalar>) -> Result) -> Result {
    withExtendedLifetime(memory) { body(UnsafePointer(u)) }
  }
}

// For rules that are guarded.
extension RuleState {
  /// The same, but for a step whose gradient, direction or state is not finite: u is zero then, and the
  /// rule's state is as it was.
  @usableFromInline @inline(never)
  mutating func writeGuarded(
    _ theta: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>, of objective: Objective,
    gradientNorm: Double, loss: Double, thenStepBy eta: Double?
  ) {
    guard count > 0 else { return }
    guard VectorLoops.isFinite(g, count: count) else { return refuse() }
    let byteCount = layout.directionOffset
    if before == nil || !isKnownUniquelyReferenced(&before) {
      before = RuleMemory(byteCount: byteCount)
    }
    before!.base.copyMemory(from: memory.base, byteCount: byteCount)
    writePlain(
      theta, g, of: objective, facts, gradientNorm: gradientNorm, loss: loss, thenStepBy: nil)
    let isGood =
      VectorLoops.isFinite(u, count: count)
      && (0..<layout.stateVectorCount).allSatisfy {
        VectorLoops.isFinite(stateVector($0).baseAddress!, count: count)
      } && (0..<layout.scalarCount).allSatisfy { memory.scalars()[$0].isFinite }
    guard isGood else {
      memory.base.copyMemory(from: before!.base, byteCount: byteCount)
      steps -= 1
      return refuse()
    }
    if let eta { apply(theta, rate: eta) }
  }

  private mutating func refuse() {
    makeUnique()
    refusedSteps += 1
    u.update(repeating: 0, count: count)
  }
}
