internal import PortableMath
public import Statistics

/// Our seeds beside one published value.
public struct Comparison: Sendable {
  public let published: PublishedValue
  /// One a seed.
  public let values: [Double]
  public let mean: Double
  /// Of the mean, with 95 % confidence.
  public let interval: Interval
  public let range: ClosedRange<Double>
  /// With n − 1; zero where all seeds agree.
  public let standardDeviation: Double

  /// `nil` where the runs are too short to have the quantity.
  public init?(_ published: PublishedValue, _ logs: [TrainingLog]) {
    let values = logs.filter { $0.method == published.method }.compactMap {
      published.quantity.value($0, epoch: published.epoch)
    }
    guard let mean = Statistics.mean(values), values.count > 1 else { return nil }
    self.published = published
    self.values = values
    self.mean = mean
    range = values.min()!...values.max()!
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    standardDeviation = (squares / Double(values.count - 1)).squareRoot()
    let key = RandomKey(
      "baydin2018.interval." + published.method + "." + published.quantity.rawValue,
      published.epoch ?? 0)
    interval = Bootstrap(key: key, resamples: 10_000).bcaInterval([values]) {
      Statistics.mean($0[0])!
    }
  }

  public enum Verdict: Equatable, Sendable {
    /// The published value is inside the interval of the mean.
    case insideInterval
    /// It is outside the interval, inside the range of the seeds.
    case insideRange
    /// It is outside the range: published value − mean in standard deviations.
    case outside(Double)
  }

  /// Of a value from one run; of a range, that of its end that is nearer to the mean.
  public var verdict: Verdict {
    let value = min(max(mean, published.low), published.high)
    if value >= interval.low && value <= interval.high { return .insideInterval }
    if range.contains(value) { return .insideRange }
    return .outside((value - mean) / standardDeviation)
  }

  /// Whether the seeds' range and the published one have a point in common.
  public var overlaps: Bool {
    published.low <= range.upperBound && published.high >= range.lowerBound
  }
}
