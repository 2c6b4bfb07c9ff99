internal import Foundation
internal import Hypergradient
internal import HypergradientCatalogue
internal import PortableMath
internal import Testing

/// A checkpoint of which one node has been changed is refused with a `DecodingError`, or goes on: no
/// change of any node of anything in the catalogue ends the program, or reaches beyond a vector.
@Suite struct CheckpointMutationTests {
  private static let count = 3

  /// What must hold of whatever a changed tree is decoded as.
  private func tryAll<Value: Codable>(
    _ value: Value, _ name: String, _ use: (inout Value, CheckpointTree.Change) -> Void
  ) throws {
    let changes = try CheckpointTree(JSONEncoder().encode(value)).changes
    var (refused, accepted) = (0, 0)
    for change in changes {
      do {
        var decoded = try JSONDecoder().decode(Value.self, from: Data(change.tree.text.utf8))
        accepted += 1
        use(&decoded, change)
        do { _ = try JSONEncoder().encode(decoded) } catch {
          Issue.record("\(name): \(change.name) can't be encoded again: \(error)")
        }
      } catch is DecodingError {
        refused += 1
      } catch {
        Issue.record("\(name): \(change.name) throws \(error)")
      }
    }
    // The test is one of changes that are seen.
    #expect(refused > 0 && refused + accepted == changes.count, "\(name): \(refused), \(accepted)")
  }

