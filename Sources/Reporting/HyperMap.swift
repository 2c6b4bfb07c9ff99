internal import Records
internal import Statistics

/// What came of the runs of the map over (starting rate, hyper-learning-rate).
struct HyperMap: Sendable {
  let rules: [String]
  let methods: [String]
  let tasks: [String]
  let runCount: Int
  private let groups: [Key: Group]

  struct Key: Hashable {
    let rule: String
    let method: String
  }

  struct Place: Hashable {
    let hyper: Int
    let rate: Int
  }

  /// One place on one task, all seeds: the share that reaches the target, and the median log₁₀ final
  /// gap, not above 0.
  struct TaskCell: Sendable {
    let reached: Double
    let logGap: Double
  }

  /// All tasks of a rule and method.
  struct Group: Sendable {
    var tasks: Set<String> = []
    var exponents: [Int: Double] = [:]
    var hyperLearningRates: [Int: Double] = [:]
    var cells: [Place: [String: TaskCell]] = [:]
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

  init(_ builder: consuming HyperMapBuilder, suite: Suite) {
    builder.closeGroup()
    groups = builder.groups
    runCount = builder.runCount
    func ordered(_ known: [String], _ found: some Sequence<String>) -> [String] {
      let found = Set(found)
      return known.filter(found.contains) + found.subtracting(known).sorted()
    }
    rules = ordered(suite.rules.map(\.name), groups.keys.map(\.rule))
    methods = ordered(suite.map?.methods.map(\.name) ?? [], groups.keys.map(\.method))
    tasks = ordered(suite.tasks.map(\.name), groups.values.flatMap(\.tasks))
  }

  var isEmpty: Bool { groups.isEmpty }

  func sheet(rule: String, method: String) -> Sheet? {
    guard let group = groups[Key(rule: rule, method: method)] else { return nil }
    let rateOrder = group.exponents.keys.sorted()
    let hyperOrder = group.hyperLearningRates.keys.sorted()
    let cells = hyperOrder.map { hyper in
      rateOrder.map { rate in group.cells[Place(hyper: hyper, rate: rate)].flatMap(cell) }
    }
    return Sheet(
      hyperLearningRates: hyperOrder.map { group.hyperLearningRates[$0]! },
      exponents: rateOrder.map { group.exponents[$0]! },
      cells: cells, reached: cells.map { mean($0.compactMap { $0?.reached }) ?? 0 })
  }

  private func cell(_ byTask: [String: TaskCell]) -> Cell? {
    let present = tasks.compactMap { byTask[$0] }
    guard let reached = mean(present.map(\.reached)), let gap = mean(present.map(\.logGap)) else {
      return nil
    }
    return Cell(reached: reached, logGap: gap)
  }
}
