internal import ArgumentParser
internal import Foundation

/// Ends the command with one line on standard error and exit code 1 where the body throws.
func inOneLine(_ body: () throws -> Void) throws {
  do { try body() } catch let code as ExitCode { throw code } catch {
    Terminal.error("hypergrad: \(error)")
    throw ExitCode(1)
  }
}

/// What is written to a person.
enum Terminal {
  /// Whether standard error is a terminal.
  static let isInteractive = isatty(STDERR_FILENO) == 1

  static func error(_ line: String) { write(line + "\n") }

  /// A line in place of the last one, on a terminal.
  static func replaceLine(_ line: String) { write("\r\u{1B}[K" + line) }

  private static func write(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }
}
