internal import Hypergradient
internal import Kernels
internal import PortableMath
internal import Vectors

/// Classes of small pictures, learned by a convolutional network: the mean cross entropy, by
/// minibatches.
struct PictureProblem: ExampleTask {
  let network: ConvolutionalNetwork
  let order: ExampleOrder
  let start: [Double]
  /// Pictures × side², and their classes.
  let pictures: Pictures
  let heldOut: Pictures

  struct Pictures: Sendable {
    let pixels: [Double]
    let labels: [Int32]
  }

  /// - Parameter name: begins the random keys of the order and the start.
  init(
    network: ConvolutionalNetwork, pictures: Pictures, heldOut: Pictures, batch: Int, name: String,
    instance: Int
  ) {
    self.network = network
    self.pictures = pictures
    self.heldOut = heldOut
    order = ExampleOrder(
      examples: pictures.labels.count, batch: batch, name: name + ".order", instance: instance)
    start = network.start(RandomKey(name + ".start", instance))
  }

  var dimension: Int { start.count }
  var parameterGroups: [Range<Int>] { network.parameterGroups }
  var reference: ReferenceValue { ReferenceValue(0, .lowerBound) }
  private var area: Int { network.side * network.side }
  var scratchCount: Int { network.scratchCount(pictures: order.batches.batch) }

  func evaluate(
    _ theta: UnsafePointer<Double>, examples: UnsafePointer<Int32>, count: Int,
    per divisor: Double, into gradient: UnsafeMutablePointer<Double>?, adding: Bool,
    scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    hg_gather_rows_f64(1, scratch, pictures.pixels, examples, count, area)
    let logits = network.logits(theta, pictures: count, scratch: scratch)
    let labels = (0..<count).map { pictures.labels[Int(examples[$0])] }
    let sum = hg_cross_entropy_f64(logits, labels, count, network.classes)
    guard let gradient else { return sum }
    hg_cross_entropy_derivative_f64(logits, labels, count, network.classes, 1 / divisor)
    network.backward(theta, pictures: count, into: gradient, adding: adding, scratch: scratch)
    return sum
  }

  func heldOutScore(
    at theta: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> HeldOutScore? {
    let all = heldOut.labels.count
    var (loss, right) = (0.0, 0)
    for first in stride(from: 0, to: all, by: order.batches.batch) {
      let count = min(order.batches.batch, all - first)
      heldOut.pixels.withUnsafeBufferPointer {
        scratch.update(from: $0.baseAddress! + first * area, count: count * area)
      }
      let labels = Array(heldOut.labels[first..<first + count])
      let logits = network.logits(theta, pictures: count, scratch: scratch)
      right += RowOperations.countRight(
        logits, labels: labels, rows: count, width: network.classes)
      loss += hg_cross_entropy_f64(logits, labels, count, network.classes)
    }
    return HeldOutScore(loss: loss / Double(all), accuracy: Double(right) / Double(all))
  }
}
