public import Experiments
internal import Hypergradient
internal import HypergradientCatalogue
internal import Records
internal import Statistics
internal import Tasks

/// What every rule, controller and method of the suite `all` costs: vectors, evaluations, time.
///
/// Vectors and evaluations are exact: those of a run of ``countedSteps`` steps on a diagonal
/// quadratic of ``countedDimension`` parameters, with noise and without. Time is measured on one of
/// ``timedDimension`` Float parameters, without what the oracle takes, in turns with the base: the
/// rule with a fixed rate, and for a rule gradient descent.
public struct MethodCosts: Sendable {
  public struct Row: Sendable, Equatable {
    public var kind: String
    public var name: String
    public var spec: String
    /// The suite's rule that it is over.
    public var base: String
    public var vectors: Int
    /// Vectors beyond the base.
    public var more: Int
    /// A step, on the noisy objective.
    public var gradients: Double
    public var losses: Double
    public var hessianVectorProducts: Double
    /// Gradients' worth a step, on the noisy objective and the one without noise.
    public var cost: Double
    public var quietCost: Double
    /// Seconds a step over those of the base; `nil` where nothing was measured.
    public var time: Double?
  }

  public static let countedDimension = 100
  public static let countedSteps = 100
  public static let timedDimension = 100_000

  public let rows: [Row]

  /// - Parameters:
  ///   - repeats: measurements of a method and its base in turns; 0 to measure no time.
  ///   - words: only the rows whose name contains one of them; all where there is none.
  ///   - names: all that the suite's texts may name.
  ///   - progress: is told of every row.
  /// - Throws: ``SpecError`` where a text of the suite can't be read; ``BenchmarkError`` for a word
  ///   that no name contains.
  public init(
    repeats: Int, words: [String] = [], names: Names = .standard,
    progress: (String) -> Void = { _ in }
  ) throws {
    let suite = try SuiteFile.load("all", names: names)
    var rows: [Row] = []
    var rules: [String: String] = [:]
    for rule in suite.rules { rules[rule.name] = rule.spec }
    func fixed(_ rule: String?) -> CostedMethod {
      CostedMethod(
        spec: "constant(rate)", rule: rule, variables: ["rate": Self.rate],
        catalogue: names.catalogue)
    }
    var planned: [(row: Row, method: CostedMethod, rule: String)] = []
    for rule in suite.rules {
      let row = Row(kind: "rule", name: rule.name, spec: rule.spec, base: suite.rules[0].name)
      planned.append((row, fixed(rule.spec), row.base))
    }
    for method in suite.methods {
      // A method that is listed with every rule is the fixed rate, and in the rows above.
      guard let base = suite.rules(of: method).first,
        suite.rules(of: method).count < suite.rules.count
      else { continue }
      var variables = suite.rules.first { $0.name == base }?.variables ?? [:]
      variables["rate"] = Self.rate
      variables["steps"] = Double(Self.countedSteps)
      let costed = CostedMethod(
        spec: method.spec, rule: rules[base], variables: variables, catalogue: names.catalogue)
      let kind =
        if case .method = try costed.named(Double.self) {
          "method"
        } else if suite.hasOwnRule(method) { "rule" } else {
          "controller"
        }
      let row = Row(kind: kind, name: method.name, spec: method.spec, base: base)
      planned.append((row, costed, base))
    }
    let chosen = try planned.chosen(by: words, named: \.row.name) {
      $0.row.name.lowercased().contains($1.lowercased())
    }
    for (row, method, rule) in chosen {
      progress(row.name)
      rows.append(try Self.measured(row, method, base: fixed(rules[rule]), repeats: repeats))
    }
    self.rows = rows
  }

  /// What `rate` stands for: the quadratic's largest curvature is 1.
  private static let rate = 0.1

  private static func measured(
    _ row: Row, _ method: CostedMethod, base: CostedMethod, repeats: Int
  ) throws -> Row {
    var row = row
    let noisy = DiagonalQuadratic<Double>(dimension: countedDimension, noiseVariance: 0.01)
    let quiet = DiagonalQuadratic<Double>(dimension: countedDimension, noiseVariance: 0)
    let counted = try Trial(method, noisy)
    counted.run(countedSteps)
    let basis = try Trial(base, noisy)
    let still = try Trial(method, quiet)
    still.run(countedSteps)
    let steps = Double(countedSteps)
    row.vectors = counted.memoryVectors
    row.more = counted.memoryVectors - basis.memoryVectors
    row.gradients = Double(counted.counts.gradients) / steps
    row.losses = Double(counted.counts.losses) / steps
    row.hessianVectorProducts = Double(counted.counts.hessianVectorProducts) / steps
    row.cost = Double(counted.counts.thirds) / (3 * steps)
    row.quietCost = Double(still.counts.thirds) / (3 * steps)
    guard repeats > 0 else { return row }
    let large = DiagonalQuadratic<Float>(dimension: timedDimension, noiseVariance: 0.01)
    let (ours, theirs) = (try Trial(method, large), try Trial(base, large))
    var times: (ours: [Double], theirs: [Double]) = ([], [])
    for turn in 0...repeats {
      let (a, b) = (ours.run(timedSteps), theirs.run(timedSteps))
      // The first is for warming up.
      if turn > 0 {
        times.ours.append(a)
        times.theirs.append(b)
      }
    }
    row.time = median(times.ours)! / median(times.theirs)!
    return row
  }

