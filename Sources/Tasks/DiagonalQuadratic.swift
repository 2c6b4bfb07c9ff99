internal import HypergradientRecipes
public import Hypergradient
internal import Kernels
internal import PortableMath
internal import Vectors

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
public struct DiagonalQuadratic<Scalar: ParameterScalar>: LaneTask {
  public let start: [Scalar]
  public let noiseVariance: Double
  private let eigenvalues: [Scalar]
  private let minimiser: [Scalar]
  private let instance: Int

  public init(dimension: Int = 100, noiseVariance: Double = 1, instance: Int = 1) {
    require(dimension >= 2, "dimension is \(dimension), not at least 2")
    Parameter<TaskMaker, Double>.noiseVariance(1).check(noiseVariance)
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
  public var isDeterministic: Bool { noiseVariance == 0 }
  public var scratchCount: Int { dimension }

  /// ξ = σ·√Λ·n a step; nothing where σ = 0.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func draws(seed: Int, steps: Range<Int>) -> Draws<Scalar> {
    if noiseVariance == 0 { return Draws(steps: steps) }
    let scales = (1...dimension).map { (noiseVariance / Double($0)).squareRoot() }
    let key = RandomKey("diagonalQuadratic.noise", instance, seed)
    let values = [Scalar](unsafeUninitializedCapacity: steps.count * dimension) { values, count in
      for step in steps {
        var stream = RandomStream(key, step: step)
        for (scale, normal) in zip(scales, stream.normals(dimension)) {
          values.initializeElement(at: count, to: Scalar.nearest(to: scale * normal))
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
    withNoise(draws, step) { noise in
      Diagonal.gradient(theta, minimiser, eigenvalues, noise, into: gradient)
    }
  }

  public func loss(
    at theta: UnsafePointer<Scalar>, step: Int, scratch: UnsafeMutablePointer<Scalar>
  ) -> Double {
    Diagonal.gradient(theta, minimiser, eigenvalues, nil, into: scratch)
  }

  public func exactGradient(
    at theta: UnsafePointer<Scalar>, step: Int, into gradient: UnsafeMutablePointer<Scalar>,
    scratch: UnsafeMutablePointer<Scalar>
  ) {
    _ = Diagonal.gradient(theta, minimiser, eigenvalues, nil, into: gradient)
  }

  public var laneScratchCount: Int { dimension }

  public func laneGradient(
    at theta: UnsafePointer<Scalar>, lanes: Int, step: Int, draws: Draws<Scalar>,
    into gradient: UnsafeMutablePointer<Scalar>, losses: UnsafeMutablePointer<Double>?,
    scratch: UnsafeMutablePointer<Scalar>
  ) {
    withNoise(draws, step) { noise in
      Diagonal.laneGradient(
        theta, minimiser, eigenvalues, noise, lanes: lanes, into: gradient, losses: losses)
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func laneGradient(
    moving theta: UnsafeMutablePointer<Scalar>, by rates: UnsafePointer<Scalar>,
    along u: UnsafePointer<Scalar>, lanes: Int, step: Int, draws: Draws<Scalar>,
    into gradient: UnsafeMutablePointer<Scalar>, alignments: UnsafeMutablePointer<Double>
  ) -> Bool {
    withNoise(draws, step) { noise in
      Diagonal.step(
        theta, by: rates, along: u, minimiser, eigenvalues, noise, lanes: lanes, into: gradient,
        alignments: alignments)
    }
    return true
  }

  public func laneLosses(
    at theta: UnsafePointer<Scalar>, lanes: Int, step: Int,
    into losses: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Scalar>
  ) {
    Diagonal.laneGradient(
      theta, minimiser, eigenvalues, nil, lanes: lanes, into: scratch, losses: losses)
  }

  private func withNoise<Result>(
    _ draws: Draws<Scalar>, _ step: Int, _ body: (UnsafePointer<Scalar>?) -> Result
  ) -> Result {
    if draws.valuesPerStep == 0 { return body(nil) }
    return draws.withValues(of: step) { body($0) }
  }
}

/// The passes of a diagonal quadratic over its elements.
private enum Diagonal {
  /// g = λo + ξ with o = θ − x*; returns Σ o·(½λo + ξ).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func gradient<Scalar: ParameterScalar>(
    _ theta: UnsafePointer<Scalar>, _ minimiser: [Scalar], _ eigenvalues: [Scalar],
    _ noise: UnsafePointer<Scalar>?, into gradient: UnsafeMutablePointer<Scalar>
  ) -> Double {
    let count = minimiser.count
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * count) { terms in
      let (offsets, halves) = (terms.baseAddress!, terms.baseAddress! + count)
      for i in 0..<count {
        let offset = theta[i] - minimiser[i]
        let pull = eigenvalues[i] * offset
        let noise = noise?[i] ?? 0
        gradient[i] = pull + noise
        offsets[i] = Double(offset)
        halves[i] = Double(0.5 * pull + noise)
      }
      return BlockSums.dot(offsets, halves, count: count)
    }
  }

  /// The same of interleaved runs.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func laneGradient<Scalar: ParameterScalar>(
    _ theta: UnsafePointer<Scalar>, _ minimiser: [Scalar], _ eigenvalues: [Scalar],
    _ noise: UnsafePointer<Scalar>?, lanes: Int, into gradient: UnsafeMutablePointer<Scalar>,
    losses: UnsafeMutablePointer<Double>?
  ) {
    minimiser.withUnsafeBufferPointer { centres in
      eigenvalues.withUnsafeBufferPointer { curvatures in
        let (y, c, count) = (centres.baseAddress!, curvatures.baseAddress!, centres.count)
        if Scalar.self == Float.self {
          hg_lanes_diagonal_f32(
            losses, typed(gradient), typed(theta), typed(y), typed(c), noise.map { typed($0) },
            count, lanes)
        } else {
          hg_lanes_diagonal_f64(
            losses, typed(gradient), typed(theta), typed(y), typed(c), noise.map { typed($0) },
            count, lanes)
        }
      }
    }
  }

  /// θ −= rate·u before it, and Σ u·g, of interleaved runs.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func step<Scalar: ParameterScalar>(
    _ theta: UnsafeMutablePointer<Scalar>, by rates: UnsafePointer<Scalar>,
    along u: UnsafePointer<Scalar>, _ minimiser: [Scalar], _ eigenvalues: [Scalar],
    _ noise: UnsafePointer<Scalar>?, lanes: Int, into gradient: UnsafeMutablePointer<Scalar>,
    alignments: UnsafeMutablePointer<Double>
  ) {
    minimiser.withUnsafeBufferPointer { centres in
      eigenvalues.withUnsafeBufferPointer { curvatures in
        let (y, c, count) = (centres.baseAddress!, curvatures.baseAddress!, centres.count)
        if Scalar.self == Float.self {
          hg_lanes_diagonal_step_f32(
            alignments, typed(theta), typed(gradient), typed(rates), typed(u), typed(y), typed(c),
            noise.map { typed($0) }, count, lanes)
        } else {
          hg_lanes_diagonal_step_f64(
            alignments, typed(theta), typed(gradient), typed(rates), typed(u), typed(y), typed(c),
            noise.map { typed($0) }, count, lanes)
        }
      }
    }
  }

  /// The same memory, of the type that Scalar is known to be.
  @inline(__always)
  private static func typed<A, B>(_ pointer: UnsafePointer<A>) -> UnsafePointer<B> {
    UnsafeRawPointer(pointer).assumingMemoryBound(to: B.self)
  }
  @inline(__always)
  private static func typed<A, B>(_ pointer: UnsafeMutablePointer<A>) -> UnsafeMutablePointer<B> {
    UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: B.self)
  }
}
