internal import HypergradientRecipes
public import Hypergradient
internal import Kernels
internal import PortableMath
internal import Vectors

/// f(θ) = 1/(2N) ‖Xθ − y‖² by minibatches, with y = X x̂ + σ·n.
///
/// The rows of X are normal, rotated, with covariance eigenvalues evenly spaced in their logarithm
/// from 1/`condition` to 1; x̂ and n are standard normal; the start is x̂ plus standard normal
/// numbers. Without label noise the data are interpolated: f* = 0 at x̂ is exact, and the noise of
/// minibatches vanishes there, so that no decay of the rate is needed. With it f* > 0 is certified
/// by Cholesky's factorisation with refinement, and decay is needed. Difficulty grows with
/// `condition`, and with `labelNoise`.
///
/// | parameter | range | default | meaning |
/// |---|---|---|---|
/// | `dimension` | 2…min(N/2, 2000) | 100 | parameters |
/// | `examples` | 2·`dimension`…10⁶ | 512 | N; N·`dimension` is at most 2·10⁷ |
/// | `condition` | [1, 10⁶] | 100 | of the features' covariance |
/// | `labelNoise` | [0, 10³] | 0 | σ, standard deviation |
/// | `batch` | 1…min(N, 10⁵) | 16 | examples a step |
/// | `instance` | any | 1 | names data and start; the order is named by instance and seed |
///
/// > Source: S. Ma, R. Bassily and M. Belkin, The power of interpolation: understanding the
/// > effectiveness of SGD in modern over-parametrized learning (2018).
public struct LeastSquares: LaneTask {
  public let start: [Double]
  public let reference: ReferenceValue
  private let examples: DenseExamples
  private let minimiser: [Double]
  /// XᵀX/N.
  private let hessian: [Double]

  public init(
    dimension: Int = 100, examples count: Int = 512, condition: Double = 100,
    labelNoise: Double = 0, batch: Int = 16, instance: Int = 1
  ) {
    Recipe.leastSquares.check(dimension, count, condition, labelNoise, batch)
    let name = "leastSquares"
    var planted = RandomStream(RandomKey(name + ".planted", instance))
    let truth = planted.normals(dimension)
    let rows = DenseExamples.normalRows(
      count: count, dimension: dimension, condition: condition, name: name, instance: instance)
    let batches = Minibatches(
      examples: count, batch: batch, name: name + ".order", instance: instance)
    let clean = DenseExamples(
      dimension: dimension, rows: rows, targets: [Double](repeating: 0, count: count),
      batches: batches
    ).products(truth)
    var labels = RandomStream(RandomKey(name + ".labels", instance))
    let examples = DenseExamples(
      dimension: dimension, rows: rows,
      targets: labelNoise == 0 ? clean : clean.map { $0 + labelNoise * labels.normal() },
      batches: batches)
    hessian = examples.secondMoment().map { $0 / Double(count) }
    var minimiser = truth
    if labelNoise > 0 {
      // From the planted parameters one solve suffices; the second removes its rounding.
      let factor = Cholesky(hessian, dimension: dimension)
      for _ in 0..<2 {
        let correction = factor.solve(
          examples.combination(Self.residuals(examples, minimiser).map { $0 / Double(count) }))
        for i in 0..<dimension { minimiser[i] -= correction[i] }
      }
      let residuals = Self.residuals(examples, minimiser)
      let least = BlockSums.dot(residuals, residuals, count: count) / Double(2 * count)
      reference = ReferenceValue(least, .certified, minimiser: minimiser)
    } else {
      reference = ReferenceValue(0, .exact, minimiser: minimiser)
    }
    self.minimiser = minimiser
    self.examples = examples
    var stream = RandomStream(RandomKey(name + ".start", instance))
    start = truth.map { $0 + stream.normal() }
  }

  private static func residuals(_ examples: DenseExamples, _ theta: [Double]) -> [Double] {
    zip(examples.products(theta), examples.targets).map { $0 - $1 }
  }

