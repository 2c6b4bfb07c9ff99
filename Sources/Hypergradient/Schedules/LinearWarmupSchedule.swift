public import HypergradientRecipes
internal import PortableMath

/// A factor that rises to 1 in equal steps:
///
///     s(t) = min((t + 1) / W, 1)      1, where W is 0
///
/// The first step has the factor 1/W, not 0, so that no gradient is spent on standing still; the
/// W-th step, t = W − 1, is the first at full rate. From then on it is 1.
///
/// ```swift
/// let control = HypergradientDescent(initial: 1e-3, hyperLearningRate: 1e-7)
///   .scaled(by: .linearWarmup(over: 500))
/// ```
///
/// > Source: P. Goyal et al., Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour (2017),
/// > section 2.2, gradual warm-up.
public struct LinearWarmupSchedule: Schedule, Declared, Equatable {
  /// W.
  public let length: Double

  public init(over length: Double) {
    self.length = length
    checkDeclared()
  }

  public func callAsFunction(_ step: Double) -> Double {
    ScheduleRequirements.step(step)
    return warmupShare(step, length)
  }

  public static let recipe = Recipe(
    "linearWarmup", LinearWarmupSchedule.init(over:), .warmupLength(\.length),
    summary: "a factor that rises to 1: min((t + 1)/W, 1)", examples: ["linearWarmup(over: 9)"],
    standard: { LinearWarmupSchedule(over: 9) })
}

/// min((t + 1)/W, 1): no warm-up, where W is 0; 1 within some units in the last place of it.
func warmupShare(_ step: Double, _ length: Double) -> Double {
  Rounding.reaches(step + 1, length) ? 1 : (step + 1) / length
}

extension Parameter where Value == Double {
  static func warmupLength(_ path: KeyPath<Root, Double>? = nil) -> Parameter {
    .number(
      "over", path, in: .atLeast(0), unit: "steps", "steps until the factor is 1; 0 for no warm-up")
  }
}

extension Schedule where Self == LinearWarmupSchedule {
  /// s(t) = min((t+1)/W, 1); see ``LinearWarmupSchedule``.
  public static func linearWarmup(over length: Double) -> Self {
    Self(over: length)
  }
}

extension LearningRateController {
  /// This controller's rate times a linear warm-up.
  ///
  /// - Parameter length: steps until the factor is 1; 0 for no warm-up.
  public func warmedUp(over length: Double) -> Scaled<Self, LinearWarmupSchedule> {
    scaled(by: LinearWarmupSchedule(over: length))
  }
}

extension Recipe where Product == Modifier<any LearningRateController> {
  /// `….warmedUp(over: 100)`.
  package static let warmedUp = Recipe(
    "warmedUp",
    { (length: Double) in
      Modifier { base in
        func open<C: LearningRateController>(_ base: C) -> any LearningRateController {
          base.warmedUp(over: length)
        }
        return open(base)
      }
    },
    .warmupLength(), summary: "a controller times a linear warm-up",
    examples: ["boldDriver(initial: 0.1, within: 1e-6...10).warmedUp(over: 9)"])
}
