extension GradientDescent: DifferentiableRule {
  /// u̇ = ġ.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func directionTangent(_ strip: TangentStrip<Scalar>, _ step: RuleStep) {
    for i in 0..<strip.count { strip.directionTangent[i] = strip.gradientTangent[i] }
  }
}
