public import HypergradientRecipes

/// Noam, the schedule of the first transformers, with n = t + 1 the number of the step:
///
///     s(t) = c · d^(−1/2) · min(n^(−1/2), n · W^(−3/2))
///
/// It rises in a line to its peak c / √(dW) at n = W and falls as 1/√n from there on, without a
/// horizon.
///
/// > Source: A. Vaswani et al., Attention Is All You Need (2017), eq. 3, where c is 1.
public struct NoamSchedule: Schedule, Declared, Equatable {
  /// d, W and c.
  public let width, warmup, scale: Double

  public init(width: Double, warmup: Double, scale: Double = 1) {
    (self.width, self.warmup, self.scale) = (width, warmup, scale)
    checkDeclared()
  }

  public func callAsFunction(_ step: Double) -> Double {
    ScheduleRequirements.step(step)
    let n = step + 1
    let shape = n < warmup ? n / warmup / warmup.squareRoot() : 1 / n.squareRoot()
    return saturated(saturated(scale / width.squareRoot()) * shape)
  }

  public static let recipe = Recipe(
    "noam", NoamSchedule.init(width:warmup:scale:),
    .number("width", \.width, in: .above(0), "d, the width of the model"),
    .number(
      "warmup", \.warmup, in: .atLeast(0), unit: "steps", "W, the steps of the rise; 0 for none"),
    .number("scale", \.scale, in: .atLeast(0), default: 1, "the factor c"),
    summary: "the first transformers': c/√d · min(1/√n, n/W^1.5), n = t + 1",
    examples: ["noam(width: 512, warmup: 40)", "noam(width: 16, warmup: 4, scale: 0.5)"],
    standard: { NoamSchedule(width: 512, warmup: 40) })
}

extension Schedule where Self == NoamSchedule {
  /// s(t) = c · d^(−1/2) · min(n^(−1/2), n · W^(−3/2)), n = t + 1; see ``NoamSchedule``.
  public static func noam(width: Double, warmup: Double, scale: Double = 1) -> Self {
    Self(width: width, warmup: warmup, scale: scale)
  }
}
