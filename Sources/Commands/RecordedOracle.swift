internal import Hypergradient

/// One recorded loss and gradient, wherever the method asks first: it is the trainer's point. Another
/// point, another draw or a Hessian-vector product has no record.
struct RecordedOracle<Scalar: ParameterScalar>: Oracle {
  /// What was asked for and is not on record.
  private(set) var unanswered: String?
  private let recordedLoss: Double
  private let memory: Memory
  private var point: [Scalar]?

  /// - Parameter loss: NaN where it is not on record.
  init(gradient: [Scalar], loss: Double) {
    recordedLoss = loss
    memory = Memory(gradient)
  }

  var parameterCount: Int { memory.count }

  mutating func evaluate(
    at point: UnsafePointer<Scalar>, draw: Int
  ) -> (loss: Double, gradient: UnsafePointer<Scalar>) {
    note(point, draw, "a gradient")
    return (recordedLoss, UnsafePointer(memory.gradient))
  }

  mutating func loss(at point: UnsafePointer<Scalar>, draw: Int) -> Double {
    note(point, draw, "a loss")
    return recordedLoss
  }

  mutating func hessianVectorProduct(
    at point: UnsafePointer<Scalar>, _ vector: UnsafePointer<Scalar>, draw: Int
  ) -> UnsafePointer<Scalar> {
    unanswered = unanswered ?? "a Hessian-vector product"
    return UnsafePointer(memory.gradient)
  }

  private mutating func note(_ asked: UnsafePointer<Scalar>, _ draw: Int, _ what: String) {
    if draw != 0 { unanswered = unanswered ?? "\(what) of another draw" }
    guard let point else {
      self.point = Array(UnsafeBufferPointer(start: asked, count: memory.count))
      return
    }
    if point.indices.contains(where: { point[$0] != asked[$0] }) {
      unanswered = unanswered ?? "\(what) at another point"
    }
  }

  private final class Memory {
    let gradient: UnsafeMutablePointer<Scalar>
    let count: Int

    init(_ values: [Scalar]) {
      count = values.count
      gradient = .allocate(capacity: count)
      gradient.initialize(from: values, count: count)
    }

    deinit { gradient.deallocate() }
  }
}
