/// The arithmetic mean, summed in the order given; `nil` for no values.
public func mean(_ values: [Double]) -> Double? {
  guard !values.isEmpty else { return nil }
  var sum = 0.0
  for value in values { sum += value }
  return sum / Double(values.count)
}

/// The mean of the middle half of the values: the quarter at each end is cut off, and a value that
/// the cut goes through counts with the part of it that is left. `nil` for no values.
///
/// Infinite exactly if an infinite value is in the middle half.
///
/// - Precondition: no value is NaN.
///
/// > Rishabh Agarwal, Max Schwarzer, Pablo Samuel Castro, Aaron Courville, Marc G. Bellemare.
/// > *Deep reinforcement learning at the edge of the statistical precipice*. NeurIPS 2021.
public func interquartileMean(_ values: [Double]) -> Double? {
  guard !values.isEmpty else { return nil }
  let sorted = values.sorted()
  let count = Double(sorted.count)
  let low = count / 4
  let high = count - low
  var sum = 0.0
  for (index, value) in sorted.enumerated() {
    let weight = min(Double(index + 1), high) - max(Double(index), low)
    // A product of zero and infinity would be NaN.
    if weight > 0 { sum += weight * value }
  }
  return sum / (high - low)
}
