/// The learning rates of one run.
package struct RateRange: Sendable {
  package var last: Double
  package var smallest, largest: Double
  package var negativeSteps: Int

  package init(
    last: Double, smallest: Double = .infinity, largest: Double = -.infinity,
    negativeSteps: Int = 0
  ) {
    (self.last, self.smallest, self.largest) = (last, smallest, largest)
    self.negativeSteps = negativeSteps
  }

  /// The least and the greatest rate of a step; of a run that took none the rate that it had.
  package var bounds: (low: Double, high: Double) {
    let hasNone = smallest == .infinity && largest == -.infinity && !last.isNaN
    return hasNone ? (last, last) : (min(smallest, largest), max(smallest, largest))
  }

  /// Takes the rate of a step.
  package mutating func note(_ rate: Double) {
    last = rate
    if rate < smallest { smallest = rate }
    if rate > largest { largest = rate }
    if rate < 0 { negativeSteps += 1 }
  }
}

/// The learning rates of eight runs that advance together, a ``RateRange`` a lane.
struct LaneRateRanges {
  private var smallest = SIMD8<Double>(repeating: .infinity)
  private var largest = SIMD8<Double>(repeating: -.infinity)
  private var negativeSteps = SIMD8<Int64>.zero

  /// Takes the rates of a step.
  mutating func note(_ rates: SIMD8<Double>) {
    smallest.replace(with: rates, where: rates .< smallest)
    largest.replace(with: rates, where: rates .> largest)
    negativeSteps.replace(with: negativeSteps &+ 1, where: rates .< 0)
  }

  /// Those of a lane whose last rate is `last`.
  func range(of lane: Int, last: Double) -> RateRange {
    RateRange(
      last: last, smallest: smallest[lane], largest: largest[lane],
      negativeSteps: Int(negativeSteps[lane]))
  }

  /// Puts a lane of another group in place of one of this.
  mutating func adopt(_ lane: Int, from other: LaneRateRanges, lane source: Int) {
    smallest[lane] = other.smallest[source]
    largest[lane] = other.largest[source]
    negativeSteps[lane] = other.negativeSteps[source]
  }
}
