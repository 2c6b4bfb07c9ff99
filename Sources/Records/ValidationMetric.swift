/// What of the scores on held-out examples a controller that watches a metric is told, at the first step
/// of each epoch but the first.
public enum ValidationMetric: String, Sendable, Codable, CaseIterable {
  /// Which is to fall.
  case loss
  /// The share classified rightly, which is to rise: `comparing: .relative(1e-4, direction: .maximize)`.
  case accuracy
}
