internal import HypergradientRecipes
public import Hypergradient
internal import PortableMath

/// f(θ) = ½ (θ−x*)ᵀ QᵀΛQ (θ−x*) with λᵢ = i⁻ᵃ, i = 1…d: a few steep directions and a long flat
/// tail, as network curvature has; deterministic.
///
/// The Haar rotation Q, the minimiser x* and the start x* + n, both n and x* standard normal, come
/// from the instance. f* = 0 is exact. Difficulty grows with `exponent`: κ = dᵃ.
///
/// | parameter | range | default | meaning |
/// |---|---|---|---|
/// | `dimension` | 2…2000 | 100 | d, parameters |
/// | `exponent` | (0, 5] | 1.5 | a |
/// | `instance` | any | 1 | names x*, Q and the start |
///
/// > Source: the spectrum of G. Zhang et al., Which algorithmic choices matter at which batch sizes?
/// > Insights from a noisy quadratic model (2019), there with a = 1.
public struct PowerLawQuadratic: LaneTask, DerivedTask {
  let base: RotatedQuadratic

  public init(dimension: Int = 100, exponent: Double = 1.5, instance: Int = 1) {
    Recipe.powerLaw.check(dimension, exponent)
    base = RotatedQuadratic(
      eigenvalues: (1...dimension).map { Portable.pow(Double($0), -exponent) },
      name: "powerLaw", instance: instance)
  }
}

extension Recipe where Product == TaskMaker {
  static let powerLaw = Recipe(
    "powerLaw",
    { (dimension: Int, exponent: Double) in
      TaskMaker {
        PowerLawQuadratic(dimension: dimension, exponent: exponent, instance: $0.instance)
      }
    },
    .dimension, .number("exponent", in: .excluding(0, through: 5), default: 1.5, "a of λᵢ = i⁻ᵃ"),
    summary: "rotated quadratic with power-law eigenvalues",
    examples: ["powerLaw(dimension: 10, exponent: 1)"],
    standard: { TaskMaker { PowerLawQuadratic(instance: $0.instance) } })
}
