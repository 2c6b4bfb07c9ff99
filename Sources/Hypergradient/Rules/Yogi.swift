/// Yogi, Adam whose mean square moves by at most a gradient's square:
///
///     m_t = β₁ m_{t−1} + (1 − β₁) g_t
///     v_t = v_{t−1} − (1 − β₂) sign(v_{t−1} − g_t²) g_t²
///     u_t = m_t / (√v_t + ε)
///
/// m_0 = 0 and v_0 = 1e-6. ``Form/optax`` divides m and v by 1 − β₁ᵗ and 1 − β₂ᵗ, although v_0 is not
/// 0 and v no weighted mean, and starts from m_0 = v_0, as Optax and TensorFlow Addons do.
///
/// > Source: M. Zaheer, S. Reddi, D. Sachan, S. Kale and S. Kumar, Adaptive Methods for Nonconvex
/// > Optimization (2018), Algorithm 2 and section 5 (from memory and from secondary descriptions).
public struct Yogi<Scalar: ParameterScalar>: UpdateRule, Equatable {
  public enum Form: String, Sendable, Codable, CaseIterable {
    /// Without corrections.
    case paper
    /// With Adam's corrections, and m_0 = v_0.
    case optax
  }

  public var beta1: Double
  public var beta2: Double
  public var epsilon: Double
  /// v_0; at least 0.
  public let initialAccumulator: Double
  public let form: Form

  /// - Precondition: the betas are in [0, 1), the others at least 0.
  public init(
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-3,
    initialAccumulator: Double = 1e-6, form: Form = .paper
  ) {
    Domain.atLeast(0).check(initialAccumulator, "initialAccumulator")
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.initialAccumulator = initialAccumulator
    self.form = form
    checkHyperparameters()
  }

  public var stateVectorCount: Int { 2 }

  /// β₁ᵗ and β₂ᵗ.
  public var initialScalars: [Double] { [1, 1] }
  public var scalarCount: Int { 2 }

  public func initialValue(ofStateVector index: Int) -> Scalar {
    index == 1 || form == .optax ? Scalar.nearest(to: initialAccumulator) : 0
  }

  public func begin(_ step: RuleStep) {
    step.scalars[0] *= beta1
    step.scalars[1] *= beta2
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let (b1, rest1) = (Scalar.nearest(to: beta1), Scalar.nearest(to: 1 - beta1))
    let rest2 = Scalar.nearest(to: 1 - beta2)
    let epsilon = Scalar.nearest(to: epsilon)
    let corrects = form == .optax
    let k1 = Scalar.nearest(to: corrects ? 1 / (1 - step.scalars[0]) : 1)
    let k2 = Scalar.nearest(to: corrects ? 1 / (1 - step.scalars[1]) : 1)
    let (m, v) = (strip.state(0), strip.state(1))
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      m[i] = b1 * m[i] + rest1 * g
      let square = g * g
      let change = rest2 * square
      v[i] = v[i] > square ? v[i] - change : v[i] < square ? v[i] + change : v[i]
      strip.direction[i] = (m[i] * k1) / ((v[i] * k2).squareRoot() + epsilon)
    }
  }
}

extension Yogi: MomentRule {}

extension Recipe where Product == RulePair {
  static let yogi = Recipe(
    "yogi",
    [
      .beta1, .beta2(), .epsilon(default: "1e-3"),
      Parameter(
        "initialAccumulator", .number(.atLeast(0)), default: "1e-6", unit: "gradient squared",
        "first value of the mean square"),
      Parameter(
        "form", .choice(["paper", "optax"]), default: ".paper",
        "without corrections, or Optax' with them"),
    ], summary: "Adam whose mean square grows and falls by small steps"
  ) { arguments in RulePair(Yogi<Float>(arguments), Yogi<Double>(arguments)) }
}

extension Yogi {
  fileprivate init(_ arguments: Arguments) {
    self.init(
      beta1: arguments.number("beta1"), beta2: arguments.number("beta2"),
      epsilon: arguments.number("epsilon"),
      initialAccumulator: arguments.number("initialAccumulator"),
      form: Form(rawValue: arguments.choice("form"))!)
  }
}
