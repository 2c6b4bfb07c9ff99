internal import HypergradientRecipes
public import Datasets
public import Hypergradient
internal import PortableMath
internal import Vectors

/// A network of dense layers that learns classes from examples, by minibatches.
///
///     f(θ) = (1/N) Σ −log softmax(network(xᵢ; θ))_yᵢ + (λ/2) ‖θ‖²
///
/// Without hidden layers it is multinomial logistic regression, which is convex. Every epoch deals
/// the examples in the order of a keyed permutation (data's name, instance, seed; epoch), the last
/// batch smaller where the batch does not divide N. θ₀ is uniform on ±1/√inputs, layer by layer, and
/// named by the instance. The held-out loss has no penalty. The reference is the lower bound 0; with a
/// penalty and without hidden layers, one that is as good as the least value (``SoftmaxNewton``).
public struct DenseClassification<Scalar: ParameterScalar>: BenchmarkTask {
  public let start: [Scalar]
  public let data: Dataset<Scalar>
  public let heldOut: Dataset<Scalar>?
  /// λ.
  public let regularisation: Double
  public let reference: ReferenceValue
  /// How many threads at most share out what is large; no bit depends on it.
  public var threads = 1
  private let network: DenseNetwork<Scalar>
  private let order: EpochOrder

  /// Rows that one pass over all examples takes at once.
  private static var blockRows: Int { 256 }

  /// - Parameters:
  ///   - heldOut: examples for the score; `nil` for none.
  ///   - hidden: units of each hidden layer, from the input on.
  ///   - batch: examples a step; all, if there are fewer.
  ///   - regularisation: λ, at least 0.
  ///   - bound: of the least value, where it is known already.
  ///   - instance: names the start and, with the seed, the order.
  /// - Precondition: `data` has at least one example and two classes; `heldOut` has its features
  ///   and classes.
  init(
    data: Dataset<Scalar>, heldOut: Dataset<Scalar>?, hidden: [Int], batch: Int,
    regularisation: Double = 0, bound: Double? = nil, instance: Int
  ) {
    require(
      regularisation >= 0 && regularisation.isFinite,
      "regularisation is \(regularisation), not at least 0")
    Parameter<TaskMaker, Int>.dataBatch(1).check(batch)
    Parameter<TaskMaker, [Double]>.layers([]).check(hidden.map { Double($0) })
    require(data.count > 0, "the data have no examples")
    require(data.classCount >= 2, "the data have fewer than two classes")
    require(
      heldOut.map {
        $0.featureCount == data.featureCount && $0.classCount == data.classCount && $0.count > 0
      } ?? true, "the held-out examples do not match the data")
    self.data = data
    self.heldOut = heldOut
    self.regularisation = regularisation
    reference = ReferenceValue(
      bound
        ?? (regularisation > 0 && hidden.isEmpty
          ? SoftmaxNewton(data, regularisation: regularisation).bound() : 0),
      .lowerBound)
    network = DenseNetwork(widths: [data.featureCount] + hidden + [data.classCount])
    order = EpochOrder(
      exampleCount: data.count, batch: batch, name: data.name + ".shuffle", instance: instance)
    var start: [Scalar] = []
    start.reserveCapacity(network.parameterCount)
    for layer in 0..<network.layerCount {
      let bound = 1 / Double(network.widths[layer]).squareRoot()
      var stream = RandomStream(RandomKey(data.name + ".start", instance, layer))
      for _ in network.offsets[layer]..<network.offsets[layer + 1] {
        start.append(Scalar((2 * stream.uniform() - 1) * bound))
      }
    }
    self.start = start
  }

  /// The same task over up to so many threads.
  func using(threads: Int) -> DenseClassification {
    var task = self
    task.threads = threads
    return task
  }

  public var dimension: Int { network.parameterCount }
  public var parameterGroups: [Range<Int>] { network.parameterGroups }
  public var stepsPerEpoch: Int? { order.stepsPerEpoch }
  /// Minibatches of about a megabyte.
  public var stepsPerBlock: Int {
    max(1, min(64, (1 << 20) / (order.batch * data.featureCount * MemoryLayout<Scalar>.stride)))
  }
  public var scratchCount: Int { network.scratchCount(rows: max(order.batch, Self.blockRows)) }

  /// The features and labels of each step's batch; a batch that is not full is padded with zeros.
  public func draws(seed: Int, steps: Range<Int>) -> Draws<Scalar> {
    let size = order.batch * data.featureCount
    var labels = [Int32](repeating: 0, count: steps.count * order.batch)
    let values = [Scalar](unsafeUninitializedCapacity: steps.count * size) { space, written in
      data.features.withUnsafeBufferPointer { features in
        for (block, step) in steps.enumerated() {
          let examples = order.examples(at: step, seed: seed)
          let rows = space.baseAddress! + block * size
          RowKernels.gather(
            examples, of: features.baseAddress!, width: data.featureCount, into: rows,
            threads: threads)
          let filled = examples.count * data.featureCount
          (rows + filled).initialize(repeating: 0, count: size - filled)
          for (slot, example) in examples.enumerated() {
            labels[block * order.batch + slot] = data.labels[Int(example)]
          }
        }
      }
      written = steps.count * size
    }
    return Draws(
      steps: steps, valuesPerStep: size, values: values, labelsPerStep: order.batch,
      labels: labels)
  }

