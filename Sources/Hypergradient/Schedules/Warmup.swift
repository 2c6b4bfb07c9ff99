internal import PortableMath

/// A factor that rises from p to 1 over W steps, x = min((t + 1)/W, 1):
///
///     linear           p + (1 − p) x
///     exponential      p^(1 − x)
///     cosine           p + (1 − p) (1 − cos(πx)) / 2
///
/// As in ``LinearWarmup``, the W-th step, t = W − 1, is the first at full rate. It multiplies a
/// schedule (`.warmedUp(over:)`) or a controller (`.scaled(by: .warmup(over:))`), whose own clock
/// begins at step 0; `.shifted(by: W)` makes a schedule wait for the end of its warm-up.
///
/// > Source: P. Goyal et al., Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour (2017),
/// > section 2.2, for the line.
public struct Warmup: Schedule, Equatable {
  /// The form of the rise.
  public enum Shape: String, Sendable, Codable, CaseIterable {
    case linear, exponential, cosine
  }

  /// W, in the schedule's clock (steps or epochs); greater than 0.
  public let length: Double
  public let shape: Shape
  /// p ∈ [0, 1]; greater than 0 for the exponential.
  public let initial: Double

  /// - Precondition: `length` is finite and greater than 0, `initial` in [0, 1], and greater than 0
  ///   for the exponential form.
  public init(over length: Double, shape: Shape = .linear, from initial: Double = 0) {
    ScheduleRequirements.positive(length, "over")
    ScheduleRequirements.share(initial, "from")
    precondition(initial > 0 || shape != .exponential, "an exponential rise can't begin at 0")
    self.length = length
    self.shape = shape
    self.initial = initial
  }

  public func callAsFunction(_ step: Double) -> Double {
    ScheduleRequirements.step(step)
    let x = (step + 1) / length
    if x >= 1 { return 1 }
    switch shape {
    case .linear: return initial + (1 - initial) * x
    case .exponential: return Portable.pow(initial, 1 - x)
    case .cosine: return 1 + (initial - 1) * cosineShare(x)
    }
  }
}

extension Schedule where Self == Warmup {
  /// A factor that rises to 1; see ``Warmup``.
  public static func warmup(
    over length: Double, shape: Warmup.Shape = .linear, from initial: Double = 0
  ) -> Warmup {
    Warmup(over: length, shape: shape, from: initial)
  }
}

extension Schedule {
  /// This schedule times a warm-up.
  public func warmedUp(
    over length: Double, shape: Warmup.Shape = .linear, from initial: Double = 0
  ) -> ScheduleProduct<Self, Warmup> {
    scaled(by: Warmup(over: length, shape: shape, from: initial))
  }
}

extension Warmup {
  static let parameters = [
    Parameter("over", .number(.above(0)), unit: "steps", "steps until the factor is 1"),
    Parameter(
      "shape", .choice(Shape.allCases.map(\.rawValue)), default: ".linear", "the form of the rise"),
    Parameter(
      "from", .number(.between(0, 1)), default: "0",
      "the factor it begins above; greater than 0 for an exponential rise"),
  ]

  init(_ arguments: Arguments) throws(SpecError) {
    let shape: Shape = arguments.word("shape")
    guard shape != .exponential || arguments.number("from") > 0 else {
      throw arguments.error("an exponential warm-up begins above 0: give 'from'")
    }
    self.init(over: arguments.number("over"), shape: shape, from: arguments.number("from"))
  }
}

extension Recipe where Product == any Schedule {
  static let warmup = Recipe(
    "warmup", Warmup.parameters,
    summary: "a factor that rises to 1 as a line, an exponential or half a cosine"
  ) { arguments throws(SpecError) in try Warmup(arguments) }
}

extension Recipe where Product == ScheduleModifier {
  static let warmedUpSchedule = Recipe(
    "warmedUp", Warmup.parameters, summary: "a schedule times a warm-up"
  ) { arguments throws(SpecError) in
    let warmup = try Warmup(arguments)
    return { base in
      func open<S: Schedule>(_ base: S) -> any Schedule { base.scaled(by: warmup) }
      return open(base)
    }
  }
}
