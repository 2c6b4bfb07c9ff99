internal import CHypergradient
internal import Hypergradient
internal import HypergradientCatalogue
internal import Kernels

/// A training method of either type of numbers.
class MethodObject: Handled {
  static var mark: UInt64 { 0x4847_6d65_7468_6f64 }
  static var kind: String { "method" }

  /// A step by questions.
  enum Stage { case between, running, done, lost }

  let origin: Origin
  let count: Int
  var stage = Stage.between

  init(_ origin: Origin, _ count: Int) { (self.origin, self.count) = (origin, count) }

  var info: hg_method_info { fatalError("of a type of numbers") }
  func step(
    _ parameters: UnsafeMutableRawPointer?, _ inputs: Inputs, _ evaluate: @escaping hg_evaluate,
    _ context: UnsafeMutableRawPointer?
  ) throws { fatalError("of a type of numbers") }
  func begin(_ parameters: UnsafeRawPointer?, _ inputs: Inputs) throws { fatalError("of a type") }
  func propose() throws -> hg_question { fatalError("of a type of numbers") }
  func observe(_ loss: Double, _ gradient: UnsafeRawPointer?) throws { fatalError("of a type") }
  func end(_ parameters: UnsafeMutableRawPointer?) throws { fatalError("of a type of numbers") }
  func close() { fatalError("of a type of numbers") }
  func saved() throws -> [UInt8] { fatalError("of a type of numbers") }
  func load(_ bytes: UnsafeRawBufferPointer) throws { fatalError("of a type of numbers") }

  /// A step, on the thread of a step by questions.
  func takeByQuestions() { fatalError("of a type of numbers") }

