public import HypergradientRecipes
internal import Kernels
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
/// (``RuleRequirements/Facts/survey``). The rates have no floor: one after M would undo the guard.
///
/// A gradient that is not finite stays in α, v and h for good; ``UpdateRule/guarded()`` skips its
/// step.
///
/// > Source: A. R. Mahmood, R. S. Sutton, T. Degris and P. M. Pilarski, Tuning-free Step-size
/// > Adaptation (2012), Table 1.
public struct Autostep<Scalar: ParameterScalar>: UpdateRule, Equatable {
  /// α_0.
  public let initialRate: Double
  /// μ.
  public var metaRate: Double
  /// τ, in steps of a full rate.
  public let timescale: Double

  public init(initialRate: Double = 0.1, metaRate: Double = 0.01, timescale: Double = 1e4) {
    (self.initialRate, self.metaRate, self.timescale) = (initialRate, metaRate, timescale)
    checkDeclared()
  }

  /// α, v and h; Σ α′ x².
  public var requirements: RuleRequirements {
    RuleRequirements(
      stateVectors: [initialRate, 0, 0], scalars: [0], facts: [.loss, .survey])
  }

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

  public func acceleratedSurvey(_ strip: Strip<Scalar>, _ step: RuleStep) -> Bool {
    let constants = SIMD8(step.inputScale, 1 / timescale, metaRate, 0, 0, 0, 0, 0)
    guard let sum = strip.take(survey: .autostep, constants: constants) else { return false }
    step.scalars[0] += sum
    return true
  }

  public func kernel(_ step: RuleStep) -> RuleKernel? {
    RuleKernel(.autostep, step.inputScale, 1 / max(step.scalars[0], 1))
  }
}

extension Autostep: AdjustableRule, Declared {
  public static var recipe: Recipe<Autostep> {
    Recipe(
      "autostep", Autostep.init(initialRate:metaRate:timescale:),
      .coordinateRate(\.initialRate, default: 0.1),
      .metaRate(\.metaRate, "largest step of a rate's logarithm"),
      .number(
        "timescale", \.timescale, in: .atLeast(1), default: 1e4, unit: "steps",
        "memory of the maxima"),
      summary: "IDBD with normalised steps and no overshooting (Mahmood 2012); needs the loss",
      examples: ["autostep(initialRate: 4, metaRate: 0.1, timescale: 100)"],
      compared: ["autostep(initialRate: rate) + constant(1)"], standard: { Autostep() })
  }
}
