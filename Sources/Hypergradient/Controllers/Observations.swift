/// Finds a feedback controller's observations among the signals of its steps.
struct Observations: Sendable, Codable, Equatable {
  let source: Plateau.Source
  private var sum = CodedDouble(0)
  private var count = 0

  /// - Precondition: losses are averaged over at least 1.
  init(_ source: Plateau.Source) {
    if case .loss(let count) = source {
      precondition(count >= 1, "losses are averaged over \(count), not over at least 1")
    }
    self.source = source
  }

  var needs: StepSignals.Needs { source == .metric ? .metric : .loss }

  /// The observation that this step completes, if it does.
  mutating func next(_ signals: StepSignals) -> Double? {
    guard case .loss(let length) = source else { return signals.metric }
    sum = CodedDouble(sum.value + signals.loss)
    count += 1
    guard count == length else { return nil }
    defer {
      sum = CodedDouble(0)
      count = 0
    }
    return sum.value / Double(length)
  }
}
