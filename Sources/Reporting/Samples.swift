public import PortableMath
public import Statistics

/// What a table says of a statistic over seeds or tasks. With fewer than ``enough`` of them a bootstrap
/// interval is too narrow: of two it covers the mean in half of all cases, of three in three quarters,
/// of eight in nine tenths; and of a median it is no more than their range. So it is their range there,
/// and called so.
public enum Samples {
  public static let enough = 10

  static func isEnough(_ count: Int) -> Bool { count >= enough }

  /// Of the mean of one value a task, in any order; `nil` of a single task.
  public static func interval(ofMean values: [Double], key: RandomKey) -> Interval? {
    guard values.count > 1 else { return nil }
    guard isEnough(values.count) else { return range(values) }
    return Bootstrap(key: key).bcaInterval([values.sorted()]) { mean($0[0])! }
  }

  /// Of the median of one value a seed.
  static func interval(ofMedian values: [Double], key: RandomKey) -> Interval? {
    guard isEnough(values.count) else { return range(values) }
    return Bootstrap(key: key).percentileInterval([values]) { median($0[0])! }
  }

  /// Of the mean over tasks of the mean over seeds, of one value a seed and task.
  static func interval(ofTasks values: [[Double]], key: RandomKey) -> Interval? {
    func overTasks(_ values: [[Double]]) -> Double { mean(values.map { mean($0)! })! }
    guard let seeds = values.map(\.count).min(), seeds > 0 else { return nil }
    guard isEnough(seeds) else {
      return range((0..<seeds).map { seed in overTasks(values.map { [$0[seed]] }) })
    }
    return Bootstrap(key: key).bcaInterval(values, statistic: overTasks)
  }

  private static func range(_ values: [Double]) -> Interval? {
    guard let low = values.min(), let high = values.max() else { return nil }
    return Interval(low, high)
  }

  // MARK: In words

  public static func words(tasks: Int) -> String {
    isEnough(tasks)
      ? "a 95\u{a0}% bootstrap interval over tasks (BCa; tasks, not seeds, are resampled)"
      : "the range of the tasks, which are too few to resample"
  }

  static func words(seedsOfMedian seeds: Int) -> String {
    isEnough(seeds) ? "95\u{a0}% bootstrap interval (percentile)" : "range of the seeds"
  }

  static func words(seedsByTask seeds: Int) -> String {
    isEnough(seeds)
      ? "a 95\u{a0}% bootstrap interval (BCa, seeds resampled within each task)"
      : "the range of the seeds, which are too few to resample"
  }
}
