internal import HypergradientRecipes
public import Hypergradient
internal import PortableMath

/// f(θ) = Σ ½θᵢ² + c θᵢ⁴, deterministic: least at 0, with f* = 0; the start is standard normal by
/// instance.
public struct QuarticBowl: BenchmarkTask {
  public let start: [Double]
  public let steepness: Double

  public init(dimension: Int = 20, steepness: Double = 0.25, instance: Int = 1) {
    Recipe.quarticBowl.check(dimension, steepness)
    self.steepness = steepness
    var stream = RandomStream(RandomKey("quarticBowl.start", instance))
    start = (0..<dimension).map { _ in stream.normal() }
  }

  public var dimension: Int { start.count }
  public var reference: ReferenceValue {
    ReferenceValue(0, .exact, minimiser: [Double](repeating: 0, count: dimension))
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
    for i in 0..<dimension {
      let square = theta[i] * theta[i]
      sum += 0.5 * square + steepness * (square * square)
    }
    return sum
  }

  public func exactGradient(
    at theta: UnsafePointer<Double>, step: Int, into gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) {
    for i in 0..<dimension {
      gradient[i] = theta[i] + 4 * steepness * (theta[i] * theta[i] * theta[i])
    }
  }
}

extension Recipe where Product == TaskMaker {
  static let quarticBowl = Recipe(
    "quarticBowl",
    { (dimension: Int, steepness: Double) in
      TaskMaker {
        QuarticBowl(dimension: dimension, steepness: steepness, instance: $0.instance)
      }
    },
    .count("dimension", in: .between(1, 1e6), default: 20, "parameters"),
    .number("steepness", in: .between(0, 1e3), default: 0.25, "c"),
    summary: "a bowl that grows with the fourth power", examples: ["quarticBowl(dimension: 4)"],
    standard: { TaskMaker { QuarticBowl(instance: $0.instance) } })
}
