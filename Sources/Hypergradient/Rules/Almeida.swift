/// A rate for every coordinate by the normalised product of successive gradients:
///
///     v_t = γ v_{t−1} + (1 − γ) g_{t−1}²
///     α_t = α_{t−1} · max(1 + β g_t g_{t−1} / v_t, floor)
///     u_t = α_t g_t
///
/// Hypergradient descent with the multiplicative form in every coordinate, and a mean in place of the
/// norms. α stays where v is 0. The floor keeps α positive. The classic is the learning rate 1.
///
/// > Source: L. B. Almeida, T. Langlois, J. D. Amaral and A. Plakhov, Parameter Adaptation in
/// > Stochastic Optimization (1998), as stated in D. Martínez Rubio, Convergence Analysis of an
/// > Adaptive Method of Gradient Descent (2017), Algorithm 3.1.4; the floor is this library's.
public struct Almeida<Scalar: ParameterScalar>: UpdateRule, Equatable {
  /// α_0; greater than 0.
  public let initialRate: Double
  /// β; at least 0.
  public var metaRate: Double
  /// γ ∈ [0, 1).
  public var decay: Double
  /// The smallest factor of a step; in (0, 1].
  public let floor: Double

  /// - Precondition: each is in its range.
  public init(
    initialRate: Double = 0.01, metaRate: Double = 0.01, decay: Double = 0.9, floor: Double = 0.5
  ) {
    Domain.above(0).check(initialRate, "initialRate")
    Domain.excluding(0, through: 1).check(floor, "floor")
    self.initialRate = initialRate
    self.metaRate = metaRate
    self.decay = decay
    self.floor = floor
    checkHyperparameters()
  }

  /// g_{t−1}, v and α.
  public var stateVectorCount: Int { 3 }

  public func initialValue(ofStateVector index: Int) -> Scalar {
    index == 2 ? Scalar.nearest(to: initialRate) : 0
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let (beta, floor) = (Scalar.nearest(to: metaRate), Scalar.nearest(to: floor))
    let (gamma, rest) = (Scalar.nearest(to: decay), Scalar.nearest(to: 1 - decay))
    let (last, v, alpha) = (strip.state(0), strip.state(1), strip.state(2))
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      v[i] = gamma * v[i] + rest * (last[i] * last[i])
      let factor = 1 + beta * (g * last[i] / v[i])
      alpha[i] = v[i] > 0 ? alpha[i] * (factor < floor ? floor : factor) : alpha[i]
      last[i] = g
      strip.direction[i] = alpha[i] * g
    }
  }
}

extension Almeida: AdjustableRule {
  public enum Hyperparameter: String, CaseIterable, Sendable, Codable { case metaRate, decay }

  public static func domain(of hyperparameter: Hyperparameter) -> Domain {
    hyperparameter == .metaRate ? .atLeast(0) : .from(0, below: 1)
  }

  public subscript(hyperparameter: Hyperparameter) -> Double {
    get { hyperparameter == .metaRate ? metaRate : decay }
    set {
      switch hyperparameter {
      case .metaRate: metaRate = newValue
      case .decay: decay = newValue
      }
    }
  }
}

extension Recipe where Product == RulePair {
  static let almeida = Recipe(
    "almeida",
    [
      Parameter(
        "initialRate", .number(.above(0)), default: "0.01", unit: "learning rate",
        "first rate of every coordinate"),
      Parameter(
        "metaRate", .number(.atLeast(0)), default: "0.01", "step of a rate's logarithm, about"),
      Parameter(
        "decay", .number(.from(0, below: 1)), default: "0.9", "decay of the mean square"),
      Parameter(
        "floor", .number(.excluding(0, through: 1)), default: "0.5", "smallest factor of a step"),
    ], summary: "a rate for every coordinate by products of successive gradients (Almeida 1998)"
  ) { arguments in
    func make<S: ParameterScalar>() -> Almeida<S> {
      Almeida(
        initialRate: arguments.number("initialRate"), metaRate: arguments.number("metaRate"),
        decay: arguments.number("decay"), floor: arguments.number("floor"))
    }
    return RulePair(make() as Almeida<Float>, make() as Almeida<Double>)
  }
}
