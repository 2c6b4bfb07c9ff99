internal import Statistics

/// By what tuning prefers one setting to another: the least median final gap on the tuning seeds; of equal
/// gaps, all the way down or all diverged, the faster one.
package struct TuningScore: Comparable {
  private let gap: Double
  private let area: Double

  /// `nil` without runs.
  package init?(_ runs: [ScoredRun]) {
    guard let gap = median(runs.map(\.shownGap)), let area = median(runs.map(\.area)) else {
      return nil
    }
    (self.gap, self.area) = (gap, area)
  }

  package static func < (a: TuningScore, b: TuningScore) -> Bool {
    (a.gap, a.area) < (b.gap, b.area)
  }

  /// The place whose runs are best; of equal ones the first. `nil` where none has runs.
  package static func best<Place: Hashable & Comparable>(of runs: [Place: [ScoredRun]]) -> Place? {
    runs.compactMap { place, runs in TuningScore(runs).map { (score: $0, place: place) } }
      .min { ($0.score, $0.place) < ($1.score, $1.place) }?.place
  }
}
