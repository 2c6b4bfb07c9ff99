/// What stopped a measurement, in one line.
public struct BenchmarkError: Error, Sendable, Equatable, CustomStringConvertible {
  public var description: String
  public init(_ description: String) { self.description = description }
}
