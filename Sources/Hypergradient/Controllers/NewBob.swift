package import HypergradientRecipes

/// Reduces the rate when an observation improves too little on the one before it:
///
///     x is a violation where x' − x < τ·|x'| or x is not less than x',    x' the one before
///
/// Violations are counted in total, not in a row: the first n are borne, the next one multiplies the
/// rate by the factor, and n more are borne then. With n = 0, the default, each violation reduces. An
/// observation that is not finite is a violation, and is not one to compare with.
///
/// > Source: the "new-bob" rule of the ICSI speech group's QuickNet trainer, in the form of
/// > SpeechBrain's `NewBobScheduler`. That one divides by the observation before, so that below zero
/// > a worsening is no violation, and NaN is never one: ``speechBrain(initialValue:annealingFactor:improvementThreshold:patient:watching:)``.
public struct NewBob: LearningRateController, Equatable {
  /// Which observations are violations.
  enum Form: String, Sendable, Codable {
    case contract
    /// (x' − x)/x' < τ, with 0 for a ratio by 0.
    case speechBrain
  }

  /// The factor of a reduction, and τ.
  public let factor, threshold: Double
  /// n, in violations.
  public let patience: Int
  public let direction: Plateau.Direction
  public let bounds: ClosedRange<Double>
  public private(set) var learningRate: Double
  /// Violations that are still borne.
  public private(set) var patienceLeft: Int
  private let form: Form
  private var before: CodedDouble?
  private var observations: Observations

  /// - Parameters:
  ///   - initial: the rate at the start, within `bounds`.
  ///   - direction: which way the observations improve.
  ///   - bounds: in which the rate stays; finite and at least 0.
  ///   - source: where the observations of a controller come from; ``observe(_:)`` takes any.
  public init(
    initial: Double, factor: Double = 0.5, threshold: Double = 0.0025, patience: Int = 0,
    improving direction: Plateau.Direction = .minimize,
    within bounds: ClosedRange<Double> = 0...Double.greatestFiniteMagnitude,
    watching source: Plateau.Source = .loss(averagedOver: 1)
  ) {
    Recipe<any LearningRateController>.newBob.check(
      initial, factor, threshold, patience, direction, bounds, source)
    self.init(
      initial: initial, factor: factor, threshold: threshold, patience: patience,
      improving: direction, within: bounds, watching: source, form: .contract)
  }

  /// Without a check of what the recipes check.
  private init(
    initial: Double, factor: Double, threshold: Double, patience: Int,
    improving direction: Plateau.Direction, within bounds: ClosedRange<Double>,
    watching source: Plateau.Source, form: Form
  ) {
    (self.factor, self.threshold, self.patience) = (factor, threshold, patience)
    (self.direction, self.bounds, self.form) = (direction, bounds, form)
    (learningRate, patienceLeft, observations) = (initial, patience, Observations(source))
  }

  /// SpeechBrain's `NewBobScheduler`, with its names and defaults.
  ///
  /// What differs from the contract: x is a violation where (x' − x)/x' < τ, or where x' is 0 and τ
  /// greater; after a negative observation a worsening is none, after or at NaN nothing is.
  ///
  /// > Source: SpeechBrain, `speechbrain.nnet.schedulers.NewBobScheduler`; its second result, the new
  /// > value, is the rate after the observation.
  public static func speechBrain(
    initialValue: Double, annealingFactor: Double = 0.5, improvementThreshold: Double = 0.0025,
    patient: Int = 0, watching source: Plateau.Source = .loss(averagedOver: 1)
  ) -> NewBob {
    Recipe<any LearningRateController>.speechbrainNewBob.check(
      initialValue, annealingFactor, improvementThreshold, patient, source)
    return NewBob(
      initial: initialValue, factor: annealingFactor, threshold: improvementThreshold,
      patience: patient, improving: .minimize, within: 0...Double.greatestFiniteMagnitude,
      watching: source, form: .speechBrain)
  }

