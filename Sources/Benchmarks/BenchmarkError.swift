/// What stopped a measurement, in one line.
public struct BenchmarkError: Error, Sendable, Equatable, CustomStringConvertible {
  public var description: String
  public init(_ description: String) { self.description = description }

  init(noRowContaining words: [String], of rows: [String]) {
    self.init(
      "no row contains \(words.map { "'\($0)'" }.joined(separator: " or ")); the rows are: "
        + rows.joined(separator: "; "))
  }
}
