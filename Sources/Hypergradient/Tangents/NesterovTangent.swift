extension Nesterov: DifferentiableRule {
  /// v̇_t = μ v̇_{t−1} + ġ_t; u̇ = ġ + μ v̇.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func directionTangent(_ strip: TangentStrip<Scalar>, _ step: RuleStep) {
    let mu = Scalar(momentum)
    let dv = strip.stateTangent(0)
    for i in 0..<strip.count {
      let dg = strip.gradientTangent[i]
      dv[i] = mu * dv[i] + dg
      strip.directionTangent[i] = dg + mu * dv[i]
    }
  }
}
