internal import HypergradientRecipes

// The hyperparameters that Adam's relatives share: β₁ decays a mean, β₂ a mean square, and ε keeps the
// quotient bounded.

extension Parameter where Value == Double {
  static func beta1(_ path: KeyPath<Root, Double>, default beta1: Double = 0.9) -> Parameter {
    .number("beta1", path, in: .from(0, below: 1), default: beta1, "decay of the mean")
  }

  static func beta2(_ path: KeyPath<Root, Double>, default beta2: Double = 0.999) -> Parameter {
    .number("beta2", path, in: .from(0, below: 1), default: beta2, "decay of the mean square")
  }

  static func epsilon(_ path: KeyPath<Root, Double>, default epsilon: Double = 1e-8) -> Parameter {
    .number(
      "epsilon", path, in: .atLeast(0), default: epsilon, unit: "gradient", "added to the root")
  }
}
