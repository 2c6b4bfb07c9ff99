public import HypergradientRecipes

/// Adam's derivatives, the bias corrections' included. βᵗ is a running product whose factors before
/// this step are constants, as m_{t−1} and v_{t−1} are, so that
///
///     ∂m̂_t/∂β₁ = (m_{t−1} − (1 − β₁ᵗ⁻¹) g_t) / (1 − β₁ᵗ)²
///     ∂v̂_t/∂β₂ = (v_{t−1} − (1 − β₂ᵗ⁻¹) g_t²) / (1 − β₂ᵗ)²
///
/// which are exactly 0 at the first step, where m̂ = g and v̂ = g² whatever the betas.
///
/// > Deviation: the published code of K. Chandra et al. (2022) raises this step's β to the power t,
/// > so that the corrections' own derivatives have t βᵗ⁻¹ for βᵗ⁻¹ here; that is no derivative of
/// > this step where β has changed on the way.
extension Adam: DifferentiableRule {
  public static var learnable: [WritableKeyPath<Self, Double>] { [\.beta1, \.beta2] }
  public static var squares: [Int] { [1] }

  public func derivative(
    by hyperparameter: Hyperparameter<Self>, _ strip: Strip<Scalar>, _ step: RuleStep
  ) {
    let (before1, before2) = (step.scalars[0], step.scalars[1])
    let (rest1, rest2) = (1 - before1 * beta1, 1 - before2 * beta2)
    let root2 = rest2.squareRoot()
    // u = c₁ m / (√(c₂ v) + ε).
    let (c1, c2) = epsilonPlace == .onCorrectedRoot ? (1 / rest1, 1 / rest2) : (root2 / rest1, 1)
    switch hyperparameter.path {
    case \Self.beta1:
      byBeta1(strip, scale: c1 / rest1, share: 1 - before1, c2)
    case \Self.beta2:
      if epsilonPlace == .onCorrectedRoot {
        byBeta2(strip, c1, c2, scale: c2 / rest2, share: 1 - before2, correction: 0)
      } else {
        byBeta2(strip, c1, c2, scale: 1, share: 1, correction: -before2 / (2 * rest2))
      }
    case \Self.epsilon:
      byEpsilon(strip, c1, c2)
    default: noDerivative(by: hyperparameter)
    }
  }

  /// scale · (m_{t−1} − share · g) / (√(c₂ v) + ε).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func byBeta1(_ strip: Strip<Scalar>, scale: Double, share: Double, _ c2: Double) {
    let (b2, r2) = (Scalar.nearest(to: beta2), Scalar.nearest(to: 1 - beta2))
    let (scale, share) = (Scalar.nearest(to: scale), Scalar.nearest(to: share))
    let (c2, epsilon) = (Scalar.nearest(to: c2), Scalar.nearest(to: epsilon))
    let (m, v) = (strip.state(0), strip.state(1))
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      let root = ((b2 * v[i] + r2 * (g * g)) * c2).squareRoot()
      let slope = scale * (m[i] - share * g) / (root + epsilon)
      strip.direction[i] = root > 0 ? slope : 0
    }
  }

  /// u · (correction − scale · (v_{t−1} − share · g²) / (2 √(c₂ v) (√(c₂ v) + ε))).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func byBeta2(
    _ strip: Strip<Scalar>, _ c1: Double, _ c2: Double, scale: Double, share: Double,
    correction: Double
  ) {
    let (b1, r1) = (Scalar.nearest(to: beta1), Scalar.nearest(to: 1 - beta1))
    let (b2, r2) = (Scalar.nearest(to: beta2), Scalar.nearest(to: 1 - beta2))
    let (c1, c2) = (Scalar.nearest(to: c1), Scalar.nearest(to: c2))
    let (scale, share) = (Scalar.nearest(to: scale), Scalar.nearest(to: share))
    let (correction, epsilon) = (Scalar.nearest(to: correction), Scalar.nearest(to: epsilon))
    let (m, v) = (strip.state(0), strip.state(1))
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      let root = ((b2 * v[i] + r2 * (g * g)) * c2).squareRoot()
      let below = root + epsilon
      let u = c1 * (b1 * m[i] + r1 * g) / below
      let slope = scale * (v[i] - share * (g * g)) / (2 * root) / below
      strip.direction[i] = root > 0 ? u * (correction - slope) : 0
    }
  }

  /// −c₁ m / (√(c₂ v) + ε)².
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func byEpsilon(_ strip: Strip<Scalar>, _ c1: Double, _ c2: Double) {
    let (b1, r1) = (Scalar.nearest(to: beta1), Scalar.nearest(to: 1 - beta1))
    let (b2, r2) = (Scalar.nearest(to: beta2), Scalar.nearest(to: 1 - beta2))
    let (c1, c2) = (Scalar.nearest(to: c1), Scalar.nearest(to: c2))
    let epsilon = Scalar.nearest(to: epsilon)
    let (m, v) = (strip.state(0), strip.state(1))
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      let root = ((b2 * v[i] + r2 * (g * g)) * c2).squareRoot()
      let below = root + epsilon
      let slope = c1 * (b1 * m[i] + r1 * g) / below / below
      strip.direction[i] = root > 0 ? -slope : 0
    }
  }
}
