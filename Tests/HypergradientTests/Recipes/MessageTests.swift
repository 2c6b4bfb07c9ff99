internal import Foundation
internal import Hypergradient
internal import HypergradientCatalogue
internal import HypergradientRecipes
internal import Testing

/// Wrong texts and files: one line that names all that is wrong, and the nearest right thing.
@Suite struct MessageTests {
  /// The standard catalogue with few rules, so that a message that names rules is that of these alone.
  private static let few: Catalogue = {
    let rules = ["sgd", "heavyBall", "nesterov", "signum", "adam", "mars"]
    var catalogue = Catalogue.standard
    catalogue.double.rules.removeAll { !rules.contains($0.name) }
    return catalogue
  }()

  private func message(_ text: String, in catalogue: Catalogue = few) -> String {
    do throws(SpecError) {
      _ = try catalogue.method(text, for: Double.self, variables: ["steps": 100])
      return "built"
    } catch { return error.message }
  }

  @Test(arguments: [
    (
      "sgd(momentum: 0.9) + constant(0.1)",
      "no argument of 'sgd' named 'momentum'; it has no arguments; 'heavyBall', 'nesterov', "
        + "'signum' have 'momentum'"
    ),
    (
      "sgd + constant(lr: 0.1)",
      "no argument of 'constant' named 'lr'; it has a value without a label: 'constant(0.1)'"
    ),
    (
      "adam(lr: 0.1) + constant(1)",
      "no argument of 'adam' named 'lr': the learning rate is the controller's, 'adam + constant(…)'"
    ),
    (
      "sgd + plateau(lr: 0.1)",
      "no argument of 'plateau' named 'lr'; did you mean 'initial'?"
    ),
    (
      "sgd + hypergradient()",
      "'hypergradient' needs 'initial': the learning rate at the start; 'hyperLearningRate': how "
        + "fast the learning rate moves"
    ),
    (
      "sgd + hypergradient(lr: 0.1)",
      "no argument of 'hypergradient' named 'lr'; did you mean 'initial'?; 'hypergradient' needs "
        + "'hyperLearningRate': how fast the learning rate moves"
    ),
    (
      "adam + cosine(over: 9)",
      "'cosine' is a schedule, not a controller: write 'scheduled(cosine(…))'"
    ),
    (
      "adam + warmRestarts(every: 9)",
      "'warmRestarts' is a schedule, not a controller: write 'scheduled(warmRestarts(…))'"
    ),
    ("cosine(over: 9)", "'cosine' is a schedule, not a controller: write 'scheduled(cosine(…))'"),
    (
      "plateau(initial: 1) + adam",
      "'plateau' is a controller, not a rule: a method is 'rule + controller', such as "
        + "'adam + constant(1e-3)'"
    ),
    (
      "adam + dog()",
      "'dog' is a method, not a controller, which stands alone: 'dog(…)'"
    ),
    (
      "adam + constant(1).then(weightDecay(0.1))",
      "no controller modifier named 'then': it changes a rule"
    ),
    (
      "adam + constant(1).cosine(over: 9)",
      "'cosine' is a schedule, not a controller modifier: '.scaled(by: cosine(…))' multiplies with "
        + "one"
    ),
    (
      "adam(bet1: 0.5, beta3: 2, gamma: 1) + constant(1)",
      "no argument of 'adam' named 'bet1'; did you mean 'beta1'?; no argument of 'adam' named "
        + "'beta3'; did you mean 'beta1'?; no argument of 'adam' named 'gamma'; it has 'beta1', "
        + "'beta2', 'epsilon', 'epsilonPlace'; 'mars' has 'gamma'"
    ),
    (
      "sgd + l4().times(boldDriver(initial: 0.1))",
      "one factor of 'times' looks at the new direction before it steps, and the other may skip a "
        + "step, take it again or go back"
    ),
    (
      "sgd + boldDriver(initial: 0.1).times(l4())",
      "one factor of 'times' looks at the new direction before it steps, and the other may skip a "
        + "step, take it again or go back"
    ),
    (
      "sgd + scheduled(cosine(over: 9, past: .error).shifted(by: -20))",
      "the schedule has no value, not even at the start: it ends before, and its policy past the "
        + "horizon is 'error'"
    ),
    // The one label that is missing is meant by a value without one.
    (
      "startUp(adam, constant(0.1))",
      "the value of 'startUp' is given twice; did you mean 'rate: …'?"
    ),
    (
      "sgd + hypergradient(0.1, hyperLearningRate: 0.5)",
      "'hypergradient' has no argument without a label; did you mean 'initial: 0.1'?"
    ),
    (
      "sgd + hypergradient(lr: 0.1, 0.5)",
      "no argument of 'hypergradient' named 'lr'; did you mean 'initial'?; 'hypergradient' has no "
        + "argument without a label; did you mean 'hyperLearningRate: 0.5'?"
    ),
    ("sgd + constant(1, 2, 3)", "the value of 'constant' is given twice"),
    (
      "sgd + constant(-9223372036854775808)",
      "the value of 'constant' is to be at least 0, not -9.223372036854776e+18"
    ),
  ]) func namesAllThatIsWrong(_ text: String, _ expected: String) {
    #expect(message(text) == expected)
  }

