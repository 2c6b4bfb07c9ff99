internal import PortableMath

/// Which examples a step sees: each epoch is a keyed permutation, dealt without replacement.
///
/// Where the batch does not divide the number of examples, the rest of each epoch's permutation is
/// left out; which examples these are changes from epoch to epoch.
public struct Minibatches: Sendable {
  public let examples: Int
  public let batch: Int
  private let name: String
  private let instance: Int

  /// - Parameter name: the first word of the random key, such as `leastSquares.order`.
  /// - Precondition: 1 ≤ `batch` ≤ `examples`.
  public init(examples: Int, batch: Int, name: String, instance: Int) {
    Faults.trap(Self.fault(examples: examples, batch: batch))
    self.examples = examples
    self.batch = batch
    self.name = name
    self.instance = instance
  }

  /// What is wrong with a batch for so many examples.
  static func fault(examples: Int, batch: Int) -> String? {
    batch >= 1 && batch <= examples
      ? nil : "batch is \(batch), not between 1 and \(examples) examples"
  }

  public var stepsPerEpoch: Int { examples / batch }

  /// The examples of a block of steps, `batch` a step, each in 0..<examples.
  public func indices(seed: Int, steps: Range<Int>) -> [Int] {
    var indices: [Int] = []
    indices.reserveCapacity(steps.count * batch)
    var step = steps.lowerBound
    while step < steps.upperBound {
      let epoch = step / stepsPerEpoch
      let end = min((epoch + 1) * stepsPerEpoch, steps.upperBound)
      var stream = RandomStream(RandomKey(name, instance, seed), step: epoch)
      let order = stream.permutation(examples)
      let first = (step - epoch * stepsPerEpoch) * batch
      indices.append(contentsOf: order[first..<(first + (end - step) * batch)])
      step = end
    }
    return indices
  }
}
