/// A pure function of the step, from 0: a learning rate, a factor of one, or another hyperparameter.
///
/// It is defined, finite and at least 0 for every step from 0 to ``lastStep``, fractions included.
/// Schedules with a horizon say by a ``PastHorizon`` what holds after it.
public protocol Schedule: Sendable, Codable {
  /// The value at `step`, a count of steps or of epochs; fractions fall inside an epoch.
  func callAsFunction(_ step: Double) -> Double

  /// The last step that has a value; infinite unless a horizon ends with an error.
  var lastStep: Double { get }
}

extension Schedule {
  /// The value at an integral step.
  public func callAsFunction(_ step: Int) -> Double { self(Double(step)) }

  public var lastStep: Double { .infinity }
}
