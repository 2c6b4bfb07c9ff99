@preconcurrency internal import Foundation
internal import Synchronization

/// What a program says: results on standard output, where all is to arrive, and what a person may
/// like to know on standard error, where what can't be written is dropped.
package enum StandardStreams {
  /// Called first in a program.
  ///
  /// A descriptor below 3 that is closed is opened on nothing, so that no file of results becomes
  /// standard error. A signal for a reader that is gone, or for a file past its limit, becomes an
  /// error of the write.
  package static func begin() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
      // Output that nobody asked for is an error where it is written; the rest is dropped.
      _ = open("/dev/null", descriptor == STDERR_FILENO ? O_WRONLY : O_RDONLY)
    }
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }

  /// Ends standard output: what of it could not be written.
  ///
  /// A reader that has gone away has seen enough: the program ends here, quietly, as by the signal.
  package static func failureOfOutput() -> String? {
    let isFlushed = fflush(stdout) == 0
    var reason = errno
    if isFlushed && ferror(stdout) == 0 { return nil }
    // The library dropped what failed before, and its reason: once more, for the system's word.
    if isFlushed { reason = write(STDOUT_FILENO, "\n", 1) < 0 ? errno : 0 }
    if reason == EPIPE {
      signal(SIGPIPE, SIG_DFL)
      raise(SIGPIPE)
    }
    let word = reason == 0 ? "a part of it was lost" : String(cString: strerror(reason))
    return "standard output can't be written: \(word)"
  }

  // MARK: Standard error

  /// Whether there is a live line to take away.
  private static let hasLiveLine = Mutex(false)

  /// Whether standard error is a terminal that knows how to replace a line.
  package static let isInteractive: Bool = {
    guard isatty(STDERR_FILENO) == 1, let kind = environment("TERM") else { return false }
    return !kind.isEmpty && kind != "dumb"
  }()

  /// Says one line, in place of the live one.
  package static func say(_ line: String) {
    let begin = hasLiveLine.withLock { has in
      defer { has = false }
      return has ? "\r\u{1B}[K" : ""
    }
    put(begin + line + "\n")
  }

  /// A line in place of the last one, fitted to the terminal.
  package static func replaceLine(_ line: String) {
    hasLiveLine.withLock { $0 = true }
    put("\r\u{1B}[K" + fitted(line, to: columns))
  }

  /// The live line stays as it is.
  package static func endLine() {
    if hasLiveLine.withLock({ has in
      defer { has = false }
      return has
    }) {
      put("\n")
    }
  }

  /// The width of the terminal now.
  package static var columns: Int {
    var size = winsize()
    if ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
      return Int(size.ws_col)
    }
    return environment("COLUMNS").flatMap(Int.init).flatMap { $0 > 0 ? $0 : nil } ?? 80
  }

  /// A line that leaves the last column free, so that no terminal goes on in the next one.
  package static func fitted(_ line: String, to columns: Int) -> String {
    let room = max(0, columns - 1)
    if line.count <= room { return line }
    return room == 0 ? "" : line.prefix(room - 1) + "…"
  }

  /// A message as one line of bounded length: breaks become spaces, other characters that can't be
  /// seen their code points.
  package static func oneLine(_ message: String, most: Int = 2000) -> String {
    var line = ""
    for (count, scalar) in message.unicodeScalars.enumerated() {
      if count == most { return line + "…" }
      switch scalar.properties.generalCategory {
      case .lineSeparator, .paragraphSeparator: line += " "
      case .control: line += "\n\r\t".unicodeScalars.contains(scalar) ? " " : hidden(scalar)
      case .format, .surrogate, .privateUse, .unassigned: line += hidden(scalar)
      default: line.unicodeScalars.append(scalar)
      }
    }
    return line
  }

  private static func hidden(_ scalar: Unicode.Scalar) -> String {
    "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
  }

  private static func put(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
      if count >= 0 {
        bytes = bytes.dropFirst(count)
      } else if errno == EAGAIN {
        var wait = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        if poll(&wait, 1, 1000) <= 0 { return }
      } else if errno != EINTR {
        return
      }
    }
  }

  private static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
