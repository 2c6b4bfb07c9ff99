public import HypergradientRecipes
internal import PortableMath

/// A power law of the step, bounded, with n = t + 1 its number:
///
///     s(t) = min(α_max, c n^p)
///
/// It has no horizon. The Power scheduler is α_max = 0.02 and c = β a kᵖ of a batch size β, k
/// tokens a step, and the paper's a = 4.6 and p = −0.51; its warm-up is `warmedUp(over:)`, and its
/// fall at the end any schedule after it (`followed(by:at:)`).
///
/// > Source: Y. Shen et al., Power Scheduler: A Batch Size and Token Number Agnostic Learning Rate
/// > Scheduler (2024), η = min(η_max, β a nᵇ) of n tokens.
public struct PowerLawSchedule: Schedule, Declared, Equatable {
  /// α_max, c and p.
  public let maximum, factor, exponent: Double

  public init(maximum: Double, factor: Double = 1, exponent: Double = -0.51) {
    (self.maximum, self.factor, self.exponent) = (maximum, factor, exponent)
    checkDeclared()
  }

  public func callAsFunction(_ step: Double) -> Double {
    ScheduleRequirements.step(step)
    return min(maximum, factor * Portable.pow(step + 1, exponent))
  }

  public static let recipe = Recipe(
    "powerLaw", PowerLawSchedule.init(maximum:factor:exponent:),
    .number("maximum", \.maximum, in: .atLeast(0), unit: "learning rate", "the largest value"),
    .number(
      "factor", \.factor, in: .above(0), default: 1, unit: "learning rate",
      "c, the value of the law at the first step"),
    .number("exponent", \.exponent, in: .excluding(-1e3, through: 0), default: -0.51, "p"),
    summary: "a bounded power law: min(α_max, c nᵖ), n = t + 1",
    examples: ["powerLaw(maximum: 0.02)", "powerLaw(maximum: 0.1, factor: 0.3, exponent: -0.6)"],
    compared: ["scheduled(powerLaw(maximum: rate, factor: 10*rate))"],
    standard: { PowerLawSchedule(maximum: 0.02) })
}

extension Schedule where Self == PowerLawSchedule {
  /// s(t) = min(α_max, c (t + 1)ᵖ); see ``PowerLawSchedule``.
  public static func powerLaw(
    maximum: Double, factor: Double = 1, exponent: Double = -0.51
  ) -> Self {
    Self(maximum: maximum, factor: factor, exponent: exponent)
  }
}
