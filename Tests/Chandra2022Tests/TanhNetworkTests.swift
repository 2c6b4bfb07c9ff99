internal import Hypergradient
internal import HypergradientCatalogue
internal import PortableMath
internal import Testing
internal import Chandra2022

@Suite struct TanhNetworkTests {
  private let network = TanhNetwork(inputs: 6, hidden: 5, classes: 4)
  private let rows = 7

  private func example() -> (theta: [Double], inputs: [Double], labels: [Int32]) {
    var draw = RandomStream(RandomKey("tests.chandra2022"))
    let theta = network.start(seed: 1).map { $0 + 0.1 * draw.normal() }
    let inputs = (0..<(rows * 6)).map { _ in draw.uniform() }
    return (theta, inputs, (0..<rows).map { Int32($0 % 4) })
  }

  private func gradient(
    _ theta: [Double], _ inputs: [Double], _ labels: [Int32]
  ) -> (loss: Double, gradient: [Double]) {
    var gradient = [Double](repeating: 0, count: network.parameterCount)
    var scratch = [Double](repeating: 0, count: network.scratchCount(rows: rows))
    let loss = gradient.withUnsafeMutableBufferPointer { gradient in
      scratch.withUnsafeMutableBufferPointer { scratch in
        theta.withUnsafeBufferPointer { theta in
          inputs.withUnsafeBufferPointer { inputs in
            labels.withUnsafeBufferPointer { labels in
              network.gradient(
                at: theta.baseAddress!, inputs: inputs.baseAddress!, labels: labels.baseAddress!,
                rows: rows, into: gradient.baseAddress!, scratch: scratch.baseAddress!)
            }
          }
        }
      }
    }
    return (loss, gradient)
  }

  /// tanh on the logits too, and the mean of −log softmax, written out.
  @Test func theLossIsThePapers() {
    let (theta, inputs, labels) = example()
    var sum = 0.0
    for row in 0..<rows {
      var h = [Double](repeating: 0, count: 5)
      for j in 0..<5 {
        var input: Double = theta[30 + j]
        for k in 0..<6 { input += theta[j * 6 + k] * inputs[row * 6 + k] }
        h[j] = Portable.tanh(input)
      }
      var z = [Double](repeating: 0, count: 4)
      for c in 0..<4 {
        var input: Double = theta[55 + c]
        for k in 0..<5 { input += theta[35 + c * 5 + k] * h[k] }
        z[c] = Portable.tanh(input)
      }
      sum += Portable.log(z.reduce(0) { $0 + Portable.exp($1) }) - z[Int(labels[row])]
    }
    #expect(abs(gradient(theta, inputs, labels).loss - sum / Double(rows)) <= 1e-14)
  }

  @Test func theGradientIsTheLosssDerivative() {
    let (theta, inputs, labels) = example()
    let exact = gradient(theta, inputs, labels).gradient
    for i in theta.indices {
      func loss(_ shift: Double) -> Double {
        var moved = theta
        moved[i] += shift
        return gradient(moved, inputs, labels).loss
      }
      let slope = (loss(1e-5) - loss(-1e-5)) / 2e-5
      #expect(abs(exact[i] - slope) <= 1e-9, "\(i): \(exact[i]), \(slope)")
    }
  }

  @Test func everyRowsTextIsAMethod() throws {
    for row in Row.all {
      guard case .method = try Catalogue.standard.method(row.text, for: Double.self) else {
        Issue.record("\(row.text) is not a method")
        continue
      }
    }
    #expect(Set(Row.all.map(\.text)).count == Row.all.count)
  }
}
