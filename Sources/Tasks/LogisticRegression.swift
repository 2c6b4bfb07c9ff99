internal import HypergradientRecipes
public import Hypergradient
internal import Kernels
internal import PortableMath
internal import Vectors

/// f(θ) = (1/N) Σ log(1 + exp(−yᵢ xᵢᵀθ)) + (λ/2) ‖θ‖² by minibatches.
///
/// The rows xᵢ are normal, rotated, with covariance eigenvalues evenly spaced in their logarithm
/// from 1/`condition` to 1. Labels yᵢ = ±1 follow a planted logistic model whose margins have root
/// mean square 3. The start is standard normal. f* is certified by Newton's method: the gradient's
/// norm there is at most 10⁻¹³, so f exceeds its least value by at most 10⁻²⁶/(2λ). Difficulty grows
/// with `condition`.
///
/// | parameter | range | default | meaning |
/// |---|---|---|---|
/// | `dimension` | 2…2000 | 100 | parameters |
/// | `examples` | 2…10⁶ | 512 | N; N·`dimension` is at most 2·10⁷ |
/// | `condition` | [1, 10⁶] | 10 | of the features' covariance |
/// | `regularisation` | [10⁻⁸, 10] | 10⁻³ | λ |
/// | `batch` | 1…min(N, 10⁵) | 16 | examples a step |
/// | `instance` | any | 1 | names data and start; the order is named by instance and seed |
public struct LogisticRegression: LaneTask {
  public let start: [Double]
  public let regularisation: Double
  public let reference: ReferenceValue
  /// Rows times their labels; the targets are unused.
  private let examples: DenseExamples

  public init(
    dimension: Int = 100, examples count: Int = 512, condition: Double = 10,
    regularisation: Double = 1e-3, batch: Int = 16, instance: Int = 1
  ) {
    Recipe.logistic.check(dimension, count, condition, regularisation, batch)
    let name = "logisticRegression"
    var rows = DenseExamples.normalRows(
      count: count, dimension: dimension, condition: condition, name: name, instance: instance)
    let batches = Minibatches(
      examples: count, batch: batch, name: name + ".order", instance: instance)
    let none = [Double](repeating: 0, count: count)
    var planted = RandomStream(RandomKey(name + ".planted", instance))
    let direction = planted.normals(dimension)
    let margins = DenseExamples(
      dimension: dimension, rows: rows, targets: none, batches: batches
    ).products(direction)
    let scale = 3 / (BlockSums.dot(margins, margins, count: count) / Double(count)).squareRoot()
    var labels = RandomStream(RandomKey(name + ".labels", instance))
    for i in 0..<count {
      let chance = 1 / (1 + Portable.exp(-scale * margins[i]))
      if labels.uniform() >= chance {
        for j in 0..<dimension { rows[i * dimension + j] = -rows[i * dimension + j] }
      }
    }
    examples = DenseExamples(dimension: dimension, rows: rows, targets: none, batches: batches)
    self.regularisation = regularisation
    var stream = RandomStream(RandomKey(name + ".start", instance))
    start = stream.normals(dimension)
    reference = LogisticNewton(examples: examples, regularisation: regularisation).minimum()
  }

  public var dimension: Int { start.count }
  public var stepsPerEpoch: Int? { examples.batches.stepsPerEpoch }
  public var stepsPerBlock: Int { examples.stepsPerBlock }
  public var scratchCount: Int { 2 * examples.count }

  public func draws(seed: Int, steps: Range<Int>) -> Draws<Double> {
    examples.draws(seed: seed, steps: steps)
  }

  public func gradient(
    at theta: UnsafePointer<Double>, step: Int, draws: Draws<Double>,
    into gradient: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    let d = dimension
    let batch = examples.batch
    return draws.withValues(of: step) { columns in
      hg_matmul_f64(false, false, 1, batch, d, theta, d, columns, batch, scratch, batch, false)
      return finish(
        theta, margins: scratch, rows: columns + batch * d, count: batch, into: gradient)
    }
  }

  public func loss(
    at theta: UnsafePointer<Double>, step: Int, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    let count = examples.count
    products(theta, into: scratch)
    return LogisticLoss.evaluate(scratch, count: count, scratch: scratch + count) / Double(count)
      + 0.5 * regularisation * BlockSums.dot(theta, theta, count: dimension)
  }

  public func exactGradient(
    at theta: UnsafePointer<Double>, step: Int, into gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) {
    products(theta, into: scratch)
    examples.rows.withUnsafeBufferPointer { rows in
      _ = finish(
        theta, margins: scratch, rows: rows.baseAddress!, count: examples.count, into: gradient)
    }
  }

