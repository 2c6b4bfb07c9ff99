internal import Foundation
internal import Hypergradient
internal import HypergradientCatalogue
internal import Testing

/// What holds for every recipe of the catalogue.
@Suite struct RecipeLawTests {
  private static func stored(_ value: any Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return "\(type(of: value)) " + String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// What a text makes with its defaults is what Swift makes with its own: a default stands in the
  /// initialiser, where an editor shows it, and in the recipe.
  @Test func textAndSwiftHaveTheSameDefaults() throws {
    let catalogue = Catalogue.standard
    func check<Product>(
      _ recipes: [Recipe<Product>], _ read: (String) throws -> any Encodable,
      _ swift: (Product) -> any Encodable
    ) throws {
      for recipe in recipes {
        let text = recipe.isComplete ? "\(recipe.name)()" : try #require(recipe.examples.first)
        let standard = try #require(recipe.standard, "\(recipe.name) says nothing of Swift's own")
        #expect(try Self.stored(read(text)) == Self.stored(swift(standard())), "\(text)")
      }
    }
    try check(
      catalogue.double.rules, { try catalogue.rule($0, for: Double.self).rule }, { $0.rule })
    try check(
      catalogue.float.rules, { try catalogue.rule($0, for: Float.self).rule }, { $0.rule })
    try check(catalogue.controllers, { try catalogue.controller($0) }, { $0 })
    try check(catalogue.schedules, { try catalogue.schedule($0) }, { $0 })
    try check(
      catalogue.double.methods,
      { try catalogue.method($0, for: Double.self).trainer(parameterCount: 3) }, { $0 })
  }

  /// A penalty on the rule of a method, or of a pair, is one on the objective: the method on f with it
  /// goes as the method alone on f + (λ/2)‖θ‖².
  @Test func aPenaltyBelongsToTheObjective() throws {
    let lambda = 0.25
    func end(_ text: String, penalty: Double) throws -> [Double] {
      func run<M: TrainingMethod<Double>>(_ made: M) -> [Double] {
        var method = made
        var theta: [Double] = LawFixtures.start(5)
        method.begin(at: theta)
        var oracle = FunctionOracle<Double>(parameterCount: 5) { point, gradient, _ in
          let theta = Array(point)
          let g: [Double] = LawFixtures.gradient(theta)
          for i in 0..<5 { gradient[i] = g[i] + penalty * theta[i] }
          return LawFixtures.objective(theta, penalty: penalty)
        }
        for _ in 0..<20 { method.step(&theta, &oracle) }
        return theta
      }
      return run(
        try Catalogue.standard.method(text, for: Double.self).trainer(parameterCount: 5))
    }
    for (with, without) in [
      ("adam.penalized(by: 0.25) + constant(0.01)", "adam + constant(0.01)"),
      ("mechanic(sgd.penalized(by: 0.25))", "mechanic(sgd)"),
      ("armijo(adam.penalized(by: 0.25), initial: 0.1)", "armijo(adam, initial: 0.1)"),
      (
        "rtho(sgd.penalized(by: 0.25), hyperLearningRate: 1e-4)",
        "rtho(sgd, hyperLearningRate: 1e-4)"
      ),
      (
        "startUp(sgd.penalized(by: 0.25), rate: constant(0.01))",
        "startUp(sgd, rate: constant(0.01))"
      ),
    ] {
      let (a, b) = (try end(with, penalty: 0), try end(without, penalty: lambda))
      #expect(zip(a, b).allSatisfy { abs($0 - $1) <= 1e-9 }, "\(with): \(a), \(b)")
      #expect(try a != end(without, penalty: 0), "\(with) is as without")
    }
  }
}
