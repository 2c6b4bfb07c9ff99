internal import Foundation
internal import Hypergradient
internal import HypergradientCatalogue
internal import Testing

/// An optimizer whose rule and controller are not in its type, against the one that they are in.
@Suite struct AnyOptimizerTests {
  private static let controllers = [
    "constant(0.02)", "hypergradient(initial: 0.02, hyperLearningRate: 1e-4)",
    "plateau(initial: 0.05, reduce: by(0.5, after: 2), watching: .metric)",
  ]
  private static let count = 7

  private struct Trail: Equatable {
    var thetas: [[Double]] = []
    var rates: [Double] = []
    var decisions: [StepDecision] = []
  }

  /// Steps with all that a trainer may pass.
  private static func steps<S: ParameterScalar>(
    _ range: Range<Int>, _ theta: inout [S],
    _ step: (inout [S], [S], Double, Double?, Double) -> (StepDecision, Double)
  ) -> Trail {
    var trail = Trail()
    for k in range {
      let gradient: [S] = LawFixtures.gradient(theta)
      let loss = LawFixtures.objective(theta.map { Double($0) }, penalty: 0)
      let (decision, rate) = step(&theta, gradient, loss, k % 3 == 0 ? loss : nil, Double(k) / 4)
      trail.thetas.append(theta.map { Double($0) })
      trail.rates.append(rate)
      trail.decisions.append(decision)
    }
    return trail
  }

