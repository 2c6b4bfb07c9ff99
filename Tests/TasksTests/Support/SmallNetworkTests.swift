import PortableMath
import Tasks
import Testing

struct SmallNetworkTests {
  private func normals(_ count: Int, _ name: String) -> [Double] {
    var stream = RandomStream(RandomKey(name))
    return (0..<count).map { _ in stream.normal() }
  }

  /// The definition, one example at a time.
  private func plain(_ sizes: [Int], _ theta: [Double], _ input: [Double]) -> [Double] {
    var values = input
    var at = 0
    for layer in 1..<sizes.count {
      let (fan, width) = (sizes[layer - 1], sizes[layer])
      values = (0..<width).map { row in
        var sum = theta[at + width * fan + row]
        for j in 0..<fan { sum += theta[at + row * fan + j] * values[j] }
        return layer + 1 < sizes.count ? Portable.tanh(sum) : sum
      }
      at += width * (fan + 1)
    }
    return values
  }

  @Test(arguments: [[3, 1], [2, 5, 1], [4, 3, 6, 2], [1, 1, 1, 1]])
  func matchesItsDefinitionAndDifferences(_ sizes: [Int]) {
    let network = SmallNetwork(sizes: sizes)
    let columns = 7
    let (fan, out) = (sizes[0], sizes[sizes.count - 1])
    let theta = normals(network.parameterCount, "theta")
    let inputs = normals(fan * columns, "inputs")
    let errors = normals(out * columns, "errors")
    var scratch = [Double](repeating: .nan, count: network.scratchCount(columns: columns))
    var gradient = [Double](repeating: .nan, count: network.parameterCount)
    var twice = gradient

    func outputs(_ theta: [Double]) -> [Double] {
      scratch.withUnsafeMutableBufferPointer {
        let result = network.outputs(
          theta, inputs: inputs, columns: columns, scratch: $0.baseAddress!)
        return Array(UnsafeBufferPointer(start: result, count: out * columns))
      }
    }
    let got = outputs(theta)
    for column in 0..<columns {
      let wanted = plain(sizes, theta, (0..<fan).map { inputs[$0 * columns + column] })
      for row in 0..<out {
        #expect((got[row * columns + column] - wanted[row]).magnitude < 1e-13)
      }
    }
    scratch.withUnsafeMutableBufferPointer {
      network.backward(
        theta, inputs: inputs, columns: columns, errors: errors, into: &gradient, adding: false,
        scratch: $0.baseAddress!)
      twice = gradient
      network.backward(
        theta, inputs: inputs, columns: columns, errors: errors, into: &twice, adding: true,
        scratch: $0.baseAddress!)
    }
    for (one, two) in zip(gradient, twice) {
      #expect((two - 2 * one).magnitude <= 1e-13 * max(1, one.magnitude))
    }
    for index in 0..<3 {
      let error = FiniteDifferences.disagreement(
        of: { zip(outputs($0), errors).reduce(0) { $0 + $1.0 * $1.1 } }, gradient: gradient,
        at: theta, along: normals(theta.count, "direction \(index)"))
      #expect(error < 1e-7)
    }
  }
}
