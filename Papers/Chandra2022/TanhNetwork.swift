internal import Hypergradient
internal import Kernels
internal import PortableMath

/// The paper's network: 784–128–10, tanh after both layers (the logits too), the mean negative
/// log-likelihood of the softmax.
///
/// Parameters are W₁ (hidden × inputs), b₁, W₂ (classes × hidden), b₂, in Double.
public struct TanhNetwork: Sendable {
  public let inputs: Int
  public let hidden: Int
  public let classes: Int

  public init(inputs: Int = 784, hidden: Int = 128, classes: Int = 10) {
    (self.inputs, self.hidden, self.classes) = (inputs, hidden, classes)
  }

  private var b1: Int { hidden * inputs }
  private var w2: Int { b1 + hidden }
  private var b2: Int { w2 + classes * hidden }
  public var parameterCount: Int { b2 + classes }
  /// W₁, b₁, W₂ and b₂.
  public var groups: [Range<Int>] { [0..<b1, b1..<w2, w2..<b2, b2..<parameterCount] }

  /// Weights uniform in ±1/√(inputs of the layer), biases 0.
  public func start(seed: Int) -> [Double] {
    var theta = [Double](repeating: 0, count: parameterCount)
    var stream = RandomStream(RandomKey("papers.chandra2022.start", seed))
    for (range, fan) in [(0..<b1, inputs), (w2..<b2, hidden)] {
      let bound = 1 / Double(fan).squareRoot()
      for i in range { theta[i] = bound * (2 * stream.uniform() - 1) }
    }
    return theta
  }

  /// Elements of the scratch that the functions below need.
  public func scratchCount(rows: Int) -> Int { rows * (2 * hidden + 2 * classes) }

  /// The hidden values and the logits, in the scratch.
  private func forward(
    _ theta: UnsafePointer<Double>, _ x: UnsafePointer<Double>, rows: Int,
    _ scratch: UnsafeMutablePointer<Double>
  ) -> (h: UnsafeMutablePointer<Double>, z: UnsafeMutablePointer<Double>) {
    let (h, z) = (scratch, scratch + rows * hidden)
    hg_fill_rows_f64(1, h, theta + b1, rows, hidden)
    hg_matmul_f64(false, true, rows, hidden, inputs, x, inputs, theta, inputs, h, hidden, true)
    hg_tanh_f64(h, h, rows * hidden)
    hg_fill_rows_f64(1, z, theta + b2, rows, classes)
    hg_matmul_f64(
      false, true, rows, classes, hidden, h, hidden, theta + w2, hidden, z, classes, true)
    hg_tanh_f64(z, z, rows * classes)
    return (h, z)
  }

  /// The mean loss of the rows, and its gradient.
  public func gradient(
    at theta: UnsafePointer<Double>, inputs x: UnsafePointer<Double>,
    labels: UnsafePointer<Int32>, rows: Int, into gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    let (h, z) = forward(theta, x, rows: rows, scratch)
    let errors = z + rows * classes
    let below = errors + rows * classes
    errors.update(from: z, count: rows * classes)
    let loss = hg_cross_entropy_f64(errors, labels, rows, classes) / Double(rows)
    hg_cross_entropy_derivative_f64(errors, labels, rows, classes, 1 / Double(rows))
    hg_tanh_backward_f64(errors, z, rows * classes)
    hg_matmul_f64(
      true, false, classes, hidden, rows, errors, classes, h, hidden, gradient + w2, hidden, false)
    hg_column_sums_f64(1, errors, rows, classes, gradient + b2, false)
    hg_matmul_f64(
      false, false, rows, hidden, classes, errors, classes, theta + w2, hidden, below, hidden,
      false)
    hg_tanh_backward_f64(below, h, rows * hidden)
    hg_matmul_f64(
      true, false, hidden, inputs, rows, below, hidden, x, inputs, gradient, inputs, false)
    hg_column_sums_f64(1, below, rows, hidden, gradient + b1, false)
    return loss
  }

  /// How many of the rows have their largest logit at the label.
  public func countRight(
    at theta: UnsafePointer<Double>, inputs x: UnsafePointer<Double>,
    labels: UnsafePointer<Int32>, rows: Int, scratch: UnsafeMutablePointer<Double>
  ) -> Int {
    let (_, z) = forward(theta, x, rows: rows, scratch)
    return (0..<rows).count { row in
      let logits = UnsafeBufferPointer(start: z + row * classes, count: classes)
      return logits.indices.max { logits[$0] < logits[$1] } == Int(labels[row])
    }
  }
}
