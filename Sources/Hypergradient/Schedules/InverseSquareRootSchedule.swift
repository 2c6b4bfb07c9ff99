public import HypergradientRecipes

/// Inverse square root decay:
///
///     s(t) = α₀ / √(1 + t/τ)
///
/// It begins at α₀ and has no horizon; for t ≫ τ it falls as 1/√t. With a warm-up over τ steps
/// before it (`followed(by:at:)`) it is the usual schedule of transformers, peak α₀.
///
/// > Source: A. Vaswani et al., Attention Is All You Need (2017), section 5.3, shifted so that it
/// > is finite at step 0. As α₀ √(τ/(τ + t)) it is the schedule without a horizon of A. Meterez et
/// > al., Anytime Pretraining: Horizon-Free Learning-Rate Schedules with Weight Averaging (2026),
/// > whose α is τ.
public struct InverseSquareRootSchedule: Schedule, Declared, Equatable {
  /// α₀ and τ.
  public let initial, timescale: Double

  public init(from initial: Double = 1, timescale: Double) {
    (self.initial, self.timescale) = (initial, timescale)
    checkDeclared()
  }

  public func callAsFunction(_ step: Double) -> Double {
    ScheduleRequirements.step(step)
    return initial / (1 + step / timescale).squareRoot()
  }

  public static let recipe = Recipe(
    "inverseSquareRoot", InverseSquareRootSchedule.init(from:timescale:), .initialRate(\.initial),
    .number(
      "timescale", \.timescale, in: .above(0), unit: "steps", "steps until the decay sets in"),
    summary: "decay by the inverse square root of time: α₀ / √(1 + t/τ)",
    examples: ["inverseSquareRoot(timescale: 9)", "inverseSquareRoot(from: 0.1, timescale: 2)"],
    compared: ["scheduled(inverseSquareRoot(from: rate, timescale: 100))"],
    standard: { InverseSquareRootSchedule(timescale: 9) })
}

extension Schedule where Self == InverseSquareRootSchedule {
  /// s(t) = α₀ / √(1 + t/τ); see ``InverseSquareRootSchedule``.
  public static func inverseSquareRoot(from initial: Double = 1, timescale: Double) -> Self {
    Self(from: initial, timescale: timescale)
  }
}
