public import Datasets
internal import Hypergradient
internal import HypergradientCatalogue

/// One run: where it ended.
public struct Outcome: Sendable {
  /// Test accuracy in percent.
  public let accuracy: Double
  /// The last learning rate.
  public let rate: Double
}

/// MNIST as the paper's code reads it: pixels in [0, 1], which ``MNIST`` has standardised.
public struct Examples: Sendable {
  let features: [Double]
  let labels: [Int32]
  var count: Int { labels.count }

  public init(_ data: Dataset<Float>) {
    features = data.features.map { ((Double($0) * 0.3081 + 0.1307) * 255).rounded() / 255 }
    labels = data.labels
  }
}

extension Row {
  /// One epoch from a seed's start, batches of 300 in the file's order.
  public func run(seed: Int, train: Examples, test: Examples) throws -> Outcome {
    let method = try Catalogue.standard.method(text, for: Double.self)
      .trainer(parameterCount: TanhNetwork().parameterCount)
    return run(method, seed: seed, train: train, test: test)
  }

  private func run<M: TrainingMethod<Double>>(
    _ made: M, seed: Int, train: Examples, test: Examples
  ) -> Outcome {
    let (network, batch) = (TanhNetwork(), 300)
    var method = made
    var theta = network.start(seed: seed)
    theta.withUnsafeBufferPointer { method.begin(at: $0, groups: network.groups) }
    var scratch = [Double](repeating: 0, count: network.scratchCount(rows: batch))
    var step = 0
    var oracle = FunctionOracle<Double>(parameterCount: theta.count) { point, gradient, _ in
      train.features.withUnsafeBufferPointer { features in
        train.labels.withUnsafeBufferPointer { labels in
          scratch.withUnsafeMutableBufferPointer { scratch in
            network.gradient(
              at: point.baseAddress!, inputs: features.baseAddress! + step * batch * network.inputs,
              labels: labels.baseAddress! + step * batch, rows: batch,
              into: gradient.baseAddress!, scratch: scratch.baseAddress!)
          }
        }
      }
    }
    method.train(&theta, on: &oracle, steps: 0..<(train.count / batch)) { index, _, _ in
      step = index
      return true
    }
    var right = 0
    for first in stride(from: 0, to: test.count, by: batch) {
      let rows = min(batch, test.count - first)
      right += test.features.withUnsafeBufferPointer { features in
        test.labels.withUnsafeBufferPointer { labels in
          theta.withUnsafeBufferPointer { theta in
            scratch.withUnsafeMutableBufferPointer { scratch in
              network.countRight(
                at: theta.baseAddress!, inputs: features.baseAddress! + first * network.inputs,
                labels: labels.baseAddress! + first, rows: rows, scratch: scratch.baseAddress!)
            }
          }
        }
      }
    }
    return Outcome(
      accuracy: 100 * Double(right) / Double(test.count), rate: method.learningRate)
  }
}
