internal import Hypergradient
internal import HypergradientCatalogue
internal import HypergradientRecipes
internal import Testing

/// The units that recipes state: with parameters 2⁶ times as long and losses 2⁻⁹ times as large a run goes
/// the same way, where every number of its text is given in these units. Methods that mix units, such as
/// `cocob` and `dAdaptLion`, are not among them.
@Suite struct UnitLawTests {
  private static let (length, loss) = (0x1p6, 0x1p-9)

  @Test(arguments: [
    "scheduleFreeSGD(rate: 0.01, weightDecay: 2)",
    "scheduleFreeAdam(rate: 0.1, weightDecay: 0.5, epsilon: 0.1)",
    "scheduleFreePlus(weightDecay: 20, lowerBound: -1, epsilon: 0.1)",
    "dAdaptSGD(initialDistance: 0.01)",
    "dAdaptAdam(initialDistance: 0.01, weightDecay: 0.5, epsilon: 0.1)",
    "prodigy(initialDistance: 0.01, weightDecay: 0.5, epsilon: 0.1)",
    "mechanic(rate: 0.01, epsilon: 0.1, initialScale: 0.1)",
    "momo(maximum: 0.1, lowerBound: -1)", "momoAdam(maximum: 0.1, lowerBound: -1, epsilon: 0.1)",
    "ngnMomentum(maximum: 0.1, lowerBound: -1)",
    "adaptiveDescent(initial: 0.01)", "barzilaiBorwein(initial: 0.01, within: 1e-3...10)",
    "armijo(initial: 1, maximum: 10)", "ponos(within: 1e-6...10, optimalLoss: -1)",
    "gen(initial: 0.01)", "cdat(epsilon: 3)",
    "metaOptimize(initial: 0.01, metaRate: 0.1)", "smd(initial: 0.01, metaRate: 0.05)",
    "hierarchicalHypergradient(initial: 0.05, hyperLearningRate: 1e-4, weightRate: 1e-3, "
      + "layerPenalty: 2, levels: .parameters, parameterPenalty: 3)",
    "rtho(initial: 0.01, hyperLearningRate: 1e-5)",
    "marthe(initial: 0.01, hyperLearningRate: 1e-5, hyperHyperLearningRate: 1e-4)",
    "fds(horizon: 5, initial: 0.01, momentum: 0.5, weightDecay: 0.5, hyperLearningRate: 1e-6, "
      + "momentumRate: 1e-4, weightDecayRate: 1e-3)",
    "osgm(scalingRate: 0.1)", "osgm(scalingRate: 0.01, lookAheadCurvature: 5)",
    "osgm(scalingRate: 0.01, learner: .gradientDescent)",
    "osgm(feedback: .ratio, scalingRate: 1e-3, lowerBound: -1, learner: .gradientDescent)",
    "osgm(feedback: .gradientNorm, scalingRate: 1e-3, learner: .gradientDescent)",
    "osgmBest(curvature: 10, scalingRate: 0.05, momentumRate: 0.1)",
    "adamw(epsilon: 0.1, weightDecay: 0.5) + constant(0.05)",
    "adam(epsilon: 0.1).then(weightDecay(0.5)) + constant(0.05)",
    "sgd.penalized(by: 0.5) + constant(0.05)",
    "yogi(epsilon: 0.1, initialAccumulator: 0.1) + constant(0.05)",
    "clipByNorm(0.5).then(heavyBall) + constant(0.01)",
    "idbd(initialRate: 0.01, metaRate: 0.1, lowestLogRate: -60)",
    "autostep(initialRate: 0.01, metaRate: 0.1)", "almeida(initialRate: 0.01, metaRate: 0.1)",
    "deltaBarDelta(initialRate: 0.01, increase: 0.001)",
    "rprop(initialStep: 0.01, within: 1e-6...50)",
    "sgd + l4(epsilon: 2)", "sgd + hypergradient(initial: 0.01, hyperLearningRate: 1e-4)",
    "sgd + hypergradient(initial: 0.01, hyperLearningRate: 0.1, form: .multiplicative)",
    "sgd + polyak(maximum: 0.1, optimalLoss: -1)", "sgd + alig(maximum: 0.1, offset: 2)",
    "sgd + ngn(maximum: 0.1, optimalLoss: -1)", "sgd + decSPS(maximum: 0.1, optimalLoss: -1)",
  ]) func aRunGoesTheSameWay(_ text: String) throws {
    let plain = try run(text, length: 1, loss: 1)
    let other = try run(try inOtherUnits(text), length: Self.length, loss: Self.loss)
    for (step, (a, b)) in zip(plain, other).enumerated() {
      for (a, b) in zip(a, b) {
        #expect(abs(a - b / Self.length) <= 1e-6, "\(text), step \(step): \(a), \(b / Self.length)")
      }
    }
    #expect(plain.last != plain.first && plain.last!.allSatisfy(\.isFinite), "\(text)")
  }

