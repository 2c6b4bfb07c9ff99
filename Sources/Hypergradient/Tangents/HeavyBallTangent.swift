extension HeavyBall: DifferentiableRule {
  /// v̇_t = μ v̇_{t−1} + (1 − d) ġ_t, without d at the first step; u̇ = v̇.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func directionTangent(_ strip: TangentStrip<Scalar>, _ step: RuleStep) {
    let mu = Scalar(momentum)
    let weight = step.index == 0 ? 1 : Scalar(1 - dampening)
    let dv = strip.stateTangent(0)
    for i in 0..<strip.count {
      dv[i] = mu * dv[i] + weight * strip.gradientTangent[i]
      strip.directionTangent[i] = dv[i]
    }
  }
}
