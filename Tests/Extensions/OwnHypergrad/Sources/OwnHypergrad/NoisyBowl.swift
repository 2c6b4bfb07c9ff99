import HypergradientBenchmark

/// f(θ) = Σ ½θᵢ² + c θᵢ⁴, seen with noise: least at 0, with f* = 0.
struct NoisyBowl: BenchmarkTask {
  let start: [Double]
  let steepness: Double
  private let instance: Int

  init(dimension: Int = 10, steepness: Double = 0.25, instance: Int = 1) {
    var stream = RandomStream(RandomKey("noisyBowl.start", instance))
    start = (0..<dimension).map { _ in stream.normal() }
    self.steepness = steepness
    self.instance = instance
  }

  var dimension: Int { start.count }
  var scratchCount: Int { 0 }
  var reference: ReferenceValue {
    ReferenceValue(0, .exact, minimiser: [Double](repeating: 0, count: dimension))
  }

  func draws(seed: Int, steps: Range<Int>) -> Draws<Double> {
    let noise = steps.flatMap { step in
      var stream = RandomStream(RandomKey("noisyBowl.noise", instance, seed), step: step)
      return (0..<dimension).map { _ in 0.01 * stream.normal() }
    }
    return Draws(steps: steps, valuesPerStep: dimension, values: noise)
  }

  func gradient(
    at theta: UnsafePointer<Double>, step: Int, draws: Draws<Double>,
    into gradient: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    exactGradient(at: theta, step: step, into: gradient, scratch: scratch)
    var seen = loss(at: theta, step: step, scratch: scratch)
    let first = (step - draws.steps.lowerBound) * dimension
    for i in 0..<dimension {
      gradient[i] += draws.values[first + i]
      seen += draws.values[first + i] * theta[i]
    }
    return seen
  }

  func loss(
    at theta: UnsafePointer<Double>, step: Int, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    var sum = 0.0
    for i in 0..<dimension {
      let square = theta[i] * theta[i]
      sum += 0.5 * square + steepness * (square * square)
    }
    return sum
  }

  func exactGradient(
    at theta: UnsafePointer<Double>, step: Int, into gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) {
    for i in 0..<dimension {
      gradient[i] = theta[i] + 4 * steepness * (theta[i] * theta[i] * theta[i])
    }
  }
}

extension Recipe where Product == TaskMaker {
  static let noisyBowl = Recipe(
    "noisyBowl",
    { (dimension: Int, steepness: Double) in
      TaskMaker {
        NoisyBowl(dimension: dimension, steepness: steepness, instance: $0.instance)
      }
    },
    .count("dimension", in: .between(1, 1e6), default: 10, "parameters"),
    .number("steepness", in: .between(0, 1e3), default: 0.25, "c"),
    summary: "a bowl that grows with the fourth power",
    examples: ["noisyBowl(dimension: 4)"],
    standard: { TaskMaker { NoisyBowl(instance: $0.instance) } })
}
