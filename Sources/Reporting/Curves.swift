internal import Records
internal import Statistics

/// What came of the traced runs: quartiles at every evaluated step, by task, rule, method and
/// starting rate.
struct Curves: Sendable {
  struct Key: Hashable {
    let task: Int
    let rule: Int
    let method: Int
    /// ``RunRecord/rateIndex``.
    let rate: Int
  }

  /// Quartiles of log₁₀; a run that was stopped counts as infinite after that in gap and loss, and
  /// not at all in the learning rate.
  struct Point: Sendable {
    let gap: Quartiles
    let loss: Quartiles
    /// Of the learning rate over the best fixed rate.
    let rate: Quartiles?
    /// log₁₀ of the loss on held-out examples, and the share of them classified rightly, with
    /// ``HeldOutScores/stopped`` of a run that was; `nil` where there is none.
    let testLoss: Quartiles?
    let testAccuracy: Quartiles?
  }

  /// The points of one key by step.
  let curves: [Key: [Int: Point]]

  init(_ builder: consuming CurvesBuilder) {
    builder.closeGroup()
    curves = builder.curves
  }
}

/// Takes traces one after the other, sorted as they are stored; those of one task, rule and method
/// are held at a time.
struct CurvesBuilder {
  private(set) var curves: [Curves.Key: [Int: Curves.Point]] = [:]
  private let comparison: Comparison
  private let tasks: [String: Int]
  private let rules: [String: Int]
  private let methods: [String: Int]
  private var first: RunTrace?
  private var open: [Int: [RunTrace]] = [:]

  init(_ comparison: Comparison) {
    self.comparison = comparison
    func positions(_ names: [String]) -> [String: Int] {
      Dictionary(uniqueKeysWithValues: zip(names, names.indices))
    }
    tasks = positions(comparison.tasks)
    rules = positions(comparison.rules)
    methods = positions(comparison.methods)
  }

  mutating func add(_ trace: RunTrace) {
    if first?.method != trace.method || first?.rule != trace.rule || first?.task != trace.task {
      closeGroup()
      first = trace
    }
    open[trace.rateIndex, default: []].append(trace)
  }

  /// Reduces the traces of the open group.
  mutating func closeGroup() {
    defer {
      first = nil
      open.removeAll()
    }
    guard let first, let t = tasks[first.task], let r = rules[first.rule],
      let m = methods[first.method]
    else { return }
    for (rate, traces) in open {
      curves[Curves.Key(task: t, rule: r, method: m, rate: rate)] = Self.points(
        traces, start(t, r, m, rate))
    }
  }

  /// log₁₀ of a starting rate, and of its ratio to the best fixed rate; for a method that has no
  /// starting rate those of the best fixed rate itself.
  private typealias Start = (log: Double, exponent: Double)

  private func start(_ task: Int, _ rule: Int, _ method: Int, _ rate: Int) -> Start? {
    let start = comparison.runs(task, rule, method).rates.first { $0.index == rate }
    if let first = start?.startingRate, let exponent = start?.exponent {
      return (decimalLog(first), exponent)
    }
    return comparison.reference(task, rule).map { (decimalLog($0.rate), 0) }
  }

  private static func points(
    _ traces: [RunTrace], _ start: Start?
  ) -> [Int: Curves.Point] {
    struct Values {
      var gaps: [Double] = []
      var losses: [Double] = []
      var rates: [Double] = []
      var testLosses: [Double] = []
      var testAccuracies: [Double] = []
    }
    var values: [Int: Values] = [:]
    for trace in traces {
      for (index, step) in trace.steps.enumerated() where step > 0 {
        values[step, default: Values()].gaps.append(logarithm(trace.gaps[index]))
        values[step]!.losses.append(logarithm(trace.losses[index]))
        let rate = trace.learningRates[index]
        if let start, !rate.isNaN {
          values[step]!.rates.append(decimalLog(rate) - start.log + start.exponent)
        }
        if !trace.testLosses.isEmpty {
          values[step]!.testLosses.append(logarithm(trace.testLosses[index]))
        }
        if !trace.testAccuracies.isEmpty {
          values[step]!.testAccuracies.append(trace.testAccuracies[index])
        }
      }
    }
    return values.mapValues { here in
      let stoppedCount = traces.count - here.gaps.count
      func quartiles(_ values: [Double], stopped: Double) -> Quartiles? {
        values.isEmpty
          ? nil : Quartiles(values + [Double](repeating: stopped, count: stoppedCount))
      }
      let stopped = HeldOutScores.stopped
      // A step is there with its first value.
      return Curves.Point(
        gap: quartiles(here.gaps, stopped: .infinity)!,
        loss: quartiles(here.losses, stopped: .infinity)!,
        rate: Quartiles(here.rates),
        testLoss: quartiles(here.testLosses, stopped: stopped.loss),
        testAccuracy: quartiles(here.testAccuracies, stopped: stopped.accuracy))
    }
  }

  private static func logarithm(_ value: Double) -> Double {
    decimalLog(value.isNaN ? .infinity : max(value, RunRecord.leastGap))
  }
}
