internal import Hypergradient

/// A task whose loss is a mean over examples: a step sees a minibatch of them, by their numbers alone,
/// so that its draws are few and the same in every precision.
protocol ExampleTask: BenchmarkTask where Scalar == Double {
  var order: ExampleOrder { get }

  /// Σ of the losses of some examples; writes, or adds, the sum's gradient over `divisor`.
  ///
  /// - Parameters:
  ///   - examples: their numbers; `count` of them, at most a batch.
  ///   - gradient: `nil` where nobody asks for it.
  func evaluate(
    _ theta: UnsafePointer<Double>, examples: UnsafePointer<Int32>, count: Int,
    per divisor: Double, into gradient: UnsafeMutablePointer<Double>?, adding: Bool,
    scratch: UnsafeMutablePointer<Double>
  ) -> Double
}

/// The examples' order in a run, and all of them.
struct ExampleOrder: Sendable {
  let batches: Minibatches
  private let all: [Int32]

  /// - Parameter name: the first word of the random key, such as `leastSquares.order`.
  init(examples: Int, batch: Int, name: String, instance: Int) {
    batches = Minibatches(examples: examples, batch: batch, name: name, instance: instance)
    all = (0..<examples).map { Int32($0) }
  }

  /// Hands on all the examples, at most a batch of them at once.
  func forEachPortion(_ body: (_ examples: UnsafePointer<Int32>, _ count: Int) -> Void) {
    all.withUnsafeBufferPointer { all in
      for first in stride(from: 0, to: all.count, by: batches.batch) {
        body(all.baseAddress! + first, min(batches.batch, all.count - first))
      }
    }
  }
}

extension ExampleTask {
  public var stepsPerEpoch: Int? { order.batches.stepsPerEpoch }

  public func draws(seed: Int, steps: Range<Int>) -> Draws<Double> {
    Draws(
      steps: steps, labelsPerStep: order.batches.batch,
      labels: order.batches.indices(seed: seed, steps: steps).map { Int32($0) })
  }

  public func gradient(
    at theta: UnsafePointer<Double>, step: Int, draws: Draws<Double>,
    into gradient: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    let batch = order.batches.batch
    let first = (step - draws.steps.lowerBound) * batch
    return draws.labels.withUnsafeBufferPointer { labels in
      evaluate(
        theta, examples: labels.baseAddress! + first, count: batch, per: Double(batch),
        into: gradient, adding: false, scratch: scratch)
    } / Double(batch)
  }

  public func loss(
    at theta: UnsafePointer<Double>, step: Int, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    var sum = 0.0
    order.forEachPortion { examples, count in
      sum += evaluate(
        theta, examples: examples, count: count, per: 1, into: nil, adding: false,
        scratch: scratch)
    }
    return sum / Double(order.batches.examples)
  }

  public func exactGradient(
    at theta: UnsafePointer<Double>, step: Int, into gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) {
    var isFirst = true
    order.forEachPortion { examples, count in
      _ = evaluate(
        theta, examples: examples, count: count, per: Double(order.batches.examples),
        into: gradient, adding: !isFirst, scratch: scratch)
      isFirst = false
    }
  }
}
