/// A factor that rises to 1 in equal steps:
///
///     s(t) = min((t + 1) / W, 1)
///
/// The first step has the factor 1/W, not 0, so that no gradient is spent on standing still; the
/// W-th step, t = W − 1, is the first at full rate. From then on it is 1.
///
///     HypergradientDescent(…).scaled(by: .linearWarmup(over: 500))
///
/// > Source: P. Goyal et al., Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour (2017),
/// > section 2.2, gradual warm-up.
public struct LinearWarmup: Schedule, Equatable {
  /// W, in the schedule's clock (steps or epochs); greater than 0.
  public let length: Double

  /// - Precondition: `length` is finite and greater than 0.
  public init(over length: Double) {
    ScheduleRequirements.positive(length, "over")
    self.length = length
  }

  public func callAsFunction(_ step: Double) -> Double {
    ScheduleRequirements.step(step)
    return min((step + 1) / length, 1)
  }
}

extension Schedule where Self == LinearWarmup {
  /// s(t) = min((t+1)/W, 1); see ``LinearWarmup``.
  public static func linearWarmup(over length: Double) -> LinearWarmup {
    LinearWarmup(over: length)
  }
}

extension Recipe where Product == any Schedule {
  static let linearWarmup = Recipe(
    "linearWarmup",
    [
      Parameter("over", .number(.above(0)), unit: "steps", "steps until the factor is 1")
    ], summary: "a factor that rises to 1: min((t + 1)/W, 1)"
  ) { arguments in
    LinearWarmup(over: arguments.number("over"))
  }
}

extension LearningRateController {
  /// This controller's rate times a linear warm-up.
  ///
  /// - Parameter length: steps until the factor is 1, greater than 0.
  public func warmedUp(over length: Double) -> Scaled<Self, LinearWarmup> {
    scaled(by: LinearWarmup(over: length))
  }
}

extension Recipe where Product == ControllerModifier {
  static let warmedUp = Recipe(
    "warmedUp",
    [Parameter("over", .number(.above(0)), unit: "steps", "steps until the factor is 1")],
    summary: "a controller times a linear warm-up"
  ) { arguments in
    let length = arguments.number("over")
    return { base in
      func open<C: LearningRateController>(_ base: C) -> any LearningRateController {
        base.warmedUp(over: length)
      }
      return open(base)
    }
  }
}
