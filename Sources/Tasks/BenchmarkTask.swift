internal import HypergradientRecipes
public import Hypergradient

/// A function to minimise, with its exact gradient, its reference value and its noise.
///
/// An instance is made from an instance number and is then fixed; randomness during a run is drawn
/// ahead for a block of steps, keyed by (task, instance, seed, stream) and counted by step, so that
/// all runs of a cohort share it and a run may begin anywhere.
public protocol BenchmarkTask<Scalar>: Sendable {
  associatedtype Scalar: ParameterScalar

  /// The number of parameters.
  var dimension: Int { get }

  /// θ₀, `dimension` elements.
  var start: [Scalar] { get }

  /// The parts of the parameters that belong together, such as a layer's weights; they cover all of
  /// them in order.
  var parameterGroups: [Range<Int>] { get }

  /// Whether the loss and gradient that a trainer sees depend on the point alone, not on the step or
  /// the seed.
  var isDeterministic: Bool { get }

  /// The least value of ``loss(at:step:scratch:)``, or a bound of it.
  var reference: ReferenceValue { get }

  /// Minibatches in an epoch; `nil` for a task that is not made of examples.
  var stepsPerEpoch: Int? { get }

  /// Scratch elements that the functions below need.
  var scratchCount: Int { get }

  /// How many steps of draws are worth making at once: few where a draw is large.
  var stepsPerBlock: Int { get }

  /// The random draws of a block of steps: noise, or the gathered minibatches.
  func draws(seed: Int, steps: Range<Int>) -> Draws<Scalar>

  /// Writes the gradient that a trainer would see at `step`, and returns the loss that it belongs
  /// to: the minibatch loss, or the noisy one. `step` is in `draws.steps`.
  func gradient(
    at theta: UnsafePointer<Scalar>, step: Int, draws: Draws<Scalar>,
    into gradient: UnsafeMutablePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>
  ) -> Double

  /// The exact, noiseless loss as it is at `step` (before that step is taken).
  func loss(
    at theta: UnsafePointer<Scalar>, step: Int, scratch: UnsafeMutablePointer<Scalar>
  ) -> Double

  /// The exact gradient of ``loss(at:step:scratch:)``.
  func exactGradient(
    at theta: UnsafePointer<Scalar>, step: Int, into gradient: UnsafeMutablePointer<Scalar>,
    scratch: UnsafeMutablePointer<Scalar>
  )

  /// Loss, and accuracy where classes are learned, on held-out examples; `nil` where there are none.
  func heldOutScore(
    at theta: UnsafePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>
  ) -> HeldOutScore?

  /// What went wrong outside this program, such as in one that answers for the task; losses and
  /// gradients are NaN from then on, and whoever runs the task looks here. `nil` where nothing did.
  var failure: (any Error)? { get }
}

extension BenchmarkTask {
  public var parameterGroups: [Range<Int>] { [0..<dimension] }
  public var isDeterministic: Bool { false }
  public var stepsPerEpoch: Int? { nil }
  public var stepsPerBlock: Int { 50 }
  public var failure: (any Error)? { nil }
  public func heldOutScore(
    at theta: UnsafePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>
  ) -> HeldOutScore? { nil }
}

extension BenchmarkTask {
  /// - Throws: ``failure``, where there is one.
  package func checkForFailure() throws {
    if let failure { throw failure }
  }
}

/// What is known of the least loss.
public struct ReferenceValue: Sendable, Equatable {
  public enum Kind: String, Sendable, Codable {
    /// Known in closed form, and reached by ``ReferenceValue/minimiser``.
    case exact
    /// Computed to rounding, with the gradient's norm as its certificate.
    case certified
    /// A lower bound that no parameters need reach.
    case lowerBound
  }
  public let value: Double
  public let kind: Kind
  /// Where the value is reached, if that is known.
  public let minimiser: [Double]?
  /// How far the least loss is above a lower bound that was computed for it, at most; `nil` elsewhere.
  public let slack: Double?

  public init(
    _ value: Double, _ kind: Kind, minimiser: [Double]? = nil, slack: Double? = nil
  ) {
    self.value = value
    self.kind = kind
    self.minimiser = minimiser
    self.slack = slack
  }

  /// What is known of a least loss that is at least 0, from a bound of it and a loss that was reached.
  init(bound: Double, reached: Double) {
    self.init(max(0, bound), .lowerBound, slack: reached - max(0, bound))
  }
}

/// Scores on examples that no gradient sees.
public struct HeldOutScore: Sendable, Equatable {
  public let loss: Double
  /// The fraction of examples classified rightly, in [0, 1]; `nil` where numbers are learned.
  public let accuracy: Double?
  public init(loss: Double, accuracy: Double?) {
    self.loss = loss
    self.accuracy = accuracy
  }
}

extension BenchmarkTask {
  /// The gap that the least loss may be at, where it is known by a bound alone and that is more than
  /// 10⁻⁶ of the way down to it; `nil` elsewhere.
  package var leastGap: Double? {
    guard let slack = reference.slack, slack > 0 else { return nil }
    let share = slack / (loss(at: start) - reference.value)
    return share > 1e-6 ? share : nil
  }

  /// Whether there are scores on examples that no gradient sees.
  package var hasHeldOutExamples: Bool { startingScore != nil }

  /// Those at the start; `nil` where there are none.
  package var startingScore: HeldOutScore? {
    let scratch = UnsafeMutablePointer<Scalar>.allocate(capacity: max(1, scratchCount))
    scratch.initialize(repeating: 0, count: max(1, scratchCount))
    defer { scratch.deallocate() }
    return start.withUnsafeBufferPointer {
      heldOutScore(at: $0.baseAddress!, scratch: scratch)
    }
  }
}

/// The random draws of a block of steps, shared by every run of a cohort.
public struct Draws<Scalar: ParameterScalar>: Sendable {
  public let steps: Range<Int>
  /// Values a step: noise, or the features of a gathered minibatch.
  public let valuesPerStep: Int
  public let values: [Scalar]
  /// Labels a step: the classes of a gathered minibatch.
  public let labelsPerStep: Int
  public let labels: [Int32]

  public init(
    steps: Range<Int>, valuesPerStep: Int = 0, values: [Scalar] = [], labelsPerStep: Int = 0,
    labels: [Int32] = []
  ) {
    require(values.count == valuesPerStep * steps.count, "values do not fill the block")
    require(labels.count == labelsPerStep * steps.count, "labels do not fill the block")
    self.steps = steps
    self.valuesPerStep = valuesPerStep
    self.values = values
    self.labelsPerStep = labelsPerStep
    self.labels = labels
  }
}

extension Draws {
  /// Hands on where the values of one of the steps stand.
  @inline(__always)
  func withValues<Result>(of step: Int, _ body: (UnsafePointer<Scalar>) -> Result) -> Result {
    values.withUnsafeBufferPointer { values in
      body(values.baseAddress! + (step - steps.lowerBound) * valuesPerStep)
    }
  }
}
