internal import Experiments
internal import Statistics

/// The runs of the map over (starting rate, hyper-learning-rate), grouped once.
struct HyperMap {
  let rules: [String]
  let methods: [String]
  let tasks: [String]
  private let groups: [Key: [RunRecord]]

  struct Key: Hashable {
    let rule: String
    let method: String
  }

  /// One cell: a starting rate and a hyper-learning-rate, all tasks and seeds.
  struct Cell {
    let reached: Double
    /// The mean over tasks of the median log₁₀ final gap, where gaps above 1 count as 1, so that
    /// one task that diverges does not hide the others.
    let logGap: Double
  }

  /// The cells of a method and a rule, `cells[hyper][rate]`.
  struct Sheet {
    let hyperLearningRates: [Double]
    let exponents: [Double]
    let cells: [[Cell?]]
    /// For each hyper-learning-rate, the share over all starting rates.
    let reached: [Double]
  }

  init(_ results: Results) {
    let runs = results.runs.filter { $0.part == .map && $0.hyperIndex != nil }
    groups = Dictionary(grouping: runs) { Key(rule: $0.rule, method: $0.method) }
    func ordered(_ known: [String], _ found: [String]) -> [String] {
      let found = Set(found)
      return known.filter(found.contains) + found.subtracting(known).sorted()
    }
    rules = ordered(results.suite.rules.map(\.name), runs.map(\.rule))
    methods = ordered(results.suite.map?.methods.map(\.name) ?? [], runs.map(\.method))
    tasks = ordered(results.suite.tasks.map(\.name), runs.map(\.task))
  }

  var isEmpty: Bool { groups.isEmpty }

  func sheet(rule: String, method: String) -> Sheet? {
    guard let runs = groups[Key(rule: rule, method: method)] else { return nil }
    let rates = Dictionary(runs.map { ($0.rateIndex, $0.rateExponent) }) { first, _ in first }
    let hypers = Dictionary(
      runs.map { ($0.hyperIndex!, $0.hyperLearningRate ?? .nan) }
    ) { first, _ in first }
    let rateOrder = rates.keys.sorted()
    let hyperOrder = hypers.keys.sorted()
    let byCell = Dictionary(grouping: runs) { [$0.hyperIndex!, $0.rateIndex] }
    let cells = hyperOrder.map { hyper in
      rateOrder.map { rate in byCell[[hyper, rate]].flatMap(cell) }
    }
    return Sheet(
      hyperLearningRates: hyperOrder.map { hypers[$0]! }, exponents: rateOrder.map { rates[$0]! },
      cells: cells, reached: cells.map { mean($0.compactMap { $0?.reached }) ?? 0 })
  }

  private func cell(_ runs: [RunRecord]) -> Cell? {
    let byTask = Dictionary(grouping: runs, by: \.task)
    let present = tasks.compactMap { byTask[$0] }
    guard
      let reached = mean(
        present.map { Double($0.count(where: \.reached)) / Double($0.count) }),
      let gap = mean(present.map { min(0, median($0.map(\.logGap))!) })
    else { return nil }
    return Cell(reached: reached, logGap: gap)
  }
}
