internal import Hypergradient

enum NetworkLoss: Sendable {
  /// ½ (output − target)².
  case squared
  /// log(1 + exp(−target · output)), targets ±1.
  case logistic
}

/// A small network with one output, fitted to examples by minibatches: the mean loss, in Float or in
/// Double; sums over examples are in Double.
///
/// The exact loss runs over all examples in portions of a batch, in the layout of a draw: the
/// features (inputs × batch), then the targets.
struct NetworkProblem<Scalar: ParameterScalar>: LaneTask {
  let network: SmallNetwork
  let kind: NetworkLoss
  /// Examples × inputs, row-major.
  let inputs: [Scalar]
  let targets: [Scalar]
  let batches: Minibatches
  let start: [Scalar]
  let reference: ReferenceValue
  private let portions: [Scalar]

  /// - Precondition: the batch divides the number of examples.
  init(
    network: SmallNetwork, loss: NetworkLoss, inputs: [Scalar], targets: [Scalar],
    batches: Minibatches,
    start: [Scalar], reference: ReferenceValue
  ) {
    Faults.trap(Self.fault(examples: batches.examples, batch: batches.batch))
    self.network = network
    kind = loss
    self.inputs = inputs
    self.targets = targets
    self.batches = batches
    self.start = start
    self.reference = reference
    portions = Self.gathered(
      Array(0..<batches.examples), batch: batches.batch, inputs: inputs, targets: targets)
  }

  /// What is wrong with a batch for so many examples.
  static func fault(examples: Int, batch: Int) -> String? {
    if let fault = Minibatches.fault(examples: examples, batch: batch) { return fault }
    return examples % batch == 0 ? nil : "batch \(batch) does not divide \(examples) examples"
  }

  var dimension: Int { start.count }
  var parameterGroups: [Range<Int>] { network.parameterGroups }
  var stepsPerEpoch: Int? { batches.stepsPerEpoch }
  private var fan: Int { network.sizes[0] }
  private var batch: Int { batches.batch }
  private var valuesPerStep: Int { (fan + 1) * batch }
  /// As many steps as stay within a core's second-level cache.
  var stepsPerBlock: Int { max(1, 32_768 / valuesPerStep) }
  var scratchCount: Int { network.scratchCount(columns: batch) + batch }

  func draws(seed: Int, steps: Range<Int>) -> Draws<Scalar> {
    Draws(
      steps: steps, valuesPerStep: valuesPerStep,
      values: Self.gathered(
        batches.indices(seed: seed, steps: steps), batch: batch, inputs: inputs, targets: targets))
  }

  private static func gathered(
    _ indices: [Int], batch: Int, inputs: [Scalar], targets: [Scalar]
  ) -> [Scalar] {
    let fan = inputs.count / targets.count
    var values = [Scalar](repeating: 0, count: indices.count * (fan + 1))
    for (position, example) in indices.enumerated() {
      let (step, slot) = position.quotientAndRemainder(dividingBy: batch)
      let first = step * batch * (fan + 1) + slot
      for j in 0..<fan { values[first + j * batch] = inputs[example * fan + j] }
      values[first + fan * batch] = targets[example]
    }
    return values
  }

  func gradient(
    at theta: UnsafePointer<Scalar>, step: Int, draws: Draws<Scalar>,
    into gradient: UnsafeMutablePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>
  ) -> Double {
    draws.withValues(of: step) { portion in
      let sum = lossAndErrors(theta, portion, per: Double(batch), scratch) { errors in
        network.backward(
          theta, inputs: portion, columns: batch, errors: errors, into: gradient, adding: false,
          scratch: scratch)
      }
      return sum / Double(batch)
    }
  }

  func loss(
    at theta: UnsafePointer<Scalar>, step: Int, scratch: UnsafeMutablePointer<Scalar>
  ) -> Double {
    var sum = 0.0
    forEachPortion { _, portion in
      sum += lossAndErrors(theta, portion, per: 1, scratch) { _ in }
    }
    return sum / Double(targets.count)
  }

  func exactGradient(
    at theta: UnsafePointer<Scalar>, step: Int, into gradient: UnsafeMutablePointer<Scalar>,
    scratch: UnsafeMutablePointer<Scalar>
  ) {
    forEachPortion { index, portion in
      _ = lossAndErrors(theta, portion, per: Double(targets.count), scratch) { errors in
        network.backward(
          theta, inputs: portion, columns: batch, errors: errors, into: gradient,
          adding: index > 0, scratch: scratch)
      }
    }
  }

