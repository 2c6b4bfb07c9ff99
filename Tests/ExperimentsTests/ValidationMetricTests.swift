import Datasets
import Experiments
import Hypergradient
import Records
import Tasks
import Testing

/// A controller that watches a metric is told the score on held-out examples when an epoch has ended.
@Suite struct ValidationMetricTests {
  static let rows =
    "x,y,kind\n"
    + (0..<90).map { (i: Int) -> String in
      "\((i * 37) % 11),\((i * 53) % 13),\((i * 7) % 11 > 4 ? 1 : 0)\n"
    }.joined()

  private struct Telling {
    var metrics: [Double] = []
    var rates: [Double] = []
    var final = 0.0
  }

  /// The same training, told by hand with an optimizer and a plateau.
  private func byHand<T: BenchmarkTask>(
    _ task: T, _ plateau: Plateau, steps: Int, metric: ValidationMetric
  ) -> Telling {
    var telling = Telling()
    var optimizer = Optimizer(
      GradientDescent<T.Scalar>(), plateau, parameterCount: task.dimension)
    var theta = task.start
    var gradient = theta
    var scratch = [T.Scalar](repeating: 0, count: max(1, task.scratchCount))
    for step in 0..<steps {
      let draws = task.draws(seed: 1, steps: step..<(step + 1))
      var told: Double?
      if step > 0, step % task.stepsPerEpoch! == 0 {
        let score = task.heldOutScore(at: theta, scratch: &scratch)!
        told = metric == .loss ? score.loss : score.accuracy
        telling.metrics.append(told!)
      }
      let loss = task.gradient(
        at: theta, step: step, draws: draws, into: &gradient, scratch: &scratch)
      optimizer.step(&theta, gradient: gradient, loss: loss, metric: told)
      telling.rates.append(optimizer.learningRate)
    }
    telling.final = task.loss(at: theta, step: steps, scratch: &scratch)
    return telling
  }

  static let controls: [(text: String, metric: ValidationMetric)] = [
    ("plateau(initial: 2, reduce: .by(0.5, after: 1), watching: .metric)", .loss),
    (
      "plateau(initial: 2, reduce: .by(0.5, after: 1), "
        + "comparing: .relative(1e-4, direction: .maximize), watching: .metric)", .accuracy
    ),
  ]