  /// A near name differs in a third of the letters at most.
  @Test(
    arguments: [
      ("foo", nil), ("dig", "dog"), ("dgo", "dog"), ("adm", "adam"), ("xyadm", nil), ("d", nil),
      ("constnat", "constant"), ("konstand", "constant"), ("xonztandy", nil),
    ] as [(String, String?)]) func nearIsAThird(_ word: String, _ name: String?)
  {
    #expect(nearestName(to: word, among: ["dog", "adam", "constant"]) == name)
  }

  /// No message ends in a list of nothing, or asks for a label that is none.
  @Test func noMessageIsEmpty() {
    let names =
      Catalogue.standard.double.rules.map(\.name) + Catalogue.standard.controllers.map(\.name)
      + Catalogue.standard.double.methods.map(\.name) + Catalogue.standard.schedules.map(\.name)
    let labels = ["momentum", "lr", "x", "value", "gamma", "weight_decay", "T_max", "_", "beta_1"]
    for name in names {
      for label in labels {
        for text in [
          "\(name)(\(label): 0.5) + constant(1)", "sgd + \(name)(\(label): 0.5)",
          "sgd + scheduled(\(name)(\(label): 0.5))", "\(name)(\(label): 0.5)",
        ] {
          let message = message(text, in: .standard)
          #expect(!message.hasSuffix("there are ") && !message.hasSuffix("it has "), "\(text)")
          #expect(!message.contains("'_'?") && !message.isEmpty, "\(text): \(message)")
        }
      }
    }
  }

