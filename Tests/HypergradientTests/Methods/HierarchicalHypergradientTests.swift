internal import Foundation
internal import Hypergradient
internal import HypergradientCatalogue
internal import Testing

/// Rates at several levels: every hypergradient against finite differences of one real step, limits
/// in which a level is alone, and the combination by hand.
@Suite struct HierarchicalHypergradientTests {
  private typealias Method<R: UpdateRule> = HierarchicalHypergradient<R>
  private static let groups = [0..<5, 5..<6, 6..<12]
  private static let count = 12

  private static func oracle() -> FunctionOracle<Double> {
    FunctionOracle(parameterCount: count, isDeterministic: true) { point, gradient, _ in
      let exact = LawFixtures.gradient(Array(point))
      for i in exact.indices { gradient[i] = exact[i] }
      return LawFixtures.objective(Array(point), penalty: 0)
    }
  }

  private static func begun<R: UpdateRule<Double>>(
    _ method: HierarchicalHypergradient<R>
  ) -> (HierarchicalHypergradient<R>, [Double]) {
    var method = method
    let theta: [Double] = LawFixtures.start(count)
    theta.withUnsafeBufferPointer { method.begin(at: $0, groups: groups) }
    return (method, theta)
  }

  /// A method with one number of its stored state moved.
  private static func moved<R: UpdateRule<Double>>(
    _ method: HierarchicalHypergradient<R>, _ place: Place, by shift: Double
  ) throws -> HierarchicalHypergradient<R> {
    let data = try JSONEncoder().encode(method)
    var state = try #require(
      try JSONSerialization.jsonObject(with: data) as? [String: Any])
    var rates = try #require(state["rates"] as? [String: Any])
    func shifted(_ value: Any?, _ index: Int) throws -> [Double] {
      var list = try #require(value as? [Double])
      list[index] += shift
      return list
    }
    switch place {
    case .global: rates["global"] = try #require(rates["global"] as? Double) + shift
    case .layer(let k): rates["layers"] = try shifted(rates["layers"], k)
    case .weight(let j): rates["weights"] = try shifted(rates["weights"], j)
    case .parameter(let i): state["parameterRates"] = try shifted(state["parameterRates"], i)
    }
    state["rates"] = rates
    return try JSONDecoder().decode(
      HierarchicalHypergradient<R>.self, from: JSONSerialization.data(withJSONObject: state))
  }

  private enum Place { case global, layer(Int), weight(Int), parameter(Int) }

  /// f after one real step, and R, as functions of one rate or weight in it. The rates of a step
  /// are those that the state has after the rates' own update, so that update is switched off
  /// (β = δ = 0): the step takes the rates of the state.
  @Test(arguments: ["layers", "parameters"]) func everyHypergradientIsADerivativeOfARealStep(
    _ levels: String
  ) throws {
    let (layerPenalty, parameterPenalty) = (0.3, 0.2)
    var (method, theta) = Self.begun(
      HierarchicalHypergradient(
        Adam<Double>(beta1: 0.6, beta2: 0.9), initial: 0.02, hyperLearningRate: 0,
        levels: .init(rawValue: levels)!, weights: levels == "layers" ? [2, 1] : [1, 2, 3],
        layerPenalty: layerPenalty, parameterPenalty: parameterPenalty))
    // Rates that differ.
    method = try Self.moved(method, .global, by: 0.01)
    method = try Self.moved(method, .layer(1), by: -0.005)
    method = try Self.moved(method, .layer(2), by: 0.02)
    if levels == "parameters" {
      for i in 0..<Self.count {
        method = try Self.moved(method, .parameter(i), by: 1e-3 * Double(i))
      }
    }
    var oracle = Self.oracle()
    for step in 0..<4 {
      // What this step's rates are worth: f after it, and R.
      func value(_ place: Place, _ shift: Double) throws -> Double {
        var (copy, x) = (try Self.moved(method, place, by: shift), theta)
        copy.step(&x, &oracle)
        var penalty = 0.0
        for (k, group) in Self.groups.enumerated() {
          let gap = copy.rates.layers[k] - copy.rates.global
          penalty += layerPenalty * gap * gap
          if levels == "parameters" {
            for i in group {
              let gap = copy.parameterRates[i] - copy.rates.layers[k]
              penalty += parameterPenalty * gap * gap
            }
          }
        }
        return LawFixtures.objective(x, penalty: 0) + penalty
      }
      func slope(_ place: Place) throws -> Double {
        func central(_ h: Double) throws -> Double {
          (try value(place, h) - value(place, -h)) / (2 * h)
        }
        return (4 * (try central(5e-4)) - (try central(1e-3))) / 3
      }
      let weightCount = method.rates.weights.count
      let expected = (
        global: try slope(.global), layers: try (0..<3).map { try slope(.layer($0)) },
        weights: try (0..<weightCount).map { try slope(.weight($0)) },
        parameters: levels == "layers"
          ? [] : try (0..<Self.count).map { try slope(.parameter($0)) }
      )
      let rates = method.parameterRates
      method.step(&theta, &oracle)
      // The next step finds the hypergradients of this one.
      var (next, x) = (method, theta)
      next.step(&x, &oracle)
      func near(_ a: Double, _ b: Double, _ name: String) {
        #expect(abs(a - b) <= 1e-7 * max(abs(b), 1e-2), "\(name), step \(step): \(a), \(b)")
        #expect(abs(b) > 1e-6, "\(name): the law would hold for 0")
      }
      near(next.hypergradients.global, expected.global, "global")
      for k in 0..<3 { near(next.hypergradients.layers[k], expected.layers[k], "layer \(k)") }
      for j in 0..<weightCount {
        near(next.hypergradients.weights[j], expected.weights[j], "weight \(j)")
      }
      // The parameters' are not kept: they are what β = 1 moves their rates by.
      if levels == "parameters" {
        let data = try JSONEncoder().encode(method)
        var state = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        state["hyperLearningRate"] = 1e-6
        var learning = try JSONDecoder().decode(
          HierarchicalHypergradient<Adam<Double>>.self,
          from: JSONSerialization.data(withJSONObject: state))
        x = theta
        learning.step(&x, &oracle)
        for i in 0..<Self.count {
          let slope = (rates[i] - learning.parameterRates[i]) / 1e-6
          #expect(
            abs(slope - expected.parameters[i]) <= 1e-6,
            "parameter \(i): \(slope), \(expected.parameters[i])")
        }
        #expect(expected.parameters.contains { abs($0) > 1e-3 })
      }
    }
  }

  /// With all weight on the global rate it is hypergradient descent, with all weight on the layers
  /// hypergradient descent by group, bit for bit but for the order of one sum.
  @Test func aLevelAloneIsHypergradientDescent() {
    let hyper = HypergradientDescent(initial: 0.02, hyperLearningRate: 1e-3)
    var (global, a) = Self.begun(
      HierarchicalHypergradient(
        Nesterov<Double>(momentum: 0.5), initial: 0.02, hyperLearningRate: 1e-3, weights: [0, 1]))
    var (layers, b) = Self.begun(
      HierarchicalHypergradient(
        Nesterov<Double>(momentum: 0.5), initial: 0.02, hyperLearningRate: 1e-3, weights: [1, 0]))
    var plain = Optimizer(Nesterov<Double>(momentum: 0.5), hyper, parameterCount: Self.count)
    var grouped = GroupedOptimizer(Nesterov<Double>(momentum: 0.5), rate: hyper)
    var (c, d) = (a, b)
    d.withUnsafeBufferPointer { grouped.begin(at: $0, groups: Self.groups) }
    var oracle = Self.oracle()
    for _ in 0..<40 {
      global.step(&a, &oracle)
      plain.step(&c, &oracle)
      layers.step(&b, &oracle)
      grouped.step(&d, &oracle)
      #expect(zip(a, c).allSatisfy { abs($0 - $1) <= 1e-14 })
      #expect(abs(global.learningRate - plain.learningRate) <= 1e-14)
      #expect(b == d && layers.rates.layers == grouped.learningRates)
    }
    #expect(plain.learningRate > 0.021)
    #expect(Set(layers.rates.layers).count == 3)
  }

  /// Two steps of two layers of one number each, ½(x² + 4y²), by the equations.
  @Test func twoStepsByHand() {
    let (beta, delta, lambda) = (0.125, 0.25, 0.5)
    var method = HierarchicalHypergradient(
      GradientDescent<Double>(), initial: 0.0625, hyperLearningRate: beta, weightRate: delta,
      weights: [1, 3], layerPenalty: lambda)
    var theta = [1.0, -0.5]
    theta.withUnsafeBufferPointer { method.begin(at: $0, groups: [0..<1, 1..<2]) }
    var oracle = FunctionOracle<Double>(parameterCount: 2) { point, gradient, _ in
      gradient[0] = point[0]
      gradient[1] = 4 * point[1]
      return 0
    }
    var x = theta
    var (global, layers, weights) = (0.0625, [0.0625, 0.0625], [0.25, 0.75])
    var u = [0.0, 0]
    for step in 0..<3 {
      let g = [x[0], 4 * x[1]]
      if step > 0 {
        let a = [g[0] * u[0], g[1] * u[1]]
        let gaps = layers.map { $0 - global }
        let bySum = -(a[0] + a[1])
        let slopeGlobal = weights[1] * bySum - 2 * lambda * (gaps[0] + gaps[1])
        let slopes = (0..<2).map { -weights[0] * a[$0] + 2 * lambda * gaps[$0] }
        let slopeWeights = [-(layers[0] * a[0] + layers[1] * a[1]), global * bySum]
        global -= beta * slopeGlobal
        layers = (0..<2).map { max(0, layers[$0] - beta * slopes[$0]) }
        weights = (0..<2).map { max(0, weights[$0] - delta * slopeWeights[$0]) }
        let sum = weights[0] + weights[1]
        weights = weights.map { $0 / sum }
      }
      for k in 0..<2 { x[k] -= (weights[0] * layers[k] + weights[1] * global) * g[k] }
      u = g
      method.step(&theta, &oracle)
      #expect(zip(theta, x).allSatisfy { abs($0 - $1) <= 1e-15 })
      #expect(abs(method.rates.global - global) <= 1e-15)
      #expect(zip(method.rates.weights, weights).allSatisfy { abs($0 - $1) <= 1e-15 })
    }
    #expect(method.rates.layers[0] != method.rates.layers[1])
    #expect(abs(method.rates.weights[0] - 0.25) > 1e-3)
  }

  /// Rates stay within their bounds and weights on the simplex, whatever the rates of learning; the
  /// penalty draws rates together.
  @Test func ratesAndWeightsStayInTheirDomains() {
    for (beta, delta) in [(1e-3, 1e-2), (10, 10), (1e200, 1e200)] {
      var (method, theta) = Self.begun(
        HierarchicalHypergradient(
          GradientDescent<Double>(), initial: 0.05, hyperLearningRate: beta, weightRate: delta,
          levels: .parameters, within: 0...0.1))
      var oracle = Self.oracle()
      for _ in 0..<200 {
        method.step(&theta, &oracle)
        let all = [method.rates.global] + method.rates.layers + method.parameterRates
        #expect(all.allSatisfy { $0 >= 0 && $0 <= 0.1 })
        #expect(method.rates.weights.allSatisfy { $0 >= 0 })
        #expect(abs(method.rates.weights.reduce(0, +) - 1) <= 1e-15)
      }
    }
    func spread(_ penalty: Double) -> Double {
      var (method, theta) = Self.begun(
        HierarchicalHypergradient(
          GradientDescent<Double>(), initial: 0.02, hyperLearningRate: 0.01,
          layerPenalty: penalty))
      var oracle = Self.oracle()
      for _ in 0..<30 { method.step(&theta, &oracle) }
      return method.rates.layers.max()! - method.rates.layers.min()!
    }
    #expect(spread(10) < 0.5 * spread(0))
  }

  @Test func memoryIsStated() {
    let two = HierarchicalHypergradient(Adam<Float>(), initial: 0.1, hyperLearningRate: 0)
    let three = HierarchicalHypergradient(
      Adam<Float>(), initial: 0.1, hyperLearningRate: 0, levels: .parameters)
    #expect(two.memoryVectors == 3 && three.memoryVectors == 4)
  }

  @Test func weightsOfATextAreCounted() {
    for text in ["[1]", "[1, 2, 3]", "[0, 0]"] {
      #expect(throws: SpecError.self) {
        try TextReader(
          "hierarchicalHypergradient(sgd, initial: 0.1, hyperLearningRate: 1, weights: \(text))"
        ).training()
      }
    }
  }
}
