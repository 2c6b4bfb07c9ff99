/// AdaGrad, diagonal:
///
///     G_t = G_{t−1} + g_t²
///     u_t = g_t / (√G_t + ε)
///
/// > Source: J. Duchi, E. Hazan and Y. Singer, Adaptive Subgradient Methods for Online Learning and
/// > Stochastic Optimization (2011), Figure 1 with a diagonal matrix; ε is outside the root.
public struct AdaGrad<Scalar: ParameterScalar>: UpdateRule, Equatable {
  /// G_0, the same for every element; at least 0.
  public var initialAccumulator: Double
  /// ε; at least 0.
  public var epsilon: Double

  /// - Precondition: both are finite and at least 0.
  public init(initialAccumulator: Double = 0, epsilon: Double = 1e-10) {
    precondition(
      initialAccumulator >= 0 && initialAccumulator.isFinite,
      "initialAccumulator is \(initialAccumulator), not a number of at least 0")
    precondition(epsilon >= 0 && epsilon.isFinite, "epsilon is \(epsilon), not at least 0")
    self.initialAccumulator = initialAccumulator
    self.epsilon = epsilon
  }

  public var stateVectorCount: Int { 1 }

  public func initialValue(ofStateVector index: Int) -> Scalar { Scalar(initialAccumulator) }

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

  @inlinable public func accelerated(
    _ strip: Strip<Scalar>, _ step: RuleStep, moving: StripMove<Scalar>?
  ) -> Bool {
    strip.take(
      .adaGrad, moving: moving, constants: [epsilon, 0, 0, 0, 0, 0, 0, 0], stateVectors: 1)
  }
}

extension Recipe where Product == RulePair {
  static let adaGrad = Recipe(
    "adagrad",
    [
      Parameter(
        "initialAccumulator", .number(.atLeast(0)), default: "0", unit: "gradient squared",
        "first value of the sum of squares"),
      Parameter(
        "epsilon", .number(.atLeast(0)), default: "1e-10", unit: "gradient",
        "added to the root"),
    ], summary: "per-coordinate scaling by the root of the sum of squared gradients"
  ) { arguments in
    let (sum, epsilon) = (arguments.number("initialAccumulator"), arguments.number("epsilon"))
    return RulePair(
      AdaGrad(initialAccumulator: sum, epsilon: epsilon),
      AdaGrad(initialAccumulator: sum, epsilon: epsilon))
  }
}
