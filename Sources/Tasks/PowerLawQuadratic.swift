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
public struct PowerLawQuadratic: BenchmarkTask {
  public let start: [Double]
  private let quadratic: RotatedQuadratic

  public init(dimension: Int = 100, exponent: Double = 1.5, instance: Int = 1) {
    Parameter.dimension.require(dimension)
    Parameter.exponent.require(exponent)
    quadratic = RotatedQuadratic(
      eigenvalues: (1...dimension).map { Portable.pow(Double($0), -exponent) },
      name: "powerLaw", instance: instance)
    start = quadratic.normalStart(name: "powerLaw", instance: instance)
  }

  public var dimension: Int { quadratic.dimension }
  public var reference: ReferenceValue {
    ReferenceValue(0, .exact, minimiser: quadratic.minimiser)
  }
  public var isDeterministic: Bool { true }
  public var scratchCount: Int { 2 * dimension }

  public func draws(seed: Int, steps: Range<Int>) -> Draws<Double> { Draws(steps: steps) }

  public func gradient(
    at theta: UnsafePointer<Double>, step: Int, draws: Draws<Double>,
    into gradient: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    quadratic.gradient(at: theta, into: gradient, offset: scratch)
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

  public var laneScratchCount: Int? { 2 * dimension }

  public func laneGradient(
    at theta: UnsafePointer<Double>, lanes: Int, step: Int, draws: Draws<Double>,
    into gradient: UnsafeMutablePointer<Double>, losses: UnsafeMutablePointer<Double>?,
    scratch: UnsafeMutablePointer<Double>
  ) {
    quadratic.laneGradient(
      at: theta, lanes: lanes, into: gradient, values: losses, offset: scratch)
  }

  public func laneLosses(
    at theta: UnsafePointer<Double>, lanes: Int, step: Int,
    into losses: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) {
    quadratic.laneValues(
      at: theta, lanes: lanes, into: losses, scratch: scratch)
  }
}

extension Parameter {
  fileprivate static let exponent = Parameter(
    "exponent", .number(.excluding(0, through: 5)), default: "1.5", "a of λᵢ = i⁻ᵃ")
}

extension Recipe where Product == TaskMaker {
  static let powerLaw = Recipe(
    "powerLaw", [.dimension, .exponent], summary: "rotated quadratic with power-law eigenvalues"
  ) { arguments throws(SpecError) in
    let (d, exponent) = (arguments.integer("dimension"), arguments.number("exponent"))
    return TaskMaker {
      PowerLawQuadratic(dimension: d, exponent: exponent, instance: $0.instance)
    }
  }
}
