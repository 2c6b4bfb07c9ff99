public import HypergradientRecipes
public import Kernels

/// Heavy-ball momentum:
///
///     v_t = μ v_{t−1} + (1 − d) g_t        v_1 = g_1
///     u_t = v_t
///
/// μ is the momentum and d the dampening. The first velocity is the gradient itself, undamped, as in
/// PyTorch's SGD, which has no velocity and so no dampening where μ = 0; in the paper's form v_0 = 0 and
/// d = 0, which is the same where d = 0.
///
/// A gradient that is not finite stays in v for good; ``UpdateRule/guarded()`` skips its step.
///
/// > Source: B. T. Polyak, Some methods of speeding up the convergence of iteration methods (1964),
/// > eq. 9, with the learning rate outside the velocity.
public struct HeavyBall<Scalar: ParameterScalar>: UpdateRule, Equatable {
  public var momentum, dampening: Double

  public init(momentum: Double = 0.9, dampening: Double = 0) {
    (self.momentum, self.dampening) = (momentum, dampening)
    checkDeclared()
  }

  /// v.
  public var requirements: RuleRequirements { RuleRequirements(stateVectors: [0]) }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let mu = Scalar(momentum)
    let weight = step.index == 0 ? 1 : Scalar(1 - dampening)
    let v = strip.state(0)
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      v[i] = mu * v[i] + weight * g
      strip.direction[i] = v[i]
    }
  }

  @inlinable public func kernel(_ step: RuleStep) -> RuleKernel? {
    RuleKernel(.heavyBall, momentum, step.index == 0 ? 1 : 1 - dampening)
  }
}

extension HeavyBall: AdjustableRule, Declared {
  public static var recipe: Recipe<HeavyBall> {
    Recipe(
      "heavyBall", HeavyBall.init(momentum:dampening:),
      .momentum(\.momentum),
      .number(
        "dampening", \.dampening, in: .between(0, 1), default: 0, "share of a gradient left out"),
      summary: "heavy-ball momentum, Polyak's",
      examples: ["heavyBall(momentum: 0.8, dampening: 0.1)"], standard: { HeavyBall() })
  }
}