  public func gradient(
    at theta: UnsafePointer<Scalar>, step: Int, draws: Draws<Scalar>,
    into gradient: UnsafeMutablePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>
  ) -> Double {
    let position = step - draws.steps.lowerBound
    let rows = order.count(at: step)
    let sum = draws.withValues(of: step) { inputs in
      draws.labels.withUnsafeBufferPointer { labels in
        addGradient(
          at: theta, inputs: inputs,
          labels: labels.baseAddress! + position * draws.labelsPerStep, rows: rows,
          weight: 1 / Double(rows), into: gradient, accumulate: false, scratch: scratch)
      }
    }
    return sum / Double(rows) + penalise(theta, gradient)
  }

  /// gradient += λθ; returns the penalty.
  private func penalise(
    _ theta: UnsafePointer<Scalar>, _ gradient: UnsafeMutablePointer<Scalar>
  ) -> Double {
    guard regularisation > 0 else { return 0 }
    let lambda = Scalar.nearest(to: regularisation)
    for j in 0..<dimension { gradient[j] += lambda * theta[j] }
    return penalty(theta)
  }

  private func penalty(_ theta: UnsafePointer<Scalar>) -> Double {
    guard regularisation > 0 else { return 0 }
    return 0.5 * regularisation
      * BlockSums.sum(dimension) { Double(theta[$0]) * Double(theta[$0]) }
  }

  public func loss(
    at theta: UnsafePointer<Scalar>, step: Int, scratch: UnsafeMutablePointer<Scalar>
  ) -> Double {
    var total = 0.0
    forEachBlock(of: data) { inputs, labels, rows in
      let logits = network.forward(
        theta, inputs: inputs, rows: rows, scratch: scratch, threads: threads)
      total += RowKernels.crossEntropy(
        logits, labels: labels, rows: rows, width: network.classCount)
    }
    return total / Double(data.count) + penalty(theta)
  }

  public func exactGradient(
    at theta: UnsafePointer<Scalar>, step: Int, into gradient: UnsafeMutablePointer<Scalar>,
    scratch: UnsafeMutablePointer<Scalar>
  ) {
    var isFirst = true
    forEachBlock(of: data) { inputs, labels, rows in
      _ = addGradient(
        at: theta, inputs: inputs, labels: labels, rows: rows, weight: 1 / Double(data.count),
        into: gradient, accumulate: !isFirst, scratch: scratch)
      isFirst = false
    }
    _ = penalise(theta, gradient)
  }

  public func heldOutScore(
    at theta: UnsafePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>
  ) -> HeldOutScore? {
    guard let heldOut else { return nil }
    var total = 0.0
    var right = 0
    forEachBlock(of: heldOut) { inputs, labels, rows in
      let logits = network.forward(
        theta, inputs: inputs, rows: rows, scratch: scratch, threads: threads)
      right += RowOperations.countRight(
        logits, labels: labels, rows: rows, width: network.classCount)
      total += RowKernels.crossEntropy(
        logits, labels: labels, rows: rows, width: network.classCount)
    }
    return HeldOutScore(
      loss: total / Double(heldOut.count), accuracy: Double(right) / Double(heldOut.count))
  }

  /// Writes or adds `weight` times the gradient of the rows' losses, and returns the losses' sum.
  private func addGradient(
    at theta: UnsafePointer<Scalar>, inputs: UnsafePointer<Scalar>,
    labels: UnsafePointer<Int32>, rows: Int, weight: Double,
    into gradient: UnsafeMutablePointer<Scalar>, accumulate: Bool,
    scratch: UnsafeMutablePointer<Scalar>
  ) -> Double {
    let logits = network.forward(
      theta, inputs: inputs, rows: rows, scratch: scratch, threads: threads)
    let sum = RowKernels.crossEntropy(
      logits, labels: labels, rows: rows, width: network.classCount)
    RowKernels.crossEntropyDerivative(
      logits, labels: labels, rows: rows, width: network.classCount, weight: weight)
    network.backward(
      theta, inputs: inputs, rows: rows, scratch: scratch, into: gradient, accumulate: accumulate,
      threads: threads)
    return sum
  }

  private func forEachBlock(
    of data: Dataset<Scalar>,
    _ body: (_ inputs: UnsafePointer<Scalar>, _ labels: UnsafePointer<Int32>, _ rows: Int) -> Void
  ) {
    data.features.withUnsafeBufferPointer { features in
      data.labels.withUnsafeBufferPointer { labels in
        for first in stride(from: 0, to: data.count, by: Self.blockRows) {
          body(
            features.baseAddress! + first * data.featureCount, labels.baseAddress! + first,
            min(Self.blockRows, data.count - first))
        }
      }
    }
  }
}
