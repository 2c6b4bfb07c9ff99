import Dispatch
import Foundation
import Hypergradient
import HypergradientCatalogue
import HypergradientTraining
import Synchronization
import Testing

@testable import HypergradientTrainingFiles

/// A checkpoint is taken by a training that was made as the one that wrote it, and by no other.
@Suite struct CheckpointIdentityTests {
  private typealias Bowl = NoisyBowl<Double>

  private func trainer(
    _ optimizer: AnyOptimizer<Double>, _ callbacks: [any TrainingCallback] = []
  ) throws -> Trainer<NoisyBowl<Double>> {
    let problem = Bowl()
    var trainer = try Trainer(problem, from: problem.start, with: optimizer)
    trainer.callbacks = callbacks
    return trainer
  }

  private func trainer(
    method: any TrainingMethod<Double>
  ) throws -> Trainer<NoisyBowl<Double>> {
    let problem = Bowl()
    return try Trainer(problem, from: problem.start, method: method)
  }

  /// What is said about the checkpoint of one by the other, which stays as it was.
  private func refusal(
    of first: Trainer<NoisyBowl<Double>>, by second: Trainer<NoisyBowl<Double>>
  ) throws -> String {
    var (first, changed) = (first, second)
    try first.run(toStep: 7)
    let bytes = try TrainingCheckpoint.bytes(first, "file")
    do {
      try TrainingCheckpoint.restore(&changed, from: bytes, "file")
      return "nothing"
    } catch {
      #expect(changed.step == 0 && changed.parameters == second.parameters)
      #expect(!"\(error)".contains("\n"))
      return "\(error)"
    }
  }

  private struct Least: TrainingCallback {
    var least = 3.0
    var memory: [Double] {
      get { [least] }
      set { least = newValue[0] }
    }
  }
  private struct Window: TrainingCallback {
    var memory: [Double]
    var memoryGrows = false
  }

  @Test func callbacksInAnotherOrderAreRefused() throws {
    let optimizer = try AnyOptimizer<Double>("adam + constant(0.1)", parameterCount: 6)
    let rate = LearningRateCallback { _, rate in rate }
    let cases: [([any TrainingCallback], [any TrainingCallback], String)] = [
      ([Least(), rate], [rate, Least()], "callback Least with 1 numbers"),
      ([Least()], [rate], "callback Least"),
      ([rate], [Least()], "callback LearningRateCallback with 0 numbers"),
      ([Least()], [Least(), Least()], "1 callbacks"),
      ([Window(memory: [1, 2])], [Window(memory: [1, 2, 3])], "callback Window with 2 numbers"),
    ]
    for (first, second, words) in cases {
      let said = try refusal(of: trainer(optimizer, first), by: trainer(optimizer, second))
      #expect(said.contains("it has \(words)"), "\(said)")
    }
    let long = Window(memory: [1, 2], memoryGrows: true)
    let short = Window(memory: [], memoryGrows: true)
    #expect(
      try refusal(of: trainer(optimizer, [long]), by: trainer(optimizer, [short])) == "nothing")
    #expect(
      try refusal(
        of: trainer(optimizer, [Least(), rate]), by: trainer(optimizer, [Least(), rate]))
        == "nothing")
  }

  /// Of types as of texts, other values are others.
  @Test func otherValuesOfTypesAreRefused() throws {
    func made(
      _ rule: any UpdateRule<Double>, _ controller: any LearningRateController
    ) throws -> Trainer<NoisyBowl<Double>> {
      try trainer(AnyOptimizer(rule, controller, parameterCount: 6))
    }
    let adam = Adam<Double>()
    let cases = try [
      (made(adam, ConstantRate(0.1)), made(adam, ConstantRate(0.5)), "is 0.1,"),
      (
        made(adam, TraceAlignedRate(initial: 0.1, steps: 100)),
        made(adam, TraceAlignedRate(initial: 0.1, steps: 200)), "controller.steps is 100,"
      ),
      (
        made(adam, ConstantRate(0.1)), made(Adam(beta1: 0.5), ConstantRate(0.1)),
        "rule.beta1 is 0.9,"
      ),
      (
        made(adam, ConstantRate(0.1).clamped(to: 0...1)),
        made(adam, ConstantRate(0.1).clamped(to: 0...2)), "controller.bounds.1 is 1.0,"
      ),
    ]
    for (first, second, words) in cases {
      let said = try refusal(of: first, by: second)
      #expect(said.contains(words) && said.contains("this training"), "\(said)")
      #expect(try refusal(of: first, by: first) == "nothing")
    }
  }

  @Test(arguments: [
    ("prodigy()", "prodigy(initialDistance: 1e-2)"), ("dog()", "dog(initialDistance: 1e-3)"),
    ("armijo(adam, initial: 1)", "armijo(adam, initial: 2)"),
    ("armijo(adam, initial: 1)", "armijo(adam(beta1: 0.5), initial: 1)"),
    ("dog().averaged(power: 3)", "dog().averaged(power: 4)"),
    ("dog().clamped(to: 0...1)", "dog().clamped(to: 0...2)"),
    (
      "byGroup(adam, rate: traceAligned(initial: 0.1, steps: 100))",
      "byGroup(adam, rate: traceAligned(initial: 0.1, steps: 200))"
    ),
  ]) func otherValuesOfMethodsAreRefused(_ one: String, _ other: String) throws {
    func made(_ text: String) throws -> Trainer<NoisyBowl<Double>> {
      try trainer(method: #require(try TrainingTexts.method(text)))
    }
    let said = try refusal(of: made(one), by: made(other))
    #expect(said.contains("it has method") && said.contains("this training method"), "\(said)")
    #expect(try refusal(of: made(one), by: made(one)) == "nothing")
  }

  private final class Trainers: @unchecked Sendable {
    let all: [Trainer<NoisyBowl<Double>>]
    init(_ all: [Trainer<NoisyBowl<Double>>]) { self.all = all }
  }

  /// Threads that write to one place write whole files, one after the other.
  @Test func threadsWriteToOnePlace() throws {
    let folder = NSTemporaryDirectory() + "/training-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let place = folder + "/checkpoint"
    // Of different lengths, by their histories.
    let trainers = Trainers(
      try (0..<4).map { number in
        var one = try trainer(AnyOptimizer("adam + constant(0.1)", parameterCount: 6))
        try one.run(toStep: 1 + 40 * number)
        return one
      })
    let faults = Mutex<[String]>([])
    for _ in 0..<15 {
      DispatchQueue.concurrentPerform(iterations: 4) { number in
        do {
          try TrainingCheckpoint.write(trainers.all[number], to: place)
        } catch { faults.withLock { $0.append("\(error)") } }
      }
      var read = try trainer(AnyOptimizer("adam + constant(0.1)", parameterCount: 6))
      try TrainingCheckpoint.restore(&read, from: place)
      #expect(trainers.all.map(\.step).contains(read.step))
    }
    #expect(faults.withLock { $0 } == [])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["checkpoint"])
  }
}
