internal import HypergradientRecipes
internal import Datasets
internal import Hypergradient
internal import PortableMath
internal import Vectors

/// A network of dense layers that is fitted to examples by minibatches: what the tasks on dense data
/// share, whether they learn classes or numbers.
///
///     f(θ) = (1/N) Σ ℓ(network(xᵢ; θ), yᵢ) + (λ/2) ‖θ‖²
///
/// ℓ is the cross entropy of a class, or half the square of the distance to a number. Order and start
/// are what ``DenseClassification`` says.
struct DenseFit<Scalar: ParameterScalar>: BenchmarkTask {
  let start: [Scalar]
  let data: Dataset<Scalar>
  let heldOut: Dataset<Scalar>?
  /// λ.
  let regularisation: Double
  let reference: ReferenceValue
  /// How many threads at most share out what is large; no bit depends on it.
  var threads = 1
  private let network: DenseNetwork<Scalar>
  private let order: EpochOrder

  /// Rows that one pass over all examples takes at once.
  private static var blockRows: Int { 256 }

  /// - Parameters:
  ///   - heldOut: examples for the score; `nil` for none.
  ///   - hidden: units of each hidden layer, from the input on.
  ///   - activation: what follows each hidden layer.
  ///   - batch: examples a step; all, if there are fewer.
  ///   - regularisation: λ, at least 0.
  ///   - instance: names the start and, with the seed, the order.
  /// - Precondition: `data` has at least one example; `heldOut` has its features and classes.
  init(
    data: Dataset<Scalar>, heldOut: Dataset<Scalar>?, hidden: [Int],
    activation: DenseNetwork<Scalar>.Activation, batch: Int, regularisation: Double,
    reference: ReferenceValue, instance: Int
  ) {
    require(
      regularisation >= 0 && regularisation.isFinite,
      "regularisation is \(regularisation), not at least 0")
    Parameter<TaskMaker, Int>.dataBatch(1).check(batch)
    Parameter<TaskMaker, [Double]>.layers([]).check(hidden.map { Double($0) })
    require(data.count > 0, "the data have no examples")
    require(
      heldOut.map {
        $0.featureCount == data.featureCount && $0.classCount == data.classCount && $0.count > 0
          && $0.targets.isEmpty == data.targets.isEmpty
      } ?? true, "the held-out examples do not match the data")
    self.data = data
    self.heldOut = heldOut
    self.regularisation = regularisation
    self.reference = reference
    // A number is the output of one unit, as if there were one class.
    network = DenseNetwork(
      widths: [data.featureCount] + hidden + [data.classCount], activation: activation)
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

  var dimension: Int { network.parameterCount }
  var parameterGroups: [Range<Int>] { network.parameterGroups }
  var stepsPerEpoch: Int? { order.stepsPerEpoch }
  /// Minibatches of about a megabyte.
  var stepsPerBlock: Int {
    max(1, min(64, (1 << 20) / (order.batch * data.featureCount * MemoryLayout<Scalar>.stride)))
  }
  var scratchCount: Int { network.scratchCount(rows: max(order.batch, Self.blockRows)) }

  /// Numbers that an example has in a draw: its features, and the one to learn where there is one.
  private var valuesPerExample: Int { data.featureCount + (data.targets.isEmpty ? 0 : 1) }

  /// The features of each step's batch, then its targets where numbers are learned; and its labels. A
  /// batch that is not full is padded with zeros.
  func draws(seed: Int, steps: Range<Int>) -> Draws<Scalar> {
    let size = order.batch * valuesPerExample
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
          let targets = rows + order.batch * data.featureCount
          for (slot, example) in examples.enumerated() {
            labels[block * order.batch + slot] = data.labels[Int(example)]
            if !data.targets.isEmpty { targets[slot] = data.targets[Int(example)] }
          }
        }
      }
      written = steps.count * size
    }
    return Draws(
      steps: steps, valuesPerStep: size, values: values, labelsPerStep: order.batch,
      labels: labels)
  }

  func gradient(
    at theta: UnsafePointer<Scalar>, step: Int, draws: Draws<Scalar>,
    into gradient: UnsafeMutablePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>
  ) -> Double {
    let position = step - draws.steps.lowerBound
    let rows = order.count(at: step)
    let sum = draws.withValues(of: step) { inputs in
      draws.labels.withUnsafeBufferPointer { labels in
        addGradient(
          at: theta, inputs: inputs,
          wanted: data.targets.isEmpty
            ? .classes(labels.baseAddress! + position * draws.labelsPerStep)
            : .numbers(inputs + order.batch * data.featureCount),
          rows: rows, weight: 1 / Double(rows), into: gradient, accumulate: false,
          scratch: scratch)
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

  func loss(
    at theta: UnsafePointer<Scalar>, step: Int, scratch: UnsafeMutablePointer<Scalar>
  ) -> Double {
    var total = 0.0
    forEachBlock(of: data) { inputs, wanted, rows in
      let outputs = network.forward(
        theta, inputs: inputs, rows: rows, scratch: scratch, threads: threads)
      total += losses(outputs, wanted, rows: rows)
    }
    return total / Double(data.count) + penalty(theta)
  }

  func exactGradient(
    at theta: UnsafePointer<Scalar>, step: Int, into gradient: UnsafeMutablePointer<Scalar>,
    scratch: UnsafeMutablePointer<Scalar>
  ) {
    var isFirst = true
    forEachBlock(of: data) { inputs, wanted, rows in
      _ = addGradient(
        at: theta, inputs: inputs, wanted: wanted, rows: rows, weight: 1 / Double(data.count),
        into: gradient, accumulate: !isFirst, scratch: scratch)
      isFirst = false
    }
    _ = penalise(theta, gradient)
  }

  func heldOutScore(
    at theta: UnsafePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>
  ) -> HeldOutScore? {
    guard let heldOut else { return nil }
    var total = 0.0
    var right = 0
    forEachBlock(of: heldOut) { inputs, wanted, rows in
      let outputs = network.forward(
        theta, inputs: inputs, rows: rows, scratch: scratch, threads: threads)
      if case .classes(let labels) = wanted {
        right += RowOperations.countRight(
          outputs, labels: labels, rows: rows, width: network.outputCount)
      }
      total += losses(outputs, wanted, rows: rows)
    }
    return HeldOutScore(
      loss: total / Double(heldOut.count),
      accuracy: heldOut.targets.isEmpty ? Double(right) / Double(heldOut.count) : nil)
  }

  /// What is to be learned of consecutive rows.
  private enum Wanted {
    case classes(UnsafePointer<Int32>)
    case numbers(UnsafePointer<Scalar>)
  }

  /// Σ of the rows' losses. With a weight the outputs become as much of the losses' derivatives.
  private func losses(
    _ outputs: UnsafeMutablePointer<Scalar>, _ wanted: Wanted, rows: Int, weight: Double? = nil
  ) -> Double {
    switch wanted {
    case .classes(let labels):
      let width = network.outputCount
      let sum = RowKernels.crossEntropy(outputs, labels: labels, rows: rows, width: width)
      if let weight {
        RowKernels.crossEntropyDerivative(
          outputs, labels: labels, rows: rows, width: width, weight: weight)
      }
      return sum
    case .numbers(let targets):
      for i in 0..<rows { outputs[i] -= targets[i] }
      let sum = 0.5 * NetworkLoops.sumOfSquares(outputs, rows)
      if let weight {
        let share = Scalar.nearest(to: weight)
        for i in 0..<rows { outputs[i] *= share }
      }
      return sum
    }
  }

  /// Writes or adds `weight` times the gradient of the rows' losses, and returns the losses' sum.
  private func addGradient(
    at theta: UnsafePointer<Scalar>, inputs: UnsafePointer<Scalar>, wanted: Wanted, rows: Int,
    weight: Double, into gradient: UnsafeMutablePointer<Scalar>, accumulate: Bool,
    scratch: UnsafeMutablePointer<Scalar>
  ) -> Double {
    let outputs = network.forward(
      theta, inputs: inputs, rows: rows, scratch: scratch, threads: threads)
    let sum = losses(outputs, wanted, rows: rows, weight: weight)
    network.backward(
      theta, inputs: inputs, rows: rows, scratch: scratch, into: gradient, accumulate: accumulate,
      threads: threads)
    return sum
  }

  private func forEachBlock(
    of data: Dataset<Scalar>,
    _ body: (_ inputs: UnsafePointer<Scalar>, _ wanted: Wanted, _ rows: Int) -> Void
  ) {
    data.features.withUnsafeBufferPointer { features in
      data.labels.withUnsafeBufferPointer { labels in
        data.targets.withUnsafeBufferPointer { targets in
          for first in stride(from: 0, to: data.count, by: Self.blockRows) {
            body(
              features.baseAddress! + first * data.featureCount,
              data.targets.isEmpty
                ? .classes(labels.baseAddress! + first) : .numbers(targets.baseAddress! + first),
              min(Self.blockRows, data.count - first))
          }
        }
      }
    }
  }
}

/// A task that is such a fit.
protocol DenseTask: WrappedTask where Base == DenseFit<Scalar> {
  var base: DenseFit<Scalar> { get set }
}

extension DenseTask {
  /// The same task over up to so many threads.
  func using(threads: Int) -> Self {
    var task = self
    task.base.threads = threads
    return task
  }
}
