/// Why arguments that are right one by one can't go together, in words that follow the name of what
/// they are arguments of.
public struct Refusal: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}

/// Stops the program with a sentence, in release builds too, where a `precondition` says nothing.
@inlinable
package func require(
  _ condition: Bool, _ message: @autoclosure () -> String, file: StaticString = #fileID,
  line: UInt = #line
) {
  if !condition { stop(message(), file: file, line: line) }
}

/// Ends the program with a sentence.
@usableFromInline
package func stop(_ message: String, file: StaticString = #fileID, line: UInt = #line) -> Never {
  fatalError(message, file: file, line: line)
}

/// Several faults in one line: each once, at most eight of them.
public func inOneLine(_ faults: [String]) -> String {
  var unique: [String] = []
  for fault in faults where !unique.contains(fault) {
    if unique.count == 8 { return unique.joined(separator: "; ") + "; and more" }
    unique.append(fault)
  }
  return unique.joined(separator: "; ")
}