  public var requirements: ControllerRequirements {
    ControllerRequirements(
      signals: observations.needs,
      metricDirection: observations.source == .metric ? direction : nil)
  }

  public mutating func decide(_ signals: StepSignals) -> StepDecision {
    if let x = observations.next(signals) { observe(x) }
    return .step(learningRate)
  }

  /// One observation.
  public mutating func observe(_ x: Double) {
    if isViolation(x) {
      if patienceLeft == 0 {
        learningRate = max(learningRate * factor, bounds.lowerBound)
        patienceLeft = patience
      } else {
        patienceLeft -= 1
      }
    }
    if form == .speechBrain || x.isFinite { before = CodedDouble(x) }
  }

  private func isViolation(_ x: Double) -> Bool {
    switch form {
    case .contract:
      guard x.isFinite else { return true }
      guard let before = before?.value else { return false }
      let gain = direction == .minimize ? before - x : x - before
      return !(gain > 0) || gain < threshold * abs(before)
    case .speechBrain:
      guard let before = before?.value else { return false }
      return (before == 0 ? 0 : (before - x) / before) < threshold
    }
  }

  public mutating func project(learningRate: Double) {
    self.learningRate = bounds.nearest(to: learningRate)
  }
}

extension Recipe where Product == any LearningRateController {
  package static let newBob = Recipe(
    "newBob", NewBob.init(initial:factor:threshold:patience:improving:within:watching:),
    .startingRate(), .reductionFactor("factor", in: .between(0, 1), default: 0.5),
    .leastImprovement("threshold"), .violations("patience"), .direction("improving"), .rateBounds,
    .watching,
    unless: { initial, _, _, _, _, bounds, _ in bounds.fault(around: initial) },
    summary: "reduces when an observation improves too little on the one before it",
    examples: [
      "newBob(initial: 0.1, factor: 0.9, patience: 1, watching: .metric)",
      "newBob(initial: 0.1, factor: 0.7, threshold: 0.01, improving: .maximize, within: 0.01...1)",
    ],
    compared: ["newBob(initial: rate, factor: 0.8, patience: 2)"],
    standard: { NewBob(initial: 0.1) })

  package static let speechbrainNewBob = Recipe(
    "speechbrainNewBob",
    NewBob.speechBrain(
      initialValue:annealingFactor:improvementThreshold:patient:watching:),
    .startingRate("initialValue"),
    .reductionFactor("annealingFactor", in: .between(0, 1), default: 0.5),
    .leastImprovement("improvementThreshold"), .violations("patient"), .watching,
    summary: "SpeechBrain's NewBobScheduler, its signs included",
    examples: [
      "speechbrainNewBob(initialValue: 0.1, annealingFactor: 0.95, patient: 1, watching: .metric)",
      "speechbrainNewBob(initialValue: 0.1, annealingFactor: 0.8, improvementThreshold: 0.1)",
    ],
    standard: { NewBob.speechBrain(initialValue: 0.1) })
}

extension Parameter where Value == Double {
  fileprivate static func leastImprovement(_ label: String) -> Parameter {
    .number(
      label, in: .atLeast(0), default: 0.0025,
      "the least improvement, as a share of the observation before")
  }
}

extension Parameter where Value == Int {
  fileprivate static func violations(_ label: String) -> Parameter {
    .count(
      label, in: .between(0, 1e9), default: 0, unit: "violations",
      "violations in total that are borne between reductions")
  }
}

extension NewBob {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    factor = try state.number(.factor)
    threshold = try state.number(.threshold)
    patience = try state.count(.patience)
    direction = try state.value(.direction)
    bounds = try state.value(.bounds)
    learningRate = try state.number(.learningRate)
    patienceLeft = try state.count(.patienceLeft, through: patience)
    form = try state.value(.form)
    before = try state.valueOrNone(.before)
    observations = try state.value(.observations)
    try state.check(
      Recipe<any LearningRateController>.newBob.fault(
        of: learningRate, factor, threshold, patience, direction, bounds, observations.source))
  }
}
