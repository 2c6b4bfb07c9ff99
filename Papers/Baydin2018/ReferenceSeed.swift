public import Datasets
public import Hypergradient
public import Tasks

/// The start and the orders that the reference code drew: PyTorch before 0.4 with seed 1.
///
/// The published log starts at a minibatch loss of 2.226047 and a test loss of 2.285789; so does
/// this. One order is drawn before the first epoch, for the loss of line 0.
public struct ReferenceSeed: Sendable {
  /// W (10 × 784) and b, uniform on ±1/28 from 24 bits a number.
  public let start: [Float]
  /// Examples in the order of line 0, then of each epoch.
  private let orders: [[Int32]]
  private let data: Dataset<Float>
  private let batch: Int

  public init(data: Dataset<Float>, batch: Int, epochs: Int) {
    var generator = MersenneTwister(seed: 1)
    let bound = 1 / Double(data.featureCount).squareRoot()
    start = (0..<data.classCount * (data.featureCount + 1)).map { _ in
      let uniform = Double(generator.nextUInt32() & 0xff_ffff) / 0x1p24
      return Float(uniform * 2 * bound - bound)
    }
    var orders: [[Int32]] = []
    for _ in 0...epochs {
      var order = (0..<Int32(data.count)).map { $0 }
      for i in 0..<data.count - 1 {
        order.swapAt(i, i + Int(generator.nextUInt32()) % (data.count - i))
      }
      orders.append(order)
    }
    self.orders = orders
    self.data = data
    self.batch = batch
  }

  /// The minibatches of some steps of one epoch, counted from 0; −1 is the order of line 0.
  public func draws(epoch: Int, steps: Range<Int>, stepsPerEpoch: Int) -> Draws<Float> {
    let width = data.featureCount
    var values = [Float](repeating: 0, count: steps.count * batch * width)
    var labels = [Int32](repeating: 0, count: steps.count * batch)
    for (block, step) in steps.enumerated() {
      let first = (step % stepsPerEpoch) * batch
      let examples = orders[epoch + 1][first..<min(first + batch, data.count)]
      for (slot, example) in examples.enumerated() {
        let row = (block * batch + slot) * width
        for i in 0..<width { values[row + i] = data.features[Int(example) * width + i] }
        labels[block * batch + slot] = data.labels[Int(example)]
      }
    }
    return Draws(
      steps: steps, valuesPerStep: batch * width, values: values, labelsPerStep: batch,
      labels: labels)
  }
}
