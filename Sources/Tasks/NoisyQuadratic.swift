internal import HypergradientRecipes
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
public struct NoisyQuadratic: LaneTask, DerivedTask {
  public let noiseVariance: Double
  let base: RotatedQuadratic
  private let instance: Int

  public init(dimension: Int = 100, noiseVariance: Double = 1, instance: Int = 1) {
    Recipe.noisyQuadratic.check(dimension, noiseVariance)
    let eigenvalues = (1...dimension).map { 1 / Double($0) }
    var quadratic = RotatedQuadratic(
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
    quadratic.start = start
    base = quadratic
  }

  public var isDeterministic: Bool { noiseVariance == 0 }

  /// ξ = σ·nᵀ√Λ·Q a step; nothing where σ = 0.
  public func draws(seed: Int, steps: Range<Int>) -> Draws<Double> {
    if noiseVariance == 0 { return Draws(steps: steps) }
    var normals: [Double] = []
    normals.reserveCapacity(steps.count * dimension)
    let key = noiseKey(seed: seed)
    for step in steps {
      var stream = RandomStream(key, step: step)
      normals += stream.normals(dimension)
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
      false, false, steps.count, d, d, normals.map { sigma * $0 }, d, base.root, d, &noise, d,
      false)
    return Draws(steps: steps, valuesPerStep: d, values: noise)
  }
}

extension Recipe where Product == TaskMaker {
  static let noisyQuadratic = Recipe(
    "noisyQuadratic",
    { (dimension: Int, variance: Double) in
      TaskMaker {
        NoisyQuadratic(dimension: dimension, noiseVariance: variance, instance: $0.instance)
      }
    },
    .dimension, .noiseVariance(1),
    summary: "quadratic with curvatures 1/i and gradient noise of covariance σ²H",
    examples: ["noisyQuadratic(dimension: 10, noiseVariance: 0.01)"],
    standard: { TaskMaker { NoisyQuadratic(instance: $0.instance) } })
}
