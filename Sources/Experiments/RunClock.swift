/// When a run is looked at: the evaluations that are due, and the checks of the distance between
/// them. Every run has one, or shares it with those that advance together.
package struct RunClock {
  private let evaluations: [Int]
  /// Which evaluation is due next.
  private var next = 0

  package init(_ evaluations: EvaluationSteps) { self.evaluations = evaluations.steps }

  /// The next evaluation, if it is due by `step`: its place among all, and the step that it is of.
  package func due(by step: Int) -> (evaluation: Int, step: Int)? {
    guard next < evaluations.count, evaluations[next] <= step else { return nil }
    return (next, evaluations[next])
  }

  /// The evaluation that was due is made.
  package mutating func pass() { next += 1 }

  /// Whether the distance from the start is checked after this many steps, beside every evaluation.
  package static func checksDistance(after steps: Int) -> Bool { steps % 8 == 0 }
}
