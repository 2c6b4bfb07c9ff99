internal import PortableMath

/// The steps at which the exact loss is evaluated, off the clock: 0, `count` log-spaced ones up to
/// T, T/2, and ten more in the last 5 %, where a target must hold.
package struct EvaluationSteps: Sendable {
  /// Ascending, without repetition; a step counts the steps taken.
  package let steps: [Int]
  /// Whether each is one of the log-spaced ones, over which the area is taken.
  let isLogSpaced: [Bool]
  let logSpacedCount: Int
  /// The first step of the last 5 %.
  let holdFrom: Int
  let half: Int

  /// A target must hold in the last one of so many parts of T.
  package static let parts = 20

  package init(horizon: Int, count: Int) {
    var logSpaced: Set<Int> = [horizon]
    let last = Portable.log(Double(horizon))
    for i in 0..<count {
      let exponent = last * Double(i) / Double(max(1, count - 1))
      logSpaced.insert(min(horizon, max(1, Int(Portable.exp(exponent).rounded()))))
    }
    holdFrom = horizon - horizon / Self.parts
    half = max(1, horizon / 2)
    var all = logSpaced.union([0, half])
    for i in 0...10 { all.insert(holdFrom + (horizon - holdFrom) * i / 10) }
    steps = all.sorted()
    isLogSpaced = steps.map { logSpaced.contains($0) }
    logSpacedCount = logSpaced.count
  }
}
