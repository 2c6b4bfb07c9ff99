internal import Records

/// What is written to a person, on standard error; where it can't be written it is dropped.
package enum Terminal {
  /// Whether standard error is a terminal that can replace a line.
  package static var isInteractive: Bool { StandardStreams.isInteractive }
  static var columns: Int { StandardStreams.columns }

  package static func error(_ line: String) { StandardStreams.say(line) }

  /// A line in place of the last one, on a terminal.
  package static func replaceLine(_ line: String) { StandardStreams.replaceLine(line) }

  /// Leaves the live line as it is, and goes on below it.
  package static func endLine() { StandardStreams.endLine() }
}
