internal import PortableMath
internal import Records
internal import Statistics

/// What every table and picture asks of the sweep, by task, rule and method in the order of the
/// suite: counts, quartiles and the runs at the best-tuned rate, but no other run.
struct Comparison: Sendable {
  let suite: Suite
  /// Of the suite, and any that only the runs name, after them.
  let tasks: [String]
  let rules: [String]
  /// The rules as files name them; no two are the same.
  let slugs: [String]
  let methods: [String]
  /// The methods as tables and pictures name them.
  let labels: [MethodLabel]
  /// By method: whether its runs have a starting rate.
  let hasStart: [Bool]
  /// By method: whether it brings its rule with it.
  let hasOwnRule: [Bool]
  /// By rule: the methods that the suite lists with it, and any that only the runs name.
  let listed: [[Int]]
  /// Indexed by task, rule and method in turn.
  private let cells: [MethodRuns]
  /// Indexed by rule and method in turn.
  private let movements: [Movement]
  /// Runs of the sweep.
  let runCount: Int
  /// Distinct seeds of the sweep, ascending.
  let seeds: [Int]
  /// The starting rate is chosen on seeds that are not reported.
  let choosesOnOtherSeeds: Bool
  let provenance: String
  /// Computed once, for tables and pictures.
  var intervals = Intervals()

  init(_ builder: consuming ComparisonBuilder, digest: String) {
    builder.closeGroup()
    let suite = builder.suite
    self.suite = suite
    let keys = builder.groups.keys
    let tasks = Self.names(suite.tasks.map(\.name), keys.map(\.task))
    let rules = Self.names(suite.rules.map(\.name), keys.map(\.rule))
    let methods = Self.names(suite.methods.map(\.name), keys.map(\.method))
    self.tasks = tasks
    self.rules = rules
    slugs = uniqueSlugs(rules)
    self.methods = methods
    cells = tasks.flatMap { task in
      rules.flatMap { rule in
        methods.map { method in
          builder.groups[.init(task: task, rule: rule, method: method)] ?? MethodRuns()
        }
      }
    }
    listed = rules.map { rule in
      let known = suite.methods.filter { suite.rules(of: $0).contains(rule) }.map(\.name)
      return methods.indices.filter { m in
        known.contains(methods[m]) || keys.contains { $0.rule == rule && $0.method == methods[m] }
      }
    }
    let hasStart = methods.map { name in
      let groups = builder.groups.filter { $0.key.method == name }.values
      if !groups.isEmpty { return groups.contains { !$0.haveNoStart } }
      return suite.methods.first { $0.name == name }.map(suite.hasStartingRate) ?? true
    }
    self.hasStart = hasStart
    hasOwnRule = methods.map { name in
      suite.methods.first { $0.name == name }.map(suite.hasOwnRule) ?? false
    }
    labels = zip(methods, hasStart).map(MethodLabel.init)
    movements = rules.flatMap { rule in
      methods.map { builder.movements[.init(task: "", rule: rule, method: $0)]?.result ?? .none }
    }
    runCount = builder.runCount
    seeds = builder.seeds.seen
    choosesOnOtherSeeds = builder.seeds.areSeparate
    provenance = Table.provenance(of: suite, digest: digest)
  }

  /// The runs of a task, rule and method, by position.
  func runs(_ task: Int, _ rule: Int, _ method: Int) -> MethodRuns {
    cells[(task * rules.count + rule) * methods.count + method]
  }

  /// How far learning rates moved, over the runs of all tasks.
  func movement(_ rule: Int, _ method: Int) -> Movement {
    movements[rule * methods.count + method]
  }

  /// The mean over tasks, with equal weight, of what `value` says of each; `nil` without any.
  func meanOverTasks(
    _ rule: Int, _ method: Int, _ value: (MethodRuns) -> Double?
  ) -> Double? {
    mean(tasks.indices.compactMap { value(runs($0, rule, method)) })
  }

  /// The budget of a run on `task` under `rule`, in gradients: that of the suite, or the most that
  /// any run paid.
  func budget(_ task: Int, _ rule: Int) -> Int {
    suite.steps
      ?? Int(methods.indices.map { runs(task, rule, $0).mostCost }.max()?.rounded(.up) ?? 0)
  }

  /// The best fixed rate and the target.
  func reference(_ task: Int, _ rule: Int) -> Suite.Reference? {
    suite.tasks.first { $0.name == tasks[task] }?.references[rules[rule]]
  }

  /// Seeds on which tuned results are reported.
  var reportedSeeds: Int { choosesOnOtherSeeds ? suite.reportSeeds.count : seeds.count }

  /// Whether every rule is listed with every method.
  var isComplete: Bool { listed.allSatisfy { $0.count == methods.count } }

  /// A sentence on the mark of ``labels``, with what it means for a table; empty where no method has
  /// it.
  func startlessNote(_ meaning: String) -> String {
    hasStart.contains(false) ? " † has no starting rate: \(meaning)." : ""
  }

  /// "mean over 12 tasks" in a caption.
  var meanOverAllTasks: String { Comparison.meanOver(tasks.count) }

  static func meanOver(_ tasks: Int) -> String {
    "mean over \(tasks) \(tasks == 1 ? "task" : "tasks")"
  }

  private static func names(_ known: [String], _ found: [String]) -> [String] {
    known + Set(found).subtracting(known).sorted()
  }
}

/// log₁₀ x from the portable logarithm; −∞ at zero and below.
package func decimalLog(_ x: Double) -> Double {
  if x <= 0 { return -.infinity }
  if x == .infinity { return x }
  return Portable.log(x) * 0.43429448190325182
}
