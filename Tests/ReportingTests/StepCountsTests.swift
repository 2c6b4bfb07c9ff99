import Experiments
import Hypergradient
import HypergradientCatalogue
import Records
import Reporting
import Tasks
import Testing

/// Skipped, retaken and restored steps reach the record and the table, whatever the method.
@Suite struct StepCountsTests {
  /// ½ Σ (i + 1) x_i², whose gradient is not a number at every fifth step; every eleventh loss looks
  /// a thousand times as high.
  struct Holes: BenchmarkTask {
    var hasHoles = true
    let dimension = 4
    var start: [Double] { [1, -2, 0.5, 3] }
    var reference: ReferenceValue { ReferenceValue(0, .exact, minimiser: [0, 0, 0, 0]) }
    var scratchCount: Int { 0 }

    func draws(seed: Int, steps: Range<Int>) -> Draws<Double> { Draws(steps: steps) }

    func gradient(
      at theta: UnsafePointer<Double>, step: Int, draws: Draws<Double>,
      into gradient: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
    ) -> Double {
      exactGradient(at: theta, step: step, into: gradient, scratch: scratch)
      if hasHoles, step % 5 == 3 { gradient[1] = .nan }
      return loss(at: theta, step: step, scratch: scratch) * (step % 11 == 10 ? 1000 : 1)
    }

    func loss(
      at theta: UnsafePointer<Double>, step: Int, scratch: UnsafeMutablePointer<Double>
    ) -> Double {
      (0..<dimension).reduce(0) { $0 + 0.5 * Double($1 + 1) * theta[$1] * theta[$1] }
    }

    func exactGradient(
      at theta: UnsafePointer<Double>, step: Int, into gradient: UnsafeMutablePointer<Double>,
      scratch: UnsafeMutablePointer<Double>
    ) {
      for i in 0..<dimension { gradient[i] = Double(i + 1) * theta[i] }
    }
  }

  private static let horizon = 120

  /// The methods of the suite `all` that are not pairs: all of the catalogue's.
  private static let methods: [(name: String, method: NamedMethod<Double>)] = {
    let suite = try! SuiteFile.load("all")
    return suite.methods.compactMap { line in
      let method = try! made(line.spec)
      guard case .method = method else { return nil }
      return (line.name, method)
    }
  }()

  private static func made(_ text: String) throws -> NamedMethod<Double> {
    try Catalogue.standard.method(text, variables: variables, rule: "sgd")
  }

  private static let variables = ["rate": 0.05, "steps": Double(horizon), "additiveBeta": 1e-4]

  private func record(_ method: NamedMethod<Double>, on task: Holes) throws -> RunRecord {
    try SingleTraining.run(
      method, on: task, named: ("holes", "method"), seed: 1, steps: Self.horizon, evaluations: 10
    ).record
  }

  /// A method told again step by step, with the loop's clock: what it counts, and the steps that
  /// left the parameters where they were, to the last bit.
  private func told(
    _ method: NamedMethod<Double>, on task: Holes
  ) -> (counts: StepCounts, stillSteps: Int) {
    func tell<M: TrainingMethod<Double>>(_ made: M) -> (counts: StepCounts, stillSteps: Int) {
      var (method, theta, counts, still, thirds) = (made, task.start, StepCounts(), 0, 0)
      var oracle = TaskOracle(task: task, seed: 1)
      method.begin(at: theta)
      while thirds < 3 * Self.horizon {
        let before = theta
        oracle.begin(step: thirds / 3)
        method.step(&theta, &oracle)
        // A step that would end past the horizon is none.
        guard oracle.counts.thirds <= 3 * Self.horizon else { break }
        thirds = oracle.counts.thirds
        counts = method.stepCounts
        if theta == before { still += 1 }
      }
      return (counts, still)
    }
    return tell(method.trainer(parameterCount: task.dimension))
  }

