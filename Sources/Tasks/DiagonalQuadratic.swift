public import Hypergradient
internal import PortableMath

/// f(θ) = ½ Σ λᵢ (θᵢ−x*ᵢ)² with λᵢ = 1/i, seen through additive noise: each step's gradient is
/// Λ(θ−x*) + ξ, ξ normal with covariance σ²Λ, and belongs to the seen loss f(θ) + ⟨ξ, θ−x*⟩. It is
/// ``NoisyQuadratic`` without its rotation, in `Float` or `Double`.
///
/// x* is standard normal and the start is x* + s with random signs sᵢ = ±1, so that f at the start is
/// ½ Σ 1/i whatever the instance, up to rounding. f* = 0 is exact.
///
/// | parameter | range | default | meaning |
/// |---|---|---|---|
/// | `dimension` | at least 2 | 100 | parameters |
/// | `noiseVariance` | [0, 10⁶] | 1 | σ² |
/// | `instance` | any | 1 | names x* and s; the noise is named by instance and seed |
///
/// > Source: G. Zhang et al., Which algorithmic choices matter at which batch sizes? Insights from a
/// > noisy quadratic model (2019).
public struct DiagonalQuadratic<Scalar: ParameterScalar>: BenchmarkTask {
  public let start: [Scalar]
  public let noiseVariance: Double
  private let eigenvalues: [Scalar]
  private let minimiser: [Scalar]
  private let instance: Int

  public init(dimension: Int = 100, noiseVariance: Double = 1, instance: Int = 1) {
    precondition(dimension >= 2, "dimension is \(dimension), not at least 2")
    precondition(
      noiseVariance >= 0 && noiseVariance <= 1e6,
      "noiseVariance is \(noiseVariance), not in [0, 1e6]")
    eigenvalues = (1...dimension).map { Scalar.nearest(to: 1 / Double($0)) }
    var shift = RandomStream(RandomKey("diagonalQuadratic.shift", instance))
    let minimiser = (0..<dimension).map { _ in Scalar.nearest(to: shift.normal()) }
    var signs = RandomStream(RandomKey("diagonalQuadratic.start", instance))
    start = minimiser.map { $0 + (signs.uniform() < 0.5 ? -1 : 1) }
    self.minimiser = minimiser
    self.noiseVariance = noiseVariance
    self.instance = instance
  }

  public var dimension: Int { start.count }
  public var reference: ReferenceValue {
    ReferenceValue(0, .exact, minimiser: minimiser.map { Double($0) })
  }
  public var scratchCount: Int { 2 * dimension }

  /// ξ = σ·√Λ·n a step; nothing where σ = 0.
  public func draws(seed: Int, steps: Range<Int>) -> Draws<Scalar> {
    if noiseVariance == 0 { return Draws(steps: steps) }
    let scales = (1...dimension).map { (noiseVariance / Double($0)).squareRoot() }
    let key = RandomKey("diagonalQuadratic.noise", instance, seed)
    let values = [Scalar](unsafeUninitializedCapacity: steps.count * dimension) { values, count in
      for step in steps {
        var stream = RandomStream(key, step: step)
        for scale in scales {
          values.initializeElement(at: count, to: Scalar.nearest(to: scale * stream.normal()))
          count += 1
        }
      }
    }
    return Draws(steps: steps, valuesPerStep: dimension, values: values)
  }

  public func gradient(
    at theta: UnsafePointer<Scalar>, step: Int, draws: Draws<Scalar>,
    into gradient: UnsafeMutablePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>
  ) -> Double {
    let loops = DiagonalLoops(Scalar.self, count: dimension, lanes: 1)
    return draws.values.withUnsafeBufferPointer { values in
      let noise =
        draws.valuesPerStep == 0
        ? nil : values.baseAddress! + (step - draws.steps.lowerBound) * dimension
      var loss = 0.0
      loops.gradient(
        theta, minimiser, eigenvalues, noise, into: gradient, losses: &loss, scratch: scratch)
      return loss
    }
  }

  public func loss(
    at theta: UnsafePointer<Scalar>, step: Int, scratch: UnsafeMutablePointer<Scalar>
  ) -> Double {
    var loss = 0.0
    DiagonalLoops(Scalar.self, count: dimension, lanes: 1).gradient(
      theta, minimiser, eigenvalues, nil, into: scratch + dimension, losses: &loss,
      scratch: scratch)
    return loss
  }

  public func exactGradient(
    at theta: UnsafePointer<Scalar>, step: Int, into gradient: UnsafeMutablePointer<Scalar>,
    scratch: UnsafeMutablePointer<Scalar>
  ) {
    var loss = 0.0
    DiagonalLoops(Scalar.self, count: dimension, lanes: 1).gradient(
      theta, minimiser, eigenvalues, nil, into: gradient, losses: &loss, scratch: scratch)
  }
}
