/// What stopped a measurement, in one line.
public struct BenchmarkError: Error, Sendable, Equatable, CustomStringConvertible {
  public var description: String
  public init(_ description: String) { self.description = description }
}

extension Array {
  /// The rows that contain one of the words; all where there is no word.
  ///
  /// - Throws: ``BenchmarkError`` for a word that no row contains.
  func chosen(
    by words: [String], named name: (Element) -> String,
    where contains: (Element, _ word: String) -> Bool
  ) throws(BenchmarkError) -> [Element] {
    let idle = words.filter { word in !self.contains { contains($0, word) } }
    guard idle.isEmpty else {
      throw BenchmarkError(
        "no row contains \(idle.map { "'\($0)'" }.joined(separator: " or ")); the rows are: "
          + map(name).joined(separator: "; "))
    }
    return words.isEmpty ? self : filter { row in words.contains { contains(row, $0) } }
  }
}
