public import HypergradientRecipes
public import Kernels

/// Nesterov's accelerated gradient in the form that evaluates g at the look-ahead point:
///
///     v_t = μ v_{t−1} + g_t
///     u_t = g_t + μ v_t
///
/// μ is the momentum.
///
/// A gradient that is not finite stays in v for good; ``UpdateRule/guarded()`` skips its step.
///
/// > Source: Yu. Nesterov, A method of solving a convex programming problem with convergence rate
/// > O(1/k²) (1983); in this form I. Sutskever, J. Martens, G. Dahl and G. Hinton, On the importance
/// > of initialization and momentum in deep learning (2013), and SGDN of A. G. Baydin et al., Online
/// > Learning Rate Adaptation with Hypergradient Descent (2018), Algorithm 2.
public struct Nesterov<Scalar: ParameterScalar>: UpdateRule, Equatable {
  public var momentum: Double

  public init(momentum: Double = 0.9) {
    self.momentum = momentum
    checkDeclared()
  }

  /// v.
  public var requirements: RuleRequirements { RuleRequirements(stateVectors: [0]) }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let mu = Scalar(momentum)
    let v = strip.state(0)
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      v[i] = mu * v[i] + g
      strip.direction[i] = g + mu * v[i]
    }
  }

  @inlinable public func kernel(_ step: RuleStep) -> RuleKernel? {
    RuleKernel(.nesterov, momentum)
  }
}

extension Nesterov: AdjustableRule, Declared {
  public static var recipe: Recipe<Nesterov> {
    Recipe(
      "nesterov", Nesterov.init(momentum:), .momentum(\.momentum), summary: "Nesterov's momentum",
      examples: ["nesterov(momentum: 0.7)"], standard: { Nesterov() })
  }
}
