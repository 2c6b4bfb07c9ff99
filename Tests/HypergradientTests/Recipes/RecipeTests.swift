internal import Foundation
internal import Hypergradient
internal import HypergradientCatalogue
internal import Testing

/// Every recipe builds, and what it builds is what its Swift initialiser makes from the same labels.
@Suite struct RecipeTests {
  /// A text, and the same in Swift.
  struct Pair: Sendable, CustomTestStringConvertible {
    let text: String
    let value: any Encodable & Sendable
    init(_ text: String, _ value: any Encodable & Sendable) {
      self.text = text
      self.value = value
    }
    var testDescription: String { text }
  }

  private static func stored(_ value: any Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return "\(type(of: value)) " + String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  static let rules: [Pair] =
    [
      Pair("sgd", GradientDescent<Double>()),
      Pair("heavyBall", HeavyBall<Double>()),
      Pair(
        "heavyBall(momentum: 0.5, dampening: 0.25)",
        HeavyBall<Double>(momentum: 0.5, dampening: 0.25)),
      Pair("nesterov", Nesterov<Double>()),
      Pair("nesterov(momentum: 0.75)", Nesterov<Double>(momentum: 0.75)),
      Pair("adagrad", AdaGrad<Double>()),
      Pair(
        "adagrad(initialAccumulator: 0.1, epsilon: 1e-7)",
        AdaGrad<Double>(initialAccumulator: 0.1, epsilon: 1e-7)),
      Pair("rmsprop", RMSProp<Double>()),
      Pair("rmsprop(decay: 0.9, epsilon: 1e-6)", RMSProp<Double>(decay: 0.9, epsilon: 1e-6)),
      Pair("adam", Adam<Double>()),
      Pair(
        "adam(beta1: 0.8, beta2: 0.95, epsilon: 1e-6, epsilonPlace: .onUncorrectedRoot)",
        Adam<Double>(beta1: 0.8, beta2: 0.95, epsilon: 1e-6, epsilonPlace: .onUncorrectedRoot)),
      Pair("clipByNorm(2)", ClipByNorm<Double>(2)),
      Pair("weightDecay(0.01)", WeightDecay<Double>(0.01)),
      Pair("adam.then(weightDecay(0.01))", Adam<Double>().then(WeightDecay(0.01))),
      Pair(
        "heavyBall.varying(.momentum, by: oneCycleMomentum(over: 9))",
        HeavyBall<Double>().varying(\.momentum, by: .oneCycleMomentum(over: 9))),
      Pair(
        "adam.varying(.beta1, by: constant(0.5)).varying(.epsilon, by: constant(0.25))",
        Adam<Double>().varying(\.beta1, by: .constant(0.5)).varying(
          \.base.epsilon, by: .constant(0.25))),
    ] + moreRules

  static let moreRules: [Pair] = [
    Pair("adadelta", AdaDelta<Double>()),
    Pair("adadelta(decay: 0.8, epsilon: 0.1)", AdaDelta<Double>(decay: 0.8, epsilon: 0.1)),
    Pair("centeredRMSProp", CenteredRMSProp<Double>()),
    Pair(
      "centeredRMSProp(decay: 0.8, epsilon: 0.1)",
      CenteredRMSProp<Double>(decay: 0.8, epsilon: 0.1)),
    Pair("amsgrad", AMSGrad<Double>()),
    Pair(
      "amsgrad(beta1: 0.8, beta2: 0.9, epsilon: 0.1, biasCorrection: .none)",
      AMSGrad<Double>(beta1: 0.8, beta2: 0.9, epsilon: 0.1, biasCorrection: .none)),
    Pair("adamw", AdamW<Double>()),
    Pair(
      "adamw(beta1: 0.8, beta2: 0.9, epsilon: 0.1, weightDecay: 0.2)",
      Adam<Double>(beta1: 0.8, beta2: 0.9, epsilon: 0.1).then(WeightDecay(0.2))),
    Pair("nadam", NAdam<Double>()),
    Pair(
      "nadam(beta1: 0.8, beta2: 0.9, epsilon: 0.1, momentumDecay: 0.01, form: .pyTorch)",
      NAdam<Double>(
        beta1: 0.8, beta2: 0.9, epsilon: 0.1, momentumDecay: 0.01, form: .pyTorch)),
    Pair("radam", RAdam<Double>()),
    Pair(
      "radam(beta1: 0.8, beta2: 0.9, epsilon: 0.1, threshold: 4)",
      RAdam<Double>(beta1: 0.8, beta2: 0.9, epsilon: 0.1, threshold: 4)),
    Pair("adamax", AdaMax<Double>()),
    Pair(
      "adamax(beta1: 0.8, beta2: 0.9, epsilon: 0.1)",
      AdaMax<Double>(beta1: 0.8, beta2: 0.9, epsilon: 0.1)),
    Pair("adabelief", AdaBelief<Double>()),
    Pair(
      "adabelief(beta1: 0.8, beta2: 0.9, epsilon: 0.1)",
      AdaBelief<Double>(beta1: 0.8, beta2: 0.9, epsilon: 0.1)),
    Pair("yogi", Yogi<Double>()),
    Pair(
      "yogi(beta1: 0.8, beta2: 0.9, epsilon: 0.1, initialAccumulator: 0.2, form: .optax)",
      Yogi<Double>(
        beta1: 0.8, beta2: 0.9, epsilon: 0.1, initialAccumulator: 0.2, form: .optax)),
    Pair("lion", Lion<Double>()),
    Pair("lion(beta1: 0.8, beta2: 0.7)", Lion<Double>(beta1: 0.8, beta2: 0.7)),
    Pair("deltaBarDelta", DeltaBarDelta<Double>()),
    Pair(
      "deltaBarDelta(initialRate: 2, increase: 0.1, decrease: 0.2, decay: 0.5)",
      DeltaBarDelta<Double>(initialRate: 2, increase: 0.1, decrease: 0.2, decay: 0.5)),
    Pair("rprop", Rprop<Double>()),
    Pair(
      "rprop(initialStep: 2, decrease: 0.4, increase: 1.5, within: 0.1...3, variant: .plus)",
      Rprop<Double>(
        initialStep: 2, decrease: 0.4, increase: 1.5, within: 0.1...3, variant: .plus)),
    Pair("almeida", Almeida<Double>()),
    Pair(
      "almeida(initialRate: 2, metaRate: 0.1, decay: 0.8, floor: 0.25)",
      Almeida<Double>(initialRate: 2, metaRate: 0.1, decay: 0.8, floor: 0.25)),
    Pair("idbd", IDBD<Double>()),
    Pair(
      "idbd(initialRate: 2, metaRate: 0.1, lowestLogRate: -5, largestChange: 1)",
      IDBD<Double>(initialRate: 2, metaRate: 0.1, lowestLogRate: -5, largestChange: 1)),
    Pair("autostep", Autostep<Double>()),
    Pair(
      "autostep(initialRate: 2, metaRate: 0.1, timescale: 100)",
      Autostep<Double>(initialRate: 2, metaRate: 0.1, timescale: 100)),
    Pair("signum", Signum<Double>()),
    Pair("signum(momentum: 0.7)", Signum<Double>(momentum: 0.7)),
    Pair("adopt", ADOPT<Double>()),
    Pair(
      "adopt(beta1: 0.8, beta2: 0.95, epsilon: 1e-3)",
      ADOPT<Double>(beta1: 0.8, beta2: 0.95, epsilon: 1e-3)),
    Pair("ademamix", AdEMAMix<Double>()),
    Pair(
      "ademamix(beta1: 0.8, beta2: 0.95, beta3: 0.98, alpha: 2, epsilon: 1e-3)",
      AdEMAMix<Double>(beta1: 0.8, beta2: 0.95, beta3: 0.98, alpha: 2, epsilon: 1e-3)),
    Pair("mars", MARS<Double>()),
    Pair(
      "mars(beta1: 0.8, beta2: 0.95, gamma: 0.2, epsilon: 1e-3)",
      MARS<Double>(beta1: 0.8, beta2: 0.95, gamma: 0.2, epsilon: 1e-3)),
    Pair("adamg", AdamG<Double>()),
    Pair(
      "adamg(beta1: 0.8, beta2: 0.95, beta3: 0.5, scale: 3, power: 0.4, epsilon: 0.1)",
      AdamG<Double>(beta1: 0.8, beta2: 0.95, beta3: 0.5, scale: 3, power: 0.4, epsilon: 0.1)),
    Pair("adam(beta1: 0.8).cautious()", Adam<Double>(beta1: 0.8).cautious()),
  ]

  static let controllers: [Pair] =
    [
      Pair("polyak(maximum: 1)", PolyakRate(maximum: 1)),
      Pair(
        "polyak(maximum: 1, optimalLoss: -2, scale: 0.7, offset: 0.1)",
        PolyakRate(maximum: 1, optimalLoss: -2, scale: 0.7, offset: 0.1)),
      Pair("alig(maximum: 1)", PolyakRate.alig(maximum: 1)),
      Pair("ngn(maximum: 1)", NGNRate(maximum: 1)),
      Pair("ngn(maximum: 1, optimalLoss: -2)", NGNRate(maximum: 1, optimalLoss: -2)),
      Pair("decSPS()", DecSPS()),
      Pair(
        "decSPS(maximum: 0.7, optimalLoss: -1, scale: 2)",
        DecSPS(maximum: 0.7, optimalLoss: -1, scale: 2)),
      Pair("l4()", L4()),
      Pair(
        "l4(fraction: 0.2, target: 0.5, memory: 50, epsilon: 1e-6)",
        L4(fraction: 0.2, target: 0.5, memory: 50, epsilon: 1e-6)),
      Pair("constant(0.1)", ConstantRate(0.1)),
      Pair("scheduled(constant(0.1))", Scheduled(.constant(0.1))),
      Pair("scheduled(constant(0.1), in: .epochs)", Scheduled(.constant(0.1), in: .epochs)),
      Pair(
        "hypergradient(initial: 0.1, hyperLearningRate: 1e-3)",
        HypergradientDescent(initial: 0.1, hyperLearningRate: 1e-3)),
      Pair(
        "hypergradient(initial: 0.1, hyperLearningRate: 1e-3, form: .multiplicative, "
          + "within: 0.01...1, transitionTo: 0.05, transitionPower: 3)",
        HypergradientDescent(
          initial: 0.1, hyperLearningRate: 1e-3, form: .multiplicative, within: 0.01...1,
          transitionTo: 0.05, transitionPower: 3)),
      Pair(
        "hypergradientTower(initial: 0.1, by: adam, "
          + "hypergradient(initial: 1e-3, hyperLearningRate: 1e-4))",
        HypergradientDescent(
          initial: 0.1, by: Adam(), HypergradientDescent(initial: 1e-3, hyperLearningRate: 1e-4))),
      Pair(
        "plateau(initial: 0.1, reduce: .by(0.5, after: 1))",
        Plateau(initial: 0.1, reduce: .by(0.5, after: 1))),
      Pair(
        "plateau(initial: 0.1, reduce: .by(0.5, after: 5), increase: .by(2, after: 3), "
          + "within: 0...1, comparing: .absolute(0.01), cooldown: 4, watching: .metric)",
        Plateau(
          initial: 0.1, reduce: .by(0.5, after: 5), increase: .by(2, after: 3), within: 0...1,
          comparing: .absolute(0.01), cooldown: 4, watching: .metric)),
      Pair(
        "plateau(initial: 0.1, increase: .by(2, whenStuckFor: 3), watching: .loss(averagedOver: 7))",
        Plateau(
          initial: 0.1, increase: .by(2, whenStuckFor: 3), watching: .loss(averagedOver: 7))),
      Pair(
        "plateau(initial: 0.1, reduce: .by(0.5, after: 2), increase: .by(2, afterReductions: 3))",
        Plateau(
          initial: 0.1, reduce: .by(0.5, after: 2), increase: .by(2, afterReductions: 3))),
      Pair("constant(0.1).clamped(to: 0.01...1)", ConstantRate(0.1).clamped(to: 0.01...1)),
      Pair(
        "constant(0.1).scaled(by: cosine(over: 9))",
        ConstantRate(0.1).scaled(by: CosineSchedule(from: 1, to: 0, over: 9))),
      Pair(
        "constant(0.1).warmedUp(over: 5).clamped(to: 0...1)",
        ConstantRate(0.1).warmedUp(over: 5).clamped(to: 0...1)),
      Pair("traceAligned(initial: 0.1, steps: 100)", TraceAlignedRate(initial: 0.1, steps: 100)),
      Pair(
        "traceAligned(initial: 0.1, steps: 100, start: 0.5, opposition: 0.1, rejectAbove: 7, "
          + "rejectSpread: 1, mostCut: 1, window: 20, windowGrowth: 0.25, setPoint: 0.25, "
          + "coherence: 0.375, lengthening: 0.5, noiseRetreat: 3, decayFrom: 0.625, "
          + "following: .lastDirection, restoring: .never, tolerance: 0.875, restoreRetreat: 6)",
        TraceAlignedRate(
          initial: 0.1, steps: 100, start: 0.5, opposition: 0.1, rejectAbove: 7, rejectSpread: 1,
          mostCut: 1, window: 20, windowGrowth: 0.25, setPoint: 0.25, coherence: 0.375,
          lengthening: 0.5, noiseRetreat: 3, decayFrom: 0.625, following: .lastDirection,
          restoring: .never, tolerance: 0.875, restoreRetreat: 6)),
      Pair("constant(0.1).guardedByTrace()", ConstantRate(0.1).guardedByTrace()),
      Pair(
        "hypergradient(initial: 0.1, hyperLearningRate: 1e-3).guardedByTrace(share: 0.25, atLeast: 9)",
        HypergradientDescent(initial: 0.1, hyperLearningRate: 1e-3)
          .guardedByTrace(share: 0.25, atLeast: 9)),
    ] + feedbackControllers

  static let schedules: [Pair] =
    [
      Pair("constant(0.1)", ConstantSchedule(0.1)),
      Pair(
        "stepDecay(from: 0.1, every: 5, factor: 0.5)",
        StepDecaySchedule(from: 0.1, every: 5, factor: 0.5)),
      Pair(
        "multiStep(from: 0.1, at: [2, 5], factor: 0.5)",
        MultiStepSchedule(from: 0.1, at: [2, 5], factor: 0.5)),
      Pair("exponential(from: 0.1, rate: 0.2)", ExponentialSchedule(from: 0.1, rate: 0.2)),
      Pair("geometric(from: 0.1, factor: 0.9)", GeometricSchedule(from: 0.1, factor: 0.9)),
      Pair("inverseTime(from: 0.1, rate: 0.2)", InverseTimeSchedule(from: 0.1, rate: 0.2)),
      Pair(
        "inverseSquareRoot(from: 0.1, timescale: 9)",
        InverseSquareRootSchedule(from: 0.1, timescale: 9)),
      Pair("linear(from: 0.1, to: 0.2, over: 9)", LinearSchedule(from: 0.1, to: 0.2, over: 9)),
      Pair(
        "polynomial(from: 0.1, to: 0.01, over: 9, power: 2)",
        PolynomialSchedule(from: 0.1, to: 0.01, over: 9, power: 2)),
      Pair("cosine(from: 0.1, to: 0.01, over: 9)", CosineSchedule(from: 0.1, to: 0.01, over: 9)),
      Pair("linearWarmup(over: 9)", LinearWarmupSchedule(over: 9)),
      Pair(
        "linearWarmup(over: 9).followed(by: cosine(over: 3), at: 9)",
        LinearWarmupSchedule(over: 9).followed(by: CosineSchedule(from: 1, to: 0, over: 3), at: 9)),
      Pair("linearWarmup(over: 9).scaled(by: 2)", LinearWarmupSchedule(over: 9).scaled(by: 2)),
    ] + moreSchedules + schedulesOfOtherLibraries

  @Test(arguments: rules) func ruleEqualsItsSwift(_ pair: Pair) throws {
    let made = try TextReader(pair.text).readRule()
    #expect(try Self.stored(made.double) == Self.stored(pair.value))
    let single = try Self.stored(made.float).replacing("Float", with: "Double")
    #expect(try single == Self.stored(pair.value))
  }

  @Test(arguments: controllers) func controllerEqualsItsSwift(_ pair: Pair) throws {
    #expect(
      try Self.stored(try TextReader(pair.text).controller()) == Self.stored(pair.value))
  }

  @Test(arguments: schedules) func scheduleEqualsItsSwift(_ pair: Pair) throws {
    #expect(try Self.stored(try TextReader(pair.text).schedule()) == Self.stored(pair.value))
  }

  /// What the list command shows is there for every recipe and argument.
  @Test func everyRecipeDescribesItself() {
    func check<Product>(_ recipes: [Recipe<Product>]) {
      #expect(Set(recipes.map(\.name)).count == recipes.count)
      for recipe in recipes {
        #expect(!recipe.summary.isEmpty && !recipe.summary.contains("\n"), "\(recipe.name)")
        #expect(recipe.signature.hasPrefix(recipe.name))
        for parameter in recipe.parameters {
          #expect(!parameter.summary.isEmpty, "\(recipe.name), \(parameter.label)")
        }
        #expect(Set(recipe.parameters.map(\.label)).count == recipe.parameters.count)
      }
    }
    let catalogue = Catalogue.standard
    check(catalogue.double.rules)
    check(catalogue.double.ruleModifiers)
    check(catalogue.controllers)
    check(catalogue.controllerModifiers)
    check(catalogue.schedules)
    check(catalogue.scheduleModifiers)
    check(catalogue.double.methods)
    check(catalogue.double.methodModifiers)
  }
}
