import Records

/// What tables and pictures say of ``VariedSample``, told again from its runs one by one.
struct PlainRuns {
  let results: Results
  var suite: Records.Suite { results.suite }

  init(isComplete: Bool = true) { results = VariedSample.results(isComplete: isComplete) }

  /// The methods that run under a rule, in the suite's order.
  func listed(_ rule: String) -> [String] {
    suite.methods.filter { suite.rules(of: $0).contains(rule) }.map(\.name)
  }

  func runs(
    _ task: String, _ rule: String, _ method: String, _ part: RunRecord.Part = .sweep
  ) -> [RunRecord] {
    results.runs.filter {
      $0.part == part && $0.task == task && $0.rule == rule && $0.method == method
    }
  }

  /// The mean over tasks of what is said of each task's runs.
  func overTasks(
    _ rule: String, _ method: String, _ value: ([RunRecord]) -> Double?
  ) -> Double? {
    Plain.mean(VariedSample.tasks.compactMap { value(runs($0, rule, method)) })
  }

  func robust(_ rule: String, _ method: String) -> Double? {
    overTasks(rule, method) { Plain.share($0, \.reached) }
  }

  /// The same of single tasks, over some rules.
  func robustByTask(_ rules: [String], _ method: String) -> [Double] {
    VariedSample.tasks.compactMap { task in
      Plain.mean(rules.compactMap { Plain.share(runs(task, $0, method), \.reached) })
    }
  }

  /// The same of single seeds.
  func robustBySeed(_ rule: String, _ method: String) -> [Double] {
    (VariedSample.tuning + VariedSample.report).compactMap { seed in
      overTasks(rule, method) { runs in Plain.share(runs.filter { $0.seed == seed }, \.reached) }
    }
  }

  // MARK: Tuned

  /// By what settings are compared: median gap, then median area, on the tuning seeds.
  private func score(_ runs: [RunRecord]) -> (Double, Double) {
    let tuning = runs.filter { VariedSample.tuning.contains($0.seed) }
    // The means of gaps, not of their logarithms.
    return (
      Plain.median(tuning.map { max(1e-16, $0.finalGap) })!,
      Plain.median(tuning.map(\.areaUnderLogGap))!
    )
  }

  /// The index of the rate that tuning prefers.
  func tunedRate(_ task: String, _ rule: String, _ method: String) -> Int? {
    let all = runs(task, rule, method)
    return Set(all.map(\.rateIndex)).sorted().min { a, b in
      score(all.filter { $0.rateIndex == a }) < score(all.filter { $0.rateIndex == b })
    }
  }

  /// The runs at that rate on the other seeds.
  func tuned(_ task: String, _ rule: String, _ method: String) -> [RunRecord] {
    guard let rate = tunedRate(task, rule, method) else { return [] }
    return runs(task, rule, method).filter {
      $0.rateIndex == rate && VariedSample.report.contains($0.seed)
    }
  }

  func tunedGaps(_ task: String, _ rule: String, _ method: String) -> [Double] {
    tuned(task, rule, method).map { Plain.logarithm($0.finalGap) }
  }

  /// The median's rank among the methods, on each task.
  func ranks(_ rule: String, _ method: String) -> [Double] {
    VariedSample.tasks.compactMap { task in
      let medians = VariedSample.methods.compactMap { Plain.median(tunedGaps(task, rule, $0)) }
      return Plain.median(tunedGaps(task, rule, method)).map { Plain.rank($0, in: medians) }
    }
  }

  /// All evaluations over the runs that got there; a run that did not costs its budget.
  func time(_ passages: [Int?]) -> Double? {
    if passages.isEmpty { return nil }
    let spent = passages.map { Double($0 ?? VariedSample.steps) }.reduce(0, +)
    return spent / Double(passages.count { $0 != nil })
  }

  // MARK: Budget

  /// A method's places with its runs, on the seeds that sweep and map have in common.
  private func places(_ task: String, _ rule: String, _ method: String) -> [[RunRecord]] {
    let part: RunRecord.Part = VariedSample.mapped.contains(method) ? .map : .sweep
    let own = runs(task, rule, method, part).filter { suite.map!.seeds.contains($0.seed) }
    return Dictionary(grouping: own) { [$0.rateIndex, $0.hyperIndex ?? 0] }
      .sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
  }

  func placeCount(_ method: String) -> Int { places("dune", "adam", method).count }

  /// By task, the mean over rules and over all choices of n places of the share of successes of the
  /// place that tuning prefers.
  func expected(_ method: String, trials: Int) -> [Double] {
    VariedSample.tasks.map { task in
      Plain.mean(
        VariedSample.rules.compactMap { rule -> Double? in
          let places = places(task, rule, method)
          let scores = places.map(score)
          let shares = places.map { runs in
            Plain.share(runs.filter { VariedSample.report.contains($0.seed) }, \.reached)!
          }
          let choices = (1..<(1 << places.count)).filter {
            $0.nonzeroBitCount == min(trials, places.count)
          }
          return Plain.mean(
            choices.map { choice in
              let drawn = places.indices.filter { choice >> $0 & 1 == 1 }
              return shares[drawn.min { scores[$0] < scores[$1] }!]
            })
        })!
    }
  }
}
