internal import HypergradientRecipes
internal import Vectors

/// Runs of one update rule under many controllers that advance together, each with the bits that it
/// gets alone from an ``Optimizer``: a sweep over learning rates in the time of a few runs.
///
/// Vectors are interleaved: element i of run r stands at `[i * laneCount + r]`, where `laneCount` is
/// the number of runs rounded up to a multiple of 8 (what is beyond the runs is padding). Eight runs
/// of a hundred parameters fit the fastest memory; more than sixteen seldom pay.
///
/// ```swift
/// var cohort = OptimizerCohort(
///   Adam<Float>(), [0.1, 0.01].map { ConstantRate($0) }, parameterCount: 3)
/// var parameters = [Float](repeating: 1, count: 3 * cohort.laneCount)
/// cohort.step(&parameters, gradient: parameters)
/// ```
///
/// A run that has diverged may be retired; another cohort's run may take its place.
///
/// - Complexity: memory is that of the optimizers; a step allocates nothing.
public struct OptimizerCohort<Rule: UpdateRule, Controller: LearningRateController>: ~Copyable {
  public typealias Scalar = Rule.Scalar

  public let parameterCount: Int
  public let runCount: Int
  /// `runCount`, rounded up to a multiple of 8.
  public let laneCount: Int
  /// Steps taken.
  public private(set) var stepCount = 0

  private let needs: StepSignals.Needs
  private let loops: LaneLoops
  /// Parameters that are moved at a time, so that their directions stay in cache.
  private let stripLength: Int

  private let controllers: UnsafeMutablePointer<Controller>
  /// Whether all decide as ``HypergradientDescent/decide(alignment:)``.
  private var areAdditive: Bool
  private let isActive: UnsafeMutablePointer<Bool>
  /// What is minimised.
  public let objective: Objective
  /// ∇f + λθ, where there is a penalty.
  private let penalized: UnsafeMutablePointer<Scalar>?
  /// Room for the rates as the parameters' type sees them.
  private let roundedRates: UnsafeMutablePointer<Double>
  /// Rates, alignments, ‖g‖, ‖u‖, cosines: a row each.
  private let rows: UnsafeMutablePointer<Double>
  /// Where u is the gradient itself and is kept: u_{t−1} and the next gradient, which change places at
  /// each step.
  private var kept: UnsafeMutablePointer<Scalar>?
  private var next: UnsafeMutablePointer<Scalar>?
  /// The rates of the last step, of the parameters' type, where θ has not moved yet.
  private var waiting: UnsafePointer<Scalar>?
  /// The rule with the state of all runs; u_{t−1} where the controllers need it and it is not there, one strip of
  /// scratch otherwise. It stands last, like its rule.
  private var host: RuleState<Rule>

  public var rule: Rule { host.rule }

  /// Whether runs of this rule and controller can advance together: the rule looks at nothing but
  /// its own element, and the controller always steps, without looking at the new direction, at a
  /// trace or at a metric.
  public static func admits(
    _ rule: Rule, _ controller: Controller, on objective: Objective = .plain
  ) -> Bool {
    let asked = controller.requirements
    return rule.requirements.facts.isEmpty && !objective.maximizes && asked.alwaysSteps
      && asked.joinsLanes && !asked.keepsBest && asked.signals.isDisjoint(with: .notInLanes)
  }

  /// - Parameter controllers: one a run.
  /// - Precondition: at least one controller, all with the same needs, and ``admits(_:_:)`` each;
  ///   `parameterCount` is at least 0.
  public init(
    _ rule: Rule, _ controllers: [Controller], on objective: Objective = .plain,
    parameterCount: Int
  ) {
    require(!controllers.isEmpty, "a cohort has at least one run")
    require(parameterCount >= 0, "parameterCount is \(parameterCount), not a count")
    let needs = controllers[0].needs
    for controller in controllers {
      require(
        Self.admits(rule, controller, on: objective) && controller.needs == needs,
        "runs advance together only where the rule sees its own element alone, and all controllers "
          + "always step and need the same signals")
    }
    self.objective = objective
    self.parameterCount = parameterCount
    self.needs = needs
    runCount = controllers.count
    laneCount = (controllers.count + 7) / 8 * 8
    loops = LaneLoops(Scalar.self, lanes: laneCount)
    stripLength = max(1, 4096 / laneCount)
    let length = parameterCount * laneCount
    let keepsDirection = !needs.isDisjoint(with: .ofPreviousDirection)
    let exchanges =
      keepsDirection && objective.penalty == 0 && Rule.self == GradientDescent<Scalar>.self
    host = RuleState(
      rule, count: length, keepsDirection: keepsDirection && !exchanges,
      scratch: exchanges ? 0 : stripLength * laneCount)
    if exchanges {
      kept = Lines.allocate(length, repeating: 0)
      next = Lines.allocate(length, repeating: 0)
    } else {
      (kept, next) = (nil, nil)
    }
    waiting = nil

    self.controllers = .allocate(capacity: controllers.count)
    _ = UnsafeMutableBufferPointer(start: self.controllers, count: controllers.count)
      .initialize(from: controllers)
    areAdditive = controllers.allSatisfy(LaneDecisions.isAdditive)
    isActive = .allocate(capacity: controllers.count)
    isActive.initialize(repeating: true, count: controllers.count)
    penalized = objective.penalty == 0 ? nil : Lines.allocate(length, repeating: 0)
    roundedRates = Lines.allocate(laneCount, repeating: 0)
    rows = Lines.allocate(5 * laneCount, repeating: 0)
    for run in 0..<controllers.count { rows[run] = controllers[run].learningRate }
  }