  private func forEachPortion(_ body: (Int, UnsafePointer<Scalar>) -> Void) {
    portions.withUnsafeBufferPointer { portions in
      for index in 0..<batches.stepsPerEpoch {
        body(index, portions.baseAddress! + index * valuesPerStep)
      }
    }
  }

  /// Σ loss over a portion; hands the loss's derivative by the outputs, over `divisor`, to `use`.
  private func lossAndErrors(
    _ theta: UnsafePointer<Scalar>, _ portion: UnsafePointer<Scalar>, per divisor: Double,
    _ scratch: UnsafeMutablePointer<Scalar>, use: (UnsafePointer<Scalar>) -> Void
  ) -> Double {
    let targets = portion + fan * batch
    let outputs = network.outputs(theta, inputs: portion, columns: batch, scratch: scratch)
    let sum: Double
    switch kind {
    case .squared:
      for i in 0..<batch { outputs[i] -= targets[i] }
      sum = 0.5 * NetworkLoops.sumOfSquares(outputs, batch)
      let share = Scalar.nearest(to: 1 / divisor)
      for i in 0..<batch { outputs[i] *= share }
    case .logistic:
      for i in 0..<batch { outputs[i] *= targets[i] }
      let losses = scratch + network.scratchCount(columns: batch)
      NetworkLoops.logistic(losses, outputs, batch)
      sum = NetworkLoops.sum(losses, batch)
      let divisor = Scalar.nearest(to: divisor)
      for i in 0..<batch { outputs[i] *= targets[i] / divisor }
    }
    use(UnsafePointer(outputs))
    return sum
  }

  var laneScratchCount: Int { network.scratchCount(columns: batch) + 2 * batch }

  func laneGradient(
    at theta: UnsafePointer<Scalar>, lanes: Int, step: Int, draws: Draws<Scalar>,
    into gradient: UnsafeMutablePointer<Scalar>, losses: UnsafeMutablePointer<Double>?,
    scratch: UnsafeMutablePointer<Scalar>
  ) {
    draws.withValues(of: step) { portion in
      let errors = laneLossAndErrors(
        theta, lanes, portion, per: Double(batch), into: losses, scratch)
      network.laneBackward(
        theta, lanes: lanes, inputs: portion, columns: batch, errors: errors, into: gradient,
        scratch: scratch)
      if let losses {
        for lane in 0..<lanes { losses[lane] /= Double(batch) }
      }
    }
  }

  func laneLosses(
    at theta: UnsafePointer<Scalar>, lanes: Int, step: Int,
    into losses: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Scalar>
  ) {
    for lane in 0..<lanes { losses[lane] = 0 }
    withUnsafeTemporaryAllocation(of: Double.self, capacity: lanes) { part in
      forEachPortion { _, portion in
        _ = laneLossAndErrors(theta, lanes, portion, per: 1, into: part.baseAddress!, scratch)
        for lane in 0..<lanes { losses[lane] += part[lane] }
      }
    }
    for lane in 0..<lanes { losses[lane] /= Double(targets.count) }
  }

  /// ``lossAndErrors(_:_:per:_:use:)`` of interleaved runs: the sums and the derivatives.
  private func laneLossAndErrors(
    _ theta: UnsafePointer<Scalar>, _ lanes: Int, _ portion: UnsafePointer<Scalar>,
    per divisor: Double, into sums: UnsafeMutablePointer<Double>?,
    _ scratch: UnsafeMutablePointer<Scalar>
  ) -> UnsafePointer<Scalar> {
    let targets = portion + fan * batch
    let outputs = network.laneOutputs(
      theta, lanes: lanes, inputs: portion, columns: batch, scratch: scratch)
    switch kind {
    case .squared:
      NetworkLoops.subtract(outputs, targets, batch, lanes: lanes)
      if let sums {
        NetworkLoops.sumOfSquares(sums, outputs, batch, lanes: lanes)
        for lane in 0..<lanes { sums[lane] *= 0.5 }
      }
      let share = Scalar.nearest(to: 1 / divisor)
      for i in 0..<(batch * lanes) { outputs[i] *= share }
    case .logistic:
      let spare = scratch + network.scratchCount(columns: batch) * lanes
      NetworkLoops.multiply(outputs, by: targets, batch, lanes: lanes)
      NetworkLoops.logistic(spare, outputs, batch * lanes)
      if let sums { NetworkLoops.sum(sums, spare, batch, lanes: lanes) }
      let factors = spare + batch * lanes
      let divisor = Scalar.nearest(to: divisor)
      for i in 0..<batch { factors[i] = targets[i] / divisor }
      NetworkLoops.multiply(outputs, by: factors, batch, lanes: lanes)
    }
    return UnsafePointer(outputs)
  }
}
