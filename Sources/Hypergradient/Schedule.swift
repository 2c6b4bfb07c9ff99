/// A pure function of the step, from 0: a learning rate, or a factor of one.
///
/// A schedule is defined for every step ≥ 0; its documentation says what holds past its horizon.
public protocol Schedule: Sendable, Codable {
  /// The value at `step`, a count of steps or of epochs; fractions fall inside an epoch.
  func callAsFunction(_ step: Double) -> Double
}

extension Schedule {
  /// The value at an integral step.
  public func callAsFunction(_ step: Int) -> Double { self(Double(step)) }
}
