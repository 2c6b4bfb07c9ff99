/// Inverse square root decay:
///
///     s(t) = α₀ / √(1 + t/τ)
///
/// It begins at α₀ and has no horizon; for t ≫ τ it falls as 1/√t. With a warm-up over τ steps
/// before it (`followed(by:at:)`) it is the usual schedule of transformers, peak α₀.
///
/// > Source: A. Vaswani et al., Attention Is All You Need (2017), section 5.3, shifted so that it is
/// > finite at step 0.
public struct InverseSquareRoot: Schedule, Equatable {
  /// α₀; at least 0.
  public let initial: Double
  /// τ, in the schedule's clock (steps or epochs); greater than 0.
  public let timescale: Double

  /// - Precondition: `initial` is finite and at least 0, `timescale` finite and greater than 0.
  public init(from initial: Double, timescale: Double) {
    ScheduleRequirements.rate(initial, "from")
    ScheduleRequirements.positive(timescale, "timescale")
    self.initial = initial
    self.timescale = timescale
  }

  public func callAsFunction(_ step: Double) -> Double {
    ScheduleRequirements.step(step)
    return initial / (1 + step / timescale).squareRoot()
  }
}

extension Schedule where Self == InverseSquareRoot {
  /// s(t) = α₀ / √(1 + t/τ); see ``InverseSquareRoot``.
  public static func inverseSquareRoot(
    from initial: Double, timescale: Double
  ) -> InverseSquareRoot {
    InverseSquareRoot(from: initial, timescale: timescale)
  }
}

extension Recipe where Product == any Schedule {
  static let inverseSquareRoot = Recipe(
    "inverseSquareRoot",
    [
      .initialRate,
      Parameter("timescale", .number(.above(0)), unit: "steps", "steps until the decay sets in"),
    ], summary: "decay by the inverse square root of time: α₀ / √(1 + t/τ)"
  ) { arguments in
    InverseSquareRoot(
      from: arguments.number("from"), timescale: arguments.number("timescale"))
  }
}
