import ExternalPrograms
import Foundation
import Hypergradient
import HypergradientRecipes
import Testing

/// A failure of a program that is a method: one line that names the command, the question and what came.
struct MethodFaultTests {
  /// By the shell alone.
  private static let failing: [FailingProgram] = [
    .init(answering: "Loading", told: "'Loading'"),
    .init(answering: "{}", told: "without 'version'"),
    .init(answering: #"{"version": 2}"#, told: "version 2"),
    .init(answering: #"{"version": 1, "numbers": "f8"}"#, told: "'numbers'"),
    .init(answering: #"{"version": 1, "asks": 1}"#, told: "'asks'"),
    .init(answering: #"{"version": 1, "ask": true}"#, told: "'ask'; did you mean 'asks'?"),
    .init(answering: #"{"error": "no rate"}"#, told: "the error 'no rate'"),
    .init(answering: #"{"version": 1}"#, "done", at: "step 0", told: "'done'"),
    .init(#"read q; echo '{"version": 1}'; read q; exit 5"#, at: "step 0", told: "code 5"),
    .init(
      answering: #"{"version": 1}"#, #"{"at": [NaN, 0, 0]}"#, at: "step 0",
      told: "parameters whose element 0 is nan"),
    .init(answering: #"{"version": 1}"#, #"{"at": "AAA"}"#, at: "step 0", told: "base64"),
  ]

  @Test(arguments: FailingProgram.dying + failing)
  func faultAtTheBeginning(_ program: FailingProgram) {
    var method = ExternalMethod<Double>(command: program.command)
    let (theta, _) = MethodPrograms.steps(&method, 3)
    #expect(theta.allSatisfy { $0.isNaN })
    program.expectTold(by: method.failureTold)
  }

  @Test func silenceEndsAtTheLimit() {
    let begun = ContinuousClock.now
    var method = ExternalMethod<Double>(command: "sleep 1000", seconds: 0.5)
    _ = MethodPrograms.steps(&method, 2)
    let said = method.failureTold
    #expect(said.contains("hello and did not answer within 0.5 s"))
    #expect(ContinuousClock.now - begun < .seconds(60))
  }

  static let faults = [
    ("crash", "ValueError: no more of it"), ("exit", "code 7"), ("signal", "signal 11"),
    ("hang", "did not answer within 8 s"), ("chatter", "'step 3 of 10'"),
    ("two", "more than one line"), ("short", "parameters of 2 numbers, not 3"),
    ("long", "parameters of 6 numbers, not 3"), ("nan", "element 1 is nan"),
    ("infinite", "a point whose element 0 is inf"), ("rate", "the rate inf"),
    ("rateText", "'rate' is not a number"), ("nothing", "without an 'at'"),
    ("want", "'want' is not one of"), ("draw", "'draw' is not a whole number"),
    ("along", "without an 'along'"), ("key", "'raet'; did you mean 'rate'?"),
    ("misplaced", "'draw' is for what has a 'want'"),
    ("text", "without an 'at', a list of numbers"),
    ("endless", "without a line break"), ("half", "after '{\"at\": [1, '"),
    ("closed", "did not answer within 8 s"), ("error", "'the step is no longer mine'"),
  ]

  /// Steps before the fault are the descent's; from then on the parameters are NaN, and the fault is
  /// kept.
  @Test(.enabled(if: TestPrograms.hasPython), arguments: faults)
  func faultDuringARun(_ kind: String, _ what: String) throws {
    let command = try TestPrograms.command(MethodPrograms.faulty, "\(kind) 6")
    let limit = ["hang", "closed"].contains(kind) ? 8.0 : 60
    var method = ExternalMethod<Double>(command: command, seconds: limit)
    var oracle = MethodPrograms.oracle(Double.self)
    var theta = [1.0, 0.5, 0.25]
    var expected = theta
    method.begin(at: theta)
    for _ in 0..<5 {
      method.step(&theta, &oracle)
      for i in 0..<3 { expected[i] -= 0.1 * (Double(i + 1) * expected[i]) }
      #expect(theta == expected)
      #expect(method.program?.failure == nil)
    }
    for _ in 0..<3 {
      method.step(&theta, &oracle)
      #expect(theta.allSatisfy { $0.isNaN })
    }
    let line = method.failureTold
    #expect(line.hasPrefix("'\(command)' was asked for step 5 and "), "\(line)")
    #expect(line.contains(what), "\(line)")
    #expect(!line.contains("\n") && line.count < 2000)
  }

  /// A step without an end ends the run.
  @Test(.enabled(if: TestPrograms.hasPython)) func aStepWithoutAnEnd() throws {
    var method = ExternalMethod<Double>(
      command: try TestPrograms.command(MethodPrograms.faulty, "always 1"))
    let (theta, counts) = MethodPrograms.steps(&method, 1)
    #expect(theta.allSatisfy { $0.isNaN })
    let said = method.failureTold
    #expect(said.contains("questions in step 0, more than a whole run pays for"), "\(said)")
    #expect(counts.losses > 1000)
  }

  /// Far from the start, or where the text allows it, parameters that are not finite are a run that
  /// diverged.
  @Test(.enabled(if: TestPrograms.hasPython)) func divergenceIsNoFault() throws {
    let command = try TestPrograms.command(
      #"""
      import json, sys
      for line in sys.stdin:
          q = json.loads(line)
          if q["ask"] == "hello": a = {"version": 1, "numbers": "json"}
          elif abs(q["at"][0]) > float(sys.argv[1]): a = {"at": [float("inf")] * 3}
          else: a = {"at": [10 * x for x in q["at"]]}
          print(json.dumps(a), flush=True)
      """#, "5000")
    var far = ExternalMethod<Double>(command: command)
    #expect(MethodPrograms.steps(&far, 4).theta == [10000, 5000, 2500])
    #expect(MethodPrograms.steps(&far, 5).theta == [.infinity, .infinity, .infinity])
    #expect(far.program?.failure == nil)
    // Once it has diverged it is not asked.
    #expect(MethodPrograms.steps(&far, 6).theta.allSatisfy { $0.isNaN })
    #expect(far.program?.failure == nil)
    let near = command.replacing("5000", with: "50")
    var refused = ExternalMethod<Double>(command: near)
    #expect(MethodPrograms.steps(&refused, 3).theta.allSatisfy { $0.isNaN })
    #expect(refused.program?.failure != nil)
    var lenient = ExternalMethod<Double>(command: near, nonFinite: .diverged)
    #expect(MethodPrograms.steps(&lenient, 3).theta == [.infinity, .infinity, .infinity])
    #expect(lenient.program?.failure == nil)
  }

  /// A copy of an earlier step can't go on: the program's state is not in it.
  @Test(.enabled(if: TestPrograms.hasPython)) func copiesAndFilesAreRefused() throws {
    let command = try TestPrograms.command(MethodPrograms.descent, "json given")
    var method = ExternalMethod<Double>(command: command, initial: 0.1)
    _ = MethodPrograms.steps(&method, 1)
    var (copy, theta) = (method, [1.0, 0.5, 0.25])
    var oracle = MethodPrograms.oracle(Double.self)
    method.step(&theta, &oracle)
    #expect(method.program?.failure == nil)
    copy.step(&theta, &oracle)
    let said = copy.failureTold
    #expect(said.contains("is at step 2 of its run and can't go back to step 1"), "\(said)")
    #expect(throws: Refusal.self) { try JSONEncoder().encode(method) }
    #expect(throws: Refusal.self) {
      try JSONDecoder().decode(ExternalMethod<Double>.self, from: Data("{}".utf8))
    }
  }
}
