import ExternalPrograms
import Foundation
import Hypergradient
import HypergradientCatalogue
import HypergradientRecipes
import Testing

/// Programs that are methods, as they should be.
struct ExternalMethodTests {
  /// A descent by a program has the bits of the built-in one, in every format, given its gradients or
  /// asking for them, in Float as far as its numbers are floats.
  @Test(
    .enabled(if: TestPrograms.hasPython), arguments: ["float64", "float32", "json"],
    ["given", "asks"])
  func descentHasTheBitsOfTheRule(_ format: String, _ form: String) throws {
    let command = try TestPrograms.command(MethodPrograms.descent, "\(format) \(form)")
    func check<S: ParameterScalar>(_: S.Type, _ tolerance: Double) throws {
      var method = ExternalMethod<S>(command: command, initial: 0.125)
      var optimizer = Optimizer(
        GradientDescent<S>(), ConstantRate(0.125), parameterCount: 3)
      let (theta, counts) = MethodPrograms.steps(&method, 40)
      let (expected, paid) = MethodPrograms.steps(&optimizer, 40)
      #expect(method.program?.failure == nil)
      for i in 0..<3 {
        #expect((theta[i] - expected[i]).magnitude <= S(tolerance) * expected[i].magnitude)
      }
      #expect(counts == paid)
      #expect(method.learningRate == 0.125)
    }
    try check(Double.self, format == "float32" ? 1e-5 : 0)
    // A program that computes in double precision rounds once where the rule rounds twice.
    try check(Float.self, 1e-5)
  }

