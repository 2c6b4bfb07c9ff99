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
