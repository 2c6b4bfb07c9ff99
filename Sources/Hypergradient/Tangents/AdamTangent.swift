extension Adam: DifferentiableRule {
  /// The derivative of Adam's step, with its ε where the rule has it:
  ///
  ///     ṁ_t = β₁ ṁ_{t−1} + (1 − β₁) ġ
  ///     v̇_t = β₂ v̇_{t−1} + 2 (1 − β₂) g ġ
  ///     u = k₁ m / (r + ε),  r = √(k₂ v)
  ///     u̇ = k₁ ṁ / (r + ε) − u · k₂ v̇ / (2 r (r + ε))
  ///
  /// k₁ and k₂ are the bias corrections. Where v = 0 every gradient so far was zero, and with them
  /// v̇: the second term is zero, and so u̇ = k₁ ṁ / ε, the derivative there. An ε of zero leaves
  /// u̇ = 0 in its place, as u is 0/0.
  ///
  /// > Source: derived from the rule; L. Franceschi, M. Donini, P. Frasconi and M. Pontil, Forward and
  /// > Reverse Gradient-Based Hyperparameter Optimization (2017) has the recursion for a general
  /// > step. The published code of Donini et al. (2020) has another u̇, which is not a derivative: it
  /// > multiplies the part of ġ by 1 − ηk₁ and leaves θ̇ itself out.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func directionTangent(_ strip: TangentStrip<Scalar>, _ step: RuleStep) {
    let (b1, b2) = (Scalar(beta1), Scalar(beta2))
    let (rest1, rest2) = (Scalar(1 - beta1), Scalar(1 - beta2))
    let epsilon = Scalar(epsilon)
    let factors = corrections(step)
    let (k1, k2) = (Scalar(factors.0), Scalar(factors.1))
    let (m, v) = (strip.state(0), strip.state(1))
    let (dm, dv) = (strip.stateTangent(0), strip.stateTangent(1))
    for i in 0..<strip.count {
      let (g, dg) = (strip.gradient[i], strip.gradientTangent[i])
      dm[i] = b1 * dm[i] + rest1 * dg
      dv[i] = b2 * dv[i] + 2 * rest2 * g * dg
      let r = (k2 * v[i]).squareRoot()
      let denominator = r + epsilon
      let u = k1 * m[i] / denominator
      let ofMean = denominator > 0 ? k1 * dm[i] / denominator : 0
      let ofRoot = r > 0 ? u * (k2 * dv[i]) / (2 * r * denominator) : 0
      strip.directionTangent[i] = ofMean - ofRoot
    }
  }
}
