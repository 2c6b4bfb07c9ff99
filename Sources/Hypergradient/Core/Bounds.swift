internal import HypergradientRecipes

// What holds rates, and other numbers that are learned.
extension ClosedRange<Double> {
  /// The number of these that is nearest to x; NaN for NaN.
  @inlinable @inline(__always)
  package func nearest(to x: Double) -> Double { Swift.min(Swift.max(x, lowerBound), upperBound) }

  /// Why a rate can't begin at `initial` and stay in these bounds.
  func fault(around initial: Double) -> String? {
    lowerBound >= 0 && upperBound.isFinite && contains(initial)
      ? nil
      : "the bounds are to be finite and at least 0, with 'initial' (\(short(initial))) inside"
  }
}
