public import Hypergradient
internal import HypergradientRecipes
internal import Vectors

/// A multilayer perceptron: tanh between affine layers, the last one left affine, on a batch.
///
/// Parameters: for each layer its weights (outputs × inputs, row-major), then its biases. Everything
/// of a batch is features × columns, a column an example, so that products run along contiguous
/// columns whatever the width of a layer.
public struct SmallNetwork: Sendable {
  /// Inputs, widths of the hidden layers, outputs.
  public let sizes: [Int]

  /// - Precondition: at least two sizes, each at least 1.
  public init(sizes: [Int]) {
    require(
      sizes.count >= 2 && sizes.allSatisfy { $0 >= 1 },
      "sizes are \(sizes): inputs and outputs are needed, each at least 1")
    self.sizes = sizes
  }

  public var parameterCount: Int {
    (1..<sizes.count).reduce(0) { $0 + sizes[$1] * (sizes[$1 - 1] + 1) }
  }

  /// Each layer's weights and its biases.
  public var parameterGroups: [Range<Int>] {
    var groups: [Range<Int>] = []
    var start = 0
    for layer in 1..<sizes.count {
      for count in [sizes[layer] * sizes[layer - 1], sizes[layer]] {
        groups.append(start..<start + count)
        start += count
      }
    }
    return groups
  }

  /// Scratch elements for a batch of `columns`: the layers' activations and two errors.
  public func scratchCount(columns: Int) -> Int {
    columns * (sizes.dropFirst().reduce(0, +) + 2 * (sizes.dropFirst().max() ?? 0))
  }

  /// Runs the network; returns the outputs, outputs × columns, which lie in `scratch`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func outputs<Scalar: ParameterScalar>(
    _ theta: UnsafePointer<Scalar>, inputs: UnsafePointer<Scalar>, columns: Int,
    scratch: UnsafeMutablePointer<Scalar>
  ) -> UnsafeMutablePointer<Scalar> {
    var weights = theta
    var below = inputs
    var here = scratch
    for layer in 1..<sizes.count {
      let (fan, width) = (sizes[layer - 1], sizes[layer])
      let biases = weights + width * fan
      for row in 0..<width {
        (here + row * columns).update(repeating: biases[row], count: columns)
      }
      ScalarKernels.multiply(
        ScalarKernels.Matrix(weights, stride: fan), ScalarKernels.Matrix(below, stride: columns),
        into: here, rows: width, columns: columns, inner: fan, accumulate: true, threads: 1)
      if layer + 1 < sizes.count { NetworkLoops.tanh(here, here, width * columns) }
      weights = biases + width
      below = UnsafePointer(here)
      here += width * columns
    }
    return here - sizes[sizes.count - 1] * columns
  }

  /// Writes, or adds, the gradient with respect to the parameters, after
  /// ``outputs(_:inputs:columns:scratch:)`` with the same inputs and scratch.
  ///
  /// - Parameter errors: the loss's derivative by the outputs, outputs × columns; may be the outputs
  ///   themselves, replaced.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func backward<Scalar: ParameterScalar>(
    _ theta: UnsafePointer<Scalar>, inputs: UnsafePointer<Scalar>, columns: Int,
    errors: UnsafePointer<Scalar>, into gradient: UnsafeMutablePointer<Scalar>, adding: Bool,
    scratch: UnsafeMutablePointer<Scalar>
  ) {
    let widest = sizes.dropFirst().max() ?? 0
    var end = parameterCount
    var activations = scratch + columns * sizes.dropFirst().reduce(0, +)
    var spare = activations
    var other = spare + widest * columns
    var errors = errors
    for layer in stride(from: sizes.count - 1, through: 1, by: -1) {
      let (fan, width) = (sizes[layer - 1], sizes[layer])
      let start = end - width * (fan + 1)
      activations -= width * columns
      let below = layer == 1 ? inputs : UnsafePointer(activations - fan * columns)
      ScalarKernels.multiply(
        ScalarKernels.Matrix(errors, stride: columns),
        ScalarKernels.Matrix(below, stride: columns, isTransposed: true), into: gradient + start,
        rows: width, columns: fan, inner: columns, accumulate: adding, threads: 1)
      for row in 0..<width {
        let sum = Scalar.nearest(to: NetworkLoops.sum(errors + row * columns, columns))
        let index = start + width * fan + row
        gradient[index] = adding ? gradient[index] + sum : sum
      }
      if layer > 1 {
        ScalarKernels.multiply(
          ScalarKernels.Matrix(theta + start, stride: fan, isTransposed: true),
          ScalarKernels.Matrix(errors, stride: columns), into: spare, rows: fan, columns: columns,
          inner: width, accumulate: false, threads: 1)
        NetworkLoops.tanhBackward(spare, below, fan * columns)
        errors = UnsafePointer(spare)
        swap(&spare, &other)
      }
      end = start
    }
  }
}

extension SmallNetwork {
  /// The single output of each row of `rows`, computed `portion` rows at a time.
  func outputs<Scalar: ParameterScalar>(
    _ theta: [Scalar], rows: [Scalar], portion: Int
  ) -> [Scalar] {
    require(
      rows.count % (sizes[0] * portion) == 0, "\(portion) rows at a time leave a remainder")
    let fan = sizes[0]
    let count = rows.count / fan
    var outputs: [Scalar] = []
    var columns = [Scalar](repeating: 0, count: fan * portion)
    var scratch = [Scalar](repeating: 0, count: scratchCount(columns: portion))
    for first in stride(from: 0, to: count, by: portion) {
      for slot in 0..<portion {
        for j in 0..<fan { columns[j * portion + slot] = rows[(first + slot) * fan + j] }
      }
      scratch.withUnsafeMutableBufferPointer { scratch in
        let result = self.outputs(
          theta, inputs: columns, columns: portion, scratch: scratch.baseAddress!)
        outputs.append(contentsOf: UnsafeBufferPointer(start: result, count: portion))
      }
    }
    return outputs
  }
}
