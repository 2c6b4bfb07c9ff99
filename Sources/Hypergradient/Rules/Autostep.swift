internal import PortableMath

/// Autostep: IDBD whose meta-rate is normalised in every coordinate, and whose rates together never
/// overshoot an example.
///
///     d_t = −g_t h_{t−1}
///     v_t = max(|d_t|, v_{t−1} + α_{t−1} x_t² (|d_t| − v_{t−1}) / τ)
///     α′  = α_{t−1} exp(μ d_t / v_t)           α′ = α_{t−1} where v_t = 0
///     M   = max(Σ α′ x_t², 1)                  over all coordinates
///     α_t = α′ / M
///     u_t = α_t g_t
///     h_t = h_{t−1} (1 − α_t x_t²) − α_t g_t   x_t² = g_t² / (2 f_t)
///
/// For f = ½δ², one example a step, g = −δ x: then x² = g²/(2f) is exact, and with the learning rate
/// 1 this is the paper's algorithm. For any other sum or mean of squares g²/(2f) is at most the
/// diagonal of the Gauss–Newton matrix, see ``IDBD``, and the trace forgets more slowly; M still holds
/// the first-order decrease ⟨g, u⟩ = 2f Σ α x² to 2f. The loss must be 0 at best; where f is not
/// above 0, or not finite, x² counts as 0 and M as 1. A learning rate η other than 1 multiplies the
/// steps, not the trace h.
///
/// The sum is taken in Double over the rounded products, before any coordinate moves
/// (``RuleNeeds/survey``). The rates have no floor: one after M would undo the guard.
///
/// > Source: A. R. Mahmood, R. S. Sutton, T. Degris and P. M. Pilarski, Tuning-free Step-size
/// > Adaptation (2012), Table 1.
public struct Autostep<Scalar: ParameterScalar>: UpdateRule, Equatable {
  /// α_0; greater than 0.
  public let initialRate: Double
  /// μ; at least 0.
  public var metaRate: Double
  /// τ in steps of a full rate; at least 1.
  public let timescale: Double

  /// - Precondition: each is in its range.
  public init(initialRate: Double = 0.1, metaRate: Double = 0.01, timescale: Double = 1e4) {
    Domain.above(0).check(initialRate, "initialRate")
    Domain.atLeast(1).check(timescale, "timescale")
    self.initialRate = initialRate
    self.metaRate = metaRate
    self.timescale = timescale
    checkHyperparameters()
  }

  /// α, v and h.
  public var stateVectorCount: Int { 3 }

  public func initialValue(ofStateVector index: Int) -> Scalar {
    index == 0 ? Scalar.nearest(to: initialRate) : 0
  }

  public var needs: RuleNeeds { [.loss, .survey] }

  /// Σ α′ x².
  public var initialScalars: [Double] { [0] }
  public var scalarCount: Int { 1 }

  public func begin(_ step: RuleStep) { step.scalars[0] = 0 }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func survey(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let scale = Scalar.nearest(to: step.inputScale)
    let inverse = Scalar.nearest(to: 1 / timescale)
    let (alpha, v, h) = (strip.state(0), strip.state(1), strip.state(2))
    var sum = 0.0
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      let x = scale * g
      let d = -g * h[i]
      v[i] = max(d.magnitude, v[i] + inverse * alpha[i] * (x * x) * (d.magnitude - v[i]))
      if v[i] > 0 {
        alpha[i] *= Scalar.nearest(to: Portable.exp(metaRate * Double(d / v[i])))
      }
      sum += Double(alpha[i] * (x * x))
    }
    step.scalars[0] += sum
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let scale = Scalar.nearest(to: step.inputScale)
    let inverse = Scalar.nearest(to: 1 / max(step.scalars[0], 1))
    let (alpha, h) = (strip.state(0), strip.state(2))
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      let x = scale * g
      alpha[i] *= inverse
      let u = alpha[i] * g
      h[i] = h[i] * (1 - alpha[i] * (x * x)) - u
      strip.direction[i] = u
    }
  }
}

extension Autostep: AdjustableRule {
  public enum Hyperparameter: String, CaseIterable, Sendable, Codable { case metaRate }

  public static func domain(of hyperparameter: Hyperparameter) -> Domain { .atLeast(0) }

  public subscript(hyperparameter: Hyperparameter) -> Double {
    get { metaRate }
    set { metaRate = newValue }
  }
}

extension Recipe where Product == RulePair {
  static let autostep = Recipe(
    "autostep",
    [
      Parameter(
        "initialRate", .number(.above(0)), default: "0.1", unit: "learning rate",
        "first rate of every coordinate"),
      Parameter(
        "metaRate", .number(.atLeast(0)), default: "0.01", "largest step of a rate's logarithm"),
      Parameter(
        "timescale", .number(.atLeast(1)), default: "1e4", unit: "steps", "memory of the maxima"),
    ], summary: "IDBD with normalised steps and no overshooting (Mahmood 2012); needs the loss"
  ) { arguments in
    func make<S: ParameterScalar>() -> Autostep<S> {
      Autostep(
        initialRate: arguments.number("initialRate"), metaRate: arguments.number("metaRate"),
        timescale: arguments.number("timescale"))
    }
    return RulePair(make() as Autostep<Float>, make() as Autostep<Double>)
  }
}
