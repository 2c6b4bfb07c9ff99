public import HypergradientRecipes

/// A share ν of a mean of the gradients, and the rest of this one:
///
///     m_t = β m_{t−1} + (1 − β) g_t          u_t = (1 − ν) g_t + ν m_t
///
/// > Source: J. Ma and D. Yarats, Quasi-Hyperbolic Momentum and Adam for Deep Learning (2019),
/// > equations 3 and 4.
public struct QuasiHyperbolic<Scalar: ParameterScalar>: UpdateRule, Equatable {
  public var nu, momentum: Double

  public init(nu: Double = 0.7, momentum: Double = 0.999) {
    (self.nu, self.momentum) = (nu, momentum)
    checkDeclared()
  }

  public var requirements: RuleRequirements { RuleRequirements(stateVectors: [0]) }

  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let (beta, restOfBeta) = (Scalar.nearest(to: momentum), Scalar.nearest(to: 1 - momentum))
    let (nu, restOfNu) = (Scalar.nearest(to: nu), Scalar.nearest(to: 1 - nu))
    let m = strip.state(0)
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      m[i] = beta * m[i] + restOfBeta * g
      strip.direction[i] = restOfNu * g + nu * m[i]
    }
  }
}

extension QuasiHyperbolic: AdjustableRule, Declared {
  public static var recipe: Recipe<QuasiHyperbolic> {
    Recipe(
      "quasiHyperbolic", QuasiHyperbolic.init(nu:momentum:),
      .number("nu", \.nu, in: .between(0, 1), default: 0.7, "ν, the mean's share"),
      .number("momentum", \.momentum, in: .from(0, below: 1), default: 0.999, "β"),
      summary: "a share of the mean of gradients, and the rest of this one",
      examples: ["quasiHyperbolic(nu: 0.6, momentum: 0.8)"], standard: { QuasiHyperbolic() })
  }
}
