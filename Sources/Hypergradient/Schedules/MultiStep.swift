internal import PortableMath

/// Decay by a factor at given steps:
///
///     s(t) = α₀ γ^k      k = the number of milestones ≤ t
///
/// At a milestone the new value holds already. Past the last milestone the value stays.
///
/// > Source: the "multistep" policy of Y. Jia et al., Caffe: Convolutional Architecture for Fast
/// > Feature Embedding (2014); the same as PyTorch's `MultiStepLR`. (Keras' piecewise constant keeps
/// > the old value at a boundary.)
public struct MultiStep: Schedule, Equatable {
  /// α₀; at least 0.
  public let initial: Double
  /// In the schedule's clock (steps or epochs), increasing.
  public let milestones: [Double]
  /// γ ∈ (0, 1].
  public let factor: Double

  /// - Precondition: `initial` is finite and at least 0, the milestones are greater than 0 and
  ///   strictly increasing, `factor` is in (0, 1].
  public init(from initial: Double, at milestones: [Double], factor: Double) {
    ScheduleRequirements.rate(initial, "from")
    ScheduleRequirements.decayFactor(factor)
    var last = 0.0
    for milestone in milestones {
      precondition(
        milestone > last && milestone.isFinite,
        "the milestones \(milestones) are not greater than 0 and strictly increasing")
      last = milestone
    }
    self.initial = initial
    self.milestones = milestones
    self.factor = factor
  }

  /// - Complexity: O(the number of milestones).
  public func callAsFunction(_ step: Double) -> Double {
    ScheduleRequirements.step(step)
    let passed = milestones.prefix { $0 <= step }.count
    return initial * Portable.pow(factor, Double(passed))
  }
}

extension Schedule where Self == MultiStep {
  /// s(t) = α₀ γ^(milestones passed); see ``MultiStep``.
  public static func multiStep(
    from initial: Double, at milestones: [Double], factor: Double
  ) -> MultiStep {
    MultiStep(from: initial, at: milestones, factor: factor)
  }
}

extension Recipe where Product == any Schedule {
  static let multiStep = Recipe(
    "multiStep",
    [
      .initialRate,
      Parameter("at", .list(.above(0)), unit: "steps", "the milestones, ascending"),
      Parameter("factor", .number(.excluding(0, through: 1)), "what a decay multiplies by"),
    ], summary: "a factor at given steps: α₀ γ^k after k milestones"
  ) { arguments throws(SpecError) in
    let milestones = arguments.list("at")
    guard zip(milestones, milestones.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw arguments.error("the milestones of 'multiStep' are to be ascending")
    }
    return MultiStep(
      from: arguments.number("from"), at: milestones, factor: arguments.number("factor"))
  }
}