  /// Another library's name for an argument leads to ours.
  @Test(arguments: [
    ("stepDecay(gamma: 0.5, step_size: 3)", ["'factor'", "'every'"]),
    ("multiStep(milestones: [3], gamma: 0.5)", ["'at'", "'factor'"]),
    ("cosine(T_max: 9, eta_min: 0.1)", ["'over'", "'to'"]),
    ("warmRestarts(T_0: 9, T_mult: 2)", ["'every'", "'growth'"]),
    ("polynomial(total_iters: 9, exponent: 2)", ["'over'", "'power'"]),
    (
      "warmupStableDecay(lr: 0.1, num_training_steps: 9, warmup_steps: 2)",
      ["'peak'", "'over'", "'warmup'"]
    ),
    ("torchOneCycle(max_lr: 0.1, total_steps: 9)", ["'maxLr'", "'totalSteps'"]),
  ]) func foreignLabelsLeadToOurs(_ text: String, _ ours: [String]) {
    let message = message("sgd + scheduled(\(text))")
    for label in ours { #expect(message.contains("did you mean \(label)?"), "\(message)") }
    #expect(!message.contains("needs"), "\(message)")
  }

  /// A decoded value of another type: what was expected, all that is missing, what there is.
  @Test func anotherTypesFileIsNamed() throws {
    func fault<Value: Decodable>(_ type: Value.Type, _ text: String) -> String {
      do {
        _ = try JSONDecoder().decode(type, from: Data(text.utf8))
        return "decoded"
      } catch DecodingError.dataCorrupted(let context) {
        return context.debugDescription
      } catch { return "\(error)" }
    }
    let adam = String(decoding: try JSONEncoder().encode(Adam<Double>()), as: UTF8.self)
    let message = fault(HeavyBall<Double>.self, adam)
    for part in [
      "expected the arguments of 'heavyBall' (HeavyBall<Double>), which are 'momentum', 'dampening'",
      "'momentum', 'dampening' are missing", "the file holds 'beta1', 'beta2', 'epsilon'",
    ] { #expect(message.contains(part), "\(message)") }
    #expect(fault(Adam<Double>.self, "{}").contains("the file holds nothing"))
    #expect(fault(CosineSchedule.self, #"{"from": 1}"#).contains("are missing"))
    let line = String(decoding: try JSONEncoder().encode(LinearSchedule(over: 9)), as: UTF8.self)
    #expect(fault(CosineSchedule.self, line).contains("'power' is missing"))
    // What may be left out is not missing.
    let cycle = String(
      decoding: try JSONEncoder().encode(OneCycleSchedule(peak: 1, over: 9)), as: UTF8.self)
    #expect(fault(OneCycleSchedule.self, cycle) == "decoded")
  }

  /// NaN and the infinities as other programs write them are numbers of the grammar.
  @Test(arguments: [
    "nan", "-nan", "+nan", "NaN", "NAN", "inf", "+inf", "Infinity", "-Infinity", "INF",
  ])
  func nonFiniteNumbersAreRead(_ text: String) {
    #expect(
      message("sgd + constant(\(text))").hasPrefix(
        "the value of 'constant' is to be finite and at least 0, not "))
    #expect(message("sgd + constant(+1)") == "built")
  }

  /// A metric that a trainer never passes is asked for at the first step.
  @Test func aMetricThatNeverComesIsAskedFor() async {
    let message = "the signal 'metric' was read but not passed"
    func check(_ result: ExitTest.Result?) {
      let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
      #expect(text.contains(message), "\(text)")
    }
    check(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        var plateau = Plateau(initial: 0.1, reduce: .by(0.5, after: 1), watching: .metric)
        _ = plateau.decide(StepSignals(step: 0, loss: 1))
      })
    check(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        var optimizer = Optimizer(
          Adam<Double>(), Plateau(initial: 0.1, reduce: .by(0.5, after: 1), watching: .metric),
          parameterCount: 1)
        var theta = [1.0]
        optimizer.step(&theta, gradient: [1], loss: 1)
      })
    check(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        var method = GroupedOptimizer(
          Adam<Double>(),
          rate: Gated(.constant(0.1), after: 1, watching: .metric).clamped(to: 0...1))
        var theta = [1.0]
        method.begin(at: theta)
        var oracle = FunctionOracle<Double>(parameterCount: 1) { point, gradient, _ in
          gradient[0] = point[0]
          return 1
        }
        method.step(&theta, &oracle)
      })
  }

  @Test func aMetricAtSomeStepsIsEnough() {
    var optimizer = Optimizer(
      GradientDescent<Double>(),
      Plateau(initial: 0.1, reduce: .by(0.5, after: 1), watching: .metric),
      parameterCount: 1)
    var theta = [1.0]
    for step in 0..<9 {
      optimizer.step(&theta, gradient: [1], metric: step % 3 == 2 ? 1 : nil)
    }
    #expect(optimizer.learningRate == 0.025)
    var oracle = FunctionOracle<Double>(parameterCount: 1) { _, gradient, _ in
      gradient[0] = 1
      return 1
    }
    oracle.metric = nil
    optimizer.step(&theta, &oracle)
    oracle.metric = 1
    optimizer.step(&theta, &oracle)
    #expect(optimizer.learningRate == 0.0125)
  }
}
