import Datasets
import Records
import Tasks
import Testing

@testable import Experiments

@Suite struct JudgedLossTests {
  private static let rows = ValidationMetricTests.rows

  private func suite() throws -> Records.Suite {
    var suite = try TinySuite.suite()
    suite.map = nil
    suite.tasks.removeLast(2)
    suite.tasks[0].spec = "csvLogistic(batch: 10)"
    suite.methods = [.init(name: "fixed", spec: "constant(rate)", rules: nil)]
    return suite
  }

  /// The gap is the held-out loss over its value at the start, in runs and in their references.
  @Test func gapsAreOfTheHeldOutLoss() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.rows, to: "data.csv")
    let path = folder.path + "/data.csv"
    var judged = try suite()
    judged.judgedBy = .heldOut
    let results = try folder.run(judged, into: "held-out", data: path).results
    #expect(!results.runs.isEmpty)
    for run in results.runs where run.status != .nonFinite {
      let task = try TaskFactory(data: DataSource(path)).make(
        "csvLogistic(batch: 10)", instance: run.seed, horizon: judged.steps)
      let first = startingScore(task)
      #expect(run.initialLoss == first)
      if !run.status.isDiverged {
        #expect(run.finalLoss == run.testLoss)
        #expect(run.finalGap == run.finalLoss / first)
      }
    }
    let trained = try folder.run(try suite(), into: "training", data: path).results
    #expect(trained.digest != results.digest)
    #expect(trained.runs.map(\.testLoss) == results.runs.map(\.testLoss))
  }

  private func startingScore(_ task: any BenchmarkTask) -> Double {
    func open<T: BenchmarkTask>(_ task: T) -> Double {
      var scratch = [T.Scalar](repeating: 0, count: task.scratchCount)
      let start = task.start
      return task.heldOutScore(at: start, scratch: &scratch)!.loss
    }
    return open(task)
  }

  /// Where no rate gets to half of the gap and there are held-out examples, the sentence names them.
  @Test func aTargetThatSaysNothingNamesTheHeldOutLoss() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.rows, to: "data.csv")
    var suite = try suite()
    suite.tasks.removeLast(suite.tasks.count - 1)
    suite.tasks[0].spec = "csvPerceptron(hidden: [3], batch: 8)"
    suite.steps = 2
    #expect {
      _ = try Calibration.all(of: suite, data: DataSource(folder.path + "/data.csv"), jobs: 1) {
        _ in
      }
    } throws: {
      "\($0)".hasSuffix(
        "give more steps, judge by the held-out loss ('judgedBy: heldOut', or compare --judged-by "
          + "heldOut), or leave the rule out")
    }
  }

  /// References are of what is judged: the keys differ.
  @Test func referencesAreOfWhatIsJudged() throws {
    var suite = try suite()
    let key = try suite.referenceKey(task: "csvLogistic", rule: "sgd", dataHash: "x")
    suite.judgedBy = .training
    #expect(try suite.referenceKey(task: "csvLogistic", rule: "sgd", dataHash: "x") == key)
    suite.judgedBy = .heldOut
    #expect(try suite.referenceKey(task: "csvLogistic", rule: "sgd", dataHash: "x") != key)
  }

  @Test func aTaskWithoutHeldOutExamplesIsRefused() throws {
    var suite = try TinySuite.suite()
    suite.judgedBy = .heldOut
    let folder = try TemporaryFolder()
    let error = try #require(throws: ExperimentError.self) { try folder.run(suite, into: "out") }
    #expect("\(error)".contains("a task without held-out examples"), "\(error)")
  }
}
