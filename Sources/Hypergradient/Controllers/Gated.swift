package import HypergradientRecipes

/// A schedule whose clock is moved by a plateau: η = schedule(k), with k the number of plateaus so far.
///
/// ```swift
/// let control = Gated(.geometric(from: 0.1, factor: 0.5), after: 5)
/// ```
///
/// The clock begins at 0 and moves on by one at the n-th bad observation in a row, as a reduction of
/// ``Plateau`` does; what is a bad observation, the comparison, the reference and the cooldown say as
/// they do there. A schedule that ends with an error holds its last value.
///
/// > Source: the combination `Stateful(schedule; advance = plateau)` of ParameterSchedulers.jl with
/// > `Flux.plateau`, as a controller.
public struct Gated<S: Schedule>: LearningRateController {
  public let schedule: S
  /// k.
  public private(set) var clock = 0
  public private(set) var learningRate: Double
  private var plateau: Plateau

  /// - Parameters:
  ///   - schedule: the rate as a function of the number of plateaus.
  ///   - patience: n, in observations.
  ///   - start: where training goes on after a plateau.
  ///   - source: where the observations of a controller come from; ``observe(_:)`` takes any.
  /// - Precondition: the schedule is finite and at least 0, and as for ``Plateau``.
  public init(
    _ schedule: S, after patience: Int, from start: Plateau.Start = .here,
    comparing comparison: Plateau.Comparison = .relative(1e-4),
    against reference: Plateau.Reference = .best, cooldown: Int = 0,
    watching source: Plateau.Source = .loss(averagedOver: 1)
  ) {
    Recipe<any LearningRateController>.gated.check(
      schedule, patience, start, comparison, reference, cooldown, source)
    self.schedule = schedule
    plateau = Plateau(
      initial: 1, reduce: .by(0.5, after: patience, from: start), comparing: comparison,
      against: reference, cooldown: cooldown, watching: source)
    learningRate = schedule(0)
  }

  public var requirements: ControllerRequirements { plateau.requirements }

  public mutating func decide(_ signals: StepSignals) -> StepDecision {
    move(plateau.look(signals))
    if case .restore = plateau.conclude() { return .restore(learningRate) }
    return .step(learningRate)
  }

  /// One observation; returns whether the clock has moved.
  @discardableResult
  public mutating func observe(_ x: Double) -> Bool { move(plateau.observe(x)) }

  @discardableResult
  private mutating func move(_ action: Plateau.Action) -> Bool {
    guard action == .reduce else { return false }
    // The plateau's own rate is no one's business; at 0 it could not fall again.
    plateau.project(learningRate: 1)
    clock += 1
    let value = schedule(min(Double(clock), schedule.lastStep))
    require(
      value.isFinite && value >= 0,
      "the schedule gives \(value) at plateau \(clock): not a learning rate")
    learningRate = value
    return true
  }
}

extension Recipe where Product == any LearningRateController {
  package static let gated = Recipe(
    "gated",
    {
      (
        schedule: any Schedule, patience: Int, start: Plateau.Start,
        comparison: Plateau.Comparison, reference: Plateau.Reference, cooldown: Int,
        source: Plateau.Source
      ) in
      func open<S: Schedule>(_ schedule: S) -> any LearningRateController {
        Gated(
          schedule, after: patience, from: start, comparing: comparison, against: reference,
          cooldown: cooldown, watching: source)
      }
      return open(schedule)
    },
    .schedule("_", "the learning rate as a function of the number of plateaus"),
    .count(
      "after", in: .between(1, 1e9), unit: "observations",
      "bad observations in a row that make a plateau"),
    .choice(
      "from", default: .here,
      "where training goes on after a plateau: here, or from the best parameters"),
    .comparing(), .against, .cooldown, .watching,
    summary: "a schedule whose clock moves on at each plateau of the loss or a metric",
    examples: [
      "gated(cosine(from: 0.1, to: 0.01, over: 20), after: 2, from: .best, watching: .metric)",
      "gated(geometric(from: 0.1, factor: 0.9), after: 1, comparing: .absolute(0.1), "
        + "against: .previous, cooldown: 1)",
    ],
    compared: ["gated(cosine(from: rate, over: 20), after: 5)"],
    standard: { Gated(.cosine(from: 0.1, to: 0.01, over: 20), after: 2) })
}

extension Gated {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    schedule = try state.value(.schedule)
    clock = try state.count(.clock)
    learningRate = try state.number(.learningRate, in: .atLeast(0))
    plateau = try state.value(.plateau)
  }
}
