internal import Hypergradient

/// A network's passes for interleaved runs: each has its own parameters, all see the same inputs.
extension SmallNetwork {
  /// ``outputs(_:inputs:columns:scratch:)`` of `lanes` runs: element i of run r stands at
  /// `[i * lanes + r]`, but the inputs are shared.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func laneOutputs<Scalar: ParameterScalar>(
    _ theta: UnsafePointer<Scalar>, lanes: Int, inputs: UnsafePointer<Scalar>, columns: Int,
    scratch: UnsafeMutablePointer<Scalar>
  ) -> UnsafeMutablePointer<Scalar> {
    typealias Loops = NetworkLoops<Scalar>
    var weights = theta
    var below = inputs
    var here = scratch
    for layer in 1..<sizes.count {
      let (fan, width) = (sizes[layer - 1], sizes[layer])
      let biases = weights + width * fan * lanes
      Loops.multiply(
        lanes: lanes, rows: width, columns: columns, inner: fan,
        Loops.LaneMatrix(elements: weights, row: fan, column: 1),
        Loops.LaneMatrix(elements: below, row: columns, column: 1), shared: layer == 1,
        into: here, start: Loops.LaneMatrix(elements: biases, row: 1, column: 0))
      if layer + 1 < sizes.count { Loops.tanh(here, here, width * columns * lanes) }
      weights = biases + width * lanes
      below = UnsafePointer(here)
      here += width * columns * lanes
    }
    return here - sizes[sizes.count - 1] * columns * lanes
  }

  /// ``backward(_:inputs:columns:errors:into:adding:scratch:)`` of `lanes` runs, not adding.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func laneBackward<Scalar: ParameterScalar>(
    _ theta: UnsafePointer<Scalar>, lanes: Int, inputs: UnsafePointer<Scalar>, columns: Int,
    errors: UnsafePointer<Scalar>, into gradient: UnsafeMutablePointer<Scalar>,
    scratch: UnsafeMutablePointer<Scalar>
  ) {
    typealias Loops = NetworkLoops<Scalar>
    let widest = sizes.dropFirst().max() ?? 0
    // Rows of errors that are still in the fastest memory in the next pass, a multiple of a tile's.
    let portion = max(4, 16_384 / (columns * lanes * MemoryLayout<Scalar>.stride) / 4 * 4)
    var end = parameterCount
    var activations = scratch + columns * sizes.dropFirst().reduce(0, +) * lanes
    var spare = activations
    var other = spare + widest * columns * lanes
    var errors = errors
    for layer in stride(from: sizes.count - 1, through: 1, by: -1) {
      let (fan, width) = (sizes[layer - 1], sizes[layer])
      let start = end - width * (fan + 1)
      activations -= width * columns * lanes
      let below = layer == 1 ? inputs : UnsafePointer(activations - fan * columns * lanes)
      // The errors come through the layer above, a few rows of weights at a time.
      let above = errors
      for first in stride(from: 0, to: width, by: portion) {
        let rows = min(portion, width - first)
        if layer + 1 < sizes.count {
          let widthAbove = sizes[layer + 1]
          let here = spare + first * columns * lanes
          Loops.multiply(
            lanes: lanes, rows: rows, columns: columns, inner: widthAbove,
            Loops.LaneMatrix(elements: theta + (end + first) * lanes, row: 1, column: width),
            Loops.LaneMatrix(elements: above, row: columns, column: 1), shared: false, into: here)
          Loops.tanhBackward(
            here, activations + first * columns * lanes, rows * columns * lanes)
          errors = UnsafePointer(spare)
        }
        let here = errors + first * columns * lanes
        Loops.multiply(
          lanes: lanes, rows: rows, columns: fan, inner: columns,
          Loops.LaneMatrix(elements: here, row: columns, column: 1),
          Loops.LaneMatrix(elements: below, row: 1, column: columns), shared: layer == 1,
          into: gradient + (start + first * fan) * lanes)
        Loops.rowSums(
          gradient + (start + width * fan + first) * lanes, here, rows: rows, columns: columns,
          lanes: lanes)
      }
      swap(&spare, &other)
      end = start
    }
  }
}
