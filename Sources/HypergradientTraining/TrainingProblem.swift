public import Hypergradient

/// Scores on data that no gradient sees.
public struct ValidationScore: Sendable, Equatable {
  public var loss: Double
  /// In [0, 1]; `nil` where there is no such thing.
  public var accuracy: Double?

  public init(loss: Double, accuracy: Double? = nil) {
    self.loss = loss
    self.accuracy = accuracy
  }
}

/// What a ``Trainer`` trains: gradients of batches that are named by their number, and scores.
///
/// A batch is a function of its number and draw alone, so that training can be resumed anywhere:
/// random numbers are keyed by them (`RandomStream(key, step: batch)`), not taken from a generator
/// that goes on.
public protocol TrainingProblem<Scalar> {
  associatedtype Scalar: ParameterScalar

  /// At least 1.
  var parameterCount: Int { get }

  /// Batches in an epoch, at least 1; `nil` where there are no epochs.
  var batchesPerEpoch: Int? { get }

  /// Names the draws, for a method that has random numbers of its own; at least 0, 0 by default.
  var seed: Int { get }

  /// Whether ``validation(at:)`` gives scores.
  var hasValidation: Bool { get }

  /// Writes the gradient of a batch's mean loss at a point, and returns that loss.
  ///
  /// - Parameters:
  ///   - batch: from 0.
  ///   - draw: 0; a training method that looks twice may ask for another batch of the same step, which
  ///     is independent of it: d ≥ 1.
  mutating func gradient(
    at point: UnsafeBufferPointer<Scalar>, batch: Int, draw: Int,
    into gradient: UnsafeMutableBufferPointer<Scalar>
  ) -> Double

  /// Scores of a point on data that no gradient sees.
  mutating func validation(at point: UnsafeBufferPointer<Scalar>) -> ValidationScore?
}

extension TrainingProblem {
  public var batchesPerEpoch: Int? { nil }
  public var seed: Int { 0 }
  public var hasValidation: Bool { false }
  public mutating func validation(at point: UnsafeBufferPointer<Scalar>) -> ValidationScore? { nil }
}

/// A problem of functions.
///
/// ```swift
/// let problem = FunctionProblem<Double>(parameterCount: 2, batchesPerEpoch: 10) {
///   x, batch, gradient in
///   let centre = batch % 2 == 0 ? 0.9 : 1.1
///   for i in 0..<2 { gradient[i] = x[i] - centre }
///   return ((x[0] - centre) * (x[0] - centre) + (x[1] - centre) * (x[1] - centre)) / 2
/// } validation: { x in
///   ValidationScore(loss: (x[0] - 1) * (x[0] - 1) + (x[1] - 1) * (x[1] - 1))
/// }
/// ```
public struct FunctionProblem<Scalar: ParameterScalar>: TrainingProblem {
  /// Writes the gradient of a batch at a point, and returns its loss.
  public typealias Gradient = (
    _ point: UnsafeBufferPointer<Scalar>, _ batch: Int,
    _ gradient: UnsafeMutableBufferPointer<Scalar>
  ) -> Double

  public let parameterCount: Int
  public let batchesPerEpoch: Int?
  public var hasValidation: Bool { score != nil }
  private let function: Gradient
  private let score: ((UnsafeBufferPointer<Scalar>) -> ValidationScore?)?

  /// - Parameter validation: scores of a point on data that no gradient sees.
  public init(
    parameterCount: Int, batchesPerEpoch: Int? = nil, gradient: @escaping Gradient,
    validation: ((UnsafeBufferPointer<Scalar>) -> ValidationScore?)? = nil
  ) {
    self.parameterCount = parameterCount
    self.batchesPerEpoch = batchesPerEpoch
    function = gradient
    score = validation
  }

  /// Every draw is the batch itself.
  public mutating func gradient(
    at point: UnsafeBufferPointer<Scalar>, batch: Int, draw: Int,
    into gradient: UnsafeMutableBufferPointer<Scalar>
  ) -> Double { function(point, batch, gradient) }

  public mutating func validation(at point: UnsafeBufferPointer<Scalar>) -> ValidationScore? {
    score?(point)
  }
}
