internal import Hypergradient
internal import Records
internal import Tasks

/// One run, or several that advance together: by blocks of draws, keeping their scores.
protocol TrainingRun<Scalar>: AnyObject {
  associatedtype Scalar: ParameterScalar
  /// Runs through the steps of a block; does nothing once all have stopped.
  ///
  /// - Throws: what went wrong with the program of a method.
  func advance(_ draws: Draws<Scalar>) throws
  /// The scores, after the last block.
  func finish() -> [FinishedRun]
}

/// The scores of one run, and its place among the plans.
struct FinishedRun {
  var place: Int
  var record: RunRecord
  var trace: RunTrace?
}
