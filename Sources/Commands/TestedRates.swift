internal import Experiments
internal import Hypergradient
internal import HypergradientCatalogue
internal import HypergradientTraining
internal import PortableMath
internal import Records
internal import Tasks

/// Range tests of one rule on one task, a curve a seed.
struct TestedRates: Sendable {
  let seeds: [Int]
  let curves: [RateCurve]

  /// - Parameters:
  ///   - task: its text; the seed names the instance.
  ///   - wantsAccuracy: that a task without held-out accuracy is refused.
  ///   - measuresHeldOut: whether held-out data, where there are some, are scored at each rate.
  /// - Throws: what the texts and the data throw, and ``ExperimentError``.
  init(
    _ test: RateRangeTest, of rule: String, on task: String, seeds: [Int], factory: TaskFactory,
    wantsAccuracy: Bool = false, measuresHeldOut: Bool = true, jobs: Int
  ) throws {
    self.seeds = seeds
    curves = try Workers.map(seeds, jobs: jobs) { seed in
      // A task that changes in the middle of a run is tested at its beginning.
      let horizon = max(1000, 4 * test.count)
      let made = try factory.make(task, instance: seed, horizon: horizon)
      func open<T: BenchmarkTask>(_ made: T) throws -> RateCurve {
        let read = try factory.names.catalogue.rule(
          rule, for: T.Scalar.self, variables: ["steps": Double(horizon)])
        return try Self.curve(
          test, of: read, on: made, named: task, seed: seed, wantsAccuracy, measuresHeldOut)
      }
      return try open(made)
    }
  }

  private static func curve<T: BenchmarkTask>(
    _ test: RateRangeTest, of rule: RuleOnObjective<T.Scalar>, on task: T, named name: String,
    seed: Int, _ wantsAccuracy: Bool, _ measuresHeldOut: Bool
  ) throws -> RateCurve {
    let start = task.start
    let scratch = UnsafeMutablePointer<T.Scalar>.allocate(capacity: max(1, task.scratchCount))
    scratch.initialize(repeating: 0, count: max(1, task.scratchCount))
    defer { scratch.deallocate() }
    func score(_ theta: UnsafeBufferPointer<T.Scalar>) -> RateCurve.HeldOut? {
      task.heldOutScore(at: theta.baseAddress!, scratch: scratch).map {
        RateCurve.HeldOut(loss: $0.loss, accuracy: $0.accuracy)
      }
    }
    let starting = start.withUnsafeBufferPointer { score($0) }
    if wantsAccuracy, starting?.accuracy == nil {
      let fault =
        starting == nil
        ? "has no held-out data to measure an accuracy on"
        : "learns a number, which has no accuracy"
      throw ExperimentError("task '\(name)' \(fault): leave out --accuracy")
    }
    // Draws of its own, so that a run with this seed is as if none had been tested.
    var stream = RandomStream(RandomKey("rateRange.draws", seed))
    let oracle = TaskOracle(
      task: task, seed: Int(truncatingIfNeeded: stream.nextUInt64() >> 1),
      drawsAhead: task.stepsPerBlock)
    let optimizer = AnyOptimizer(
      rule.rule, ConstantRate(0), on: rule.objective, parameterCount: task.dimension)
    let curve = test.curve(
      of: optimizer, at: start, on: oracle, beginStep: { $1.begin(step: $0) },
      heldOut: starting != nil && measuresHeldOut ? { score($0) } : nil)
    try task.checkForFailure()
    return curve
  }

  /// A suggestion over the seeds.
  func suggestion(_ kind: RateSuggestion) -> RateInterval {
    RateInterval(curves.map { $0.suggestion(kind) })
  }

  private var hasHeldOut: Bool { curves.contains { $0.initialHeldOut != nil } }
  var hasAccuracy: Bool { curves.contains { $0.initialHeldOut?.accuracy != nil } }

  /// A line a seed and rate.
  var csv: String {
    let (isScored, hasAccuracy) = (hasHeldOut, hasAccuracy)
    var text =
      "seed,learningRate,loss,average,smoothed" + (isScored ? ",heldOutLoss" : "")
      + (hasAccuracy ? ",accuracy" : "")
    text += "\n"
    for (seed, curve) in zip(seeds, curves) {
      func line(_ rate: Double, _ values: [Double], _ score: RateCurve.HeldOut?) {
        text += ([rate] + values).reduce(into: "\(seed)") { $0 += ",\($1)" }
        if isScored { text += ",\(field(score?.loss))" }
        if hasAccuracy { text += ",\(field(score?.accuracy))" }
        text += "\n"
      }
      // The loss before the first step belongs to the rate 0.
      let first = curve.initialLoss
      line(0, [first, first, curve.smoothedInitialLoss], curve.initialHeldOut)
      let smoothed = curve.smoothed
      for i in curve.rates.indices {
        line(
          curve.rates[i], [curve.losses[i], curve.average[i], smoothed[i]],
          i < curve.heldOut.count ? curve.heldOut[i] : nil)
      }
      if let failed = curve.failedRate { line(failed, [.nan, .nan, .nan], nil) }
    }
    return text
  }

  private func field(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
}