  deinit {
    controllers.deinitialize(count: runCount)
    controllers.deallocate()
    isActive.deallocate()
    Lines.free(penalized)
    Lines.free(kept)
    Lines.free(next)
    Lines.free(roundedRates)
    Lines.free(rows)
  }

  /// The controller of a run.
  public func controller(of run: Int) -> Controller { controllers[run] }

  /// The rate that a run's last step applied; its controller's initial rate before the first.
  public func learningRate(of run: Int) -> Double { rows[run] }

  /// The rates of all lanes, valid until the cohort ends.
  package var learningRates: UnsafePointer<Double> { UnsafePointer(rows) }

  /// One step of every run.
  ///
  /// - Parameters:
  ///   - parameters: θ of all runs, interleaved, changed in place.
  ///   - gradient: ∇f(θ), likewise.
  ///   - losses: the minibatch losses, one a lane, for controllers that need them.
  ///   - epoch: epochs begun, for a schedule in epochs.
  /// - Precondition: both have `parameterCount * laneCount` elements, and every signal that the
  ///   controllers need is passed.
  public mutating func step(
    _ parameters: inout [Scalar], gradient: [Scalar], losses: [Double]? = nil,
    epoch: Double? = nil
  ) {
    let length = parameterCount * laneCount
    require(
      parameters.count == length && gradient.count == length
        && losses?.count ?? laneCount == laneCount,
      "the cohort has \(laneCount) lanes of \(parameterCount) parameters, and was given "
        + "\(parameters.count) parameters, \(gradient.count) gradient elements and "
        + "\(losses?.count ?? 0) losses")
    parameters.withUnsafeMutableBufferPointer { parameters in
      gradient.withUnsafeBufferPointer { gradient in
        guard let theta = parameters.baseAddress, let g = gradient.baseAddress else { return }
        if let losses {
          step(theta, gradient: g, losses: losses, epoch: epoch)
        } else {
          step(theta, gradient: g, losses: nil, epoch: epoch)
        }
      }
    }
  }

  /// Where the next step's gradient may be written, so that the step copies nothing; `nil` where it
  /// is the same anywhere.
  package var gradientMemory: UnsafeMutablePointer<Scalar>? { next }

  /// θ −= rate·u, a rate a lane, where it waits for whoever makes the next gradient and can sum up the
  /// alignments with u in the same pass.
  package var waitingMove:
    (
      rates: UnsafePointer<Scalar>, direction: UnsafePointer<Scalar>,
      alignments: UnsafeMutablePointer<Double>
    )?
  {
    guard let waiting, let kept else { return nil }
    return (waiting, UnsafePointer(kept), rows + laneCount)
  }

  /// Moves θ now, if a move waits.
  package mutating func takeWaitingMove(_ theta: UnsafeMutablePointer<Scalar>) {
    guard let waiting, let kept else { return }
    loops.move(theta, by: waiting, kept, count: parameterCount)
    self.waiting = nil
  }

  /// One step of every run, on memory of `parameterCount * laneCount` elements each that does not
  /// overlap, and `laneCount` losses.
  public mutating func step(
    _ theta: UnsafeMutablePointer<Scalar>, gradient: UnsafePointer<Scalar>,
    losses: UnsafePointer<Double>?, epoch: Double? = nil
  ) {
    step(theta, gradient: gradient, losses: losses, epoch: epoch, isAligned: false, waits: false)
  }

  /// - Parameters:
  ///   - isAligned: whether ``waitingMove`` has been taken and its alignments written, in the order of
  ///     a dot.
  ///   - waits: whether this step's move may wait.
  /// - Precondition: no other move waits.
  package mutating func step(
    _ theta: UnsafeMutablePointer<Scalar>, gradient: UnsafePointer<Scalar>,
    losses: UnsafePointer<Double>?, epoch: Double?, isAligned: Bool, waits: Bool
  ) {
    precondition(isAligned || waiting == nil, "θ has not moved since the last step")
    if let kept, let next {
      if gradient != UnsafePointer(next) {
        next.update(from: gradient, count: parameterCount * laneCount)
      }
      decide(UnsafePointer(next), losses: losses, epoch: epoch, isAligned: isAligned)
      let rates = loops.rounded(rows, in: roundedRates)
      (self.kept, self.next) = (next, kept)
      stepCount += 1
      if waits && needs.contains(.alignment) {
        waiting = rates.assumingMemoryBound(to: Scalar.self)
      } else {
        waiting = nil
        loops.move(theta, by: rates, next, count: parameterCount)
      }
      return
    }
    var g = gradient
    if let penalized {
      Elementwise.addPenalty(
        penalized, g, Scalar.nearest(to: objective.penalty), theta, parameterCount * laneCount)
      g = UnsafePointer(penalized)
    }
    decide(g, losses: losses, epoch: epoch, isAligned: false)
    let (loops, rates) = (loops, loops.rounded(rows, in: roundedRates))
    host.writeStrips(
      theta, g, stripLength: stripLength * laneCount,
      then: { start, u, count in
        loops.move(theta + start, by: rates, u, count: count / loops.lanes)
      })
    stepCount += 1
  }

