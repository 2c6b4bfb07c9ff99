public import PortableMath

/// Intervals from resampling, each stratum by itself: the observations of a stratum (the seeds of a
/// task, say) are drawn with replacement, as many as there are, and the statistic is taken of all
/// strata together. One stratum is the ordinary bootstrap.
///
/// The draws depend on nothing but `key`, so the interval is the same on every machine.
///
/// > Bradley Efron, Robert J. Tibshirani. *An introduction to the bootstrap*. Chapman & Hall, 1993;
/// > chapters 13 (percentile) and 14 (BCa).
public struct Bootstrap: Sendable {
  public let key: RandomKey
  public let resamples: Int
  public let confidence: Double

  /// - Parameters:
  ///   - resamples: at least 1
  ///   - confidence: in (0, 1)
  public init(key: RandomKey, resamples: Int = 10_000, confidence: Double = 0.95) {
    precondition(resamples >= 1, "at least one resample")
    precondition(confidence > 0 && confidence < 1, "confidence lies between 0 and 1")
    self.key = key
    self.resamples = resamples
    self.confidence = confidence
  }

  /// The statistic of each resample, ascending.
  func replicates(_ strata: [[Double]], _ statistic: ([[Double]]) -> Double) -> [Double] {
    precondition(strata.allSatisfy { !$0.isEmpty }, "a stratum without observations")
    var stream = RandomStream(key)
    var sample = strata
    var replicates: [Double] = []
    replicates.reserveCapacity(resamples)
    for _ in 0..<resamples {
      for (s, stratum) in strata.enumerated() {
        for index in stratum.indices {
          sample[s][index] = stratum[stream.integer(below: stratum.count)]
        }
      }
      replicates.append(statistic(sample))
    }
    return replicates.sorted()
  }

  /// The quantiles (type 7) of the replicates at (1 ∓ confidence)/2.
  public func percentileInterval(
    _ strata: [[Double]], statistic: ([[Double]]) -> Double
  ) -> Interval {
    let sorted = replicates(strata, statistic)
    return interval(sorted, (1 - confidence) / 2, (1 + confidence) / 2)
  }

  /// The bias-corrected and accelerated interval.
  ///
  /// The bias is z₀ = Φ⁻¹ of the share of replicates below the statistic (ties count half), the
  /// acceleration comes from leaving out one observation at a time, stratum by stratum. Where they
  /// do not exist (all replicates on one side, infinities, a stratum of one observation), this is
  /// ``percentileInterval(_:statistic:)``.
  public func bcaInterval(
    _ strata: [[Double]], statistic: ([[Double]]) -> Double
  ) -> Interval {
    let sorted = replicates(strata, statistic)
    let tail = (1 - confidence) / 2
    let observed = statistic(strata)
    var below = 0.0
    for replicate in sorted {
      if replicate < observed { below += 1 } else if replicate == observed { below += 0.5 }
    }
    let bias = normalQuantile(below / Double(resamples))
    guard bias.isFinite, let a = acceleration(strata, statistic) else {
      return interval(sorted, tail, 1 - tail)
    }
    func corrected(_ probability: Double) -> Double {
      let z = bias + normalQuantile(probability)
      return normalCumulative(bias + z / (1 - a * z))
    }
    return interval(sorted, corrected(tail), corrected(1 - tail))
  }

  /// a = Σₛ Σᵢ Uₛᵢ³/nₛ³ / (6 (Σₛ Σᵢ Uₛᵢ²/nₛ²)^{3/2}), Uₛᵢ = (nₛ − 1)(mean of the leave-one-out
  /// statistics − that without i).
  func acceleration(_ strata: [[Double]], _ statistic: ([[Double]]) -> Double) -> Double? {
    var cubes = 0.0
    var squares = 0.0
    for (s, stratum) in strata.enumerated() {
      guard stratum.count > 1 else { return nil }
      let n = Double(stratum.count)
      let without = stratum.indices.map { index in
        var left = strata
        left[s].remove(at: index)
        return statistic(left)
      }
      guard let centre = mean(without), without.allSatisfy({ $0.isFinite }) else { return nil }
      for value in without {
        let u = (n - 1) * (centre - value) / n
        cubes += u * u * u
        squares += u * u
      }
    }
    guard squares > 0 else { return nil }
    return cubes / (6 * squares * squares.squareRoot())
  }

  private func interval(_ sorted: [Double], _ low: Double, _ high: Double) -> Interval {
    // There is at least one replicate.
    Interval(quantile(sorted: sorted, at: low)!, quantile(sorted: sorted, at: high)!)
  }
}
