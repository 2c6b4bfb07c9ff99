/// Noam, the schedule of the first transformers, with n = t + 1 the number of the step:
///
///     s(t) = c · d^(−1/2) · min(n^(−1/2), n · W^(−3/2))
///
/// It rises in a line to its peak c / √(dW) at n = W and falls as 1/√n from there on, without a
/// horizon.
///
/// > Source: A. Vaswani et al., Attention Is All You Need (2017), eq. 3, where c is 1.
public struct Noam: Schedule, Equatable {
  /// d, the width of the model; greater than 0.
  public let width: Double
  /// W, in the schedule's clock (steps or epochs); greater than 0.
  public let warmup: Double
  /// c; at least 0.
  public let scale: Double

  /// - Precondition: all are finite, `width` and `warmup` greater than 0, `scale` at least 0.
  public init(width: Double, warmup: Double, scale: Double = 1) {
    ScheduleRequirements.positive(width, "width")
    ScheduleRequirements.positive(warmup, "warmup")
    ScheduleRequirements.rate(scale, "scale")
    self.width = width
    self.warmup = warmup
    self.scale = scale
  }

  public func callAsFunction(_ step: Double) -> Double {
    ScheduleRequirements.step(step)
    let n = step + 1
    let shape = n < warmup ? n / warmup / warmup.squareRoot() : 1 / n.squareRoot()
    return saturated(saturated(scale / width.squareRoot()) * shape)
  }
}

extension Schedule where Self == Noam {
  /// s(t) = c · d^(−1/2) · min(n^(−1/2), n · W^(−3/2)), n = t + 1; see ``Noam``.
  public static func noam(width: Double, warmup: Double, scale: Double = 1) -> Noam {
    Noam(width: width, warmup: warmup, scale: scale)
  }
}

extension Recipe where Product == any Schedule {
  static let noam = Recipe(
    "noam",
    [
      Parameter("width", .number(.above(0)), "d, the width of the model"),
      Parameter("warmup", .number(.above(0)), unit: "steps", "W, the steps of the rise"),
      Parameter("scale", .number(.atLeast(0)), default: "1", "the factor c"),
    ], summary: "the first transformers': c/√d · min(1/√n, n/W^1.5), n = t + 1"
  ) { arguments in
    Noam(
      width: arguments.number("width"), warmup: arguments.number("warmup"),
      scale: arguments.number("scale"))
  }
}
