import PortableMath
import Tasks
import Testing

struct RecurrentLayerTests {
  /// The states by their definition, one example at a time.
  @Test(arguments: [(1, 1, 1), (2, 3, 4), (5, 2, 3)], [1, 3])
  func statesAreTheirDefinition(_ shape: (Int, Int, Int), _ columns: Int) {
    let (inputs, units, steps) = shape
    let layer = RecurrentLayer(inputs: inputs, units: units, steps: steps)
    var stream = RandomStream(RandomKey("tests.recurrent", inputs, units, steps))
    let theta = stream.normals(layer.parameterCount)
    let sequence = stream.normals(steps * inputs * columns)
    var states = [Double](repeating: .nan, count: steps * units * columns)
    states.withUnsafeMutableBufferPointer {
      layer.forward(theta, sequence: sequence, columns: columns, states: $0.baseAddress!)
    }
    let feedback = units * inputs
    let biases = feedback + units * units
    for column in 0..<columns {
      var before = [Double](repeating: 0, count: units)
      for t in 0..<steps {
        var here: [Double] = []
        for unit in 0..<units {
          var sum = theta[biases + unit]
          for j in 0..<inputs {
            sum += theta[unit * inputs + j] * sequence[(t * inputs + j) * columns + column]
          }
          for j in 0..<units { sum += theta[feedback + unit * units + j] * before[j] }
          here.append(Portable.tanh(sum))
        }
        for unit in 0..<units {
          let found = states[(t * units + unit) * columns + column]
          #expect((found - here[unit]).magnitude < 1e-13)
        }
        before = here
      }
    }
  }
}
