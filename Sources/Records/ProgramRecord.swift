/// A program that answered for a task, or took the steps of a method: its command, whether its answers can be had again, and the files
/// that the command names.
public struct ProgramRecord: Codable, Sendable, Equatable {
  public var command: String
  /// Whether the same question always gets the same bits, as the program says and a check before the
  /// comparison found. Otherwise the digest of the results is not the same again.
  public var isRepeatable: Bool
  /// SHA-256 of the files that are words of the command, by these words.
  public var files: [String: String]

  package init(command: String, isRepeatable: Bool, files: [String: String]) {
    self.command = command
    self.isRepeatable = isRepeatable
    self.files = files
  }

  /// For a person.
  package var sentence: String {
    "'\(command)'"
      + (isRepeatable ? "" : ", which does not repeat its answers: the digest is of this run")
  }
}