  /// The thread, which the owner ends before it goes: ``close()``.
  func makeTurnstile() -> OpaquePointer? {
    hg_turnstile_make(
      { context in
        guard let context else { return }
        Unmanaged<MethodObject>.fromOpaque(context).takeUnretainedValue().takeByQuestions()
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  static func make(
    _ origin: Origin, _ scalar: Int32, _ parameters: UnsafeRawPointer?, _ count: Int,
    _ groups: [Range<Int>]
  ) throws -> MethodObject {
    try Scalars.isDouble(scalar)
      ? MethodOf<Double>(origin, parameters, count, groups)
      : MethodOf<Float>(origin, parameters, count, groups)
  }

  func expect(_ wanted: UInt64) throws {
    guard wanted == UInt64(count) else {
      throw Fault.length("the method was made for \(count) parameters, and was given \(wanted)")
    }
  }

  func expectBetween() throws {
    switch stage {
    case .between: return
    case .lost:
      throw Fault(
        HG_ERROR_ORDER, "the last step was given up: the method can only be loaded or freed")
    case .running, .done:
      throw Fault(HG_ERROR_ORDER, "a step by questions is open: hg_method_end comes first")
    }
  }
}

/// The caller as an oracle: by its function, or by questions.
final class Asker<S: ParameterScalar> {
  let count: Int
  let gradient: UnsafeMutablePointer<S>
  /// Three vectors more, from the first Hessian-vector product on.
  private(set) var scratch: UnsafeMutablePointer<S>?
  var inputs: Inputs
  var hasMetric = false
  var asked = EvaluationCounts()

  /// How the caller is asked for a step.
  var evaluate: hg_evaluate?
  var context: UnsafeMutableRawPointer?
  /// Or, where there is no function, who waits for the answer.
  var turnstile: OpaquePointer?
  var question = hg_question(kind: Int32(HG_QUESTION_NONE), draw: 0, point: nil)
  var answeredLoss = Double.nan
  /// Whether the caller has given up: what is asked from there on is NaN.
  var isGivenUp = false

  init(_ count: Int) throws {
    self.count = count
    inputs = try Inputs(nil)
    gradient = .allocate(capacity: count)
    gradient.initialize(repeating: 0, count: count)
  }

  deinit {
    gradient.deallocate()
    scratch?.deallocate()
  }

  func makeScratch() -> UnsafeMutablePointer<S> {
    if let scratch { return scratch }
    let made = UnsafeMutablePointer<S>.allocate(capacity: 3 * count)
    made.initialize(repeating: 0, count: 3 * count)
    scratch = made
    return made
  }

  /// f, and ∇f into `gradient` where it is given.
  func ask(_ point: UnsafePointer<S>, _ draw: Int, into gradient: UnsafeMutablePointer<S>?)
    -> Double
  {
    if gradient == nil { asked.losses += 1 } else { asked.gradients += 1 }
    if !isGivenUp {
      if let evaluate {
        let unwritten = Double(nan: 0x6867, signaling: false)
        var loss = unwritten
        let status = evaluate(context, point, UInt64(draw), &loss, gradient)
        if status == 0, loss.bitPattern != unwritten.bitPattern { return loss }
        isGivenUp = true
      } else if let turnstile {
        question = hg_question(
          kind: Int32(gradient == nil ? HG_QUESTION_LOSS : HG_QUESTION_GRADIENT),
          draw: UInt64(draw), point: point)
        hg_turnstile_pass(turnstile)
        if !isGivenUp {
          if let gradient, gradient != self.gradient {
            gradient.update(from: self.gradient, count: count)
          }
          return answeredLoss
        }
      }
    }
    gradient?.update(repeating: .nan, count: count)
    return .nan
  }
}

/// The same as what a method asks.
struct AskedOracle<S: ParameterScalar>: Oracle {
  let asker: Asker<S>

  var parameterCount: Int { asker.count }
  var epoch: Double? { asker.inputs.epoch }
  var metric: Double? { asker.inputs.metric ?? nil }
  var hasMetric: Bool { asker.inputs.metric != nil }

  mutating func evaluate(
    at point: UnsafePointer<S>, draw: Int
  ) -> (loss: Double, gradient: UnsafePointer<S>) {
    let loss = asker.ask(point, draw, into: asker.gradient)
    return (loss, UnsafePointer(asker.gradient))
  }

  mutating func loss(at point: UnsafePointer<S>, draw: Int) -> Double {
    asker.ask(point, draw, into: nil)
  }

  mutating func hessianVectorProduct(
    at point: UnsafePointer<S>, _ vector: UnsafePointer<S>, draw: Int
  ) -> UnsafePointer<S> {
    let scratch = asker.makeScratch()
    CentralDifference.product(
      at: point, along: vector, count: asker.count, moved: scratch, above: scratch + asker.count,
      below: scratch + 2 * asker.count
    ) { point, gradient in _ = asker.ask(point, draw, into: gradient) }
    return UnsafePointer(scratch + asker.count)
  }
}

/// A training method of numbers of one type.
final class MethodOf<S: ParameterScalar>: MethodObject {
  private var method: any TrainingMethod<S>
  private let asker: Asker<S>
  private var steps = 0
  private var turnstile: OpaquePointer?
  /// θ of a step by questions.
  private var work: UnsafeMutablePointer<S>?
  /// As it was when a step by questions began.
  private var lastInfo = hg_method_info()

  init(
    _ origin: Origin, _ parameters: UnsafeRawPointer?, _ count: Int, _ groups: [Range<Int>]
  ) throws {
    let text = try SpecText(origin.text, variables: Set(origin.variables.keys))
    let named = try Catalogue.standard.method(text, for: S.self, variables: origin.variables)
    if case .method = named, text.mentions("error") {
      throw Fault(
        HG_ERROR_UNSUPPORTED,
        "a schedule whose policy past its horizon is 'error' can't stand inside a method here")
    }
    let theta = try Scalars.vector(parameters, count, "the parameters", of: S.self)
    try Scalars.expectRoom(8, count, MemoryLayout<S>.size)
    method = named.trainer(parameterCount: count)
    try Scalars.expectRoom(method.memoryVectors + 2, count, MemoryLayout<S>.size)
    asker = try Asker(count)
    method.begin(at: theta, groups: groups)
    super.init(origin, count)
  }

  deinit { work?.deallocate() }

  override var info: hg_method_info {
    if stage == .running || stage == .done { return lastInfo }
    let counts = method.stepCounts
    return hg_method_info(
      inputs: Signals.bits(method.controllerRequirements.signals) & Signals.ofInputs
        & ~UInt32(HG_SIGNAL_LOSS),
      steps: Int64(steps), skipped: Int64(counts.skipped), retaken: Int64(counts.retaken),
      restored: Int64(counts.restored), rate: method.learningRate,
      distance_estimate: method.distanceEstimate ?? .nan,
      memory_vectors: Int64(method.memoryVectors), parameter_count: UInt64(count),
      gradients: Int64(asker.asked.gradients), losses: Int64(asker.asked.losses))
  }

  private func prepare(_ inputs: Inputs) throws {
    try expectBetween()
    try inputs.check(method.controllerRequirements, step: steps)
    asker.inputs = inputs
    asker.isGivenUp = false
  }

  private func take(_ theta: UnsafeMutablePointer<S>) {
    var oracle = AskedOracle(asker: asker)
    method.step(UnsafeMutableBufferPointer(start: theta, count: count), &oracle)
    steps += 1
  }

  override func step(
    _ parameters: UnsafeMutableRawPointer?, _ inputs: Inputs, _ evaluate: @escaping hg_evaluate,
    _ context: UnsafeMutableRawPointer?
  ) throws {
    let theta = try Scalars.mutable(parameters, count, "the parameters", of: S.self)
    try prepare(inputs)
    (asker.evaluate, asker.context) = (evaluate, context)
    defer { (asker.evaluate, asker.context) = (nil, nil) }
    take(theta.baseAddress!)
    if asker.isGivenUp {
      stage = .lost
      throw Fault(HG_ERROR_CALLBACK, "the function that evaluates has given up")
    }
  }

  // MARK: By questions

  override func begin(_ parameters: UnsafeRawPointer?, _ inputs: Inputs) throws {
    let theta = try Scalars.vector(parameters, count, "the parameters", of: S.self)
    let before = info
    try prepare(inputs)
    if turnstile == nil {
      // The owner ends the thread before it goes: MethodObject.close().
      turnstile = makeTurnstile()
      asker.turnstile = turnstile
    }
    guard let turnstile else { throw Fault.length("no thread could be made") }
    if work == nil { work = .allocate(capacity: count) }
    work!.initialize(from: theta.baseAddress!, count: count)
    lastInfo = before
    stage = .running
    // On to the first question, or to the end.
    hg_turnstile_run(turnstile)
  }

  override func takeByQuestions() {
    take(work!)
    asker.question = hg_question(kind: Int32(HG_QUESTION_NONE), draw: 0, point: nil)
    stage = .done
  }

  override func propose() throws -> hg_question {
    guard stage == .running || stage == .done else {
      throw Fault(HG_ERROR_ORDER, "no step by questions is open: hg_method_begin comes first")
    }
    return asker.question
  }

  override func observe(_ loss: Double, _ gradient: UnsafeRawPointer?) throws {
    guard stage == .running else { throw Fault(HG_ERROR_ORDER, "there is no question to answer") }
    if asker.question.kind == Int32(HG_QUESTION_GRADIENT) {
      let g = try Scalars.vector(gradient, count, "the gradient", of: S.self)
      asker.gradient.update(from: g.baseAddress!, count: count)
    }
    asker.answeredLoss = loss
    hg_turnstile_run(turnstile)
  }

  override func end(_ parameters: UnsafeMutableRawPointer?) throws {
    guard stage == .done else {
      throw Fault(
        HG_ERROR_ORDER,
        stage == .running
          ? "a question is open: hg_method_observe comes first" : "no step by questions is open")
    }
    let theta = try Scalars.mutable(parameters, count, "the parameters", of: S.self)
    theta.baseAddress!.update(from: work!, count: count)
    stage = .between
  }

  /// Ends the thread; a step that is open runs to its end with NaN for answers.
  override func close() {
    guard let turnstile else { return }
    if stage == .running {
      asker.isGivenUp = true
      hg_turnstile_run(turnstile)
    }
    hg_turnstile_end(turnstile)
    asker.turnstile = nil
    self.turnstile = nil
  }

  // MARK: State

  private enum Keys: String, CodingKey {
    case origin, isDouble, count, steps, gradients, losses, state
  }

  override func saved() throws -> [UInt8] {
    try expectBetween()
    return try StateBytes.encode(Self.kind, keyedBy: Keys.self) {
      try $0.encode(origin, forKey: .origin)
      try $0.encode(S.self == Double.self, forKey: .isDouble)
      try $0.encode(count, forKey: .count)
      try $0.encode(steps, forKey: .steps)
      try $0.encode(asker.asked.gradients, forKey: .gradients)
      try $0.encode(asker.asked.losses, forKey: .losses)
      try $0.encode(method, forKey: .state)
    }
  }

  override func load(_ bytes: UnsafeRawBufferPointer) throws {
    if stage == .running || stage == .done { try expectBetween() }
    let decoder = try StateBytes.decoder(bytes, kind: Self.kind)
    try origin.expect(decoder, isDouble: S.self == Double.self)
    let container = try decoder.container(keyedBy: Keys.self)
    let saved = try container.decode(Int.self, forKey: .count)
    guard saved == count else {
      throw Fault.state("the state is of \(saved) parameters, expected \(count)")
    }
    let (steps, gradients, losses) = (
      try container.count(.steps), try container.count(.gradients), try container.count(.losses)
    )
    func read<M: TrainingMethod<S>>(_: M) throws -> any TrainingMethod<S> {
      try container.decode(M.self, forKey: .state)
    }
    method = try read(method)
    self.steps = steps
    asker.asked = EvaluationCounts(gradients: gradients, losses: losses)
    stage = .between
  }
}
