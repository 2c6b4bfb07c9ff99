public import Hypergradient
internal import Kernels
internal import PortableMath

/// f(θ) = ½ (θ−x*)ᵀ H (θ−x*) with H = QᵀΛQ, λᵢ = 1/i, seen through additive noise: each step's
/// gradient is H(θ−x*) + ξ, ξ normal with covariance C = σ²H, and belongs to the seen loss
/// f(θ) + ⟨ξ, θ−x*⟩.
///
/// x* is standard normal, Q a Haar rotation, and the start is x* + Qᵀs with random signs sᵢ = ±1, so
/// that f at the start is ½ Σ 1/i whatever the instance. Plain gradient descent with rates η_t has
/// the exact expectation E f = ½ Σ λᵢ Aᵢ, Aᵢ ← (1 − η_t λᵢ)² Aᵢ + η_t² σ² λᵢ from Aᵢ = 1.
/// f* = 0 is exact. Difficulty grows with `noiseVariance`.
///
/// | parameter | range | default | meaning |
/// |---|---|---|---|
/// | `dimension` | 2…2000 | 100 | parameters |
/// | `noiseVariance` | [0, 10⁶] | 1 | σ² |
/// | `instance` | any | 1 | names x*, Q and s; the noise is named by instance and seed |
///
/// > Source: G. Zhang et al., Which algorithmic choices matter at which batch sizes? Insights from a
/// > noisy quadratic model (2019). Deviation: rotated, where theirs is diagonal.
public struct NoisyQuadratic: BenchmarkTask {
  public let start: [Double]
  public let noiseVariance: Double
  private let quadratic: RotatedQuadratic
  private let instance: Int

  public init(dimension: Int = 100, noiseVariance: Double = 1, instance: Int = 1) {
    Parameter.dimension.require(dimension)
    Parameter.noiseVariance.require(noiseVariance)
    let eigenvalues = (1...dimension).map { 1 / Double($0) }
    quadratic = RotatedQuadratic(
      eigenvalues: eigenvalues, name: "noisyQuadratic", instance: instance)
    self.noiseVariance = noiseVariance
    self.instance = instance
    var stream = RandomStream(RandomKey("noisyQuadratic.start", instance))
    // Qᵀs from the rows of √Λ·Q.
    let signs = eigenvalues.map { (stream.uniform() < 0.5 ? -1 : 1) / $0.squareRoot() }
    var start = quadratic.minimiser
    hg_matmul_f64(
      false, false, 1, dimension, dimension, signs, dimension, quadratic.root, dimension, &start,
      dimension, true)
    self.start = start
  }

  public var dimension: Int { quadratic.dimension }
  public var reference: ReferenceValue {
    ReferenceValue(0, .exact, minimiser: quadratic.minimiser)
  }
  public var isDeterministic: Bool { noiseVariance == 0 }
  public var scratchCount: Int { 2 * dimension }

  /// ξ = σ·nᵀ√Λ·Q a step; nothing where σ = 0.
  public func draws(seed: Int, steps: Range<Int>) -> Draws<Double> {
    if noiseVariance == 0 { return Draws(steps: steps) }
    var normals: [Double] = []
    normals.reserveCapacity(steps.count * dimension)
    let key = noiseKey(seed: seed)
    for step in steps {
      var stream = RandomStream(key, step: step)
      for _ in 0..<dimension { normals.append(stream.normal()) }
    }
    return coloured(normals, steps: steps)
  }

  func noiseKey(seed: Int) -> RandomKey { RandomKey("noisyQuadratic.noise", instance, seed) }

  /// ξ = σ·nᵀ√Λ·Q of standard normal rows n.
  func coloured(_ normals: [Double], steps: Range<Int>) -> Draws<Double> {
    let d = dimension
    let sigma = noiseVariance.squareRoot()
    var noise = [Double](repeating: 0, count: normals.count)
    hg_matmul_f64(
      false, false, steps.count, d, d, normals.map { sigma * $0 }, d, quadratic.root, d, &noise, d,
      false)
    return Draws(steps: steps, valuesPerStep: d, values: noise)
  }

  public func gradient(
    at theta: UnsafePointer<Double>, step: Int, draws: Draws<Double>,
    into gradient: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    let d = dimension
    let value = quadratic.gradient(at: theta, into: gradient, offset: scratch)
    if draws.valuesPerStep == 0 { return value }
    return draws.values.withUnsafeBufferPointer { values in
      let noise = values.baseAddress! + (step - draws.steps.lowerBound) * d
      for i in 0..<d { gradient[i] += noise[i] }
      return value + Lanes.dot(noise, scratch, count: d)
    }
  }

  public func loss(
    at theta: UnsafePointer<Double>, step: Int, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    quadratic.value(at: theta, scratch: scratch)
  }

  public func exactGradient(
    at theta: UnsafePointer<Double>, step: Int, into gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) {
    _ = quadratic.gradient(at: theta, into: gradient, offset: scratch)
  }

  public var laneScratchCount: Int? { 2 * dimension + 1 }

  public func laneGradient(
    at theta: UnsafePointer<Double>, lanes: Int, step: Int, draws: Draws<Double>,
    into gradient: UnsafeMutablePointer<Double>, losses: UnsafeMutablePointer<Double>?,
    scratch: UnsafeMutablePointer<Double>
  ) {
    let d = dimension
    quadratic.laneGradient(
      at: theta, lanes: lanes, into: gradient, values: losses, offset: scratch)
    if draws.valuesPerStep == 0 { return }
    draws.values.withUnsafeBufferPointer { values in
      let noise = values.baseAddress! + (step - draws.steps.lowerBound) * d
      hg_lanes_add_f64(gradient, gradient, noise, d, lanes)
      guard let losses else { return }
      let products = scratch + 2 * d * lanes
      hg_lanes_dot_shared_f64(products, scratch, noise, d, lanes)
      for lane in 0..<lanes { losses[lane] += products[lane] }
    }
  }

  public func laneLosses(
    at theta: UnsafePointer<Double>, lanes: Int, step: Int,
    into losses: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) {
    quadratic.laneValues(at: theta, lanes: lanes, into: losses, scratch: scratch)
  }
}

extension Parameter {
  fileprivate static let noiseVariance: Parameter = .noiseVariance("1")
}

extension Recipe where Product == TaskMaker {
  static let noisyQuadratic = Recipe(
    "noisyQuadratic", [.dimension, .noiseVariance],
    summary: "quadratic with curvatures 1/i and gradient noise of covariance σ²H"
  ) { arguments throws(SpecError) in
    let (d, variance) = (arguments.integer("dimension"), arguments.number("noiseVariance"))
    return TaskMaker {
      NoisyQuadratic(dimension: d, noiseVariance: variance, instance: $0.instance)
    }
  }
}
