/// Adam:
///
///     m_t = β₁ m_{t−1} + (1 − β₁) g_t
///     v_t = β₂ v_{t−1} + (1 − β₂) g_t²
///     m̂ = m_t / (1 − β₁ᵗ)      v̂ = v_t / (1 − β₂ᵗ)
///     u_t = m̂ / (√v̂ + ε)
///
/// β₁ᵗ and β₂ᵗ are running products, so the corrections stay right when the betas change. The
/// corrections' reciprocals are computed in Double and rounded once to Scalar: an element costs one
/// division and one root.
///
/// > Source: D. P. Kingma and J. Ba, Adam: A Method for Stochastic Optimization (2015), Algorithm 1;
/// > ``Epsilon/onUncorrectedRoot`` is the form of the reference code of A. G. Baydin et al. (2018).
public struct Adam<Scalar: ParameterScalar>: UpdateRule, Equatable {
  /// Where ε is added.
  public enum Epsilon: String, Sendable, Codable, CaseIterable {
    /// m̂ / (√v̂ + ε), the paper's.
    case onCorrectedRoot
    /// m · √(1 − β₂ᵗ) / (1 − β₁ᵗ) / (√v + ε), the reference code's.
    case onUncorrectedRoot
  }

  /// β₁ ∈ [0, 1).
  public var beta1: Double
  /// β₂ ∈ [0, 1).
  public var beta2: Double
  /// ε; at least 0.
  public var epsilon: Double
  public var epsilonPlace: Epsilon

  /// - Precondition: the betas are in [0, 1) and `epsilon` is at least 0.
  public init(
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    epsilonPlace: Epsilon = .onCorrectedRoot
  ) {
    precondition(beta1 >= 0 && beta1 < 1, "beta1 is \(beta1), not in [0, 1)")
    precondition(beta2 >= 0 && beta2 < 1, "beta2 is \(beta2), not in [0, 1)")
    precondition(epsilon >= 0 && epsilon.isFinite, "epsilon is \(epsilon), not at least 0")
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.epsilonPlace = epsilonPlace
  }

  public var stateVectorCount: Int { 2 }

  /// β₁ᵗ and β₂ᵗ.
  public var initialScalars: [Double] { [1, 1] }
  public var scalarCount: Int { 2 }

  @inlinable public func begin(_ step: RuleStep) {
    step.scalars[0] *= beta1
    step.scalars[1] *= beta2
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let (b1, b2) = (Scalar(beta1), Scalar(beta2))
    let (rest1, rest2) = (Scalar(1 - beta1), Scalar(1 - beta2))
    let epsilon = Scalar(epsilon)
    let (k1, k2) = corrections(step)
    let (correction1, correction2) = (Scalar(k1), Scalar(k2))
    let (m, v) = (strip.state(0), strip.state(1))
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      m[i] = b1 * m[i] + rest1 * g
      v[i] = b2 * v[i] + rest2 * (g * g)
      strip.direction[i] =
        (m[i] * correction1) / ((v[i] * correction2).squareRoot() + epsilon)
    }
  }

  /// What m and v are multiplied by, computed in Double.
  @inlinable func corrections(_ step: RuleStep) -> (Double, Double) {
    switch epsilonPlace {
    case .onCorrectedRoot: (1 / (1 - step.scalars[0]), 1 / (1 - step.scalars[1]))
    case .onUncorrectedRoot: ((1 - step.scalars[1]).squareRoot() / (1 - step.scalars[0]), 1)
    }
  }

  @inlinable public func accelerated(
    _ strip: Strip<Scalar>, _ step: RuleStep, moving: StripMove<Scalar>?
  ) -> Bool {
    let (k1, k2) = corrections(step)
    return strip.take(
      .adam, moving: moving, constants: [beta1, 1 - beta1, beta2, 1 - beta2, k1, k2, epsilon, 0],
      stateVectors: 2)
  }
}

extension Recipe where Product == RulePair {
  static let adam = Recipe(
    "adam",
    [
      Parameter("beta1", .number(.from(0, below: 1)), default: "0.9", "decay of the mean"),
      Parameter(
        "beta2", .number(.from(0, below: 1)), default: "0.999", "decay of the mean square"),
      Parameter(
        "epsilon", .number(.atLeast(0)), default: "1e-8", unit: "gradient",
        "added to the root"),
      Parameter(
        "epsilonPlace", .choice(["onCorrectedRoot", "onUncorrectedRoot"]),
        default: ".onCorrectedRoot",
        "ε on √v̂, the paper's, or on √v, the reference hypergradient code's"),
    ], summary: "bias-corrected mean over root mean square"
  ) { arguments in
    RulePair(Adam<Float>(arguments), Adam<Double>(arguments))
  }
}

extension Adam {
  fileprivate init(_ arguments: Arguments) {
    self.init(
      beta1: arguments.number("beta1"), beta2: arguments.number("beta2"),
      epsilon: arguments.number("epsilon"),
      epsilonPlace: Epsilon(rawValue: arguments.choice("epsilonPlace"))!)
  }
}
