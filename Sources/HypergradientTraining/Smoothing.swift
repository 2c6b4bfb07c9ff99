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

  /// The least smoothing of a few that leaves a tenth of the fall or less to noise.
  static func chosen(for losses: [Double], noise: Double) -> Smoothing {
    let strongest = Smoothing(losses, beta: 0.95)
    guard noise > 0 else { return Smoothing(losses, beta: 0) }
    for beta in [0, 0.5, 0.7, 0.8, 0.9] {
      let smoothing = Smoothing(losses, beta: beta)
      let middle = smoothing.deviations[losses.count / 2]
      if noise * middle <= strongest.fall / 10 { return smoothing }
    }
    return strongest
  }
}

extension RateCurve {
  /// s_i after the step at each rate.
  public var smoothed: [Double] { Array(smoothing.values.dropFirst()) }

  /// s_0, of the loss before the first step.
  public var smoothedInitialLoss: Double { smoothing.values[0] }

  /// β of ``smoothed``.
  public var smoothingFactor: Double { smoothing.beta }

  /// Of L₀ and the losses, none above the limit.
  var smoothing: Smoothing {
    let limit = limit
    return smoothing(of: ([initialLoss] + losses).map { $0 > limit ? limit : $0 }, noise)
  }

  func smoothing(of losses: [Double], _ noise: Double) -> Smoothing {
    givenSmoothing.map { Smoothing(losses, beta: $0) } ?? .chosen(for: losses, noise: noise)
  }
}
