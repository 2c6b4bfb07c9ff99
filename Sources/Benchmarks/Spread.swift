internal import Statistics

/// The middle of repeated measurements and their spread, in seconds an operation.
public struct Spread: Sendable, Equatable, Codable {
  public var lower: Double
  public var median: Double
  public var upper: Double
  public var repeats: Int

  public init(lower: Double, median: Double, upper: Double, repeats: Int) {
    self.lower = lower
    self.median = median
    self.upper = upper
    self.repeats = repeats
  }

  /// `nil` for no samples.
  public init?(_ samples: [Double]) {
    guard let quartiles = Quartiles(samples) else { return nil }
    self.init(
      lower: quartiles.lower, median: quartiles.median, upper: quartiles.upper,
      repeats: samples.count)
  }
}
