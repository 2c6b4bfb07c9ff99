internal import Kernels
internal import PortableMath
internal import Vectors

/// A layer of tanh units with feedback, over a sequence: h_t = tanh(W x_t + U h_{t−1} + b), h before
/// the first is 0.
///
/// Parameters: W (units × inputs), U (units × units), b, row-major. All of a batch is
/// steps × features × columns, a column an example.
package struct RecurrentLayer: Sendable {
  package let inputs: Int
  package let units: Int
  package let steps: Int

  package init(inputs: Int, units: Int, steps: Int) {
    (self.inputs, self.units, self.steps) = (inputs, units, steps)
  }

  package var parameterCount: Int { units * (inputs + units + 1) }

  package var parameterGroups: [Range<Int>] {
    let (first, second) = (units * inputs, units * (inputs + units))
    return [0..<first, first..<second, second..<parameterCount]
  }

  /// Writes the states, steps × units × columns.
  package func forward(
    _ theta: UnsafePointer<Double>, sequence: UnsafePointer<Double>, columns: Int,
    states: UnsafeMutablePointer<Double>
  ) {
    let feedback = theta + units * inputs
    let biases = feedback + units * units
    for t in 0..<steps {
      let here = states + t * units * columns
      for row in 0..<units {
        (here + row * columns).update(repeating: biases[row], count: columns)
      }
      hg_matmul_f64(
        false, false, units, columns, inputs, theta, inputs, sequence + t * inputs * columns,
        columns, here, columns, true)
      if t > 0 {
        hg_matmul_f64(
          false, false, units, columns, units, feedback, units, here - units * columns, columns,
          here, columns, true)
      }
      hg_tanh_f64(here, here, units * columns)
    }
  }

  /// Adds the gradient, after ``forward(_:sequence:columns:states:)``.
  ///
  /// - Parameter errors: the loss's derivatives by the states, as if these were free of each other;
  ///   used up.
  package func backward(
    _ theta: UnsafePointer<Double>, sequence: UnsafePointer<Double>, columns: Int,
    states: UnsafePointer<Double>, errors: UnsafeMutablePointer<Double>,
    addingTo gradient: UnsafeMutablePointer<Double>
  ) {
    let feedback = theta + units * inputs
    let (slope, offsets) = (
      gradient + units * inputs, gradient + units * (inputs + units)
    )
    let size = units * columns
    for t in stride(from: steps - 1, through: 0, by: -1) {
      let error = errors + t * size
      hg_tanh_backward_f64(error, states + t * size, size)
      hg_matmul_f64(
        false, true, units, inputs, columns, error, columns, sequence + t * inputs * columns,
        columns, gradient, inputs, true)
      for row in 0..<units {
        offsets[row] += BlockSums.sum(error + row * columns, count: columns)
      }
      if t == 0 { break }
      hg_matmul_f64(
        false, true, units, units, columns, error, columns, states + (t - 1) * size, columns,
        slope, units, true)
      hg_matmul_f64(
        true, false, units, columns, units, feedback, units, error, columns, error - size, columns,
        true)
    }
  }

  /// W of standard deviation 1/√inputs, U a random rotation times `memory`, b = 0.
  package func start(_ name: String, instance: Int, memory: Double) -> [Double] {
    var stream = RandomStream(RandomKey(name + ".start", instance))
    let first = stream.normals(units * inputs).map { $0 / Double(inputs).squareRoot() }
    let rotation = HaarRotation.matrix(
      dimension: units, key: RandomKey(name + ".feedback", instance))
    return first + rotation.map { memory * $0 } + [Double](repeating: 0, count: units)
  }
}
