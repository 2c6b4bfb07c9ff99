internal import HypergradientRecipes
public import Datasets
public import Hypergradient
internal import PortableMath
internal import Vectors

/// A linear model of two classes on sparse features, with an ℓ2 penalty, by minibatches.
///
///     f(θ) = (1/N) Σ φ(yᵢ xᵢᵀθ) + (λ/2) ‖θ‖²
///
/// The last coordinate of θ is the intercept: its feature is 1, and it is penalised as the others,
/// so that f is λ-strongly convex. The least value f* is found by Newton's method; as
/// f(θ) − f* ≤ ‖∇f(θ)‖²/(2λ), the gradient's norm certifies it. Every epoch deals the examples in
/// the order of a keyed permutation, the last batch smaller where the batch does not divide N. θ₀
/// is normal with variance 1/d in every coordinate, named by the instance.
public struct MarginClassification: BenchmarkTask {
  public let start: [Double]
  public let reference: ReferenceValue
  /// λ.
  public let regularisation: Double
  /// With the intercept as the last feature.
  public let data: SparseDataset
  /// With the intercept as the last feature.
  public let heldOut: SparseDataset?
  private let loss: MarginLoss
  private let order: EpochOrder

  /// - Parameters:
  ///   - regularisation: λ; `nil` for 1/N.
  ///   - batch: examples a step; `nil` for all of them.
  /// - Precondition: `data` has at least one example, `heldOut` the same features.
  init(
    _ loss: MarginLoss, data: SparseDataset, heldOut: SparseDataset?, regularisation: Double?,
    batch: Int?, instance: Int
  ) {
    if let batch { Parameter<TaskMaker, Int>.dataBatch(1).check(batch) }
    Parameter<TaskMaker, Double?>.dataRegularisation.check(regularisation)
    require(data.count > 0, "the data have no examples")
    require(
      heldOut.map { $0.featureCount == data.featureCount && $0.count > 0 } ?? true,
      "the held-out examples do not match the data")
    let lambda = regularisation ?? 1 / Double(data.count)
    self.loss = loss
    self.data = data.addingIntercept()
    self.heldOut = heldOut?.addingIntercept()
    self.regularisation = lambda
    order = EpochOrder(
      exampleCount: data.count, batch: batch ?? data.count, name: data.name + ".shuffle",
      instance: instance)
    let dimension = data.featureCount + 1
    let scale = 1 / Double(dimension).squareRoot()
    var stream = RandomStream(RandomKey(data.name + ".start", instance))
    start = (0..<dimension).map { _ in stream.normal() * scale }
    reference = MarginNewton(loss, data: self.data, regularisation: lambda).reference()
  }

  public var dimension: Int { start.count }
  public var stepsPerEpoch: Int? { order.stepsPerEpoch }
  public var stepsPerBlock: Int { max(1, 1 << 14 / order.batch) }
  public var scratchCount: Int { 3 * max(data.count, heldOut?.count ?? 0) }

  /// Which examples each step sees; a batch that is not full is padded with −1.
  public func draws(seed: Int, steps: Range<Int>) -> Draws<Double> {
    var examples: [Int32] = []
    examples.reserveCapacity(steps.count * order.batch)
    for step in steps {
      let seen = order.examples(at: step, seed: seed)
      examples.append(contentsOf: seen)
      examples.append(contentsOf: repeatElement(-1, count: order.batch - seen.count))
    }
    return Draws(steps: steps, labelsPerStep: order.batch, labels: examples)
  }

  public func gradient(
    at theta: UnsafePointer<Double>, step: Int, draws: Draws<Double>,
    into gradient: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    let count = order.count(at: step)
    return draws.labels.withUnsafeBufferPointer { labels in
      let examples = labels.baseAddress! + (step - draws.steps.lowerBound) * draws.labelsPerStep
      return SparseRows.with(data) { rows in
        for i in 0..<count { scratch[i] = rows.margin(Int(examples[i]), theta) }
        let sum = loss.evaluate(scratch, count: count, scratch: scratch + count)
        let penalty = startGradient(at: theta, gradient)
        let weight = 1 / Double(count)
        for i in 0..<count {
          rows.addSigned(Int(examples[i]), scratch[i] * weight, to: gradient)
        }
        return sum * weight + penalty
      }
    }
  }

  public func loss(
    at theta: UnsafePointer<Double>, step: Int, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    meanLoss(of: data, at: theta, scratch: scratch) + penalty(theta)
  }

  public func exactGradient(
    at theta: UnsafePointer<Double>, step: Int, into gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) {
    SparseRows.with(data) { rows in
      for row in 0..<rows.count { scratch[row] = rows.margin(row, theta) }
      _ = loss.evaluate(scratch, count: rows.count, scratch: scratch + rows.count)
      _ = startGradient(at: theta, gradient)
      let weight = 1 / Double(rows.count)
      for row in 0..<rows.count { rows.addSigned(row, scratch[row] * weight, to: gradient) }
    }
  }

  /// The loss without its penalty, and the share of examples with a positive margin.
  public func heldOutScore(
    at theta: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> HeldOutScore? {
    guard let heldOut else { return nil }
    let right = SparseRows.with(heldOut) { rows in
      (0..<rows.count).count { rows.margin($0, theta) > 0 }
    }
    return HeldOutScore(
      loss: meanLoss(of: heldOut, at: theta, scratch: scratch),
      accuracy: Double(right) / Double(heldOut.count))
  }

  private func meanLoss(
    of data: SparseDataset, at theta: UnsafePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    SparseRows.with(data) { rows in
      for row in 0..<rows.count { scratch[row] = rows.margin(row, theta) }
      return loss.evaluate(scratch, count: rows.count, scratch: scratch + rows.count)
        * (1 / Double(rows.count))
    }
  }

  private func penalty(_ theta: UnsafePointer<Double>) -> Double {
    0.5 * regularisation * BlockSums.dot(theta, theta, count: dimension)
  }

  /// gradient ← λθ; returns the penalty.
  private func startGradient(
    at theta: UnsafePointer<Double>, _ gradient: UnsafeMutablePointer<Double>
  ) -> Double {
    for j in 0..<dimension { gradient[j] = regularisation * theta[j] }
    return penalty(theta)
  }
}

extension Recipe where Product == TaskMaker {
  /// The classification with a loss on a LIBSVM file of two classes.
  static func libsvm(
    _ name: String, _ loss: MarginLoss, summary: String, example: String
  ) -> Recipe {
    Recipe(
      name,
      { (lambda: Double?, batch: Int) in
        TaskMaker { context in
          let data = try context.store.libsvm(context.source(name, "a LIBSVM file"))
          return MarginClassification(
            loss, data: try context.chosen(data.train), heldOut: data.heldOut,
            regularisation: lambda, batch: batch, instance: context.instance)
        }
      },
      .dataRegularisation, .dataBatch(32), summary: summary, examples: [example])
  }
}
