internal import HypergradientRecipes
public import Hypergradient
internal import PortableMath

/// f(θ) = Σ_{i<d} c (θ_{i+1} − θᵢ²)² + (1 − θᵢ)²: a long curved valley, deterministic.
///
/// The start is the classical (−1.2, 1, −1.2, 1, …) plus 0.05 times standard normal numbers by
/// instance; from it descent reaches f* = 0 at (1, …, 1), which is exact, while from (−1.2, 1, 1, …)
/// it ends in the local minimum near (−1, 1, 1, …) with f ≈ 4. Difficulty grows with `coefficient`
/// and with `dimension`; the defaults are such that a thousand steps at a good fixed rate come far.
///
/// | parameter | range | default | meaning |
/// |---|---|---|---|
/// | `dimension` | 2…10⁶ | 20 | d, parameters |
/// | `coefficient` | [1, 10⁶] | 10 | c |
/// | `instance` | any | 1 | names the start |
///
/// > Source: H. H. Rosenbrock, An automatic method for finding the greatest or least value of a
/// > function (1960), with c = 100 and d = 2; the chained form in d dimensions is customary.
public struct Rosenbrock: LaneTask {
  public let start: [Double]
  public let coefficient: Double

  public init(dimension: Int = 20, coefficient: Double = 10, instance: Int = 1) {
    Recipe.rosenbrock.check(dimension, coefficient)
    self.coefficient = coefficient
    var stream = RandomStream(RandomKey("rosenbrock.start", instance))
    start = (0..<dimension).map { ($0 % 2 == 0 ? -1.2 : 1) + 0.05 * stream.normal() }
  }

  public var dimension: Int { start.count }
  public var reference: ReferenceValue {
    ReferenceValue(0, .exact, minimiser: [Double](repeating: 1, count: dimension))
  }
  public var isDeterministic: Bool { true }
  public var scratchCount: Int { 0 }

  public func draws(seed: Int, steps: Range<Int>) -> Draws<Double> { Draws(steps: steps) }

  public func gradient(
    at theta: UnsafePointer<Double>, step: Int, draws: Draws<Double>,
    into gradient: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    exactGradient(at: theta, step: step, into: gradient, scratch: scratch)
    return loss(at: theta, step: step, scratch: scratch)
  }

  public func loss(
    at theta: UnsafePointer<Double>, step: Int, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    var sum = 0.0
    for i in 0..<(dimension - 1) {
      let valley = theta[i + 1] - theta[i] * theta[i]
      let slope = 1 - theta[i]
      sum += coefficient * (valley * valley) + slope * slope
    }
    return sum
  }

  public func exactGradient(
    at theta: UnsafePointer<Double>, step: Int, into gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) {
    // 2c(θᵢ − θᵢ₋₁²), carried from one term of the sum to the next.
    var fromPrevious = 0.0
    for i in 0..<(dimension - 1) {
      let valley = 2 * coefficient * (theta[i + 1] - theta[i] * theta[i])
      gradient[i] = fromPrevious - 2 * theta[i] * valley - 2 * (1 - theta[i])
      fromPrevious = valley
    }
    gradient[dimension - 1] = fromPrevious
  }

  public var laneScratchCount: Int { 0 }

  public func laneGradient(
    at theta: UnsafePointer<Double>, lanes: Int, step: Int, draws: Draws<Double>,
    into gradient: UnsafeMutablePointer<Double>, losses: UnsafeMutablePointer<Double>?,
    scratch: UnsafeMutablePointer<Double>
  ) {
    for lane in stride(from: 0, to: lanes, by: 8) {
      var here = Self.eight(theta + lane)
      var fromPrevious = SIMD8<Double>.zero
      for i in 0..<(dimension - 1) {
        let next = Self.eight(theta + (i + 1) * lanes + lane)
        let valley = 2 * coefficient * (next - here * here)
        Self.store(
          fromPrevious - 2 * here * valley - 2 * (1 - here), gradient + i * lanes + lane)
        fromPrevious = valley
        here = next
      }
      Self.store(fromPrevious, gradient + (dimension - 1) * lanes + lane)
    }
    if let losses {
      laneLosses(at: theta, lanes: lanes, step: step, into: losses, scratch: scratch)
    }
  }

  public func laneLosses(
    at theta: UnsafePointer<Double>, lanes: Int, step: Int,
    into losses: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) {
    for lane in stride(from: 0, to: lanes, by: 8) {
      var here = Self.eight(theta + lane)
      var sum = SIMD8<Double>.zero
      for i in 0..<(dimension - 1) {
        let next = Self.eight(theta + (i + 1) * lanes + lane)
        let valley = next - here * here
        let slope = 1 - here
        sum += coefficient * (valley * valley) + slope * slope
        here = next
      }
      Self.store(sum, losses + lane)
    }
  }

  private static func eight(_ source: UnsafePointer<Double>) -> SIMD8<Double> {
    UnsafeRawPointer(source).loadUnaligned(as: SIMD8<Double>.self)
  }

  private static func store(_ value: SIMD8<Double>, _ target: UnsafeMutablePointer<Double>) {
    UnsafeMutableRawPointer(target).storeBytes(of: value, as: SIMD8<Double>.self)
  }
}

extension Recipe where Product == TaskMaker {
  static let rosenbrock = Recipe(
    "rosenbrock",
    { (dimension: Int, coefficient: Double) in
      TaskMaker {
        Rosenbrock(dimension: dimension, coefficient: coefficient, instance: $0.instance)
      }
    },
    .count("dimension", in: .between(2, 1e6), default: 20, "parameters"),
    .number("coefficient", in: .between(1, 1e6), default: 10, "steepness of the valley"),
    summary: "Rosenbrock's valley in d dimensions", examples: ["rosenbrock(dimension: 4)"],
    standard: { TaskMaker { Rosenbrock(instance: $0.instance) } })
}