  public var dimension: Int { start.count }
  public var stepsPerEpoch: Int? { examples.batches.stepsPerEpoch }
  public var stepsPerBlock: Int { examples.stepsPerBlock }
  public var scratchCount: Int { max(2 * dimension, examples.batch) }

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
      let rows = columns + batch * d
      let targets = rows + batch * d
      hg_matmul_f64(false, false, 1, batch, d, theta, d, columns, batch, scratch, batch, false)
      for i in 0..<batch { scratch[i] -= targets[i] }
      let loss = BlockSums.dot(scratch, scratch, count: batch) / Double(2 * batch)
      let share = 1 / Double(batch)
      for i in 0..<batch { scratch[i] *= share }
      hg_matmul_f64(false, false, 1, d, batch, scratch, batch, rows, d, gradient, d, false)
      return loss
    }
  }

  /// f* + ½ (θ−θ*)ᵀ XᵀX/N (θ−θ*), which loses no digits near θ*.
  public func loss(
    at theta: UnsafePointer<Double>, step: Int, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    let product = scratch + dimension
    exactGradient(at: theta, step: step, into: product, scratch: scratch)
    return reference.value + 0.5 * BlockSums.dot(scratch, product, count: dimension)
  }

  public func exactGradient(
    at theta: UnsafePointer<Double>, step: Int, into gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) {
    let d = dimension
    for i in 0..<d { scratch[i] = theta[i] - minimiser[i] }
    hg_matmul_f64(false, false, 1, d, d, scratch, d, hessian, d, gradient, d, false)
  }

  public var laneScratchCount: Int { max(2 * dimension, examples.batch) }

  public func laneGradient(
    at theta: UnsafePointer<Double>, lanes: Int, step: Int, draws: Draws<Double>,
    into gradient: UnsafeMutablePointer<Double>, losses: UnsafeMutablePointer<Double>?,
    scratch: UnsafeMutablePointer<Double>
  ) {
    let d = dimension
    let batch = examples.batch
    draws.withValues(of: step) { columns in
      let rows = columns + batch * d
      let targets = rows + batch * d
      hg_matmul_f64(
        false, false, batch, lanes, d, rows, d, theta, lanes, scratch, lanes, false)
      hg_lanes_subtract_f64(scratch, scratch, targets, batch, lanes)
      if let losses {
        hg_lanes_dot_f64(losses, scratch, scratch, batch, lanes)
        for lane in 0..<lanes { losses[lane] /= Double(2 * batch) }
      }
      let share = 1 / Double(batch)
      for i in 0..<(batch * lanes) { scratch[i] *= share }
      hg_matmul_f64(
        false, false, d, lanes, batch, columns, batch, scratch, lanes, gradient, lanes, false)
    }
  }

  public func laneLosses(
    at theta: UnsafePointer<Double>, lanes: Int, step: Int,
    into losses: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) {
    let d = dimension
    let product = scratch + d * lanes
    hg_lanes_subtract_f64(scratch, theta, minimiser, d, lanes)
    hg_matmul_f64(false, false, d, lanes, d, hessian, d, scratch, lanes, product, lanes, false)
    hg_lanes_dot_f64(losses, scratch, product, d, lanes)
    for lane in 0..<lanes { losses[lane] = reference.value + 0.5 * losses[lane] }
  }
}

extension LeastSquares {
  /// What is wrong with these sizes together.
  fileprivate static func fault(dimension: Int, examples: Int, batch: Int) -> String? {
    if examples < 2 * dimension {
      return "\(examples) examples are fewer than twice the \(dimension) parameters"
    }
    return Minibatches.fault(examples: examples, batch: batch)
      ?? Faults.size(examples: examples, features: dimension)
  }
}

extension Recipe where Product == TaskMaker {
  static let leastSquares = Recipe(
    "leastSquares",
    { (dimension: Int, examples: Int, condition: Double, noise: Double, batch: Int) in
      TaskMaker {
        LeastSquares(
          dimension: dimension, examples: examples, condition: condition, labelNoise: noise,
          batch: batch, instance: $0.instance)
      }
    },
    .dimension, .examples(512, "rows"), .featureCondition(100),
    .number(
      "labelNoise", in: .between(0, 1e3), default: 0, "standard deviation; 0 interpolates"),
    .batch,
    unless: { dimension, examples, _, _, batch in
      LeastSquares.fault(dimension: dimension, examples: examples, batch: batch)
    },
    summary: "least squares by minibatches, with interpolation or label noise",
    examples: ["leastSquares(dimension: 8, examples: 32, labelNoise: 0.1, batch: 4)"],
    standard: { TaskMaker { LeastSquares(instance: $0.instance) } })
}
