import Testing

/// A program of the shell that fails at a question, and what is said of it then.
struct FailingProgram: Sendable, CustomTestStringConvertible {
  let command: String
  let question: String
  let words: String

  init(_ command: String, at question: String = "hello", told words: String) {
    (self.command, self.question, self.words) = (command, question, words)
  }

  /// One that answers its first questions with these lines, and waits.
  init(answering lines: String..., at question: String = "hello", told words: String) {
    self.init(
      "read q; " + lines.map { "echo '\($0)'; read q" }.joined(separator: "; "), at: question,
      told: words)
  }

  /// Those that answer nothing.
  static let dying: [FailingProgram] = [
    .init("exit 3", told: "code 3"), .init("no-such-program-anywhere", told: "code 127"),
    .init("echo words >&2; exit 1", told: "'words'"), .init("kill -s SEGV $$", told: "signal 11"),
  ]

  /// Expects one line with the command, the question and what came.
  func expectTold(by line: String) {
    #expect(line.hasPrefix("'\(command)' was asked for "), "\(line)")
    #expect(line.contains(question) && line.contains(words), "\(line)")
    #expect(!line.contains("\n"))
  }

  var testDescription: String { command }
}