  /// The text with the numbers of every call in the other units.
  private func inOtherUnits(_ text: String) throws -> String {
    var changed = text
    for call in text.matches(of: #/(\w+)\(([^()]*)\)/#).reversed() {
      let parameters = try #require(Self.parameters[String(call.1)], "\(call.1)")
      let arguments = try call.2.split(separator: ", ").map { argument in
        let parts = argument.split(separator: ": ")
        let label = parts.count == 2 ? String(parts[0]) : "_"
        let unit = try #require(parameters.first { $0.label == label }, "\(argument)").unit
        return argument.replacing(#/-?\d[\d.]*?(e-?\d+)?(?=\.\.\.|$)/#) { number in
          "\(Double(number.0)! * factor(of: unit, in: text))"
        }
      }
      changed.replaceSubrange(call.range, with: "\(call.1)(\(arguments.joined(separator: ", ")))")
    }
    return changed
  }

  /// Every recipe that a text of these tests calls.
  private static let parameters: [String: [ParameterDescription]] = {
    let catalogue = Catalogue.standard
    let all =
      catalogue.double.methods.map { ($0.name, $0.parameters) }
      + catalogue.double.rules.map { ($0.name, $0.parameters) }
      + catalogue.double.ruleModifiers.map { ($0.name, $0.parameters) }
      + catalogue.controllers.map { ($0.name, $0.parameters) }
    return Dictionary(all) { first, _ in first }
  }()

  /// What a number in a unit is multiplied with: a product of squares, over another.
  private func factor(of unit: String, in text: String) -> Double {
    // A direction in the unit of the gradient, or without one.
    let isPure = #/(?i)adam|plus|prodigy|yogi/#
    let rate = text.contains(isPure) ? Self.length : Self.length * Self.length / Self.loss
    let parts = unit.split(separator: ", or ")
    var square = 1.0
    if parts.count == 2 {
      if text.contains(".multiplicative") { return 1 }
      if text.contains(#/(ratio|gradientNorm).*gradientDescent/#) { square = 2 }
    }
    let sides = (parts.first ?? "").split(separator: "/").map { side in
      side.split { "·()".contains($0) }.reduce(1.0) { product, name in
        let base =
          switch name.filter({ $0 != "²" }) {
          case "learning rate": rate
          case "loss": Self.loss
          case "parameters": Self.length
          case "gradient": Self.loss / Self.length
          default: 1.0
          }
        return product * (name.last == "²" || square == 2 ? base * base : base)
      }
    }
    return (sides.first ?? 1) / (sides.count == 2 ? sides[1] : 1)
  }

  /// The parameters after each step, of a quadratic with a noise of its own for each draw.
  private func run(_ text: String, length: Double, loss: Double) throws -> [[Double]] {
    // Rules with rates of their own.
    let isRule = Catalogue.standard.double.rules.contains { text.hasPrefix("\($0.name)(") }
    let training = try TextReader(
      isRule && !text.contains(" + ") ? "\(text) + constant(1)" : text
    ).training()
    var step = 0
    var oracle = FunctionOracle<Double>(parameterCount: 3) { x, g, draw in
      var sum = 0.0
      for i in 0..<3 {
        let curvature = Double(1 + 2 * i)
        let shift = 0.1 * Double((step * (i + 3) + 2 * draw) % 5 - 2)
        let distance = x[i] / length - shift
        g[i] = curvature * distance * loss / length
        sum += curvature / 2 * distance * distance
      }
      return sum * loss
    }
    func steps<M: TrainingMethod<Double>>(_ made: M) -> [[Double]] {
      var (method, theta) = (made, [1, -2, 0.5].map { $0 * length })
      method.begin(at: theta)
      return (0..<25).map {
        step = $0
        method.step(&theta, &oracle)
        return theta
      }
    }
    func pair<R: UpdateRule<Double>, C: LearningRateController>(
      _ rule: R, _ controller: C, _ objective: Objective
    ) -> [[Double]] {
      steps(Optimizer(rule, controller, on: objective, parameterCount: 3))
    }
    switch training {
    case .method(let method): return steps(method.double)
    case .pair(let rule, let controller): return pair(rule.double, controller, rule.objective)
    }
  }
}
