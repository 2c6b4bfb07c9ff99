import ExternalPrograms
import Foundation
import Hypergradient
import Tasks
import Testing

/// A failure of a program, before and during a run: one line that names the command, the question and
/// what came.
struct ExternalFaultTests {
  /// By the shell alone: what it says to the first questions.
  private static let failing: [FailingProgram] = [
    .init(answering: "Loading the model", told: "'Loading the model'"),
    .init(answering: "[1, 2]", told: "no JSON object"),
    .init(answering: #"{"version": 1"#, told: "expected ',' or '}'"),
    .init(answering: #"{"dimension": 1}"#, told: "without 'version'"),
    .init(answering: #"{"version": 9, "dimension": 1}"#, told: "version 9"),
    .init(answering: #"{"version": 1, "start": [1]}"#, told: "without 'dimension'"),
    .init(answering: #"{"version": 1, "dimension": 0}"#, told: "whole number"),
    .init(answering: #"{"version": 1, "dimension": 1.5}"#, told: "whole number"),
    .init(answering: #"{"version": 1, "dimension": 2, "start": [1]}"#, told: "1 numbers"),
    .init(answering: #"{"version": 1, "dimension": 1, "start": [NaN]}"#, told: "nan"),
    .init(answering: #"{"version": 1, "dimension": 1, "start": "AAA"}"#, told: "base64"),
    .init(
      answering: #"{"version": 1, "dimension": 1, "strat": [1]}"#,
      told: "'strat'; did you mean 'start'?"),
    .init(
      answering: #"{"version": 1, "dimension": 1, "start": [1], "groups": [2]}"#, told: "'groups'"),
    .init(
      answering: #"{"version": 1, "dimension": 1, "start": [1]}"#, "done",
      at: "the gradient at step 0 of seed 1", told: "'done'"),
    .init(
      answering: #"{"version": 1, "dimension": 1, "start": [1]}"#, "{}",
      at: "the gradient at step 0 of seed 1", told: "without a number 'loss'"),
    .init(
      answering: #"{"version": 1, "dimension": 1, "start": [1]}"#,
      #"{"loss": 1, "gradient": [inf]}"#, at: "the gradient at step 0 of seed 1",
      told: "element 0 is inf"),
    // A constant loss has no such gradient.
    .init(
      #"read q; echo '{"version": 1, "dimension": 1, "start": [1]}'; "#
        + #"while read q; do echo '{"loss": 1, "gradient": [1]}'; done"#,
      at: "the gradient at step 0 of seed 1", told: "central differences"),
    .init(
      #"read q; echo '{"version": 1, "dimension": 1, "start": [1]}'; n=0; "#
        + #"while read q; do n=$((n+1)); echo '{"loss": '$n', "gradient": [1]}'; done"#,
      at: "the gradient at step 0 of seed 1 twice", told: "answered differently"),
  ]

  @Test(arguments: FailingProgram.dying + failing)
  func faultBeforeARun(_ program: FailingProgram) {
    let error = #expect(throws: ExternalFailure.self) { _ = try TestPrograms.task(program.command) }
    program.expectTold(by: error?.description ?? "")
  }

  @Test func silenceEndsAtTheLimit() {
    let begun = ContinuousClock.now
    let error = #expect(throws: ExternalFailure.self) {
      _ = try TestPrograms.task("sleep 1000", ", seconds: 0.5")
    }
    #expect(error?.description.contains("did not answer within 0.5 s") == true)
    #expect(ContinuousClock.now - begun < .seconds(60))
  }

  static let faults = [
    ("crash", "ValueError: no more of it"), ("exit", "code 7"), ("signal", "signal 11"),
    ("hang", "did not answer within 8 s"), ("chatter", "'epoch 3 of 10'"),
    ("two", "more than one line"), ("short", "a gradient of 2 numbers, not 3"),
    ("long", "a gradient of 4 numbers, not 3"), ("nan", "the loss nan"),
    ("nanGradient", "element 1 is -inf"), ("noGradient", "without a 'gradient'"),
    ("text", "without a number 'loss'"), ("endless", "without a line break"),
    ("half", "after '{\"loss\": 1, '"), ("closed", "did not answer within 8 s"),
    ("error", "'the simulator has no licence'"),
  ]

  /// What is asked after the fault is answered by NaN, and the fault is kept.
  @Test(.enabled(if: TestPrograms.hasPython), arguments: faults)
  func faultDuringARun(_ kind: String, _ what: String) throws {
    let command = try TestPrograms.command(TestPrograms.faulty, "\(kind) 40")
    let limit = ["hang", "closed"].contains(kind) ? ", seconds: 8" : ""
    let made = try #require(
      try TestPrograms.task(command, limit) as? any BenchmarkTask<Double>)
    #expect(made.failure == nil)
    let draws = made.draws(seed: 9, steps: 0..<1000)
    let theta = [1.0, 0.5, 0.25]
    var losses: [Double] = []
    for step in 0..<60 {
      losses.append(made.gradient(at: theta, step: step, draws: draws).loss)
    }
    let sound = losses.prefix { !$0.isNaN }
    #expect(!sound.isEmpty && sound.count < 40)
    let truth = (1.0 + 2 * 0.0625 + 3 * 0.00390625) / 4
    #expect(sound.allSatisfy { $0 == truth })
    #expect(losses.dropFirst(sound.count).allSatisfy { $0.isNaN })
    let line = "\(try #require(made.failure))"
    #expect(
      line.hasPrefix(
        "'\(command)' was asked for the gradient at step \(sound.count) of seed 9 and "))
    #expect(line.contains(what), "\(line)")
    #expect(!line.contains("\n") && line.count < 2000)
    #expect(made.loss(at: theta).isNaN)
    #expect(made.exactGradient(at: theta).allSatisfy { $0.isNaN })
    #expect("\(try #require(made.failure))" == line)
  }

  /// Far from the start, or where the text allows it, an infinite answer is a run that diverged.
  @Test(.enabled(if: TestPrograms.hasPython))
  func divergenceIsNoFault() throws {
    let program = """
      import json, sys
      for line in sys.stdin:
          q = json.loads(line)
          if q["ask"] == "hello":
              a = {"version": 1, "dimension": 1, "start": [1], "numbers": "json"}
          else:
              x = q["at"][0]
              far = abs(x) > 10
              a = {"loss": float("inf") if far else x * x / 2,
                   "gradient": [float("nan") if far else x]}
          print(json.dumps(a), flush=True)
      """
    let command = try TestPrograms.command(program)
    let made = try #require(try TestPrograms.task(command) as? any BenchmarkTask<Double>)
    #expect(made.loss(at: [9]) == 40.5)
    #expect(made.loss(at: [1002]) == .infinity)
    #expect(made.exactGradient(at: [-1002])[0].isNaN)
    #expect(made.loss(at: [.infinity]).isNaN)
    #expect(made.failure == nil)
    #expect(made.loss(at: [1000]).isNaN)
    #expect("\(try #require(made.failure))".contains("answered the loss inf"))
    let lenient = try #require(
      try TestPrograms.task(command, ", nonFinite: .diverged") as? any BenchmarkTask<Double>)
    #expect(lenient.loss(at: [11]) == .infinity)
    #expect(lenient.failure == nil)
  }

  /// Two processes that begin elsewhere, or answer otherwise, are told apart.
  @Test(.enabled(if: TestPrograms.hasPython), arguments: ["start", "answer"])
  func processesThatDiffer(_ what: String) throws {
    let program = """
      import json, os, sys
      own = os.getpid() / 2**24
      start = 1 + own if sys.argv[1] == "start" else 1
      for line in sys.stdin:
          q = json.loads(line)
          if q["ask"] == "hello":
              a = {"version": 1, "dimension": 1, "start": [start], "numbers": "json"}
          else:
              x = q["at"][0]
              a = {"loss": x * x / 2 + own, "gradient": [x]}
          print(json.dumps(a), flush=True)
      """
    let command = try TestPrograms.command(program, what)
    let error = #expect(throws: ExternalFailure.self) { _ = try TestPrograms.task(command) }
    #expect(error?.description.contains("twice") == true)
  }
}
