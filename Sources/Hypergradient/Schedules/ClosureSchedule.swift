/// Any function of the step:
///
/// ```swift
/// let control = Scheduled { t in 0.1 / (1 + t / 100) }
/// let scaled = Plateau(initial: 0.1, reduce: .by(0.5, after: 5))
///   .scaled(by: ClosureSchedule { t in min(1, t / 500) })
/// ```
///
/// A function can't be stored: coding one throws. ``Schedule/tabulated(over:)`` makes a table of it,
/// which can be.
public struct ClosureSchedule: Schedule {
  private let function: @Sendable (Double) -> Double

  /// - Parameter function: pure, finite and at least 0 for every step from 0.
  public init(_ function: @escaping @Sendable (Double) -> Double) { self.function = function }

  public func callAsFunction(_ step: Double) -> Double {
    ScheduleRequirements.step(step)
    return function(step)
  }

  /// - Throws: always; there is no text form of a function.
  public init(from decoder: any Decoder) throws {
    throw DecodingError.dataCorrupted(
      DecodingError.Context(
        codingPath: decoder.codingPath,
        debugDescription: "a schedule made of a closure can't be stored: use tabulated(over:)"))
  }

  /// - Throws: always; there is no text form of a function.
  public func encode(to encoder: any Encoder) throws {
    throw EncodingError.invalidValue(
      self,
      EncodingError.Context(
        codingPath: encoder.codingPath,
        debugDescription: "a schedule made of a closure can't be stored: use tabulated(over:)"))
  }
}

extension Scheduled where S == ClosureSchedule {
  /// A learning rate that is any function of the step, or of the epoch; see ``ClosureSchedule``.
  public init(
    in clock: ScheduleClock = .steps, _ function: @escaping @Sendable (Double) -> Double
  ) {
    self.init(ClosureSchedule(function), in: clock)
  }
}
