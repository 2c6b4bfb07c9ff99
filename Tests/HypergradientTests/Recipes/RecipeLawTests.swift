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
      _ recipes: [Recipe<Product>], _ coded: (Product) -> any Encodable
    ) throws {
      for recipe in recipes {
        // The first example's values for what has no default, and nothing else.
        let text = try SpecText(try #require(recipe.texts.first))
        var node = text.calls[0]
        node.arguments.removeAll { argument in
          // A plateau does nothing without an action.
          if recipe.name == "plateau", argument.label == "reduce" { return false }
          return recipe.parameters.contains {
            $0.label == argument.label ?? "_" && $0.standard != nil
          }
        }
        let read = try SpecReader(text.text, vocabulary: catalogue.vocabulary)
          .read(node, as: Product.self)
        let standard = try #require(recipe.standard, "\(recipe.name) says nothing of Swift's own")
        #expect(
          try Self.stored(coded(read)) == Self.stored(coded(standard())), "\(recipe.name)")
      }
    }
    try check(catalogue.double.rules) { $0.rule }
    try check(catalogue.float.rules) { $0.rule }
    try check(catalogue.controllers) { $0 }
    try check(catalogue.schedules) { $0 }
    try check(catalogue.double.methods) { $0 }
    try check(catalogue.float.methods) { $0 }
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
      let named = try Catalogue.standard.method(text, for: Double.self)
      return run(named.trainer(parameterCount: 5))
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
