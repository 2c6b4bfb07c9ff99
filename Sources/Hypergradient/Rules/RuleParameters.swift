internal import HypergradientRecipes

// The hyperparameters that rules share.

extension Parameter where Value == Double {
  /// β₁ of Adam and its relatives.
  static func beta1(_ path: KeyPath<Root, Double>, default beta1: Double = 0.9) -> Parameter {
    .number("beta1", path, in: .from(0, below: 1), default: beta1, "decay of the mean")
  }

  /// β₂.
  static func beta2(_ path: KeyPath<Root, Double>, default beta2: Double = 0.999) -> Parameter {
    .number("beta2", path, in: .from(0, below: 1), default: beta2, "decay of the mean square")
  }

  /// ε, which keeps a quotient bounded.
  static func epsilon(_ path: KeyPath<Root, Double>, default epsilon: Double = 1e-8) -> Parameter {
    .number(
      "epsilon", path, in: .atLeast(0), default: epsilon, unit: "gradient", "added to the root")
  }

  /// μ of the two momenta.
  static func momentum(_ path: KeyPath<Root, Double>) -> Parameter {
    .number("momentum", path, in: .from(0, below: 1), default: 0.9, "decay of the velocity")
  }

  /// The decay of a mean.
  static func decay(
    _ path: KeyPath<Root, Double>, default decay: Double, _ summary: String
  ) -> Parameter {
    .number("decay", path, in: .from(0, below: 1), default: decay, summary)
  }

  /// The first rate of a rule with one for every coordinate.
  static func coordinateRate(
    _ path: KeyPath<Root, Double>, default rate: Double
  ) -> Parameter {
    .number(
      "initialRate", path, in: .above(0), default: rate, unit: "learning rate",
      "first rate of every coordinate")
  }

  /// How fast such rates are learned.
  static func metaRate(
    _ path: KeyPath<Root, Double>, unit: String = "", _ summary: String
  ) -> Parameter {
    .number("metaRate", path, in: .atLeast(0), default: 0.01, unit: unit, summary)
  }
}

extension Declared {
  /// The hyperparameters, with a name for that which has no label.
  static func hyperparameters(naming name: String) -> [Hyperparameter<Self>] {
    hyperparameters.map { $0.label == "_" ? Hyperparameter(name, $0.path, $0.domain) : $0 }
  }
}
