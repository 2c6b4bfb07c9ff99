internal import PortableMath

/// The average to either side, and what it leaves of noise.
///
///     s_i = Σ_j β^{|i−j|} L_j / Σ_j β^{|i−j|}
struct Smoothing: Equatable {
  let beta: Double
  let values: [Double]
  /// What a standard deviation of 1 of each loss becomes.
  let deviations: [Double]

  /// - Complexity: O(n).
  init(_ losses: [Double], beta: Double) {
    let n = losses.count
    var (sums, weights, squares) = (losses, losses.map { _ in 1.0 }, losses.map { _ in 1.0 })
    func sweep(_ order: some Sequence<Int>) {
      var (sum, weight, square) = (0.0, 0.0, 0.0)
      for i in order {
        // Of the losses before this one; β·0 where β is 0, whatever stands there.
        sums[i] += sum
        weights[i] += weight
        squares[i] += square
        sum = beta * (sum + losses[i])
        weight = beta * (weight + 1)
        square = beta * beta * (square + 1)
      }
    }
    sweep(0..<n)
    sweep((0..<n).reversed())
    self.beta = beta
    values = (0..<n).map { sums[$0] / weights[$0] }
    deviations = (0..<n).map { squares[$0].squareRoot() / weights[$0] }
  }

  /// The least value's place, the first of equal ones.
  var leastIndex: Int {
    var least = 0
    for (i, value) in values.enumerated() where value < values[least] { least = i }
    return least
  }

  /// The largest fall: from the first value to the least one.
  var fall: Double { values[0] - values[leastIndex] }

  /// The fall from the mean of the first `calm` losses to the least average, and what noise makes of it
  /// on a flat curve, (4 + √(2 ln m))·e: see ``RateCurve/suggestion(_:)``.
  func fall(of losses: [Double], calm: Int, noise: Double) -> (value: Double, needed: Double) {
    let first = losses.prefix(max(1, min(calm, losses.count)))
    let mean = first.reduce(0, +) / Double(first.count)
    let independent = 1 + Double(values.count - 1) * (1 - beta) / (1 + beta)
    let deviation = deviations[leastIndex]
    let error = noise * (1 / Double(first.count) + deviation * deviation).squareRoot()
    return (
      mean - values[leastIndex], (4 + (2 * Portable.log(independent)).squareRoot()) * error
    )
  }

  /// What noise makes of s_{i+1} − s_{i−1} on a flat curve, at the least of all places:
  /// (3 + √(2 ln m))·σ·√(2(r_0 − r_2)), with
  ///
  ///     r_h = ((1 − β)/(1 + β))²·((1 + β²)/(1 − β²) + h)·β^h
  ///
  /// the covariance of two averages h apart, away from the ends.
  func dropOfNoise(_ noise: Double) -> Double {
    guard noise > 0 else { return 0 }
    let independent = 1 + Double(values.count - 1) * (1 - beta) / (1 + beta)
    let share = (1 - beta) / (1 + beta)
    let first = (1 + beta * beta) / (1 - beta * beta)
    let variance = 2 * share * share * (first - (first + 2) * beta * beta)
    return (3 + (2 * Portable.log(independent)).squareRoot()) * noise * variance.squareRoot()
  }

  /// Of 0.8, 0.9 and 0.95, the β whose fall is largest in terms of what noise makes; 0 without noise.
  static func clearest(of losses: [Double], calm: Int, noise: Double) -> Smoothing {
    guard noise > 0 else { return Smoothing(losses, beta: 0) }
    var best = Smoothing(losses, beta: 0.8)
    for beta in [0.9, 0.95] {
      let next = Smoothing(losses, beta: beta)
      let (a, b) = (
        best.fall(of: losses, calm: calm, noise: noise),
        next.fall(of: losses, calm: calm, noise: noise)
      )
      // Quotients, since products of losses may be past the numbers.
      if b.value / b.needed > a.value / a.needed { best = next }
    }
    return best
  }

  /// The least smoothing of a few that leaves an eighth of that fall or less to noise.
  static func chosen(for losses: [Double], calm: Int, noise: Double) -> Smoothing {
    let clearest = clearest(of: losses, calm: calm, noise: noise)
    for beta in [0, 0.5, 0.7, 0.8, 0.9] where beta < clearest.beta {
      let smoothing = Smoothing(losses, beta: beta)
      if noise * smoothing.deviations[losses.count / 2] <= clearest.fall / 8 { return smoothing }
    }
    return clearest
  }
}

extension RateCurve {
  /// s_i after the step at each rate.
  public var smoothed: [Double] { Array(smoothing.values.dropFirst()) }

  /// s_0, of the loss before the first step.
  public var smoothedInitialLoss: Double { smoothing.values[0] }

  /// Of L₀ and the losses, none above the limit.
  var smoothing: Smoothing {
    givenSmoothing.map { Smoothing(cutLosses, beta: $0) }
      ?? .chosen(for: cutLosses, calm: calmCount, noise: noise)
  }

  /// The fall that tells a curve from noise, and what noise alone would make.
  var clearestFall: (value: Double, needed: Double) {
    guard noise > 0 else { return (smoothing.fall, 0) }
    return clearestSmoothing.fall(of: cutLosses, calm: calmCount, noise: noise)
  }

  /// The smoothing that tells a fall from noise.
  var clearestSmoothing: Smoothing {
    givenSmoothing.map { Smoothing(cutLosses, beta: $0) }
      ?? .clearest(of: cutLosses, calm: calmCount, noise: noise)
  }

  /// Losses, L₀ among them, that the noise was taken from.
  private var calmCount: Int { Self.calmCount(of: planned) + 1 }

  private var cutLosses: [Double] {
    let limit = limit
    return ([initialLoss] + losses).map { $0 > limit ? limit : $0 }
  }
}
