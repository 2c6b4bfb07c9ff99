/// An interval of confidence, both ends included.
public struct Interval: Sendable, Equatable {
  public let low: Double
  public let high: Double

  public init(_ low: Double, _ high: Double) {
    self.low = low
    self.high = high
  }
}
