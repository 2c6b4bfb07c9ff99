public import HypergradientRecipes
internal import PortableMath

/// Decay by a factor at given steps:
///
///     s(t) = α₀ γ^k      k = the number of milestones ≤ t
///
/// At a milestone, or within some units in the last place of it, the new value holds already. Past the
/// last milestone the value stays.
///
/// > Source: the "multistep" policy of Y. Jia et al., Caffe: Convolutional Architecture for Fast
/// > Feature Embedding (2014); the same as PyTorch's `MultiStepLR`. (Keras' piecewise constant keeps
/// > the old value at a boundary.)
public struct MultiStepSchedule: Schedule, Declared, Equatable {
  /// α₀.
  public let initial: Double
  /// In the schedule's clock (steps or epochs), increasing.
  public let milestones: [Double]
  /// γ.
  public let factor: Double

  public init(from initial: Double = 1, at milestones: [Double], factor: Double) {
    Self.recipe.check(initial, milestones, factor)
    (self.initial, self.milestones, self.factor) = (initial, milestones, factor)
  }

  /// - Complexity: O(the number of milestones).
  public func callAsFunction(_ step: Double) -> Double {
    ScheduleRequirements.step(step)
    let passed = milestones.prefix { Rounding.reaches(step, $0) }.count
    return grown(initial, by: Portable.pow(factor, Double(passed)))
  }

  public static let recipe = Recipe(
    "multiStep", MultiStepSchedule.init(from:at:factor:), .initialRate(\.initial),
    .list("at", \.milestones, in: .above(0), unit: "steps", "the milestones, ascending"),
    .decayFactor(\.factor),
    unless: { _, milestones, _ in
      isAscending(milestones) ? nil : "the milestones of 'multiStep' are to be ascending"
    }, summary: "a factor at given steps: α₀ γ^k after k milestones",
    examples: ["multiStep(at: [2, 5], factor: 0.5)", "multiStep(from: 0.1, at: [3], factor: 0.2)"],
    standard: { MultiStepSchedule(at: [2, 5], factor: 0.5) })
}

/// Whether each is greater than the one before.
func isAscending(_ values: [Double]) -> Bool {
  zip(values, values.dropFirst()).allSatisfy { $0 < $1 }
}

extension Schedule where Self == MultiStepSchedule {
  /// s(t) = α₀ γ^(milestones passed); see ``MultiStepSchedule``.
  public static func multiStep(
    from initial: Double = 1, at milestones: [Double], factor: Double
  ) -> Self {
    Self(from: initial, at: milestones, factor: factor)
  }
}