  @Test(
    arguments: controls, ["csvLogistic(batch: 10)", "csvPerceptron(hidden: [3], batch: 8)"])
  func theMetricIsThatOfTheEpochThatEnded(
    _ control: (text: String, metric: ValidationMetric), _ spec: String
  ) throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.rows, to: "data.csv")
    let source = DataSource(folder.path + "/data.csv")
    let task = try TaskFactory(data: source).make(spec, instance: 1, horizon: nil)
    let epochs = 15
    let steps = epochs * (try #require(task.stepsPerEpoch))
    let (record, trace) = try SingleTraining.run(
      SingleTraining.Request(
        task: spec, method: "sgd + \(control.text)", seed: 1, steps: nil, epochs: epochs,
        data: source, evaluations: steps, metric: control.metric)
    ) { _, _ in }
    let plateau = Plateau(
      initial: 2, reduce: .by(0.5, after: 1),
      comparing: control.metric == .loss
        ? .relative(1e-4) : .relative(1e-4, direction: .maximize), watching: .metric)
    func open<T: BenchmarkTask>(_ task: T) -> Telling {
      byHand(task, plateau, steps: steps, metric: control.metric)
    }
    let expected = open(task)
    #expect(expected.metrics.count == epochs - 1)
    #expect(Set(expected.rates).count > 2, "the plateau has something to do")
    #expect(record.finalLoss == expected.final)
    #expect(trace.steps.count > 20 && trace.testLosses.count == trace.steps.count)
    for (step, rate) in zip(trace.steps, trace.learningRates) where step > 0 {
      #expect(rate == expected.rates[step - 1], "step \(step)")
    }
    #expect(record.testLoss == trace.testLosses.last)
    #expect(record.testAccuracy == trace.testAccuracies.last)
  }

  /// A suite of one task, with a plateau that watches its held-out metric.
  private static func watching(
    _ task: String, _ direction: Plateau.Direction = .minimize
  ) throws -> Suite {
    var suite = try TinySuite.suite()
    suite.map = nil
    suite.tasks.removeLast(2)
    suite.tasks[0].spec = task
    suite.methods = [
      .init(
        name: "watcher",
        spec: "plateau(initial: rate, reduce: .by(0.5, after: 1), "
          + "comparing: .relative(1e-4, direction: .\(direction.rawValue)), watching: .metric)",
        rules: nil)
    ]
    return suite
  }

  /// In a comparison, too, where the suite says which; and traces are read as they were written.
  @Test func theSuiteChoosesTheMetric() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.rows, to: "data.csv")
    var suite = try Self.watching("csvLogistic(batch: 10)")
    let data = folder.path + "/data.csv"
    let loss = try folder.run(suite, into: "loss", data: data).results
    suite = try Self.watching("csvLogistic(batch: 10)", .maximize)
    suite.validationMetric = .accuracy
    let accuracy = try folder.run(suite, into: "accuracy", data: data).results
    #expect(loss.digest != accuracy.digest)
    #expect(!loss.traces.isEmpty)
    for trace in loss.traces {
      #expect(trace.testLosses.count == trace.steps.count)
      #expect(trace.testAccuracies.allSatisfy { (0...1).contains($0) })
    }
  }

  /// A controller whose metric is to go the other way is refused; a loss that is maximised is to rise.
  @Test func aMetricOfTheOtherDirectionIsRefused() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.rows, to: "data.csv")
    let source = DataSource(folder.path + "/data.csv")
    func fault(_ rule: String, _ control: String, _ metric: ValidationMetric) -> String {
      do {
        _ = try SingleTraining.run(
          SingleTraining.Request(
            task: "csvLogistic(batch: 10)", method: "\(rule) + \(control)", seed: 1, steps: nil,
            epochs: 2, data: source, evaluations: 9, metric: metric)
        ) { _, _ in }
        return ""
      } catch { return "\(error)" }
    }
    let (falling, rising) = (Self.controls[0].text, Self.controls[1].text)
    for (rule, control, metric, isRight) in [
      ("sgd", falling, ValidationMetric.loss, true), ("sgd", falling, .accuracy, false),
      ("sgd", rising, .loss, false), ("sgd", rising, .accuracy, true),
      ("sgd.maximizing", falling, .loss, false), ("sgd.maximizing", rising, .loss, true),
    ] {
      let said = fault(rule, control, metric)
      #expect(said.contains("give it the other direction") == !isRight, "\(said)")
    }
  }

  /// A number has no accuracy: its loss is told, and kept, and the accuracy refused.
  @Test func aNumberHasNoAccuracy() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.rows, to: "data.csv")
    let source = DataSource(folder.path + "/data.csv")
    func train(_ metric: ValidationMetric) throws -> (record: RunRecord, trace: RunTrace) {
      try SingleTraining.run(
        SingleTraining.Request(
          task: "csvRegression(batch: 10)", method: "sgd + \(Self.controls[0].text)", seed: 1,
          steps: nil, epochs: 3, data: source, evaluations: 9, metric: metric)
      ) { _, _ in }
    }
    let (record, trace) = try train(.loss)
    #expect(record.testLoss == trace.testLosses.last && record.testAccuracy == nil)
    #expect(trace.testLosses.count == trace.steps.count && trace.testAccuracies.isEmpty)
    #expect(SingleTraining.csv(trace).hasPrefix("step,gap,loss,learningRate,testLoss\n"))
    let refusal = "watches the held-out accuracy, and task "
    let error = #expect(throws: ExperimentError.self) { try train(.accuracy) }
    #expect("\(error!)".contains(refusal), "\(error!)")

    var suite = try Self.watching("csvRegression(batch: 10)")
    let data = folder.path + "/data.csv"
    let results = try folder.run(suite, into: "loss", data: data).results
    #expect(!results.traces.isEmpty && results.data?.classes == nil)
    #expect(try #require(results.data).sentence.contains("2 features, a number to learn"))
    for trace in results.traces {
      #expect(trace.testLosses.count == trace.steps.count && trace.testAccuracies.isEmpty)
    }
    suite.validationMetric = .accuracy
    let other = #expect(throws: ExperimentError.self) {
      try folder.run(suite, into: "accuracy", data: data)
    }
    #expect("\(other!)".contains(refusal), "\(other!)")
  }

  @Test(arguments: ["ellipsoid(dimension: 2)", "twoSpirals", "noisyQuadratic"])
  func aTaskWithoutHeldOutExamplesIsRefused(_ spec: String) throws {
    do {
      _ = try SingleTraining.run(
        SingleTraining.Request(
          task: spec,
          method: "sgd + plateau(initial: 1, reduce: .by(0.5, after: 1), watching: .metric)",
          seed: 1, steps: 3,
          epochs: 1, data: nil, evaluations: 3)
      ) { _, _ in }
      Issue.record("no error")
    } catch {
      #expect("\(error)".contains("has no held-out examples: watch the loss"), "\(error)")
    }
  }
}
