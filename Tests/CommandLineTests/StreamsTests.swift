internal import Foundation
internal import Testing

/// Standard output arrives or the program says that it did not; standard error is a courtesy.
@Suite struct StreamsTests {
  private static var isBuilt: Bool { BuiltProgram.isBuilt }
  private static var hasFullDevice: Bool {
    isBuilt && FileManager.default.fileExists(atPath: "/dev/full")
  }

  private func shell(_ script: String, files: [String: String] = [:]) throws -> BuiltProgram.Outcome
  {
    try BuiltProgram.inFolder { folder in
      try SmallSuite.write(to: folder)
      return try BuiltProgram.shell(script, in: folder)
    }
  }

  private static let train =
    "\"$hypergrad\" train --task 'ellipsoid(dimension: 4)' --method 'sgd + constant(1e-3)' --steps 20"

  /// Full, closed, or a pipe that nobody reads: what is said there is dropped, and results go on.
  @Test(.enabled(if: hasFullDevice), arguments: ["2>/dev/full", "2>&-", "2>&1 >/dev/null | true"])
  func standardErrorMayBeAnywhere(_ place: String) throws {
    let trained = try shell("\(Self.train) \(place); echo $?; head -1 trace.csv")
    #expect(trained.output.contains("step,gap,loss,learningRate"), "\(trained)")
    let compared = try shell(
      "\"$hypergrad\" compare --suite small.yaml --out out \(place); wc -l < out/runs.jsonl; "
        + "head -c 9 out/report.html")
    #expect(compared.output.contains("72\n<!DOCTYPE"), "\(compared)")
  }

  /// A closed descriptor is no place for a file of results.
  @Test(.enabled(if: hasFullDevice), arguments: ["2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
  func aClosedDescriptorGetsNoFile(_ closed: String) throws {
    try BuiltProgram.inFolder { folder in
      try SmallSuite.write(to: folder)
      _ = try BuiltProgram.shell(
        "\"$hypergrad\" compare --suite small.yaml --out a; "
          + "\"$hypergrad\" compare --suite small.yaml --out b \(closed)", in: folder)
      #expect(try contents(of: folder + "/a") == contents(of: folder + "/b"))
    }
  }

  @Test(
    .enabled(if: hasFullDevice),
    arguments: [
      "list", "list schedules --markdown", "--help", "--version",
      "replay --schedule 'cosine(over: 10)' --steps 10",
      "replay --schedule 'cosine(over: 10)' --steps 20000",
      "compare --suite small.yaml --out out", "report made",
    ])
  func aFullStandardOutputIsSaid(_ call: String) throws {
    try BuiltProgram.inFolder { folder in
      try SmallSuite.write(to: folder)
      let make =
        call == "report made"
        ? "\"$hypergrad\" compare --suite small.yaml --out made >/dev/null 2>&1; " : ""
      for (place, reason) in [
        (">/dev/full", "No space left on device"), (">&-", "Bad file descriptor"),
      ] {
        let outcome = try BuiltProgram.shell(
          "\(make)\"$hypergrad\" \(call) \(place)", in: folder)
        #expect(outcome.code == 1, "\(call) \(place): \(outcome)")
        #expect(
          outcome.errors.last == "hypergrad: standard output can't be written: \(reason)",
          "\(call) \(place): \(outcome.errors)")
      }
    }
  }

  @Test(.enabled(if: hasFullDevice)) func theOtherProgramsSayIt() throws {
    for name in ["studies", "papers"] {
      let outcome = try shell("\"$(dirname \"$hypergrad\")/\(name)\" --help >/dev/full")
      #expect(
        outcome.code == 1
          && outcome.errors == [
            "\(name): standard output can't be written: No space left on device"
          ])
    }
  }

  /// Who stops reading has seen enough.
  @Test(.enabled(if: isBuilt)) func aReaderThatHasGoneIsNoError() throws {
    for call in ["list rules", "replay --schedule 'cosine(over: 10)' --steps 20000"] {
      let outcome = try shell("\"$hypergrad\" \(call) | head -1")
      #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
      #expect(outcome.output.split(separator: "\n").count == 1)
    }
  }

  // MARK: What the system gives

