public import HypergradientRecipes
public import Kernels

/// AdaGrad, diagonal:
///
///     G_t = G_{t−1} + g_t²
///     u_t = g_t / (√G_t + ε)
///
/// With ε = 0 a coordinate whose gradients were all zero is 0/0. One finite gradient whose square
/// overflows, beyond 1.8·10¹⁹ in Float, makes G infinite and stops its coordinate for good.
/// ``UpdateRule/guarded()`` skips such a step, and one that is not finite.
///
/// > Source: J. Duchi, E. Hazan and Y. Singer, Adaptive Subgradient Methods for Online Learning and
/// > Stochastic Optimization (2011), Figure 1 with a diagonal matrix; ε is outside the root.
public struct AdaGrad<Scalar: ParameterScalar>: UpdateRule, Equatable {
  /// G_0, the same for every element.
  public let initialAccumulator: Double
  public var epsilon: Double

  public init(initialAccumulator: Double = 0, epsilon: Double = 1e-10) {
    (self.initialAccumulator, self.epsilon) = (initialAccumulator, epsilon)
    checkDeclared()
  }

  /// G.
  public var requirements: RuleRequirements {
    RuleRequirements(stateVectors: [initialAccumulator], nonNegative: [0])
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let epsilon = Scalar(epsilon)
    let sum = strip.state(0)
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      sum[i] = sum[i] + g * g
      strip.direction[i] = g / (sum[i].squareRoot() + epsilon)
    }
  }

  @inlinable public func kernel(_ step: RuleStep) -> RuleKernel? {
    RuleKernel(.adaGrad, epsilon)
  }
}

extension AdaGrad: AdjustableRule, Declared {
  public static var recipe: Recipe<AdaGrad> {
    Recipe(
      "adagrad", AdaGrad.init(initialAccumulator:epsilon:),
      .number(
        "initialAccumulator", \.initialAccumulator, in: .atLeast(0), default: 0,
        unit: "gradient²", "first value of the sum of squares"),
      .epsilon(\.epsilon, default: 1e-10),
      summary: "per-coordinate scaling by the root of the sum of squared gradients",
      examples: ["adagrad(initialAccumulator: 0.1, epsilon: 0.01)"], standard: { AdaGrad() })
  }
}
