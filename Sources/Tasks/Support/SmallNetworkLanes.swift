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
      Loops.multiply(
        lanes: lanes, rows: width, columns: fan, inner: columns,
        Loops.LaneMatrix(elements: errors, row: columns, column: 1),
        Loops.LaneMatrix(elements: below, row: 1, column: columns), shared: layer == 1,
        into: gradient + start * lanes)
      Loops.rowSums(
        gradient + (start + width * fan) * lanes, errors, rows: width, columns: columns,
        lanes: lanes)
      if layer > 1 {
        Loops.multiply(
          lanes: lanes, rows: fan, columns: columns, inner: width,
          Loops.LaneMatrix(elements: theta + start * lanes, row: 1, column: fan),
          Loops.LaneMatrix(elements: errors, row: columns, column: 1), shared: false, into: spare)
        Loops.tanhBackward(spare, below, fan * columns * lanes)
        errors = UnsafePointer(spare)
        swap(&spare, &other)
      }
      end = start
    }
  }
}
