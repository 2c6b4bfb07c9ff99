public import HypergradientRecipes

/// Signum, the sign of the momentum:
///
///     m_t = β m_{t−1} + (1 − β) g_t
///     u_t = sign(m_t)
///
/// sign(0) = 0. β = 0 is signSGD. Every coordinate moves equally far, so that rates have the unit
/// of the parameters.
///
/// A gradient that is not finite stays in m for good; ``UpdateRule/guarded()`` skips its step.
///
/// > Source: J. Bernstein, Y.-X. Wang, K. Azizzadenesheli and A. Anandkumar, signSGD: Compressed
/// > Optimisation for Non-Convex Problems (ICML 2018), Algorithm 2.
public struct Signum<Scalar: ParameterScalar>: UpdateRule, Equatable {
  /// β.
  public var momentum: Double

  public init(momentum: Double = 0.9) {
    self.momentum = momentum
    checkDeclared()
  }

  /// m.
  public var requirements: RuleRequirements { RuleRequirements(stateVectors: [0]) }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let (beta, rest) = (Scalar.nearest(to: momentum), Scalar.nearest(to: 1 - momentum))
    let m = strip.state(0)
    for i in 0..<strip.count {
      m[i] = beta * m[i] + rest * strip.gradient[i]
      strip.direction[i] = sign(m[i])
    }
  }
}

extension Signum: AdjustableRule, Declared {
  public static var recipe: Recipe<Signum> {
    Recipe(
      "signum", Signum.init(momentum:),
      .momentum(\.momentum).described(as: "decay of the mean"),
      summary:
        "the sign of the momentum: every coordinate moves equally far (Bernstein et al. 2018)",
      examples: ["signum(momentum: 0.7)"], standard: { Signum() })
  }
}
