internal import HypergradientRecipes
internal import Hypergradient
internal import Vectors

/// Layers x ← W·x + b with rectifiers or tanh between them, over rows of examples.
///
/// Parameters are, layer by layer, W (outputs × inputs, row-major) and b.
struct DenseNetwork<Scalar: ParameterScalar>: Sendable {
  private typealias Kernels = RowKernels<Scalar>

  /// What stands between the layers.
  enum Activation: Sendable {
    case rectifier
    case tanh
  }

  /// Features, hidden units layer by layer, outputs.
  let widths: [Int]
  /// Where each layer's W begins; then the number of all parameters.
  let offsets: [Int]
  private let activation: Activation

  init(widths: [Int], activation: Activation = .rectifier) {
    require(widths.count >= 2 && widths.allSatisfy { $0 > 0 }, "widths are positive")
    self.widths = widths
    self.activation = activation
    var offsets = [0]
    for (inputs, outputs) in zip(widths, widths.dropFirst()) {
      offsets.append(offsets.last! + outputs * (inputs + 1))
    }
    self.offsets = offsets
  }

  var layerCount: Int { widths.count - 1 }
  var parameterCount: Int { offsets[layerCount] }
  var outputCount: Int { widths[layerCount] }

  /// Each layer's weights and its biases.
  var parameterGroups: [Range<Int>] {
    (0..<layerCount).flatMap { layer in
      let biases = biasOffset(layer)
      return [offsets[layer]..<biases, biases..<offsets[layer + 1]]
    }
  }

  /// Scratch elements for `rows` examples: every layer's outputs, and one spare hidden layer.
  func scratchCount(rows: Int) -> Int {
    rows * (widths.dropFirst().reduce(0, +) + (widths.dropFirst().dropLast().max() ?? 0))
  }

  private func biasOffset(_ layer: Int) -> Int {
    offsets[layer] + widths[layer + 1] * widths[layer]
  }

  /// Writes every layer's outputs into `scratch`, and returns where the last one's are.
  func forward(
    _ theta: UnsafePointer<Scalar>, inputs: UnsafePointer<Scalar>, rows: Int,
    scratch: UnsafeMutablePointer<Scalar>, threads: Int
  ) -> UnsafeMutablePointer<Scalar> {
    var inputs = inputs
    var outputs = scratch
    for layer in 0..<layerCount {
      let (width, inner) = (widths[layer + 1], widths[layer])
      Kernels.fill(
        outputs, with: theta + biasOffset(layer), rows: rows, width: width, threads: threads)
      ScalarKernels.multiply(
        .init(inputs, stride: inner), .init(theta + offsets[layer], stride: inner).transposed,
        into: outputs, rows: rows, columns: width, inner: inner, accumulate: true,
        threads: threads)
      if layer == layerCount - 1 { break }
      switch activation {
      case .rectifier: Kernels.rectify(outputs, count: rows * width, threads: threads)
      case .tanh: NetworkLoops.tanh(outputs, outputs, rows * width)
      }
      inputs = UnsafePointer(outputs)
      outputs += rows * width
    }
    return outputs
  }

  /// Writes or adds the gradient, given in `scratch` what ``forward(_:inputs:rows:scratch:threads:)`` left
  /// there, with the last layer's outputs replaced by the loss's derivative in them.
  func backward(
    _ theta: UnsafePointer<Scalar>, inputs: UnsafePointer<Scalar>, rows: Int,
    scratch: UnsafeMutablePointer<Scalar>, into gradient: UnsafeMutablePointer<Scalar>,
    accumulate: Bool, threads: Int
  ) {
    let spare = scratch + rows * widths.dropFirst().reduce(0, +)
    var end = spare
    for layer in stride(from: layerCount - 1, through: 0, by: -1) {
      let (width, inner) = (widths[layer + 1], widths[layer])
      let derivative = end - rows * width
      let below = layer == 0 ? inputs : UnsafePointer(derivative - rows * inner)
      ScalarKernels.multiply(
        .init(derivative, stride: width, isTransposed: true), .init(below, stride: inner),
        into: gradient + offsets[layer], rows: width, columns: inner, inner: rows,
        accumulate: accumulate, threads: threads)
      Kernels.columnSums(
        derivative, rows: rows, width: width, into: gradient + biasOffset(layer),
        accumulate: accumulate, threads: threads)
      if layer == 0 { break }
      ScalarKernels.multiply(
        .init(derivative, stride: width), .init(theta + offsets[layer], stride: inner),
        into: spare, rows: rows, columns: inner, inner: width, accumulate: false, threads: threads)
      let layerBelow = derivative - rows * inner
      switch activation {
      case .rectifier:
        Kernels.rectifierDerivative(
          layerBelow, outputs: spare, count: rows * inner, threads: threads)
      case .tanh:
        NetworkLoops.tanhBackward(spare, layerBelow, rows * inner)
        layerBelow.update(from: spare, count: rows * inner)
      }
      end = derivative
    }
  }
}
