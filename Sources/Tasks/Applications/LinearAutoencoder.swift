internal import HypergradientRecipes
public import Hypergradient
internal import Kernels
internal import PortableMath
internal import Vectors

/// A linear autoencoder: f(W₁, W₂) = 1/(2N) Σ ‖W₂W₁xᵢ − xᵢ‖², by minibatches.
///
/// W₁ is `code` × `inputs`, W₂ its opposite, in this order, row-major. The rows xᵢ are normal,
/// rotated, with covariance eigenvalues evenly spaced in their logarithm from 1/`condition` to 1.
/// The function is not convex, but every local minimum is global: f* = ½ Σ_{i>code} λᵢ over the
/// smallest eigenvalues of XᵀX/N, where W₁ projects on the principal components and W₂ = W₁ᵀ. It is
/// certified by Jacobi's eigenvectors. The start has weights of standard deviation 1/√inputs and
/// 1/√code.
///
/// | parameter | range | default | meaning |
/// |---|---|---|---|
/// | `inputs` | 2…200 | 16 | of an example |
/// | `code` | 1…`inputs` − 1 | 4 | units of the narrow layer |
/// | `condition` | [1, 10⁶] | 10 | of the inputs' covariance |
/// | `examples` | 2…10⁶ | 256 | N; N·`inputs` is at most 2·10⁷ |
/// | `batch` | 1…min(N, 10⁵) | 16 | examples a step |
/// | `precision` | double, single | double | of parameters and gradients; in a text |
/// | `instance` | any | 1 | names data and start; the order is named by instance and seed |
///
/// > Source: P. Baldi and K. Hornik, Neural networks and principal component analysis: learning from
/// > examples without local minima (1989).
public struct LinearAutoencoder: ExampleTask {
  public let start: [Double]
  public let reference: ReferenceValue
  let order: ExampleOrder
  private let inputs: Int
  private let code: Int
  /// Examples × inputs.
  private let rows: [Double]

  public init(
    inputs: Int = 16, code: Int = 4, condition: Double = 10, examples: Int = 256, batch: Int = 16,
    instance: Int = 1
  ) {
    Recipe.linearAutoencoder.check(inputs, code, condition, examples, batch, Precision.double)
    let name = "linearAutoencoder"
    self.inputs = inputs
    self.code = code
    rows = DenseExamples.normalRows(
      count: examples, dimension: inputs, condition: condition, name: name, instance: instance)
    order = ExampleOrder(
      examples: examples, batch: batch, name: name + ".order", instance: instance)
    var moment = [Double](repeating: 0, count: inputs * inputs)
    hg_matmul_f64(
      true, false, inputs, inputs, examples, rows, inputs, rows, inputs, &moment, inputs, false)
    let eigen = SymmetricEigen(moment.map { $0 / Double(examples) }, dimension: inputs)
    let encoder = Array(eigen.vectors.prefix(code * inputs))
    let decoder = (0..<inputs).flatMap { i in (0..<code).map { encoder[$0 * inputs + i] } }
    reference = ReferenceValue(
      eigen.values.dropFirst(code).reduce(0, +) / 2, .certified, minimiser: encoder + decoder)
    var stream = RandomStream(RandomKey(name + ".start", instance))
    let first = stream.normals(code * inputs).map { $0 / Double(inputs).squareRoot() }
    start = first + stream.normals(code * inputs).map { $0 / Double(code).squareRoot() }
  }

  public var dimension: Int { 2 * code * inputs }
  public var parameterGroups: [Range<Int>] {
    [0..<(code * inputs), (code * inputs)..<(2 * code * inputs)]
  }
  public var scratchCount: Int { 2 * order.batches.batch * (inputs + code) }

  func evaluate(
    _ theta: UnsafePointer<Double>, examples: UnsafePointer<Int32>, count: Int,
    per divisor: Double, into gradient: UnsafeMutablePointer<Double>?, adding: Bool,
    scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    let (d, k) = (inputs, code)
    let (encoder, decoder) = (theta, theta + k * d)
    let x = scratch
    let errors = x + count * d
    let hidden = errors + count * d
    let back = hidden + count * k
    hg_gather_rows_f64(1, x, rows, examples, count, d)
    hg_matmul_f64(false, true, count, k, d, x, d, encoder, d, hidden, k, false)
    for i in 0..<(count * d) { errors[i] = -x[i] }
    hg_matmul_f64(false, true, count, d, k, hidden, k, decoder, k, errors, d, true)
    let sum = 0.5 * BlockSums.dot(errors, errors, count: count * d)
    guard let gradient else { return sum }
    let share = 1 / divisor
    for i in 0..<(count * d) { errors[i] *= share }
    hg_matmul_f64(true, false, d, k, count, errors, d, hidden, k, gradient + k * d, k, adding)
    hg_matmul_f64(false, false, count, k, d, errors, d, decoder, k, back, k, false)
    hg_matmul_f64(true, false, k, d, count, back, k, x, d, gradient, d, adding)
    return sum
  }
}

extension Recipe where Product == TaskMaker {
  static let linearAutoencoder = Recipe(
    "linearAutoencoder",
    { (inputs: Int, code: Int, condition: Double, examples: Int, batch: Int, kind: Precision) in
      TaskMaker {
        kind.task(
          LinearAutoencoder(
            inputs: inputs, code: code, condition: condition, examples: examples, batch: batch,
            instance: $0.instance))
      }
    },
    .count("inputs", in: .between(2, 200), default: 16, "of an example"),
    .count("code", in: .between(1, 199), default: 4, "units of the narrow layer"),
    .featureCondition(10), .examples(256, "drawn"), .batch, .precision,
    unless: { inputs, code, _, examples, batch, _ in
      if code >= inputs { return "a code of \(code) is not narrower than \(inputs) inputs" }
      return Minibatches.fault(examples: examples, batch: batch)
        ?? Faults.size(examples: examples, features: inputs)
    },
    summary: "two linear layers with a narrow waist; the optimum is that of principal components",
    examples: ["linearAutoencoder(inputs: 6, code: 2, examples: 32, batch: 8)"],
    standard: { TaskMaker { LinearAutoencoder(instance: $0.instance) } })
}
