internal import Hypergradient

/// A problem as an oracle at one step: batches K·step … K·step + K − 1, whose mean is what is asked
/// for, K the accumulation.
struct ProblemOracle<Problem: TrainingProblem>: Oracle {
  typealias Scalar = Problem.Scalar

  var problem: Problem
  let accumulation: Int
  var step = 0
  /// T, as far as it is known at this step.
  var steps: Int?
  var epoch: Double?
  var metric: Double?
  let hasMetric: Bool
  var counts = EvaluationCounts()
  /// That of the last gradient.
  private(set) var lastLoss = Double.nan
  /// Where a step began, and whether a loss there was not finite since then.
  private var origin: [Scalar] = []
  private(set) var isLost = false
  private let memory: Memory

  init(_ problem: Problem, accumulation: Int) {
    self.problem = problem
    self.accumulation = accumulation
    hasMetric = problem.hasValidation
    memory = Memory(count: problem.parameterCount)
  }

  /// A step of a method begins at these parameters.
  mutating func begin(at parameters: [Scalar]) {
    origin = parameters
    isLost = false
  }

  var parameterCount: Int { problem.parameterCount }
  var run: RunFacts { RunFacts(seed: problem.seed, steps: steps) }

  mutating func evaluate(
    at point: UnsafePointer<Scalar>, draw: Int
  ) -> (loss: Double, gradient: UnsafePointer<Scalar>) {
    counts.gradients += 1
    lastLoss = write(memory.gradient, at: point, draw)
    return (lastLoss, UnsafePointer(memory.gradient))
  }

  mutating func loss(at point: UnsafePointer<Scalar>, draw: Int) -> Double {
    counts.losses += 1
    return write(memory.gradient, at: point, draw)
  }

  mutating func hessianVectorProduct(
    at point: UnsafePointer<Scalar>, _ vector: UnsafePointer<Scalar>, draw: Int
  ) -> UnsafePointer<Scalar> {
    counts.hessianVectorProducts += 1
    let memory = memory
    CentralDifference.product(
      at: point, along: vector, count: parameterCount, moved: memory.moved,
      above: memory.gradient, below: memory.second
    ) { point, gradient in _ = write(gradient, at: point, draw) }
    return UnsafePointer(memory.gradient)
  }

  /// Scales parts of the gradient that was asked for last.
  func scaleGradient(by factor: Double, _ parts: [Range<Int>]) {
    Loops.scale(memory.gradient, parts, by: factor)
  }

  private mutating func write(
    _ gradient: UnsafeMutablePointer<Scalar>, at point: UnsafePointer<Scalar>, _ draw: Int
  ) -> Double {
    let loss = mean(gradient, at: point, draw)
    if !loss.isFinite, !origin.isEmpty {
      isLost =
        isLost
        || origin.indices.allSatisfy {
          point[$0] == origin[$0] || point[$0].isNaN && origin[$0].isNaN
        }
    }
    return loss
  }

  /// The mean of K losses; writes the mean of their gradients.
  private mutating func mean(
    _ gradient: UnsafeMutablePointer<Scalar>, at point: UnsafePointer<Scalar>, _ draw: Int
  ) -> Double {
    let count = parameterCount
    let point = UnsafeBufferPointer(start: point, count: count)
    let target = UnsafeMutableBufferPointer(start: gradient, count: count)
    let first = step * accumulation
    var sum = problem.gradient(at: point, batch: first, draw: draw, into: target)
    guard accumulation > 1 else { return sum }
    let part = UnsafeMutableBufferPointer(start: memory.part, count: count)
    for k in 1..<accumulation {
      sum += problem.gradient(at: point, batch: first + k, draw: draw, into: part)
      Loops.add(memory.part, to: gradient, count)
    }
    Loops.divide(gradient, by: Scalar(accumulation), count)
    return sum / Double(accumulation)
  }

  private final class Memory {
    let gradient, second, moved, part: UnsafeMutablePointer<Scalar>

    init(count: Int) {
      gradient = .allocate(capacity: 4 * count)
      gradient.initialize(repeating: 0, count: 4 * count)
      second = gradient + count
      moved = second + count
      part = moved + count
    }

    deinit { gradient.deallocate() }
  }
}
