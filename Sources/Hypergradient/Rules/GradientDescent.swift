public import HypergradientRecipes
public import Kernels

/// Gradient descent: u = g.
///
/// > Source: A.-L. Cauchy, Méthode générale pour la résolution des systèmes d'équations simultanées
/// > (1847); H. Robbins and S. Monro, A Stochastic Approximation Method (1951).
public struct GradientDescent<Scalar: ParameterScalar>: UpdateRule, Equatable {
  public init() {}

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    for i in 0..<strip.count { strip.direction[i] = strip.gradient[i] }
  }

  @inlinable public func kernel(_ step: RuleStep) -> RuleKernel? {
    RuleKernel(.gradient)
  }
}

extension GradientDescent: AdjustableRule, Declared {
  public static var recipe: Recipe<GradientDescent> {
    Recipe(
      "sgd", GradientDescent.init, summary: "gradient descent, the direction is the gradient",
      standard: { GradientDescent() })
  }
}