  /// The sums that the controllers need, and their rates.
  private func decide(
    _ g: UnsafePointer<Scalar>, losses: UnsafePointer<Double>?, epoch: Double?, isAligned: Bool
  ) {
    let u = kept ?? host.u
    var signals = LaneSignals(step: stepCount, epoch: epoch, losses: losses)
    let (alignments, gradients, directions) = (
      rows + laneCount, rows + 2 * laneCount, rows + 3 * laneCount
    )
    var wanted: VectorKernels.Wanted = []
    if needs.contains(.alignment) {
      signals.alignments = UnsafePointer(alignments)
      if stepCount > 0 {
        wanted.insert(.alignment)
        if !isAligned { loops.dot(alignments, u, g, count: parameterCount) }
      }
    }
    if needs.contains(.gradientNorm) {
      signals.gradientNorms = UnsafePointer(gradients)
      wanted.insert(.gradientSquare)
      loops.dot(gradients, g, g, count: parameterCount)
    }
    if needs.contains(.previousDirectionNorm) {
      signals.directionNorms = UnsafePointer(directions)
      if stepCount > 0 {
        wanted.insert(.directionSquare)
        loops.dot(directions, u, u, count: parameterCount)
      }
    }
    // An alignment of ordinary size is its sum.
    if wanted.rawValue != 0
      && !(wanted == .alignment && Norms.areSafe(alignments, count: runCount))
    {
      signals.exactCosines = measure(wanted, g)
    }
    if areAdditive {
      LaneDecisions.decideAdditively(
        controllers, isActive: isActive, count: runCount, alignments: alignments, rates: rows)
    } else {
      LaneDecisions.decide(
        controllers, isActive: isActive, count: runCount, signals, rates: rows)
    }
  }

  /// Norms from the sums of squares in the rows, and what was lost of a sum that has overflowed or
  /// vanished, as an optimizer alone does.
  ///
  /// - Returns: cosines where there was any such sum.
  private func measure(
    _ wanted: VectorKernels.Wanted, _ g: UnsafePointer<Scalar>
  ) -> UnsafePointer<Double>? {
    let (alignments, gradients, directions, cosines) = (
      rows + laneCount, rows + 2 * laneCount, rows + 3 * laneCount, rows + 4 * laneCount
    )
    let (u, lanes) = (kept ?? host.u, laneCount)
    var anyScaled = false
    for run in 0..<runCount {
      var sums = VectorKernels.Sums()
      if wanted.contains(.alignment) { sums.alignment = alignments[run] }
      if wanted.contains(.gradientSquare) { sums.gradientSquare = gradients[run] }
      if wanted.contains(.directionSquare) { sums.directionSquare = directions[run] }
      let found: Measures
      if sums.areOrdinary(wanted) || !isActive[run] {
        found = Measures(sums)
      } else {
        if !anyScaled { cosines.update(repeating: .nan, count: lanes) }
        anyScaled = true
        found = Measures(
          scaled: sums, wanted, count: parameterCount, { Double(u[$0 * lanes + run]) },
          { Double(g[$0 * lanes + run]) })
        cosines[run] = found.exactCosine
      }
      if wanted.contains(.alignment) { alignments[run] = found.alignment }
      if wanted.contains(.gradientSquare) { gradients[run] = found.gradientNorm }
      if wanted.contains(.directionSquare) { directions[run] = found.directionNorm }
    }
    return anyScaled ? UnsafePointer(cosines) : nil
  }

  /// Stops a run: its controller decides no more, its parameters stay where they are (unless they
  /// are not finite).
  public mutating func retire(_ run: Int) { isActive[run] = false }

  /// Puts a run of another cohort in place of one of this; its parameters are the caller's to copy.
  ///
  /// - Precondition: both cohorts have the same rule, needs and parameter count, and have taken the
  ///   same number of steps.
  public mutating func adopt(_ run: Int, from other: borrowing OptimizerCohort, run source: Int) {
    require(
      other.parameterCount == parameterCount && other.stepCount == stepCount
        && other.needs == needs && waiting == nil && other.waiting == nil,
      "a cohort adopts runs of its own kind that have come equally far")
    controllers[run] = other.controllers[source]
    areAdditive = areAdditive && other.areAdditive
    isActive[run] = other.isActive[source]
    for row in 0..<5 { rows[row * laneCount + run] = other.rows[row * other.laneCount + source] }
    host.adopt(run, of: laneCount, from: other.host, run: source, of: other.laneCount)
    if let kept, let from = other.kept {
      for i in 0..<parameterCount {
        kept[i * laneCount + run] = from[i * other.laneCount + source]
      }
    }
  }
}
