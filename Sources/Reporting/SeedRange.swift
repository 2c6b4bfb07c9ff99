internal import Statistics

/// What a table says of a median over few seeds: with fewer than ``enough``, a bootstrap of the median
/// is no more than the range of the seeds, and so it is the range, and called so.
enum SeedRange {
  static let enough = 10

  static func isEnough(_ seeds: Int) -> Bool { seeds >= enough }

  static func interval(_ values: [Double]) -> Interval? {
    guard let low = values.min(), let high = values.max() else { return nil }
    return Interval(low, high)
  }

  /// "95 % bootstrap interval (percentile)" or "range of the seeds".
  static func name(_ seeds: Int) -> String {
    isEnough(seeds) ? "95\u{a0}% bootstrap interval (percentile)" : "range of the seeds"
  }
}