  /// Steps of a measurement.
  private static let timedSteps = 20
}

extension MethodCosts.Row {
  fileprivate init(kind: String, name: String, spec: String, base: String) {
    self.init(
      kind: kind, name: name, spec: spec, base: base, vectors: 0, more: 0, gradients: 0, losses: 0,
      hessianVectorProducts: 0, cost: 0, quietCost: 0)
  }
}

/// A method by its text, for parameters of any type.
private struct CostedMethod {
  let spec: String
  /// What `rule` stands for.
  let rule: String?
  let variables: [String: Double]
  let catalogue: Catalogue

  func named<S: ParameterScalar>(_: S.Type) throws -> NamedMethod<S> {
    try catalogue.method(spec, variables: variables, rule: rule)
  }
}

/// One method on one task, a few steps at a time.
private final class Trial<T: BenchmarkTask> {
  private let task: T
  private let method: any TrialRun<T>
  private let draws: Draws<T.Scalar>
  private var stepsTaken = 0

  init(_ costed: CostedMethod, _ task: T) throws {
    self.task = task
    // A few draws come round again.
    draws = task.draws(seed: 1, steps: 0..<10)
    func open<M: TrainingMethod<T.Scalar>>(_ method: M) -> any TrialRun<T> {
      Running(method, task)
    }
    method = open(
      try costed.named(T.Scalar.self).trainer(parameterCount: task.dimension))
  }

  var memoryVectors: Int { method.memoryVectors }
  var counts: EvaluationCounts { method.counts }

  /// - Returns: seconds, without those of the oracle.
  @discardableResult
  func run(_ steps: Int) -> Double {
    var seconds = 0.0
    for _ in 0..<steps {
      seconds += method.step(stepsTaken % draws.steps.count, draws)
      stepsTaken += 1
    }
    return seconds
  }
}

private protocol TrialRun<Task> {
  associatedtype Task: BenchmarkTask
  var memoryVectors: Int { get }
  var counts: EvaluationCounts { get }
  func step(_ step: Int, _ draws: Draws<Task.Scalar>) -> Double
}

private final class Running<M: TrainingMethod, Task: BenchmarkTask>: TrialRun
where M.Scalar == Task.Scalar {
  private var method: M
  private var oracle: TimedOracle<TaskOracle<Task>>
  private let theta: UnsafeMutableBufferPointer<M.Scalar>

  init(_ method: M, _ task: Task) {
    self.method = method
    theta = .allocate(capacity: task.dimension)
    _ = theta.initialize(from: task.start)
    oracle = TimedOracle(
      TaskOracle(
        task: task, seed: 1,
        memory: OracleMemory(dimension: task.dimension, scratchCount: task.scratchCount),
        origin: UnsafePointer(theta.baseAddress!)))
    self.method.begin(at: UnsafeBufferPointer(theta), groups: task.parameterGroups)
  }

  deinit { theta.deallocate() }

  var memoryVectors: Int { method.memoryVectors }
  var counts: EvaluationCounts { oracle.base.counts }

  func step(_ step: Int, _ draws: Draws<M.Scalar>) -> Double {
    oracle.base.begin(step: step, draws: draws)
    oracle.seconds = 0
    let whole = Stopwatch.seconds { method.step(theta, &oracle) }
    return whole - oracle.seconds
  }
}

/// An oracle that counts the time of its answers.
private struct TimedOracle<Base: Oracle>: Oracle {
  typealias Scalar = Base.Scalar
  var base: Base
  var seconds = 0.0

  init(_ base: Base) { self.base = base }

  var parameterCount: Int { base.parameterCount }
  var isDeterministic: Bool { base.isDeterministic }
  var epoch: Double? { base.epoch }

  mutating func evaluate(
    at point: UnsafePointer<Scalar>, draw: Int
  ) -> (loss: Double, gradient: UnsafePointer<Scalar>) {
    timed { $0.evaluate(at: point, draw: draw) }
  }

  mutating func loss(at point: UnsafePointer<Scalar>, draw: Int) -> Double {
    timed { $0.loss(at: point, draw: draw) }
  }

  mutating func hessianVectorProduct(
    at point: UnsafePointer<Scalar>, _ vector: UnsafePointer<Scalar>, draw: Int
  ) -> UnsafePointer<Scalar> {
    timed { $0.hessianVectorProduct(at: point, vector, draw: draw) }
  }

  private mutating func timed<Answer>(_ ask: (inout Base) -> Answer) -> Answer {
    let start = ContinuousClock.now
    let answer = ask(&base)
    seconds += (ContinuousClock.now - start) / .seconds(1)
    return answer
  }
}
