internal import HypergradientRecipes
public import Hypergradient
internal import PortableMath

/// ``NoisyQuadratic`` whose noise remembers: ξ_t has covariance σ²H at every step, as there, and
/// E ξ_t ξ_{t+k}ᵀ = ρ^|k| σ²H between steps, an AR(1) process.
///
/// Minimiser, rotation and start are those of the noisy quadratic of the same instance, and with ρ = 0
/// so is every draw. Consecutive gradients then agree, or with ρ < 0 disagree, although the loss would
/// say nothing of the kind: what a method takes for curvature may be its noise. The noise of a step is
/// a function of (instance, seed, step) alone. f* = 0 is exact; the seen gradient is unbiased over
/// seeds, and the exact expectation of gradient descent is that of ``NoisyQuadraticTheory``. Difficulty
/// grows with `correlation`.
///
/// | parameter | range | default | meaning |
/// |---|---|---|---|
/// | `dimension` | 2…2000 | 100 | parameters |
/// | `noiseVariance` | [0, 10⁶] | 0.01 | σ² |
/// | `correlation` | [−0.999, 0.999] | 0.5 | ρ |
/// | `instance` | any | 1 | names x*, Q and the start; the noise is named by instance and seed |
public struct CorrelatedQuadratic: LaneTask, DerivedTask {
  public let correlation: Double
  let base: NoisyQuadratic

  public init(
    dimension: Int = 100, noiseVariance: Double = 0.01, correlation: Double = 0.5,
    instance: Int = 1
  ) {
    Recipe.correlatedQuadratic.check(dimension, noiseVariance, correlation)
    base = NoisyQuadratic(dimension: dimension, noiseVariance: noiseVariance, instance: instance)
    self.correlation = correlation
  }

  public var noiseVariance: Double { base.noiseVariance }

  /// ξ = σ·zᵀ√Λ·Q a step, z an AR(1) process; nothing where σ = 0.
  public func draws(seed: Int, steps: Range<Int>) -> Draws<Double> {
    if noiseVariance == 0 { return Draws(steps: steps) }
    let normals = AutoregressiveNormals(
      dimension: dimension, correlation: correlation, key: base.noiseKey(seed: seed))
    return base.coloured(normals.values(steps), steps: steps)
  }
}

extension Recipe where Product == TaskMaker {
  static let correlatedQuadratic = Recipe(
    "correlatedQuadratic",
    { (dimension: Int, variance: Double, correlation: Double) in
      TaskMaker {
        CorrelatedQuadratic(
          dimension: dimension, noiseVariance: variance, correlation: correlation,
          instance: $0.instance)
      }
    },
    .dimension, .noiseVariance(0.01),
    .number(
      "correlation", in: .between(-0.999, 0.999), default: 0.5,
      "ρ, of the noise of consecutive steps"),
    summary: "the noisy quadratic with AR(1) noise, whose steps are correlated",
    examples: ["correlatedQuadratic(dimension: 11, correlation: -0.5)"],
    standard: { TaskMaker { CorrelatedQuadratic(instance: $0.instance) } })
}