  /// No room on the disk, wherever in the run: one line, and with room the same command goes on.
  @Test(.enabled(if: isBuilt), arguments: [0, 4, 40, 64])
  func aFileThatCannotGrowIsNamed(_ blocks: Int) throws {
    try BuiltProgram.inFolder { folder in
      try SmallSuite.write(to: folder)
      let call = "\"$hypergrad\" compare --suite small.yaml --jobs 1 --out"
      let outcome = try BuiltProgram.shell(
        "\(call) whole >/dev/null 2>&1; "
          + "(ulimit -f \(blocks); exec \(call) small 2>&1 >/dev/null) | tail -1", in: folder)
      let line = outcome.output.split(separator: "\n").last ?? ""
      #expect(
        line.hasPrefix("hypergrad: small/") && line.hasSuffix("can't be written: File too large"),
        "\(outcome)")
      let again = try BuiltProgram.shell("\(call) small", in: folder)
      #expect(again.code == 0, "\(again.errors)")
      #expect(try contents(of: folder + "/small") == contents(of: folder + "/whole"))
    }
  }

  /// Few open files: the run ends, with its results or with one line that says so.
  @Test(.enabled(if: isBuilt), arguments: ["ulimit -n 4", "ulimit -n 8", "ulimit -n 10"])
  func fewFilesAreEnoughOrSaid(_ limit: String) throws {
    let outcome = try shell(
      "\(limit); \"$hypergrad\" compare --suite small.yaml --jobs 2 --out out")
    #expect(!outcome.errors.contains { $0.contains("is gone") }, "\(outcome.errors)")
    if outcome.code != 0 {
      #expect(outcome.code == 1 && outcome.errors.last?.contains("Too many open files") == true)
    }
  }

  // MARK: Terminals

  /// Plain lines where there is no terminal, and on one that knows no escapes.
  @Test(.enabled(if: isBuilt)) func noEscapesWhereTheyAreNotRead() throws {
    for term in ["xterm", "dumb", ""] {
      let outcome = try shell("TERM=\(term) \(Self.train)")
      #expect(!outcome.errors.isEmpty && !outcome.errors.contains { $0.contains("\u{1B}") })
    }
  }

  /// What a terminal of a width is shown.
  private func shown(_ width: UInt16, term: String = "xterm", _ arguments: [String]) throws
    -> String
  {
    try BuiltProgram.inFolder { folder in
      try SmallSuite.write(to: folder)
      let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY)
      try #require(terminal >= 0)
      defer { close(terminal) }
      // TIOCSPTLCK unlocks the other end, TIOCGPTN tells its number.
      var (locked, number): (Int32, Int32) = (0, 0)
      try #require(ioctl(terminal, 0x4004_5431, &locked) == 0)
      try #require(ioctl(terminal, 0x8004_5430, &number) == 0)
      let name = "/dev/pts/\(number)"
      var size = winsize()
      (size.ws_row, size.ws_col) = (24, width)
      _ = ioctl(terminal, UInt(TIOCSWINSZ), &size)
      let script =
        "TERM=\(term) \"$hypergrad\" "
        + arguments.map { "'\($0)'" }.joined(separator: " ") + " 2>\(name)"
      let outcome = try BuiltProgram.shell(script, in: folder)
      #expect(outcome.code == 0)
      var text: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      _ = fcntl(terminal, F_SETFL, O_NONBLOCK)
      while case let count = read(terminal, &buffer, buffer.count), count > 0 {
        text += buffer[..<count]
      }
      return String(decoding: text, as: UTF8.self)
    }
  }

  /// Linux's pairs of terminals.
  private static var hasTerminals: Bool {
    isBuilt && FileManager.default.fileExists(atPath: "/dev/pts/ptmx")
  }

  @Test(.enabled(if: hasTerminals), arguments: [1, 12, 37, 200])
  func theLiveLineFitsTheTerminal(_ width: UInt16) throws {
    for arguments in [
      ["compare", "--suite", "small.yaml", "--out", "out"],
      [
        "train", "--task", "ellipsoid(dimension: 4)", "--method", "sgd + constant(1e-3)", "--steps",
        "20",
      ],
    ] {
      let text = try shown(width, arguments)
      let pieces = text.components(separatedBy: "\r\u{1B}[K").dropFirst()
      #expect(pieces.count >= 3, "\(text)")
      for piece in pieces {
        let line = piece.split(separator: "\r\n", omittingEmptySubsequences: false).first ?? ""
        if piece.contains("runs a second") { continue }
        #expect(line.count < Int(width), "\(line)")
      }
    }
  }

  @Test(.enabled(if: hasTerminals)) func aDumbTerminalGetsPlainLines() throws {
    let text = try shown(80, term: "dumb", ["compare", "--suite", "small.yaml", "--out", "out"])
    #expect(text.contains("12 of 12 parts") && !text.contains("\u{1B}"), "\(text)")
  }
}
