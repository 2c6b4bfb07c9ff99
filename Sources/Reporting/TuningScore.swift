internal import Statistics

/// By what tuning prefers one setting to another: the least median final gap on the tuning seeds; of equal
/// gaps, all the way down or all diverged, the faster one.
struct TuningScore: Comparable {
  private let gap: Double
  private let area: Double

  /// `nil` without runs.
  init?(_ runs: [ScoredRun]) {
    guard let gap = median(runs.map(\.shownGap)), let area = median(runs.map(\.area)) else {
      return nil
    }
    (self.gap, self.area) = (gap, area)
  }

  static func < (a: TuningScore, b: TuningScore) -> Bool { (a.gap, a.area) < (b.gap, b.area) }
}
