/// What stopped an experiment, in one line: what, where, and what would be right.
public struct ExperimentError: Error, Sendable, Equatable, CustomStringConvertible {
  public var description: String
  public init(_ description: String) { self.description = description }
}