  @Test func anotherTextIsRefused() throws {
    let first = try AnyOptimizer<Double>("sgd + constant(0.1)", parameterCount: Self.count)
    let bytes = try JSONEncoder().encode(first)
    var other = try AnyOptimizer<Double>("sgd + constant(0.01)", parameterCount: Self.count)
    let fault = try #require(throws: (any Error).self) {
      try other.restore(from: bytes)
    }
    #expect(
      "\(fault)".contains(
        "it is of 'sgd + constant(0.1)', and this optimizer of 'sgd + constant(0.01)'"))
    #expect(other.learningRate == 0.01)
  }

  private static func steps<S: ParameterScalar>(
    _ range: Range<Int>, _ theta: inout [S], _ optimizer: inout AnyOptimizer<S>
  ) -> Trail {
    steps(range, &theta) { theta, gradient, loss, metric, epoch in
      let decision = optimizer.step(
        &theta, gradient: gradient, loss: loss, metric: metric, epoch: epoch)
      return (decision, optimizer.learningRate)
    }
  }

  private static func alone<S: ParameterScalar>(
    _ rule: String, _ controller: String, steps range: Range<Int>, _: S.Type
  ) throws -> Trail {
    func run<R: UpdateRule<S>, C: LearningRateController>(
      _ rule: R, _ controller: C, _ objective: Objective
    ) -> Trail {
      var optimizer = Optimizer(rule, controller, on: objective, parameterCount: count)
      var theta = LawFixtures.start(count, S.self)
      return steps(range, &theta) { theta, gradient, loss, metric, epoch in
        let decision = optimizer.step(
          &theta, gradient: gradient, loss: loss, metric: metric, epoch: epoch)
        return (decision, optimizer.learningRate)
      }
    }
    let made = try LawFixtures.rule(rule, S.self)
    return try run(made.rule, LawFixtures.controller(controller), made.objective)
  }

  /// Its steps have the optimizer's bits, for every rule of the catalogue, and go on with them from a
  /// checkpoint: decoded by its text, and restored into one that was made before.
  @Test(arguments: LawFixtures.rules, controllers)
  func stepsAndCheckpointsHaveTheOptimizersBits(_ rule: String, _ controller: String) throws {
    func check<S: ParameterScalar>(_ scalar: S.Type) throws {
      let text = "\(rule) + \(controller)"
      let expected = try Self.alone(rule, controller, steps: 0..<24, scalar)
      var optimizer = try AnyOptimizer<S>(text, parameterCount: Self.count)
      #expect(optimizer.text == text && optimizer.parameterCount == Self.count)
      var theta = LawFixtures.start(Self.count, S.self)
      var trail = Self.steps(0..<11, &theta, &optimizer)
      let data = try JSONEncoder().encode(optimizer)
      var (decoded, decodedTheta, decodedTrail) = (
        try JSONDecoder().decode(AnyOptimizer<S>.self, from: data), theta, trail
      )
      var (restored, restoredTheta, restoredTrail) = (
        try AnyOptimizer<S>(text, parameterCount: Self.count), theta, trail
      )
      try restored.restore(from: data)
      func goOn(_ optimizer: inout AnyOptimizer<S>, _ theta: inout [S], _ trail: inout Trail) {
        let rest = Self.steps(11..<24, &theta, &optimizer)
        trail.thetas += rest.thetas
        trail.rates += rest.rates
        trail.decisions += rest.decisions
      }
      goOn(&optimizer, &theta, &trail)
      goOn(&decoded, &decodedTheta, &decodedTrail)
      goOn(&restored, &restoredTheta, &restoredTrail)
      #expect(trail == expected, "\(text)")
      #expect(decodedTrail == expected, "\(text), decoded")
      #expect(restoredTrail == expected, "\(text), restored")
      #expect(decoded.text == text && decoded.stepCounts == optimizer.stepCounts)
    }
    try check(Float.self)
    try check(Double.self)
  }

  /// A copy goes on by itself.
  @Test func aCopyIsAValue() throws {
    var optimizer = try AnyOptimizer<Double>("adam + constant(0.1)", parameterCount: Self.count)
    var theta: [Double] = LawFixtures.start(Self.count)
    _ = Self.steps(0..<3, &theta, &optimizer)
    var (copy, other) = (optimizer, theta)
    let trail = Self.steps(3..<9, &other, &copy)
    #expect(optimizer.stepCount == 3 && copy.stepCount == 9)
    #expect(Self.steps(3..<9, &theta, &optimizer) == trail)
  }

  /// What another optimizer has written is refused, and the optimizer is as it was.
  @Test(
    arguments: [
      ("sgd + constant(0.1)", 7), ("adam + plateau(initial: 0.1, reduce: by(0.5, after: 2))", 7),
      ("adam + constant(0.1)", 6), ("adam.then(weightDecay(0.1)) + constant(0.1)", 7),
      ("heavyBall + constant(0.1)", 7),
    ]) func anothersStateIsRefused(_ text: String, _ count: Int) throws
  {
    var optimizer = try AnyOptimizer<Double>("adam + constant(0.1)", parameterCount: Self.count)
    var theta: [Double] = LawFixtures.start(Self.count)
    _ = Self.steps(0..<3, &theta, &optimizer)
    let before = try JSONEncoder().encode(optimizer)
    var other = try AnyOptimizer<Double>(text, parameterCount: count)
    var start: [Double] = LawFixtures.start(count)
    _ = Self.steps(0..<2, &start, &other)
    let data = try JSONEncoder().encode(other)
    #expect(throws: DecodingError.self) { try optimizer.restore(from: data) }
    var copy = try JSONDecoder().decode(AnyOptimizer<Double>.self, from: before)
    var theta2 = theta
    #expect(
      Self.steps(3..<8, &theta, &optimizer) == Self.steps(3..<8, &theta2, &copy), "it has changed")
  }

  /// Texts that name no optimizer.
  @Test(
    arguments: [
      ("adam", "a method is 'rule + controller'"), ("constant(0.1)", "rule + controller"),
      ("dog()", "a method that asks an oracle has no step of one gradient"),
      ("adm + constant(0.1)", "did you mean 'adam'?"), ("adam + constant(-1)", "at least 0"),
      ("adam + constant(0.1) + constant(0.1)", "rule + controller"), ("", ""),
      ("adam + scheduled(cosine(over: steps))", "steps"),
    ]) func aWrongTextIsRefused(_ text: String, _ part: String)
  {
    do {
      _ = try AnyOptimizer<Double>(text, parameterCount: 3)
      Issue.record("'\(text)' is accepted")
    } catch {
      let message = "\(error)"
      #expect(!message.contains("\n") && (part.isEmpty || message.contains(part)), "\(message)")
    }
  }

  /// A checkpoint whose text has been changed, is missing, or names something else is refused.
  @Test(
    arguments: [
      "sgd + constant(0.1)", "adam + hypergradient(initial: 0.1, hyperLearningRate: 0.1)",
      "nothing",
      "dog()", "adam",
    ]) func aCheckpointOfAnotherTextIsRefused(_ text: String) throws
  {
    var optimizer = try AnyOptimizer<Double>("adam + constant(0.1)", parameterCount: Self.count)
    var theta: [Double] = LawFixtures.start(Self.count)
    _ = Self.steps(0..<3, &theta, &optimizer)
    let data = try JSONEncoder().encode(optimizer)
    let changed = String(decoding: data, as: UTF8.self)
      .replacingOccurrences(of: "\"adam + constant(0.1)\"", with: "\"\(text)\"")
    #expect(changed.contains(text))
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(AnyOptimizer<Double>.self, from: Data(changed.utf8))
    }
    let unnamed = AnyOptimizer(Adam<Double>(), ConstantRate(0.1), parameterCount: 3)
    #expect(unnamed.text == nil)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(
        AnyOptimizer<Double>.self, from: try JSONEncoder().encode(unnamed))
    }
  }

  /// Variables of the text are in the checkpoint.
  @Test func variablesAreKept() throws {
    let text = "sgd + scheduled(linear(from: 0.1, over: steps))"
    var optimizer = try AnyOptimizer<Double>(
      text, parameterCount: Self.count, variables: ["steps": 20])
    var theta: [Double] = LawFixtures.start(Self.count)
    _ = Self.steps(0..<5, &theta, &optimizer)
    var decoded = try JSONDecoder().decode(
      AnyOptimizer<Double>.self, from: try JSONEncoder().encode(optimizer))
    var other = theta
    #expect(
      Self.steps(5..<20, &theta, &optimizer) == Self.steps(5..<20, &other, &decoded))
    #expect(optimizer.learningRate == 0.1 * (1 - 19.0 / 20))
  }
}

extension AnyOptimizer {
  /// From its coded form.
  fileprivate mutating func restore(from data: Data) throws {
    let decoder = JSONDecoder()
    decoder.userInfo[.restored] = Restored(self)
    self = try decoder.decode(Restored<Scalar>.Reading.self, from: data).optimizer
  }
}

extension CodingUserInfoKey {
  fileprivate static let restored = CodingUserInfoKey(rawValue: "restored")!
}

/// Carries an optimizer to where a decoder is.
private struct Restored<Scalar: ParameterScalar>: Sendable {
  let optimizer: AnyOptimizer<Scalar>
  init(_ optimizer: AnyOptimizer<Scalar>) { self.optimizer = optimizer }

  struct Reading: Decodable {
    let optimizer: AnyOptimizer<Scalar>

    init(from decoder: any Decoder) throws {
      var optimizer = (decoder.userInfo[.restored] as! Restored).optimizer
      try optimizer.restore(from: decoder)
      self.optimizer = optimizer
    }
  }
}
