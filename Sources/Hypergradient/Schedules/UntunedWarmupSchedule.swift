public import HypergradientRecipes
internal import PortableMath

/// The warm-up of Adam that has no length of its own, with n = t + 1 the number of the step:
///
///     s(t) = min(1, (1 − β₂) n/2)          linear
///     s(t) = 1 − exp(−(1 − β₂) n)          exponential
///
/// It is a factor for a rate: the linear one is 1 from n = 2/(1 − β₂) on, 2000 steps for Adam's β₂
/// of 0.999, the exponential one has come to 86 % by then.
///
/// > Source: J. Ma and D. Yarats, On the Adequacy of Untuned Warmup for Adaptive Optimization (AAAI
/// > 2021), section 5.
public struct UntunedWarmupSchedule: Schedule, Declared, Equatable {
  public enum Shape: String, Sendable, Codable, CaseIterable {
    /// min(1, (1 − β₂) n/2).
    case linear
    /// 1 − exp(−(1 − β₂) n).
    case exponential
  }

  public let beta2: Double
  public let shape: Shape

  public init(beta2: Double = 0.999, shape: Shape = .linear) {
    (self.beta2, self.shape) = (beta2, shape)
    checkDeclared()
  }

  public func callAsFunction(_ step: Double) -> Double {
    ScheduleRequirements.step(step)
    switch shape {
    case .linear: return min(1, (1 - beta2) / 2 * (step + 1))
    case .exponential: return -Portable.expm1(-(1 - beta2) * (step + 1))
    }
  }

  public static let recipe = Recipe(
    "untunedWarmup", UntunedWarmupSchedule.init(beta2:shape:),
    .number(
      "beta2", \.beta2, in: .from(0, below: 1), default: 0.999, "β₂ of the rule that is warmed up"),
    .choice("shape", \.shape, default: .linear, "min(1, (1 − β₂)n/2) or 1 − exp(−(1 − β₂)n)"),
    summary:
      "a factor that rises to 1 as fast as β₂ allows: min(1, (1 − β₂)n/2), or "
      + "1 − exp(−(1 − β₂)n), n = t + 1",
    examples: ["untunedWarmup(beta2: 0.75)", "untunedWarmup(beta2: 0.8, shape: .exponential)"],
    compared: [.init("constant(rate).scaled(by: untunedWarmup())")],
    standard: { UntunedWarmupSchedule() })
}

extension Schedule where Self == UntunedWarmupSchedule {
  /// s(t) = min(1, (1 − β₂)(t + 1)/2); see ``UntunedWarmupSchedule``.
  public static func untunedWarmup(
    beta2: Double = 0.999, shape: UntunedWarmupSchedule.Shape = .linear
  ) -> Self {
    Self(beta2: beta2, shape: shape)
  }
}
