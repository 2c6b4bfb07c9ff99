import HypergradientBenchmark

/// u = g / (c + |g|), element by element: the sign of a large gradient, g/c of a small one.
struct SoftSign<Scalar: ParameterScalar>: UpdateRule, Equatable {
  var softness: Double

  init(softness: Double = 0.1) {
    self.softness = softness
    checkDeclared()
  }

  func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let c = Scalar.nearest(to: softness)
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      strip.direction[i] = g / (c + abs(g))
    }
  }
}

extension SoftSign: AdjustableRule, Declared {
  static var recipe: Recipe<SoftSign> {
    Recipe(
      "softSign", SoftSign.init(softness:),
      .number("softness", \.softness, in: .above(0), default: 0.1, unit: "gradient", "c"),
      summary: "the gradient over its size and c", examples: ["softSign(softness: 0.5)"],
      standard: { SoftSign() })
  }
}
