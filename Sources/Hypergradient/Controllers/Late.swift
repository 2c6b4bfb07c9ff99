internal import HypergradientRecipes

/// A controller that decides one step late, for a trainer that can't wait for an inner product in each
/// step: on a device the scalars of a step are read while the next one runs.
///
///     η_t = controller(s_{t−1})        s the signals; η_0 the initial rate
///
/// On the same signals its rates are the base's, one step later; all signals are late, the step's
/// number, epoch and metric too. What the base holds still at is held still at here, so that the fixed
/// points are the same: at (θ, η) where every signal and rate repeats, η_{t+1} = η_t for the one exactly
/// if for the other. Between them a change of the rate comes a step later: a β at which the base is just
/// stable is too large here.
///
/// A skip that the base decides is of the step that comes after the one it judged; that one's
/// gradient has been applied by then.
///
/// Lateness is the trainer's affair, and no text says it: who steps a controller by itself passes it the
/// signals of the step before.
///
/// - Precondition: the base takes back no step, restores nothing and looks at no new direction.
public struct Late<Base: LearningRateController>: LearningRateController {
  public private(set) var base: Base
  public private(set) var learningRate: Double
  /// s_{t−1}.
  private var waiting: StepSignals?

  public init(_ base: Base) {
    if let fault = Self.fault(base) { stop(fault) }
    self.base = base
    learningRate = base.learningRate
  }

  /// Why a controller can't be late; `nil` where it can.
  public static func fault(_ base: Base) -> String? {
    let requirements = base.requirements
    return requirements.mayTakeBack || requirements.signals.containsNewDirection
      ? "only a controller that takes back no step, restores nothing and looks at no new direction can "
        + "be late"
      : nil
  }

  public var requirements: ControllerRequirements {
    var all = base.requirements
    all.lastStep += 1
    all.joinsLanes = false
    return all
  }
  public var takesRate: Bool { base.takesRate }

  public mutating func decide(_ signals: StepSignals) -> StepDecision {
    defer { waiting = signals }
    guard let waiting else { return .step(learningRate) }
    return base.decide(waiting).mapRate { rate in
      learningRate = rate
      return rate
    }
  }

  public mutating func project(learningRate: Double) {
    base.project(learningRate: learningRate)
    self.learningRate = base.learningRate
  }

  public mutating func begin(learningRate: Double) {
    base.begin(learningRate: learningRate)
    self.learningRate = base.learningRate
  }

  public mutating func hold(learningRate: Double) {
    base.hold(learningRate: learningRate)
    self.learningRate = base.learningRate
  }
}

extension LearningRateController {
  /// This controller, one step late.
  public func late() -> Late<Self> { Late(self) }
}

extension Late {
  private enum CodingKeys: String, CodingKey { case base, learningRate, waiting }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(base, forKey: .base)
    try container.encode(CodedDouble(learningRate), forKey: .learningRate)
    try container.encodeIfPresent(waiting.map { CodedSignals($0) }, forKey: .waiting)
  }

  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    base = try state.value(.base)
    learningRate = try state.number(.learningRate)
    waiting = try state.valueOrNone(.waiting, as: CodedSignals.self)?.signals
    try state.check(Self.fault(base))
    if let waiting {
      let requirements = base.requirements
      try state.expect(
        requirements.signals.isSubset(of: waiting.present)
          && Double(waiting.step) <= requirements.lastStep
          && (!waiting.present.contains(.epoch) || waiting.epoch <= requirements.lastEpoch),
        .waiting, "the controller can't decide from these signals")
    }
  }
}

/// Signals as they are kept: a number for each that was passed.
private struct CodedSignals: Codable {
  let signals: StepSignals

  private enum CodingKeys: String, CodingKey { case step, passed, numbers, metric, cosines }

  init(_ signals: StepSignals) { self.signals = signals }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(signals.step, forKey: .step)
    let passed = signals.present.signals
    try container.encode(passed.map(\.rawValue), forKey: .passed)
    try container.encode(
      passed.map { CodedDouble($0 == .metric ? 0 : signals[$0]) }, forKey: .numbers)
    if passed.contains(.metric) {
      try container.encodeIfPresent(signals.metric.map { CodedDouble($0) }, forKey: .metric)
    }
    try container.encode(
      [signals.exactCosines[0], signals.exactCosines[1]].map { CodedDouble($0) }, forKey: .cosines)
  }

  init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    var signals = StepSignals(step: try state.count(.step))
    let passed = try state.value(.passed, as: [Int].self)
    let numbers = try state.value(.numbers, as: [CodedDouble].self).map(\.value)
    let cosines = try state.value(.cosines, as: [CodedDouble].self).map(\.value)
    try state.expect(
      passed.count == numbers.count && Set(passed).count == passed.count, .numbers,
      "\(numbers.count) numbers of \(passed.count) signals")
    try state.expect(
      cosines.count == 2 && cosines.allSatisfy { $0.isNaN || (-1...1) ~= $0 }, .cosines,
      "they are no two cosines")
    for (number, value) in zip(passed, numbers) {
      guard let signal = StepSignals.Signal(rawValue: number) else {
        throw state.fail(.passed, "\(number) is no signal")
      }
      if signal == .epoch {
        try state.expect(value >= 0 && value.isFinite, .numbers, "\(value) is no epoch")
      }
      if signal == .metric {
        signals.metric = try state.valueOrNone(.metric, as: CodedDouble.self)?.value
      } else {
        signals[signal] = value
      }
    }
    signals.exactCosines = SIMD2(cosines[0], cosines[1])
    self.signals = signals
  }
}
