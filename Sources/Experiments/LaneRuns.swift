internal import Hypergradient
internal import Tasks

/// Runs of one rule and one type of controller that advance eight at a time, each with the bits of
/// the run alone. Those that have stopped leave their lanes to others between blocks.
final class LaneRuns<T: LaneTask, Rule: UpdateRule, Controller: LearningRateController>:
  TrainingRun
where Rule.Scalar == T.Scalar {
  typealias Scalar = T.Scalar
  private var groups: [LaneGroup<T, Rule, Controller>] = []
  private var finished: [FinishedRun] = []

  init(
    _ bench: CohortBench<T>, _ scores: [(place: Int, score: RunScore)], rule: Rule,
    controllers: [Controller], on objective: Objective
  ) {
    for first in stride(from: 0, to: scores.count, by: laneCount) {
      let members = first..<min(scores.count, first + laneCount)
      groups.append(
        LaneGroup(
          bench, Array(scores[members]), rule: rule, controllers: Array(controllers[members]),
          on: objective))
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
