internal import HypergradientRecipes
public import Hypergradient
internal import PortableMath

/// The exact expected loss of gradient descent with rates a_t on a diagonal quadratic with additive
/// noise, and the best rates of a few families.
///
///     x ← (1 − a h) x − a ξ                     in each direction, E ξ² = c, AR(1) with ρ
///     A ← (1 − a h)² A − 2a(1 − a h) B + a² c   A = E x²
///     B ← ρ ((1 − a h) B − a c)                 B = E x ξ, 0 at the start, and always where ρ = 0
///     E f = ½ Σ h A
///
/// Rotations change nothing, so that this is also the expectation of ``NoisyQuadratic`` and
/// ``CorrelatedQuadratic``, for every instance.
///
/// > Source: Y. Wu, M. Ren, R. Liao and R. Grosse, Understanding Short-Horizon Bias in Stochastic
/// > Meta-Optimization (ICLR 2018), section 2, for the recursion of A and the greedy rate.
public struct NoisyQuadraticTheory: Sendable {
  /// h, each above 0.
  public let curvatures: [Double]
  /// c, each at least 0.
  public let noiseVariances: [Double]
  /// A at the start, in each direction.
  public let initialMoment: Double
  /// ρ.
  public let correlation: Double

  /// - Precondition: as many curvatures as variances, |correlation| < 1.
  public init(
    curvatures: [Double], noiseVariances: [Double], initialMoment: Double = 1,
    correlation: Double = 0
  ) {
    require(
      curvatures.count == noiseVariances.count,
      "\(curvatures.count) curvatures and \(noiseVariances.count) variances")
    require(correlation.magnitude < 1, "correlation is \(correlation), not in (−1, 1)")
    self.curvatures = curvatures
    self.noiseVariances = noiseVariances
    self.initialMoment = initialMoment
    self.correlation = correlation
  }

  /// h = 1/i and c = σ²h from A = 1: the tasks of this package.
  public static func inverse(
    dimension: Int = 100, noiseVariance: Double, correlation: Double = 0
  ) -> NoisyQuadraticTheory {
    let curvatures = (1...dimension).map { 1 / Double($0) }
    return NoisyQuadraticTheory(
      curvatures: curvatures, noiseVariances: curvatures.map { noiseVariance * $0 },
      correlation: correlation)
  }

  /// h from 0.01 to 1, evenly spaced in its logarithm, and c = (h s)²: minima that differ by example,
  /// as in Wu et al. Their loss has the floor ½ Σ h s² more.
  public static func scatteredMinima(
    dimension: Int = 100, variance: Double = 1, initialMoment: Double
  ) -> NoisyQuadraticTheory {
    let curvatures = (0..<dimension).map {
      Portable.pow(10, 2 * Double($0) / Double(dimension - 1) - 2)
    }
    return NoisyQuadraticTheory(
      curvatures: curvatures, noiseVariances: curvatures.map { $0 * $0 * variance },
      initialMoment: initialMoment)
  }

  /// E f after these rates.
  public func expectedLoss(_ rates: some Sequence<Double>) -> Double {
    var (a, b) = start
    for rate in rates { advance(&a, &b, rate) }
    return loss(a)
  }

  /// E f after `steps` steps at a multiple of a schedule.
  public func expectedLoss(_ schedule: some Schedule, times scale: Double, steps: Int) -> Double {
    expectedLoss((0..<steps).lazy.map { scale * schedule($0) })
  }

  /// The multiple of a schedule whose loss is least, by golden sections of the logarithm: right
  /// where the loss falls and then rises within the range.
  public func best(
    _ schedule: some Schedule, steps: Int, within range: ClosedRange<Double> = 1e-3...1.9
  ) -> (scale: Double, loss: Double) {
    let golden = (5.0.squareRoot() - 1) / 2
    func value(_ log: Double) -> Double {
      expectedLoss(schedule, times: Portable.exp(log), steps: steps)
    }
    var (low, high) = (Portable.log(range.lowerBound), Portable.log(range.upperBound))
    var (left, right) = (high - golden * (high - low), low + golden * (high - low))
    var (atLeft, atRight) = (value(left), value(right))
    while high - low > 1e-9 {
      if atLeft < atRight {
        (high, right, atRight) = (right, left, atLeft)
        left = high - golden * (high - low)
        atLeft = value(left)
      } else {
        (low, left, atLeft) = (left, right, atRight)
        right = low + golden * (high - low)
        atRight = value(right)
      }
    }
    let scale = Portable.exp((low + high) / 2)
    return (scale, expectedLoss(schedule, times: scale, steps: steps))
  }

  /// The rates that lower E f most at each step: a = Σ h²A / Σ h(h²A + c).
  ///
  /// - Precondition: the noise is not correlated.
  public func greedyRates(steps: Int) -> [Double] {
    requireWhite()
    var (a, b) = start
    return (0..<steps).map { _ in
      let rate = minimiser(a, weights: curvatures)
      advance(&a, &b, rate)
      return rate
    }
  }

  /// Rates from which none by itself can be moved to lower the final loss: a local minimum, and so
  /// an upper bound of the least loss of any rates.
  ///
  /// E f is a quadratic function of each rate with the others held. A sweep goes back through the
  /// steps for λ_t = ∂E f/∂A_t, then forward, putting each rate at its minimum
  /// a_t = Σ λhA / Σ λ(h²A + c); no sweep raises the loss.
  ///
  /// - Precondition: the noise is not correlated.
  /// - Complexity: sweeps × rates × dimension; memory for rates × dimension numbers.
  public func refined(_ rates: [Double], sweeps: Int = 12) -> [Double] {
    requireWhite()
    var rates = rates
    let d = curvatures.count
    var weights = [Double](repeating: 0, count: rates.count * d)
    for _ in 0..<sweeps {
      var weight = curvatures.map { 0.5 * $0 }
      for step in rates.indices.reversed() {
        weights.replaceSubrange((step * d)..<((step + 1) * d), with: weight)
        for i in 0..<d {
          let kept = 1 - rates[step] * curvatures[i]
          weight[i] *= kept * kept
        }
      }
      var (a, b) = start
      for step in rates.indices {
        rates[step] = minimiser(a, weights: weights[(step * d)..<((step + 1) * d)])
        advance(&a, &b, rates[step])
      }
    }
    return rates
  }

  private var start: (a: [Double], b: [Double]) {
    (
      [Double](repeating: initialMoment, count: curvatures.count),
      [Double](repeating: 0, count: curvatures.count)
    )
  }

  private func loss(_ a: [Double]) -> Double {
    var sum = 0.0
    for i in a.indices { sum += curvatures[i] * a[i] }
    return 0.5 * sum
  }

  private func advance(_ a: inout [Double], _ b: inout [Double], _ rate: Double) {
    for i in a.indices {
      let (kept, c) = (1 - rate * curvatures[i], noiseVariances[i])
      a[i] = kept * kept * a[i] - 2 * rate * kept * b[i] + rate * rate * c
      b[i] = correlation * (kept * b[i] - rate * c)
    }
  }

  /// The rate that makes Σ λ((1 − a h)² A + a² c) least.
  private func minimiser<Weights: RandomAccessCollection<Double>>(
    _ a: [Double], weights: Weights
  ) -> Double {
    var (gain, cost) = (0.0, 0.0)
    for (i, weight) in weights.enumerated() {
      let h = curvatures[i]
      gain += weight * h * a[i]
      cost += weight * (h * h * a[i] + noiseVariances[i])
    }
    return gain / cost
  }

  private func requireWhite() {
    require(correlation == 0, "the noise is correlated, \(correlation)")
  }
}