  private func products(
    _ theta: UnsafePointer<Double>, into margins: UnsafeMutablePointer<Double>
  ) {
    let d = dimension
    hg_matmul_f64(
      false, false, examples.count, 1, d, examples.rows, d, theta, 1, margins, 1, false)
  }

  /// From margins to the gradient and the loss; the margins are followed by count elements.
  private func finish(
    _ theta: UnsafePointer<Double>, margins: UnsafeMutablePointer<Double>,
    rows: UnsafePointer<Double>, count: Int, into gradient: UnsafeMutablePointer<Double>
  ) -> Double {
    let d = dimension
    let sum = LogisticLoss.evaluate(margins, count: count, scratch: margins + count)
    let share = 1 / Double(count)
    for i in 0..<count { margins[i] *= share }
    for j in 0..<d { gradient[j] = regularisation * theta[j] }
    hg_matmul_f64(false, false, 1, d, count, margins, count, rows, d, gradient, d, true)
    return sum / Double(count) + 0.5 * regularisation * BlockSums.dot(theta, theta, count: d)
  }

  public var laneScratchCount: Int { 2 * examples.count + 1 }

  public func laneGradient(
    at theta: UnsafePointer<Double>, lanes: Int, step: Int, draws: Draws<Double>,
    into gradient: UnsafeMutablePointer<Double>, losses: UnsafeMutablePointer<Double>?,
    scratch: UnsafeMutablePointer<Double>
  ) {
    let d = dimension
    let batch = examples.batch
    draws.withValues(of: step) { columns in
      laneSums(theta, lanes, rows: columns + batch * d, count: batch, into: losses, scratch)
      let share = 1 / Double(batch)
      for i in 0..<(batch * lanes) { scratch[i] *= share }
      for i in 0..<(d * lanes) { gradient[i] = regularisation * theta[i] }
      hg_matmul_f64(
        false, false, d, lanes, batch, columns, batch, scratch, lanes, gradient, lanes, true)
    }
  }

  public func laneLosses(
    at theta: UnsafePointer<Double>, lanes: Int, step: Int,
    into losses: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) {
    examples.rows.withUnsafeBufferPointer { rows in
      laneSums(
        theta, lanes, rows: rows.baseAddress!, count: examples.count, into: losses, scratch)
    }
  }

  /// The losses over some rows; leaves the slopes in `scratch`.
  private func laneSums(
    _ theta: UnsafePointer<Double>, _ lanes: Int, rows: UnsafePointer<Double>, count: Int,
    into losses: UnsafeMutablePointer<Double>?, _ scratch: UnsafeMutablePointer<Double>
  ) {
    let d = dimension
    hg_matmul_f64(false, false, count, lanes, d, rows, d, theta, lanes, scratch, lanes, false)
    LogisticLoss.laneEvaluate(
      scratch, count: count, lanes: lanes, into: losses, scratch: scratch + count * lanes)
    guard let losses else { return }
    let squares = scratch + 2 * count * lanes
    hg_lanes_dot_f64(squares, theta, theta, d, lanes)
    for lane in 0..<lanes {
      losses[lane] = losses[lane] / Double(count) + 0.5 * regularisation * squares[lane]
    }
  }
}

extension LogisticRegression {
  /// What is wrong with these sizes together.
  fileprivate static func fault(dimension: Int, examples: Int, batch: Int) -> String? {
    Minibatches.fault(examples: examples, batch: batch)
      ?? Faults.size(examples: examples, features: dimension)
  }
}

extension Recipe where Product == TaskMaker {
  static let logistic = Recipe(
    "logistic",
    { (dimension: Int, examples: Int, condition: Double, lambda: Double, batch: Int) in
      TaskMaker {
        LogisticRegression(
          dimension: dimension, examples: examples, condition: condition, regularisation: lambda,
          batch: batch, instance: $0.instance)
      }
    },
    .dimension, .examples(512, "rows"), .featureCondition(10),
    .number("regularisation", in: .between(1e-8, 10), default: 1e-3, "λ of (λ/2)‖θ‖²"), .batch,
    unless: { dimension, examples, _, _, batch in
      LogisticRegression.fault(dimension: dimension, examples: examples, batch: batch)
    },
    summary: "ℓ2-regularised logistic regression by minibatches",
    examples: ["logistic(dimension: 8, examples: 32, batch: 4)"],
    standard: { TaskMaker { LogisticRegression(instance: $0.instance) } })
}
