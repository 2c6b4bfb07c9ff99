extension Plateau {
  /// What an observation x is compared with.
  ///
  /// |                      | x is better if it is better, by the margin, than                    |
  /// |----------------------|---------------------------------------------------------------------|
  /// | `.best`              | the best observation so far                                         |
  /// | `.previous`          | the observation before it                                           |
  /// | `.average(keeping: d)` | ā, an exponential average of those before: ā ← d ā + (1 − d) x    |
  /// | `.slope(over: n)`    | no one: the least-squares line through the last n observations, x   |
  /// |                      | among them, falls by more than the margin each observation          |
  ///
  /// The slope is
  ///
  ///     b = Σ (i − ī)(xᵢ − x̄) / Σ (i − ī)²,    i = 1, …, n
  ///
  /// and a relative margin m is one of the mean: minimizing, x is better where b < −m·|x̄|. Until
  /// there are n observations each counts like the first: it ends a run of bad ones, and is no
  /// improvement. An action empties the window, since a slope is one of observations at one rate.
  ///
  /// Observations that are not finite are bad and leave previous, average and window as they are.
  public enum Reference: Sendable, Codable, Equatable {
    case best
    case previous
    /// d ∈ [0, 1); with 0 it is `.previous`.
    case average(keeping: Double)
    /// n ≥ 2.
    case slope(over: Int)

    func check() {
      switch self {
      case .best, .previous: break
      case .average(let kept):
        precondition(kept >= 0 && kept < 1, "an average keeps \(kept), not a share in [0, 1)")
      case .slope(let count):
        precondition(count >= 2, "a slope over \(count) observations: it needs at least 2")
      }
    }
  }

  /// The previous observation, the average or the window, for a reference that has one.
  struct Past: Sendable, Codable, Equatable {
    private var value: CodedDouble?
    /// The last n − 1 observations.
    private var window: [Double] = []

    /// Whether x is better, and whether it is the first of its kind: one without a comparison.
    func judge(
      _ x: Double, _ reference: Reference, _ comparison: Comparison
    ) -> (better: Bool, isFirst: Bool) {
      guard x.isFinite else { return (false, false) }
      if case .slope(let count) = reference {
        if window.count < count - 1 { return (true, true) }
        let (slope, mean) = line(through: x)
        return (comparison.isFalling(slope, around: mean), false)
      }
      guard let value else { return (true, true) }
      return (comparison.isBetter(x, than: value.value), false)
    }

    mutating func learn(_ x: Double, _ reference: Reference) {
      guard x.isFinite else { return }
      switch reference {
      case .best: break
      case .previous: value = CodedDouble(x)
      case .average(let kept):
        let next = value.map { kept * $0.value + (1 - kept) * x } ?? x
        if next.isFinite { value = CodedDouble(next) }
      case .slope(let count):
        window.append(x)
        if window.count >= count { window.removeFirst(window.count - count + 1) }
      }
    }

    /// An action begins a new window.
    mutating func emptyWindow() { window.removeAll(keepingCapacity: true) }

    /// The parameters have gone back to where `x` was observed.
    mutating func returned(to x: Double) { if value != nil { value = CodedDouble(x) } }

    private func line(through x: Double) -> (slope: Double, mean: Double) {
      let count = Double(window.count + 1)
      let mean = (window.reduce(0, +) + x) / count
      let middle = (count - 1) / 2
      var (products, squares) = (middle * (x - mean), middle * middle)
      for (i, value) in window.enumerated() {
        let distance = Double(i) - middle
        products += distance * (value - mean)
        squares += distance * distance
      }
      return (products / squares, mean)
    }
  }
}
