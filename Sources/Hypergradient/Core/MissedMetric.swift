/// A validation metric that no controller was told, since the step that had it was discarded for a number
/// that is not finite: the next step tells it, unless it has one of its own.
@usableFromInline struct MissedMetric: Sendable, Codable, Equatable {
  var value: CodedDouble?

  @usableFromInline init() {}

  /// Keeps the metric of a step that is discarded.
  ///
  /// - Parameter passed: `nil` of a trainer that has none, `.some(nil)` at a step that has none.
  mutating func keep(_ passed: Double??) {
    if case .some(.some(let metric)) = passed { value = CodedDouble(metric) }
  }

  /// What a step tells that is taken; nothing waits any more.
  mutating func taken(_ passed: Double??) -> Double?? {
    defer { value = nil }
    if case .some(.none) = passed, let value { return .some(.some(value.value)) }
    return passed
  }
}
