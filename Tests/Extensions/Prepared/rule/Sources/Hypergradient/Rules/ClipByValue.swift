public import HypergradientRecipes

/// The gradient with every element clipped: u = min(max(g, −c), c).
public struct ClipByValue<Scalar: ParameterScalar>: UpdateRule, Equatable {
  public var limit: Double

  public init(limit: Double = 1) {
    self.limit = limit
    checkDeclared()
  }

  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let c = Scalar.nearest(to: limit)
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      strip.direction[i] = g > c ? c : g < -c ? -c : g
    }
  }
}

extension ClipByValue: AdjustableRule, Declared {
  public static var recipe: Recipe<ClipByValue> {
    Recipe(
      "clipByValue", ClipByValue.init(limit:),
      .number("limit", \.limit, in: .above(0), default: 1, unit: "gradient", "c"),
      summary: "the gradient with every element clipped",
      examples: ["clipByValue(limit: 0.5)"], standard: { ClipByValue() })
  }
}
