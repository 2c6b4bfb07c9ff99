public import Datasets
internal import Hypergradient
internal import HypergradientCatalogue
internal import HypergradientTraining

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
    let network = TanhNetwork()
    let problem = DigitsProblem(network, train: train, test: test)
    var trainer = try Trainer(
      problem, from: network.start(seed: seed),
      method: try Catalogue.standard.method(text, for: Double.self)
        .trainer(parameterCount: network.parameterCount),
      parts: network.groups)
    try trainer.run(toEpoch: 1)
    return Outcome(
      accuracy: 100 * trainer.history.last!.validation!.accuracy!,
      rate: trainer.learningRates[0])
  }
}

/// The network on batches in the file's order; the test examples are its validation.
private struct DigitsProblem: TrainingProblem {
  private let network: TanhNetwork
  private let train: Examples
  private let test: Examples
  private let batch = 300
  private var scratch: [Double]

  init(_ network: TanhNetwork, train: Examples, test: Examples) {
    (self.network, self.train, self.test) = (network, train, test)
    scratch = [Double](repeating: 0, count: network.scratchCount(rows: batch))
  }

  var parameterCount: Int { network.parameterCount }
  var batchesPerEpoch: Int? { train.count / batch }
  var hasValidation: Bool { true }

  /// Every draw is the batch itself.
  mutating func gradient(
    at point: UnsafeBufferPointer<Double>, batch index: Int, draw: Int,
    into gradient: UnsafeMutableBufferPointer<Double>
  ) -> Double {
    train.features.withUnsafeBufferPointer { features in
      train.labels.withUnsafeBufferPointer { labels in
        scratch.withUnsafeMutableBufferPointer { scratch in
          network.gradient(
            at: point.baseAddress!, inputs: features.baseAddress! + index * batch * network.inputs,
            labels: labels.baseAddress! + index * batch, rows: batch,
            into: gradient.baseAddress!, scratch: scratch.baseAddress!)
        }
      }
    }
  }

  /// The share of the test examples that it labels rightly; the paper gives no test loss.
  mutating func validation(at point: UnsafeBufferPointer<Double>) -> ValidationScore? {
    var right = 0
    for first in stride(from: 0, to: test.count, by: batch) {
      let rows = min(batch, test.count - first)
      right += test.features.withUnsafeBufferPointer { features in
        test.labels.withUnsafeBufferPointer { labels in
          scratch.withUnsafeMutableBufferPointer { scratch in
            network.countRight(
              at: point.baseAddress!, inputs: features.baseAddress! + first * network.inputs,
              labels: labels.baseAddress! + first, rows: rows, scratch: scratch.baseAddress!)
          }
        }
      }
    }
    return ValidationScore(loss: .nan, accuracy: Double(right) / Double(test.count))
  }
}
