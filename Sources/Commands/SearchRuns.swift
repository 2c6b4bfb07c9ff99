internal import Experiments
internal import Hypergradient
internal import HypergradientCatalogue
internal import HypergradientTraining
internal import Records
internal import Synchronization
internal import Tasks

/// The runs that a search has begun, each where it is; they are continued on several threads.
final class SearchRuns: Sendable {
  private struct Key: Hashable {
    let part: RateSearch.Part
    let exponent: Double
    let seed: Int

    init(_ order: RateSearch.Order) {
      part = order.part
      exponent = order.exponent
      seed = order.seed
    }
  }

  private let make: @Sendable (RateSearch.Order) throws -> any SearchRun
  private let runs = Mutex<[Key: any SearchRun]>([:])
  private let jobs: Int

  /// - Parameter make: a run at step 0.
  init(jobs: Int, make: @escaping @Sendable (RateSearch.Order) throws -> any SearchRun) {
    self.jobs = jobs
    self.make = make
  }

  func carryOut(_ orders: [RateSearch.Order]) throws -> [RateSearch.Report] {
    // What is not ordered now was dropped, or has ended; what is ordered again all the same begins anew.
    let wanted = Set(orders.map { Key($0) })
    runs.withLock { runs in runs = runs.filter { wanted.contains($0.key) } }
    return try Workers.map(orders, jobs: jobs) { order in
      let key = Key(order)
      let known = self.runs.withLock { $0[key] }
      let run = try known ?? self.make(order)
      if known == nil { self.runs.withLock { $0[key] = run } }
      return try run.go(to: order.to)
    }
  }
}

/// One run, which one thread at a time continues.
protocol SearchRun: Sendable {
  /// - Throws: the task's `failure`.
  func go(to step: Int) throws -> RateSearch.Report
}

/// A rule with a fixed rate on a task.
final class TaskSearchRun<T: BenchmarkTask>: SearchRun, @unchecked Sendable {
  private let task: T
  private var oracle: TaskOracle<T>
  private var optimizer: AnyOptimizer<T.Scalar>
  private var theta: [T.Scalar]
  private var scratch: [T.Scalar]
  private var step = 0
  private var isLost = false
  private var initialLoss = Double.nan

  init(_ task: T, _ rule: RuleOnObjective<T.Scalar>, rate: Double, seed: Int) {
    self.task = task
    oracle = TaskOracle(task: task, seed: seed, drawsAhead: task.stepsPerBlock)
    optimizer = AnyOptimizer(
      rule.rule, ConstantRate(rate), on: rule.objective, parameterCount: task.dimension)
    theta = task.start
    scratch = [T.Scalar](repeating: 0, count: max(1, task.scratchCount))
    initialLoss = exactLoss(at: theta)
  }

  func go(to end: Int) throws -> RateSearch.Report {
    let first = step
    while step < end, !isLost {
      oracle.begin(step: step)
      theta.withUnsafeMutableBufferPointer { theta in
        let (loss, gradient) = oracle.evaluate(
          at: UnsafePointer(theta.baseAddress!), draw: 0)
        _ = optimizer.step(
          theta, gradient: UnsafeBufferPointer(start: gradient, count: theta.count), loss: loss,
          epoch: oracle.epoch)
        isLost = !loss.isFinite
      }
      step += 1
    }
    let paid = step - first
    let loss = isLost ? .nan : exactLoss(at: theta)
    isLost = !loss.isFinite
    let accuracy = isLost ? nil : accuracy()
    // Where the objective has changed since, the start is judged by what it is now.
    let start = loss > initialLoss ? exactLoss(at: task.start) : initialLoss
    try task.checkForFailure()
    return RateSearch.Report(
      initialLoss: start, loss: loss, accuracy: accuracy, gradients: paid)
  }

  /// Off the clock.
  private func exactLoss(at point: [T.Scalar]) -> Double {
    let loss = point.withUnsafeBufferPointer { theta in
      scratch.withUnsafeMutableBufferPointer {
        task.loss(at: theta.baseAddress!, step: step, scratch: $0.baseAddress!)
      }
    }
    return optimizer.objective.maximizes ? -loss : loss
  }

  private func accuracy() -> Double? {
    theta.withUnsafeBufferPointer { theta in
      scratch.withUnsafeMutableBufferPointer {
        task.heldOutScore(at: theta.baseAddress!, scratch: $0.baseAddress!)?.accuracy
      }
    }
  }
}