  /// A gradient that is not finite is a step not taken, or one that is taken back, and so is a null step.
  @Test func everyMethodCountsWhatItSkips() throws {
    #expect(Self.methods.count > 30)
    for (name, method) in Self.methods {
      let record = try record(method, on: Holes())
      let (counts, still) = told(method, on: Holes())
      // Its rate is the loss over the gradient's length: a loss a thousand times too high throws it
      // out, and its record ends there.
      if name == "scheduleFreePlus" {
        #expect(record.status == .escaped && record.skippedSteps > 0)
        continue
      }
      #expect(record.status != .nonFinite && record.status != .escaped, "\(name)")
      // What may take steps back takes back the one before.
      #expect(record.skippedSteps + record.retakenSteps > 0, "\(name)")
      #expect(record.skippedSteps == counts.skipped, "\(name)")
      #expect(record.retakenSteps == counts.retaken, "\(name)")
      #expect(record.restoredSteps ?? 0 == counts.restored, "\(name)")
      // An average of the iterates moves on while they stay.
      if name != "dog-averaging" { #expect(counts.skipped <= still, "\(name)") }
    }
  }

  /// What a controller decides, at each step of an optimizer that is stepped by hand.
  private func decisions(_ controller: any LearningRateController) -> StepCounts {
    func tell<C: LearningRateController>(_ controller: C) -> StepCounts {
      let task = Holes(hasHoles: false)
      var optimizer = Optimizer(
        GradientDescent<Double>(), controller, parameterCount: task.dimension)
      var (theta, counts) = (task.start, StepCounts())
      let draws = task.draws(seed: 1, steps: 0..<Self.horizon)
      for step in draws.steps {
        let (loss, gradient) = task.gradient(at: theta, step: step, draws: draws)
        switch optimizer.step(&theta, gradient: gradient, loss: loss) {
        case .step: break
        case .skip: counts.skipped += 1
        case .retake: counts.retaken += 1
        case .restore: counts.restored += 1
        }
      }
      return counts
    }
    return tell(controller)
  }

  @Test(arguments: [
    "boldDriver(initial: rate)",
    "plateau(initial: rate, reduce: .by(0.5, after: 1, from: .best))",
    "traceAligned(initial: rate, steps: steps)",
  ])
  func whatAControllerDecidesIsRecorded(_ text: String) throws {
    let controller = try Catalogue.standard.controller(text, variables: Self.variables)
    let counts = decisions(controller)
    #expect((text.hasPrefix("boldDriver") ? counts.retaken : counts.restored) > 0)
    let record = try record(Self.made(text), on: Holes(hasHoles: false))
    #expect(record.gradientEvaluations == Self.horizon)
    #expect(record.skippedSteps == counts.skipped && record.retakenSteps == counts.retaken)
    #expect(record.restoredSteps == (counts.restored == 0 ? nil : counts.restored))
  }

  /// What drives optimizers or controllers of its own passes their counts on.
  @Test(arguments: [
    "byGroup(sgd, rate: boldDriver(initial: rate))",
    "startUp(sgd, rate: boldDriver(initial: rate))",
    "independentAlignment(sgd, by: boldDriver(initial: rate))",
  ])
  func retakenStepsPassThrough(_ text: String) throws {
    let method = try Self.made(text)
    let record = try record(method, on: Holes(hasHoles: false))
    #expect(record.retakenSteps > 0)
    #expect(record.retakenSteps == told(method, on: Holes(hasHoles: false)).counts.retaken)
  }

  /// The table of movement has the mean over runs.
  @Test func theTableHasThemAll() throws {
    var results = Sample.results
    for index in results.runs.indices where results.runs[index].method == "fixed" {
      results.runs[index].skippedSteps = 2
      results.runs[index].retakenSteps = results.runs[index].rateIndex == 1 ? 3 : 0
      results.runs[index].restoredSteps = results.runs[index].rateIndex == 2 ? 6 : nil
    }
    let table = try #require(Report.tables(results).first { $0.name == "movement" })
    for (method, expected) in [("fixed", [2.0, 1, 2]), ("broken", [0, 0, 0])] {
      let row = try #require(
        table.rows.first { row in row.contains { $0.content == .text(method) } })
      for (column, value) in zip(["skipped", "retaken", "restored"], expected) {
        let index = try #require(
          table.columns.firstIndex { $0.fullHeading == "steps a run \(column)" })
        #expect(row[index].content == .number(value), "\(method), \(column)")
      }
    }
  }
}
