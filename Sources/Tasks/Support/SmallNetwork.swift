internal import HypergradientRecipes
internal import Kernels
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
  public func outputs(
    _ theta: UnsafePointer<Double>, inputs: UnsafePointer<Double>, columns: Int,
    scratch: UnsafeMutablePointer<Double>
  ) -> UnsafeMutablePointer<Double> {
    var weights = theta
    var below = inputs
    var here = scratch
    for layer in 1..<sizes.count {
      let (fan, width) = (sizes[layer - 1], sizes[layer])
      let biases = weights + width * fan
      for row in 0..<width {
        (here + row * columns).update(repeating: biases[row], count: columns)
      }
      hg_matmul_f64(
        false, false, width, columns, fan, weights, fan, below, columns, here, columns, true)
      if layer + 1 < sizes.count { hg_tanh_f64(here, here, width * columns) }
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
  public func backward(
    _ theta: UnsafePointer<Double>, inputs: UnsafePointer<Double>, columns: Int,
    errors: UnsafePointer<Double>, into gradient: UnsafeMutablePointer<Double>, adding: Bool,
    scratch: UnsafeMutablePointer<Double>
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
      hg_matmul_f64(
        false, true, width, fan, columns, errors, columns, below, columns, gradient + start, fan,
        adding)
      for row in 0..<width {
        let sum = BlockSums.sum(errors + row * columns, count: columns)
        let index = start + width * fan + row
        gradient[index] = adding ? gradient[index] + sum : sum
      }
      if layer > 1 {
        hg_matmul_f64(
          true, false, fan, columns, width, theta + start, fan, errors, columns, spare, columns,
          false)
        hg_tanh_backward_f64(spare, below, fan * columns)
        errors = UnsafePointer(spare)
        swap(&spare, &other)
      }
      end = start
    }
  }
}

extension SmallNetwork {
  /// The single output of each row of `rows`, computed `portion` rows at a time.
  func outputs(_ theta: [Double], rows: [Double], portion: Int) -> [Double] {
    require(
      rows.count % (sizes[0] * portion) == 0, "\(portion) rows at a time leave a remainder")
    let fan = sizes[0]
    let count = rows.count / fan
    var outputs: [Double] = []
    var columns = [Double](repeating: 0, count: fan * portion)
    var scratch = [Double](repeating: 0, count: scratchCount(columns: portion))
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
