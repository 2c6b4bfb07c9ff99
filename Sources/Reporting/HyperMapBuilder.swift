internal import Records
internal import Statistics

/// Takes the runs of the map one after the other, sorted as they are stored, and keeps what
/// ``HyperMap`` needs; those of one task, rule and method are held at a time, as a number each.
struct HyperMapBuilder {
  private(set) var groups: [HyperMap.Key: HyperMap.Group] = [:]
  private(set) var runCount = 0
  private var key: HyperMap.Key?
  private var task = ""
  private var group = HyperMap.Group()
  private var open: [HyperMap.Place: (reached: Int, logGaps: [Double])] = [:]

  mutating func add(_ run: RunRecord) {
    runCount += 1
    guard let hyper = run.hyperIndex else { return }
    if key?.method != run.method || key?.rule != run.rule || task != run.task {
      closeGroup()
      let next = HyperMap.Key(rule: run.rule, method: run.method)
      key = next
      task = run.task
      group = groups[next] ?? HyperMap.Group()
    }
    if group.exponents[run.rateIndex] == nil {
      group.exponents[run.rateIndex] = run.rateExponent ?? .nan
    }
    if group.hyperLearningRates[hyper] == nil {
      group.hyperLearningRates[hyper] = run.hyperLearningRate ?? .nan
    }
    let place = HyperMap.Place(hyper: hyper, rate: run.rateIndex)
    open[place, default: (0, [])].logGaps.append(run.logGap)
    if run.reached { open[place]!.reached += 1 }
  }

  /// Reduces the runs of the open task.
  mutating func closeGroup() {
    guard let key else { return }
    group.tasks.insert(task)
    for (place, runs) in open {
      group.cells[place, default: [:]][task] = HyperMap.TaskCell(
        reached: Double(runs.reached) / Double(runs.logGaps.count),
        // A place is there with its first run.
        logGap: min(0, median(runs.logGaps)!))
    }
    groups[key] = group
    open.removeAll()
    self.key = nil
  }
}
