public import Hypergradient

/// f(θ) = ½ (θ−x*)ᵀ QᵀΛQ (θ−x*): a rotated ellipsoid, deterministic.
///
/// The eigenvalues Λ are evenly spaced in their logarithm from 1 to κ; the Haar rotation Q, the
/// minimiser x* and the start x* + n, both n and x* standard normal, come from the instance.
/// f* = 0 is exact. Difficulty grows with `condition`.
///
/// | parameter | range | default | meaning |
/// |---|---|---|---|
/// | `dimension` | 2…2000 | 100 | parameters |
/// | `condition` | [1, 10¹⁰] | 1000 | κ, largest over smallest eigenvalue |
/// | `instance` | any | 1 | names x*, Q and the start |
///
/// > Source: the rotated ellipsoid of N. Hansen et al., Real-parameter black-box optimization
/// > benchmarking 2009: noiseless functions definitions, f10, without its oscillations and from
/// > eigenvalue 1.
public struct EllipsoidQuadratic: BenchmarkTask {
  public let start: [Double]
  private let quadratic: RotatedQuadratic

  public init(dimension: Int = 100, condition: Double = 1e3, instance: Int = 1) {
    Parameter.dimension.require(dimension)
    Parameter.condition.require(condition)
    quadratic = RotatedQuadratic(
      eigenvalues: RotatedQuadratic.logSpaced(count: dimension, condition: condition),
      name: "ellipsoid", instance: instance)
    start = quadratic.normalStart(name: "ellipsoid", instance: instance)
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
  fileprivate static let condition: Parameter = .condition("1e3", "κ")
}

extension Recipe where Product == TaskMaker {
  static let ellipsoid = Recipe(
    "ellipsoid", [.dimension, .condition],
    summary: "rotated ellipsoid quadratic, eigenvalues from 1 to κ"
  ) { arguments throws(SpecError) in
    let (d, condition) = (arguments.integer("dimension"), arguments.number("condition"))
    return TaskMaker {
      EllipsoidQuadratic(dimension: d, condition: condition, instance: $0.instance)
    }
  }
}
