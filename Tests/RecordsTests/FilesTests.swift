internal import Foundation
internal import Records
internal import Synchronization
internal import Testing

/// Files that are there whole or not at all.
@Suite struct FilesTests {
  private func inFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.path + "/records-" + UUID().uuidString
    try Files.makeFolder(folder)
    defer { try? Files.remove(folder) }
    try body(folder)
  }

  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "nothing"
    } catch { return "\(error)" }
  }

  @Test func whatIsWrittenIsThereAlone() throws {
    try inFolder { folder in
      let path = folder + "/a.txt"
      try Files.write("one", to: path)
      try Files.write("two", to: path)
      #expect(try Files.read(path) == Array("two".utf8))
      #expect(try Files.names(in: folder) == ["a.txt"])
      // What a killed writer left is in nobody's way.
      try FileManager.default.moveItem(atPath: path, toPath: path + ".part")
      try Files.write("three", to: path)
      #expect(try Files.names(in: folder) == ["a.txt"])
      #expect(try Files.read(path) == Array("three".utf8))
    }
  }

  /// A file by any of its names, there or not; what takes several writers is none.
  @Test func aFileIsItselfByAnyName() throws {
    try inFolder { folder in
      let manager = FileManager.default
      #expect(try Files.makeFolder(folder + "/a/b") == [folder + "/a", folder + "/a/b"])
      #expect(try Files.makeFolder(folder + "/a/b") == [])
      try manager.createSymbolicLink(atPath: folder + "/c", withDestinationPath: "a")
      let absent = Files.identity(of: folder + "/a/x")
      #expect(absent != nil && absent == Files.identity(of: folder + "/c/../a/x"))
      #expect(absent == Files.identity(of: folder + "/c/x"))
      #expect(absent != Files.identity(of: folder + "/a/y"))
      try Files.write("1", to: folder + "/a/x")
      try manager.linkItem(atPath: folder + "/a/x", toPath: folder + "/a/z")
      try manager.createSymbolicLink(atPath: folder + "/l", withDestinationPath: "a/z")
      let there = Files.identity(of: folder + "/a/x")
      #expect(there != nil && there == Files.identity(of: folder + "/l"))
      for none in ["/dev/null", folder + "/a", folder + "/none/x"] {
        #expect(Files.identity(of: none) == nil, "\(none)")
      }
      // Only what is empty is removed.
      Files.removeEmpty([folder + "/a", folder + "/a/b"])
      #expect(try Files.names(in: folder + "/a") == ["x", "z"])
    }
  }

  /// Many writers of one file: what is there in the end is one of theirs, whole.
  @Test func writersOfOneFileWaitForEachOther() throws {
    try inFolder { folder in
      let path = folder + "/a.txt"
      _ = try Workers.map(Array(0..<40), jobs: 8) { number in
        try Files.write(String(repeating: "\(number % 10)", count: 50_000 + number), to: path)
      }
      let text = try Files.read(path)
      #expect(text.count >= 50_000 && Set(text).count == 1)
      #expect(try Files.names(in: folder) == ["a.txt"])
    }
  }

  @Test func whatCannotBeWrittenIsSaidBeforehand() throws {
    try inFolder { folder in
      let long = folder + "/" + String(repeating: "x", count: 252)
      try Files.write("", to: folder + "/file")
      for path in ["", folder, folder + "/nowhere/a", folder + "/file/a", "/dev/null/a", long] {
        let before = message { try Files.checkWritable(path) }
        #expect(before != "nothing" && before == message { try Files.write("", to: path) })
      }
      for path in [folder + "/a", folder + "/file", "/dev/null"] {
        #expect(message { try Files.checkWritable(path) } == "nothing")
      }
      #expect(try Files.names(in: folder) == ["file"])
    }
  }

  @Test func foldersAreMadeOrNamed() throws {
    try inFolder { folder in
      try Files.makeFolder(folder + "/a/b/c/")
      try Files.makeFolder(folder + "/a/b/c")
      try Files.write("", to: folder + "/file")
      for (path, reason) in [
        (folder + "/file", "File exists"), (folder + "/file/x", "Not a directory"),
        (folder + "/file/x/y", "Not a directory"), ("/proc/nowhere/x", "No such file or directory"),
        ("", "an empty name is no folder's"),
      ] {
        let shown = path.isEmpty ? "''" : path
        #expect(
          message { try Files.makeFolder(path) } == "the folder \(shown) can't be made: \(reason)")
      }
    }
  }

  @Test func theReasonIsTheSystems() throws {
    try inFolder { folder in
      #expect(message { _ = try Files.read(folder) } == "\(folder) can't be read: Is a directory")
      #expect(
        message { _ = try Files.read(folder + "/a") } == "\(folder)/a: there is no such file")
      #expect(
        message { _ = try Digest.sha256(file: folder + "/a\u{0}b") } != "nothing")
    }
  }

  @Test func aLockGoesWithItsOwner() throws {
    try inFolder { folder in
      let place = folder + "/new"
      do {
        let lock = try FolderLock(making: place)
        #expect(message { _ = try FolderLock(making: place) }.contains("another hypergrad"))
        #expect(try Files.names(in: place).isEmpty)
        withExtendedLifetime(lock) {}
      }
      // Nothing came into the folder.
      #expect(try Files.names(in: folder).isEmpty)
      #expect(message { _ = try FolderLock(making: place) } == "nothing")
      #expect(message { _ = try FolderLock(making: "/dev/null") }.contains("/dev/null"))
    }
  }

  /// Of two that begin in a new folder at once, one has it, and the other says so.
  @Test func oneOfTwoBeginners() throws {
    try inFolder { folder in
      for round in 0..<300 {
        let place = folder + "/\(round)"
        let held = Mutex<[FolderLock]>([])
        let faults = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 2) { _ in
          do {
            let lock = try FolderLock(making: place)
            held.withLock { $0.append(lock) }
          } catch { faults.withLock { $0.append("\(error)") } }
        }
        held.withLock { #expect($0.count == 1, "\(round)") }
        faults.withLock {
          #expect($0.count == 1 && $0[0].contains("another hypergrad"), "\(round): \($0)")
        }
      }
    }
  }
}

/// What is said to a person.
@Suite struct StandardStreamsTests {
  @Test func linesFitTheTerminal() {
    for columns in 0...40 {
      for count in 0...45 {
        let line = String(repeating: "x", count: count)
        let shown = StandardStreams.fitted(line, to: columns)
        #expect(shown.count <= max(0, columns - 1))
        if count < columns { #expect(shown == line) }
      }
    }
  }

  @Test func messagesAreOneLine() {
    let text = "a\nb\r\nc\td\u{0}e\u{2028}f\u{200B}g\u{1B}[31m"
    #expect(
      StandardStreams.oneLine(text) == "a b  c d\\u{0}e f\\u{200B}g\\u{1B}[31m")
    let long = StandardStreams.oneLine(String(repeating: "ä", count: 200_000))
    #expect(long.count == 2001 && long.hasSuffix("ä…"))
  }
}

@Suite struct WorkersTests {
  @Test func everyNumberOfThreadsGivesTheSame() throws {
    for jobs in [0, 1, 2, 7, 64] {
      let squares = try Workers.map(Array(0..<100), jobs: jobs) { $0 * $0 }
      #expect(squares == (0..<100).map { $0 * $0 })
      #expect(try Workers.map([Int](), jobs: jobs) { $0 }.isEmpty)
    }
    #expect(throws: ExperimentError("no")) {
      try Workers.map(Array(0..<100), jobs: 3) { number in
        if number == 50 { throw ExperimentError("no") }
      }
    }
  }
}
