public import HypergradientRecipes
internal import PortableMath

/// A factor that rises from p to 1 over W steps, x = min((t + 1)/W, 1), or 1 where W is 0:
///
///     linear           p + (1 − p) x
///     exponential      p^(1 − x)
///     cosine           p + (1 − p) (1 − cos(πx)) / 2
///
/// As in ``LinearWarmupSchedule``, the W-th step, t = W − 1, is the first at full rate. It multiplies
/// a schedule (`.warmedUp(over:)`) or a controller (`.scaled(by: .warmup(over:))`), whose own clock
/// begins at step 0; `.shifted(by: W)` makes a schedule wait for the end of its warm-up.
///
/// > Source: P. Goyal et al., Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour (2017),
/// > section 2.2, for the line.
public struct WarmupSchedule: Schedule, Declared, Equatable {
  /// The form of the rise.
  public enum Shape: String, Sendable, Codable, CaseIterable {
    case linear, exponential, cosine
  }

  /// W.
  public let length: Double
  public let shape: Shape
  /// p.
  public let initial: Double

  public init(over length: Double, shape: Shape = .linear, from initial: Double = 0) {
    Self.recipe.check(length, shape, initial)
    (self.length, self.shape, self.initial) = (length, shape, initial)
  }

  public func callAsFunction(_ step: Double) -> Double {
    ScheduleRequirements.step(step)
    let x = warmupShare(step, length)
    if x >= 1 { return 1 }
    switch shape {
    case .linear: return initial + (1 - initial) * x
    case .exponential: return Portable.pow(initial, 1 - x)
    case .cosine: return 1 + (initial - 1) * cosineShare(x)
    }
  }

  public static let recipe = Recipe(
    "warmup", WarmupSchedule.init(over:shape:from:),
    .warmupLength(\.length), .warmupShape(\.shape), .firstFactor(\.initial), unless: fault,
    summary: "a factor that rises to 1: p + (1 − p) x, p^(1 − x) or p + (1 − p) (1 − cos(πx))/2, "
      + "x = min((t + 1)/W, 1)",
    examples: [
      "warmup(over: 9)", "warmup(over: 9, shape: .exponential, from: 0.1)",
      "warmup(over: 9, shape: .cosine, from: 0.2)",
    ], standard: { WarmupSchedule(over: 9) })

  /// Why a warm-up can't have these arguments together.
  static func fault(_ length: Double, _ shape: Shape, _ initial: Double) -> String? {
    shape == .exponential && initial == 0
      ? "an exponential warm-up begins above 0: give 'from'" : nil
  }
}

extension Parameter where Value == WarmupSchedule.Shape {
  fileprivate static func warmupShape(_ path: KeyPath<Root, Value>? = nil) -> Parameter {
    .choice("shape", path, default: .linear, "the form of the rise")
  }
}

extension Parameter where Value == Double {
  fileprivate static func firstFactor(_ path: KeyPath<Root, Double>? = nil) -> Parameter {
    .number(
      "from", path, in: .between(0, 1), default: 0,
      "the factor it begins above; greater than 0 for an exponential rise")
  }
}

extension Schedule where Self == WarmupSchedule {
  /// A factor that rises to 1; see ``WarmupSchedule``.
  public static func warmup(
    over length: Double, shape: WarmupSchedule.Shape = .linear, from initial: Double = 0
  ) -> Self {
    Self(over: length, shape: shape, from: initial)
  }
}

extension Schedule {
  /// This schedule times a warm-up.
  public func warmedUp(
    over length: Double, shape: WarmupSchedule.Shape = .linear, from initial: Double = 0
  ) -> ProductSchedule<Self, WarmupSchedule> {
    scaled(by: WarmupSchedule(over: length, shape: shape, from: initial))
  }
}

extension Recipe where Product == Modifier<any Schedule> {
  /// `….warmedUp(over: 100, shape: .cosine)`.
  package static let warmedUpSchedule = Recipe(
    "warmedUp",
    { (length: Double, shape: WarmupSchedule.Shape, initial: Double) in
      Modifier { base in
        func open<S: Schedule>(_ base: S) -> any Schedule {
          base.warmedUp(over: length, shape: shape, from: initial)
        }
        return open(base)
      }
    },
    .warmupLength(), .warmupShape(), .firstFactor(), unless: WarmupSchedule.fault,
    summary: "a schedule times a warm-up: w(t) s(t)",
    examples: ["cosine(over: 9).warmedUp(over: 3, shape: .cosine)"])
}