  /// The hello has what is known of the run.
  @Test(.enabled(if: TestPrograms.hasPython)) func helloHasTheFacts() throws {
    let said = TestPrograms.file("txt")
    let command = try TestPrograms.command(
      #"""
      import json, sys
      for line in sys.stdin:
          open(sys.argv[1], "a").write(line)
          q = json.loads(line)
          a = {"at": q["at"]} if "at" in q else {"version": 1, "numbers": "json", "asks": True}
          print(json.dumps(a), flush=True)
      """#, said)
    var catalogue = Catalogue.standard
    catalogue.add(method: ExternalMethod<Float>.self, ExternalMethod<Double>.self)
    let text = "external(command: \(quoted(command)), initial: 2*rate, rule: rule.cautious)"
    let made = try catalogue.method(
      text, for: Float.self, variables: ["rate": 0.25],
      rule: "adam(beta1: 0.5).then(weightDecay(0.5))")
    guard case .method(let method) = made else { throw Refusal("no method") }
    func open<M: TrainingMethod<Float>>(_ known: M) {
      var method = known
      var theta: [Float] = [1, 0.5, 0.25]
      var oracle = FactsOracle(base: MethodPrograms.oracle(Float.self, isDeterministic: true))
      theta.withUnsafeBufferPointer { method.begin(at: $0, groups: [0..<1, 1..<3]) }
      #expect(method.learningRate == 0.5)
      method.step(&theta, &oracle)
      #expect(theta == [1, 0.5, 0.25])
      #expect(method.program?.failure == nil)
      #expect(oracle.base.counts == EvaluationCounts())
    }
    open(method)
    let lines = try String(contentsOfFile: said, encoding: .utf8).split(separator: "\n")
    let facts =
      #"{"ask":"hello","version":1,"dimension":3,"groups":[1,2],"numbers":"float32","#
      + #""deterministic":true,"seed":7,"steps":90,"rate":0.5,"#
    let rule = #""rule":"adam(beta1: 0.5).then(weightDecay(0.5)).cautious"}"#
    #expect(lines.count == 2 && lines[0] == facts + rule)
    #expect(lines[1] == #"{"ask":"step","step":0,"epoch":1.5,"at":[1.0,0.5,0.25]}"#)
  }

  private struct FactsOracle: Oracle {
    var base: FunctionOracle<Float>
    var parameterCount: Int { base.parameterCount }
    var isDeterministic: Bool { base.isDeterministic }
    var run: RunFacts { RunFacts(seed: 7, steps: 90) }
    var epoch: Double? { 1.5 }
    mutating func evaluate(
      at point: UnsafePointer<Float>, draw: Int
    ) -> (loss: Double, gradient: UnsafePointer<Float>) { base.evaluate(at: point, draw: draw) }
    mutating func loss(at point: UnsafePointer<Float>, draw: Int) -> Double {
      base.loss(at: point, draw: draw)
    }
    mutating func hessianVectorProduct(
      at point: UnsafePointer<Float>, _ vector: UnsafePointer<Float>, draw: Int
    ) -> UnsafePointer<Float> { base.hessianVectorProduct(at: point, vector, draw: draw) }
  }

  /// What a program wants to know is answered for its point and draw, and counted; what is not finite
  /// is told as null.
  @Test(.enabled(if: TestPrograms.hasPython)) func questionsAreAnsweredAndCounted() throws {
    let command = try TestPrograms.command(
      #"""
      import json, sys
      def say(a): print(json.dumps(a), flush=True)
      def ask(**q):
          say(q)
          return json.loads(sys.stdin.readline())
      for line in sys.stdin:
          q = json.loads(line)
          if q["ask"] == "hello":
              say({"version": 1, "numbers": "json", "asks": True})
              continue
          a = ask(want="gradient", at=[1, 1, 1], draw=2)
          assert a == {"ask": "next", "loss": 9, "gradient": [3, 4, 5]}, a
          a = ask(want="loss", at=[2, 0, 0])
          assert a == {"ask": "next", "loss": 2}, a
          a = ask(want="product", at=[0, 0, 0], along=[0, 0, 1], draw=1)
          assert all(abs(x - y) < 1e-6 for x, y in zip(a["product"], [0, 0, 3])), a
          a = ask(want="gradient", at=[1e200, 0, 0])
          assert a == {"ask": "next", "loss": None, "gradient": [1e200, 0, 0]}, a
          a = ask(want="gradient", at=[0, 0, 1.7e308])
          assert a == {"ask": "next", "loss": None, "gradient": None}, a
          say({"at": [3, 2, 1], "rate": 0})
      """#)
    var method = ExternalMethod<Double>(command: command, initial: 0.5)
    let (theta, counts) = MethodPrograms.steps(&method, 2)
    let failure = (method.program?.failure as? ExternalFailure)?.description ?? ""
    #expect(failure.isEmpty, "\(failure)")
    #expect(theta == [3, 2, 1])
    #expect(counts == EvaluationCounts(gradients: 6, losses: 2, hessianVectorProducts: 2))
    #expect(method.learningRate == 0)
  }

  /// A rate that is held holds the move, and the program sees where it is then.
  @Test(.enabled(if: TestPrograms.hasPython)) func ratesCanBeHeld() throws {
    let command = try TestPrograms.command(MethodPrograms.descent, "float64 given")
    var held = RateLimited(
      ExternalMethod<Double>(command: command, initial: 0.5), .within(0...0.125))
    var optimizer = Optimizer(
      GradientDescent<Double>(), ConstantRate(0.125), parameterCount: 3)
    let (theta, _) = MethodPrograms.steps(&held, 20)
    let (expected, _) = MethodPrograms.steps(&optimizer, 20)
    #expect(held.program?.failure == nil)
    for i in 0..<3 {
      #expect((theta[i] - expected[i]).magnitude <= 1e-14 * expected[i].magnitude)
    }
    #expect(held.learningRate == 0.125)
  }

  /// A run has a process of its own, which ends with it.
  @Test(.enabled(if: TestPrograms.hasPython)) func aRunHasAProcessOfItsOwn() throws {
    let pids = TestPrograms.file("txt")
    let command =
      "echo $$ >> \(pids); " + (try TestPrograms.command(MethodPrograms.descent, "json given"))
    func alive() throws -> [Bool] {
      try String(contentsOfFile: pids, encoding: .utf8).split(separator: "\n").map { line in
        kill(try #require(pid_t(line)), 0) == 0
      }
    }
    do {
      var method = ExternalMethod<Double>(command: command, initial: 0.1)
      #expect(!FileManager.default.fileExists(atPath: pids))
      _ = MethodPrograms.steps(&method, 2)
      #expect(try alive() == [true])
      _ = MethodPrograms.steps(&method, 2)
      #expect(try alive() == [false, true])
    }
    #expect(try alive() == [false, false])
  }

  /// The texts of the recipe.
  @Test func textsAreRead() throws {
    var catalogue = Catalogue.standard
    catalogue.add(method: ExternalMethod<Float>.self, ExternalMethod<Double>.self)
    func fault(_ text: String) -> String {
      do {
        _ = try catalogue.method(text, for: Double.self, variables: ["rate": 0.1])
        return ""
      } catch { return "\(error)" }
    }
    #expect(fault("external(command: \"x\", initial: rate, seconds: 5)") == "")
    #expect(fault("external(command: \"x\", rule: adam, nonFinite: .diverged)") == "")
    #expect(fault("external()").contains("needs 'command'"))
    #expect(fault("external(command: \"x\", initial: -1)").contains("greater than 0"))
    #expect(fault("external(command: \"x\", rule: adm)").contains("did you mean 'adam'"))
    #expect(fault("external(command: \"x\", rule: 1)").contains("a rule"))
    #expect(fault("external(command: \"x\", seconds: 0)").contains("'seconds'"))
  }
}
