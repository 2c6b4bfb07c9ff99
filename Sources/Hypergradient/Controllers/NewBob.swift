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

  /// In [0, 1].
  public let factor: Double
  /// τ ≥ 0.
  public let threshold: Double
  /// n ≥ 0, in violations.
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
  /// - Precondition: the numbers are in their ranges.
  public init(
    initial: Double, factor: Double = 0.5, threshold: Double = 0.0025, patience: Int = 0,
    improving direction: Plateau.Direction = .minimize,
    within bounds: ClosedRange<Double> = 0...Double.greatestFiniteMagnitude,
    watching source: Plateau.Source = .metric
  ) {
    self.init(
      initial: initial, factor: factor, threshold: threshold, patience: patience,
      improving: direction, within: bounds, watching: source, form: .contract)
  }

  private init(
    initial: Double, factor: Double, threshold: Double, patience: Int,
    improving direction: Plateau.Direction, within bounds: ClosedRange<Double>,
    watching source: Plateau.Source, form: Form
  ) {
    precondition(factor >= 0 && factor <= 1, "the factor is \(factor), not in [0, 1]")
    precondition(threshold >= 0 && threshold.isFinite, "threshold is \(threshold), not at least 0")
    precondition(patience >= 0, "the patience is \(patience), not at least 0")
    precondition(
      bounds.lowerBound >= 0 && bounds.upperBound.isFinite,
      "the bounds \(bounds) are not finite and at least 0")
    precondition(
      bounds.contains(initial), "the initial learning rate \(initial) is outside \(bounds)")
    self.factor = factor
    self.threshold = threshold
    self.patience = patience
    self.direction = direction
    self.bounds = bounds
    self.form = form
    learningRate = initial
    patienceLeft = patience
    observations = Observations(source)
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
    patient: Int = 0, watching source: Plateau.Source = .metric
  ) -> NewBob {
    NewBob(
      initial: initialValue, factor: annealingFactor, threshold: improvementThreshold,
      patience: patient, improving: .minimize, within: 0...Double.greatestFiniteMagnitude,
      watching: source, form: .speechBrain)
  }

  public var needs: StepSignals.Needs { observations.needs }

  public var alwaysSteps: Bool { true }

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
    self.learningRate = min(max(learningRate, bounds.lowerBound), bounds.upperBound)
  }
}

extension Recipe where Product == any LearningRateController {
  /// `newBob(initial: 1)`.
  static let newBob = Recipe(
    "newBob",
    [
      .initialRateOfFeedback,
      Parameter(
        "factor", .number(.between(0, 1)), default: "0.5", "the factor of a reduction"),
      Parameter(
        "threshold", .number(.atLeast(0)), default: "0.0025",
        "the least improvement, as a share of the observation before"),
      Parameter(
        "patience", .integer(.between(0, 1e9)), default: "0", unit: "violations",
        "violations in total that are borne between reductions"),
      Parameter(
        "improving", .choice(Plateau.Direction.allCases.map(\.rawValue)), default: ".minimize",
        "which way observations improve"),
      .rateBounds, .watching,
    ],
    summary: "reduces when an observation improves too little on the one before it"
  ) { arguments throws(SpecError) in
    NewBob(
      initial: try arguments.rateWithinBounds(), factor: arguments.number("factor"),
      threshold: arguments.number("threshold"), patience: arguments.integer("patience"),
      improving: arguments.word("improving"), within: arguments.range("within"),
      watching: try arguments.source())
  }

  /// `speechbrainNewBob(initialValue: 1)`.
  static let speechbrainNewBob = Recipe(
    "speechbrainNewBob",
    [
      Parameter(
        "initialValue", .number(.atLeast(0)), unit: "learning rate",
        "the learning rate at the start"),
      Parameter(
        "annealingFactor", .number(.between(0, 1)), default: "0.5", "the factor of a reduction"),
      Parameter(
        "improvementThreshold", .number(.atLeast(0)), default: "0.0025",
        "the least improvement, as a share of the observation before"),
      Parameter(
        "patient", .integer(.between(0, 1e9)), default: "0", unit: "violations",
        "violations in total that are borne between reductions"),
      .watching,
    ],
    summary: "SpeechBrain's NewBobScheduler, its signs included"
  ) { arguments throws(SpecError) in
    NewBob.speechBrain(
      initialValue: arguments.number("initialValue"),
      annealingFactor: arguments.number("annealingFactor"),
      improvementThreshold: arguments.number("improvementThreshold"),
      patient: arguments.integer("patient"), watching: try arguments.source())
  }
}