  private func tryMethod<M: TrainingMethod>(_ made: M, _ text: String) throws {
    var method = made
    var start = LawFixtures.start(Self.count, M.Scalar.self)
    method.begin(at: start)
    var oracle = Self.oracle(M.Scalar.self)
    for _ in 0..<3 { method.step(&start, &oracle) }
    try tryAll(method, text) { decoded, change in
      // Without a vector nothing else says how many there are, and a step stops with a sentence.
      if change.name.contains(".parameterCount") { return }
      var theta = start
      for _ in 0..<4 { decoded.step(&theta, &oracle) }
      if change.isModest {
        #expect(
          theta.allSatisfy(\.isFinite) && decoded.learningRate.isFinite,
          "\(text): \(change.name) goes on to \(theta), \(decoded.learningRate)")
      }
      _ = decoded.stepCounts
    }
  }

  /// ½Σ(i + 1)/2·xᵢ², with an epoch and a metric.
  private static func oracle<S: ParameterScalar>(_: S.Type) -> FunctionOracle<S> {
    var oracle = FunctionOracle<S>(parameterCount: count) { point, gradient, _ in
      var loss = 0.0
      for i in 0..<count {
        gradient[i] = S(i + 1) / 2 * point[i]
        loss += Double(i + 1) / 4 * Double(point[i]) * Double(point[i])
      }
      return loss
    }
    oracle.epoch = 1
    oracle.metric = 0.5
    return oracle
  }

  @Test(arguments: MethodFixtures.texts) func methods(_ text: String) throws {
    let pair = try MethodFixtures.method(text)
    try tryMethod(pair.double, text)
  }

  /// In single precision, and on an objective of their own.
  @Test(
    arguments: [
      "mechanic(adam)", "dog(averaging: .yes)", "armijo(adam.penalized(by: 0.1), initial: 1)",
      "byGroup(adam.guarded(), rate: hypergradient(initial: 0.01, hyperLearningRate: 1e-3))",
      "scheduleFreeAdam(rate: 0.1)", "osgm(scaling: .matrix, scalingRate: 0.1)", "momo()",
      "startUp(sgd, rate: constant(0.1))", "metaOptimize(adam.maximizing(), byGroup: .yes)",
      "byGroup(sgd, rate: constant(0.1))", "momo(maximum: 0.5)",
    ]) func methodsOfFloats(_ text: String) throws
  {
    try tryMethod(try MethodFixtures.method(text).float, text)
  }

  private func tryOptimizer<R: UpdateRule, C: LearningRateController>(
    _ rule: R, _ controller: C, _ objective: Objective, _ name: String
  ) throws {
    var optimizer = Optimizer(rule, controller, on: objective, parameterCount: Self.count)
    var start = LawFixtures.start(Self.count, R.Scalar.self)
    func step(_ optimizer: inout Optimizer<R, C>, _ theta: inout [R.Scalar]) {
      let gradient = theta.enumerated().map { R.Scalar($0 + 1) / 2 * $1 }
      let loss = theta.reduce(0) { $0 + Double($1) * Double($1) }
      optimizer.step(&theta, gradient: gradient, loss: loss, metric: loss, epoch: 1)
    }
    for _ in 0..<3 { step(&optimizer, &start) }
    try tryAll(optimizer, name) { decoded, change in
      // Without a vector nothing else says how many there are.
      guard decoded.parameterCount == Self.count else { return }
      var theta = start
      for _ in 0..<4 { step(&decoded, &theta) }
      // Uphill there is no end; and without decay v is m², so that u is g/ε.
      let mayEscape =
        objective.maximizes || name.hasPrefix("centeredRMSProp") && change.name.contains("decay :=")
      if change.isModest, !mayEscape {
        #expect(
          theta.allSatisfy(\.isFinite) && decoded.learningRate.isFinite,
          "\(name): \(change.name) goes on to \(theta), \(decoded.learningRate)")
      }
    }
  }

  @Test(arguments: LawFixtures.rules) func optimizersOfRules(_ text: String) throws {
    func open<R: UpdateRule>(_ rule: R, _ objective: Objective) throws {
      try tryOptimizer(
        rule, HypergradientDescent(initial: 0.05, hyperLearningRate: 1e-3), objective, text)
    }
    let double = try LawFixtures.rule(text, Double.self)
    try open(double.rule, double.objective)
    let float = try LawFixtures.rule(text, Float.self)
    try open(float.rule, float.objective)
  }

  @Test(arguments: LawFixtures.controllers) func optimizersOfControllers(_ text: String) throws {
    func open<C: LearningRateController>(_ controller: C) throws {
      try tryOptimizer(HeavyBall<Double>(), controller, .plain, text)
    }
    try open(try LawFixtures.controller(text))
  }

  /// A controller's rate is finite, whatever was in its checkpoint and whatever it sees.
  @Test(arguments: LawFixtures.controllers) func controllers(_ text: String) throws {
    func open<C: LearningRateController>(_ made: C) throws {
      var control = made
      var draw = RandomStream(RandomKey("tests.mutations"))
      for step in 0..<5 { _ = control.decide(LawFixtures.signals(step, control.needs, &draw)) }
      try tryAll(control, text) { decoded, change in
        var draw = RandomStream(RandomKey("tests.mutations.after"))
        for step in 5..<17 {
          let needs = decoded.needs
          let signals = LawFixtures.signals(step, needs, &draw)
          _ = decoded.decide(signals)
          #expect(
            decoded.learningRate.isFinite, "\(text): \(change.name) goes on to a rate of \(decoded)"
          )
        }
      }
    }
    try open(try LawFixtures.controller(text))
  }

  @Test(
    arguments: Catalogue.standard.schedules.flatMap(\.texts)
      + Catalogue.standard.scheduleModifiers.flatMap(\.texts)) func schedules(_ text: String) throws
  {
    func open<S: Schedule>(_ schedule: S) throws {
      try tryAll(schedule, text) { decoded, change in
        for step in [0.0, 1, 2.5, 9, 100, 1e15] where step <= decoded.lastStep {
          let value = decoded(step)
          #expect(value.isFinite && value >= 0, "\(text): \(change.name) is \(value) at \(step)")
        }
      }
    }
    try open(try Catalogue.standard.schedule(text))
  }

  /// The faults that were reported, by name.
  @Test func shortenedStatesAreRefused() throws {
    var mechanic = Mechanic(Adam<Double>())
    mechanic.begin(at: [1, 2, 3])
    let data = try JSONEncoder().encode(mechanic)
    let tree = try CheckpointTree(data)
    for change in tree.changes where change.name.hasPrefix(".direction.state") {
      guard change.name.hasSuffix("deleted") || change.name.hasSuffix("[]") else { continue }
      #expect(throws: DecodingError.self, "\(change.name)") {
        try JSONDecoder().decode(Mechanic<Adam<Double>>.self, from: Data(change.tree.text.utf8))
      }
    }
    var dog = DoG<Double>()
    dog.begin(at: [1, 2, 3])
    let text = String(decoding: try JSONEncoder().encode(dog), as: UTF8.self)
    for groups in ["[]", "[[0,1000000000000]]", "[[0,2]]", "[[1,3]]", "[[0,3],[3,3],[2,3]]"] {
      let changed = text.replacingOccurrences(
        of: "\"groups\":[[0,3]]", with: "\"groups\":\(groups)")
      #expect(changed != text)
      #expect(throws: DecodingError.self, "\(groups)") {
        try JSONDecoder().decode(DoG<Double>.self, from: Data(changed.utf8))
      }
    }
  }

  /// The path leads to the node.
  @Test func errorsHaveAPath() throws {
    var method = MoMo<Double>()
    method.begin(at: [1, 2, 3])
    let text = String(decoding: try JSONEncoder().encode([method]), as: UTF8.self)
    let changed = text.replacingOccurrences(of: "\"d\":[0,0,0]", with: "\"d\":[0,0]")
    #expect(changed != text)
    do {
      _ = try JSONDecoder().decode([MoMo<Double>].self, from: Data(changed.utf8))
      Issue.record("a shorter vector was accepted")
    } catch DecodingError.dataCorrupted(let context) {
      #expect(context.codingPath.map(\.stringValue) == ["Index 0", "d"])
      #expect(context.debugDescription == "2 numbers where there must be 3")
    }
  }

  /// A method that was begun for fewer parameters does not reach beyond its vectors.
  @Test func otherCountsStopTheProgram() async {
    await #expect(processExitsWith: .failure) {
      var method = Mechanic(Adam<Double>())
      method.begin(at: [1, 2, 3])
      var theta = [1.0, 2, 3, 4]
      var oracle = FunctionOracle<Double>(parameterCount: 4) { _, gradient, _ in
        for i in 0..<4 { gradient[i] = 1 }
        return 1
      }
      method.step(&theta, &oracle)
    }
  }
}
