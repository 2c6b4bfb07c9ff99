internal import Hypergradient

/// A problem as an oracle at one step: batches K·step … K·step + K − 1, whose mean is what is asked
/// for, K the accumulation.
struct ProblemOracle<Problem: TrainingProblem>: Oracle {
  typealias Scalar = Problem.Scalar

  var problem: Problem
  let shape: ProblemShape
  let accumulation: Int
  var step = 0
  /// T, as far as it is known at this step.
  var steps: Int?
  var epoch: Double?
  var metric: Double?
  var counts = EvaluationCounts()
  /// That of the last gradient.
  private(set) var lastLoss = Double.nan
  /// Where a step of a method began; empty where groups train.
  private var origin: [Scalar] = []
  private var looksAtGradients = false
  private var isFirstAnswer = true
  /// Whether a loss there was not finite since then.
  private(set) var isLost = false
  /// Whether the first answer since then, or one there, had a loss or a gradient that is not finite. Of
  /// others a method makes its own: it tries points that are too far.
  private(set) var isBad = false
  private var memory: Memory

  init(_ problem: Problem, accumulation: Int) {
    self.problem = problem
    self.accumulation = accumulation
    shape = ProblemShape(problem)
    memory = Memory(count: shape.parameterCount)
  }

  /// Takes memory of its own, where a copy has the same.
  mutating func takeMemory() {
    if !isKnownUniquelyReferenced(&memory) { memory = Memory(count: parameterCount) }
  }

  /// A step of a method begins at these parameters.
  mutating func begin(at parameters: [Scalar], lookingAtGradients: Bool) {
    origin = parameters
    looksAtGradients = lookingAtGradients
    isFirstAnswer = true
    (isLost, isBad) = (false, false)
  }

  var parameterCount: Int { shape.parameterCount }
  var hasMetric: Bool { shape.hasValidation }
  var run: RunFacts { RunFacts(seed: problem.seed, steps: steps) }

  mutating func evaluate(
    at point: UnsafePointer<Scalar>, draw: Int
  ) -> (loss: Double, gradient: UnsafePointer<Scalar>) {
    counts.gradients += 1
    lastLoss = write(memory.gradient, at: point, draw)
    note(lastLoss, memory.gradient, at: point)
    return (lastLoss, UnsafePointer(memory.gradient))
  }

  mutating func loss(at point: UnsafePointer<Scalar>, draw: Int) -> Double {
    counts.losses += 1
    let loss = write(memory.gradient, at: point, draw)
    note(loss, nil, at: point)
    return loss
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

  private mutating func note(
    _ loss: Double, _ gradient: UnsafePointer<Scalar>?, at point: UnsafePointer<Scalar>
  ) {
    guard !origin.isEmpty else { return }
    defer { isFirstAnswer = false }
    let isFinite =
      gradient.map { !looksAtGradients || Loops.isFinite($0, parameterCount) } ?? true
    guard !loss.isFinite || !isFinite else { return }
    let isAtOrigin = origin.indices.allSatisfy {
      point[$0] == origin[$0] || point[$0].isNaN && origin[$0].isNaN
    }
    isLost = isLost || !loss.isFinite && isAtOrigin
    isBad = isBad || isFirstAnswer || isAtOrigin
  }

  /// The mean of K losses; writes the mean of their gradients.
  private mutating func write(
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
