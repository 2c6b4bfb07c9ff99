/// What went wrong with a program that answers, in one line: its command, the question, and
/// what came.
public struct ExternalFailure: Error, Sendable, Equatable, CustomStringConvertible {
  public let command: String
  public let description: String

  package init(_ command: String, _ fault: String) {
    self.command = command
    description = "'\(command)' \(fault)"
  }
}
