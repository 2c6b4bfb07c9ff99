internal import Hypergradient
internal import Tasks

/// Runs of one rule and one type of controller that advance eight at a time, each with the bits of
/// the run alone. Those that have stopped leave their lanes to others between blocks.
final class LaneRuns<T: BenchmarkTask, Rule: UpdateRule, Controller: LearningRateController>:
  TrainingRun
where Rule.Scalar == T.Scalar {
  typealias Scalar = T.Scalar
  private var groups: [LaneGroup<T, Rule, Controller>] = []
  private var finished: [FinishedRun] = []

  init(
    _ bench: CohortBench<T>, _ scores: [(place: Int, score: RunScore)], rule: Rule,
    controllers: [Controller]
  ) {
    for first in stride(from: 0, to: scores.count, by: laneCount) {
      let members = first..<min(scores.count, first + laneCount)
      groups.append(
        LaneGroup(
          bench, Array(scores[members]), rule: rule, controllers: Array(controllers[members])))
    }
  }

  func advance(_ draws: Draws<Scalar>) {
    closeRanks()
    for group in groups { group.advance(draws) }
  }

  /// Empties groups into the free lanes of others, as long as that leaves one fewer.
  private func closeRanks() {
    while let emptiest = groups.indices.min(by: {
      groups[$0].runningCount < groups[$1].runningCount
    }) {
      let wanted = groups[emptiest].runningCount
      let free = groups.indices.reduce(0) { $0 + ($1 == emptiest ? 0 : groups[$1].freeCount) }
      guard wanted <= free else { return }
      let leaving = groups.remove(at: emptiest)
      for target in groups { target.fill(from: leaving, finished: &finished) }
      finished += leaving.finish()
    }
  }

  func finish() -> [FinishedRun] { finished + groups.flatMap { $0.finish() } }
}

