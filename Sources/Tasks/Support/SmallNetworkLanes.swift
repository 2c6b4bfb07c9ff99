internal import Kernels

/// A network's passes for interleaved runs: each has its own parameters, all see the same inputs.
extension SmallNetwork {
  /// ``outputs(_:inputs:columns:scratch:)`` of `lanes` runs: element i of run r stands at
  /// `[i * lanes + r]`, but the inputs are shared.
  func laneOutputs(
    _ theta: UnsafePointer<Double>, lanes: Int, inputs: UnsafePointer<Double>, columns: Int,
    scratch: UnsafeMutablePointer<Double>
  ) -> UnsafeMutablePointer<Double> {
    var weights = theta
    var below = inputs
    var here = scratch
    for layer in 1..<sizes.count {
      let (fan, width) = (sizes[layer - 1], sizes[layer])
      let biases = weights + width * fan * lanes
      hg_lanes_matmul_f64(
        lanes, width, columns, fan, weights, fan, 1, below, columns, 1, layer == 1, here, columns,
        biases, 1, 0)
      if layer + 1 < sizes.count { hg_tanh_f64(here, here, width * columns * lanes) }
      weights = biases + width * lanes
      below = UnsafePointer(here)
      here += width * columns * lanes
    }
    return here - sizes[sizes.count - 1] * columns * lanes
  }

  /// ``backward(_:inputs:columns:errors:into:adding:scratch:)`` of `lanes` runs, not adding.
  func laneBackward(
    _ theta: UnsafePointer<Double>, lanes: Int, inputs: UnsafePointer<Double>, columns: Int,
    errors: UnsafePointer<Double>, into gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) {
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
      hg_lanes_matmul_f64(
        lanes, width, fan, columns, errors, columns, 1, below, 1, columns, layer == 1,
        gradient + start * lanes, fan, nil, 0, 0)
      for row in 0..<width {
        hg_lanes_sum_f64(
          gradient + (start + width * fan + row) * lanes, errors + row * columns * lanes, columns,
          lanes)
      }
      if layer > 1 {
        hg_lanes_matmul_f64(
          lanes, fan, columns, width, theta + start * lanes, 1, fan, errors, columns, 1, false,
          spare, columns, nil, 0, 0)
        hg_tanh_backward_f64(spare, below, fan * columns * lanes)
        errors = UnsafePointer(spare)
        swap(&spare, &other)
      }
      end = start
    }
  }
}