/// Up to eight runs in lanes.
final class LaneGroup<T: BenchmarkTask, Rule: UpdateRule, Controller: LearningRateController>
where Rule.Scalar == T.Scalar {
  typealias Scalar = T.Scalar
  private struct Member {
    var place: Int
    var score: RunScore
    /// Filled in when the run stops.
    var stopped: (steps: Int, rates: RateRange)?
  }

  private let bench: CohortBench<T>
  private var cohort: OptimizerCohort<Rule, Controller>
  private let theta: UnsafeMutablePointer<Scalar>
  private let stepsPerEpoch: Int?
  /// One a lane; `nil` where the run has left.
  private var members: [Member?]
  private(set) var runningCount: Int
  private var stepsTaken = 0
  private var nextEvaluation = 0
  private var smallest = SIMD8<Double>(repeating: .infinity)
  private var largest = SIMD8<Double>(repeating: -.infinity)
  private var negativeSteps = SIMD8<Int64>.zero

  init(
    _ bench: CohortBench<T>, _ scores: [(place: Int, score: RunScore)], rule: Rule,
    controllers: [Controller]
  ) {
    self.bench = bench
    let dimension = bench.task.dimension
    cohort = OptimizerCohort(rule, controllers, parameterCount: dimension)
    theta = .allocate(capacity: dimension * laneCount)
    for i in 0..<dimension {
      (theta + i * laneCount).initialize(repeating: bench.start[i], count: laneCount)
    }
    stepsPerEpoch = bench.task.stepsPerEpoch
    members = scores.map { Member(place: $0.place, score: $0.score) }
    runningCount = members.count
    evaluateIfDue()
  }

  deinit { theta.deallocate() }

  /// Lanes whose runs have stopped or left.
  var freeCount: Int { members.count - runningCount }

  func advance(_ draws: Draws<Scalar>) {
    for step in draws.steps {
      guard runningCount > 0 else { return }
      take(step, draws)
    }
  }

  private func take(_ step: Int, _ draws: Draws<Scalar>) {
    let losses = bench.laneValues
    bench.task.laneGradient(
      at: theta, lanes: laneCount, step: step, draws: draws, into: bench.gradient, losses: losses,
      scratch: bench.scratch)
    let epoch = stepsPerEpoch.map { Double(step) / Double($0) }
    cohort.step(theta, gradient: bench.gradient, losses: losses, epoch: epoch)
    stepsTaken = step + 1
    let rates = UnsafeRawPointer(cohort.learningRates).loadUnaligned(as: SIMD8<Double>.self)
    smallest.replace(with: rates, where: rates .< smallest)
    largest.replace(with: rates, where: rates .> largest)
    negativeSteps.replace(with: negativeSteps &+ 1, where: rates .< 0)
    let loss = UnsafeRawPointer(losses).loadUnaligned(as: SIMD8<Double>.self)
    // x − x is zero for finite numbers alone.
    if any((loss - loss) .!= 0) {
      for lane in members.indices where !loss[lane].isFinite {
        update(lane) { $0.stop(.nonFinite) }
      }
    }
    if stepsTaken % distanceCheckInterval == 0 { checkDistances() }
    evaluateIfDue()
  }

  private func checkDistances() {
    squaredDistances(
      theta, bench.start, count: bench.task.dimension, into: bench.laneValues)
    for lane in members.indices {
      update(lane) { $0.check(squaredDistance: bench.laneValues[lane]) }
    }
  }

  private func evaluateIfDue() {
    let steps = bench.frame.evaluations.steps
    guard nextEvaluation < steps.count, steps[nextEvaluation] == stepsTaken else { return }
    checkDistances()
    guard runningCount > 0 else { return }
    bench.task.laneLosses(
      at: theta, lanes: laneCount, step: stepsTaken, into: bench.laneValues, scratch: bench.scratch)
    for lane in members.indices {
      let loss = bench.laneValues[lane]
      update(lane) { score in
        score.record(
          loss, step: stepsTaken, evaluation: nextEvaluation,
          learningRate: cohort.learningRate(of: lane), heldOut: heldOutScore(lane))
      }
    }
    nextEvaluation += 1
  }

  private func heldOutScore(_ lane: Int) -> HeldOutScore? {
    for i in 0..<bench.task.dimension { bench.column[i] = theta[i * laneCount + lane] }
    return bench.task.heldOutScore(at: bench.column, scratch: bench.scratch)
  }

  /// Changes the score of a run that has not stopped; retires the run if that stops it.
  private func update(_ lane: Int, _ change: (inout RunScore) -> Void) {
    guard members[lane]?.score.isRunning == true else { return }
    change(&members[lane]!.score)
    if members[lane]!.score.isRunning { return }
    members[lane]!.stopped = (stepsTaken, rates(lane))
    cohort.retire(lane)
    runningCount -= 1
  }

  private func rates(_ lane: Int) -> RateRange {
    RateRange(
      last: cohort.learningRate(of: lane), smallest: smallest[lane], largest: largest[lane],
      negativeSteps: Int(negativeSteps[lane]))
  }

  /// Takes over running runs of another group, as far as there are free lanes.
  func fill(from other: LaneGroup, finished: inout [FinishedRun]) {
    for lane in members.indices where members[lane]?.score.isRunning != true {
      guard
        let source = other.members.indices.first(where: {
          other.members[$0]?.score.isRunning == true
        })
      else { return }
      if let member = members[lane] { finished.append(result(member, lane)) }
      members[lane] = other.members[source]
      other.members[source] = nil
      other.runningCount -= 1
      runningCount += 1
      cohort.adopt(lane, from: other.cohort, run: source)
      for i in 0..<bench.task.dimension {
        theta[i * laneCount + lane] = other.theta[i * laneCount + source]
      }
      smallest[lane] = other.smallest[source]
      largest[lane] = other.largest[source]
      negativeSteps[lane] = other.negativeSteps[source]
    }
  }

  private func result(_ member: Member, _ lane: Int) -> FinishedRun {
    let (steps, rates) = member.stopped ?? (stepsTaken, rates(lane))
    let (record, trace) = member.score.finished(steps: steps, rates: rates)
    return FinishedRun(place: member.place, record: record, trace: trace)
  }

  func finish() -> [FinishedRun] {
    members.indices.compactMap { lane in members[lane].map { result($0, lane) } }
  }
}
