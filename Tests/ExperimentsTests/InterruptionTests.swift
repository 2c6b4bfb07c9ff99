internal import Experiments
internal import Foundation
internal import Records
internal import Testing

/// What an interruption, a full disk or another hand may leave in a results folder: the same command
/// gives the same bytes, or one line says what stands in the way.
@Suite struct InterruptionTests {
  private static let published = ["runs.jsonl", "traces.csv"]

  /// A whole comparison in `whole`, and in `stopped` the folder as it was when some parts were
  /// finished.
  private func interrupted(
    after parts: Int, in folder: TemporaryFolder, _ suite: Suite
  ) throws -> Results {
    try folder.run(suite, into: "whole") { event in
      guard case .finished(parts, 12) = event else { return }
      try? folder.copy("whole", to: "stopped")
    }.results
  }

  private func runner(
    _ suite: Suite, _ folder: TemporaryFolder, _ output: String, replaces: Bool = false
  ) throws -> Runner {
    try folder.write("program", to: "program")
    return Runner(
      suite,
      Runner.Options(
        jobs: 1, output: folder.path + "/" + output, data: nil, commandLine: ["test"],
        program: folder.path + "/program", replaces: replaces))
  }

  private func bytes(_ folder: TemporaryFolder, _ path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.path + "/" + path)))
  }

  private func write(_ bytes: [UInt8], _ folder: TemporaryFolder, _ path: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: folder.path + "/" + path))
  }

  private func isWhole(_ folder: TemporaryFolder, _ name: String) throws {
    for file in Self.published {
      #expect(try folder.text("\(name)/\(file)") == folder.text("whole/\(file)"))
    }
    #expect(folder.names(name) == folder.names("whole"))
  }

  /// A part in the place of another is that part's no more.
  @Test func swappedPartsAreMadeAgain() throws {
    let folder = try TemporaryFolder()
    let suite = try TinySuite.suite()
    _ = try interrupted(after: 10, in: folder, suite)
    let parts = folder.names("stopped/journal")
    #expect(parts.count == 10)
    let (a, b) = (
      try bytes(folder, "stopped/journal/" + parts[0]),
      try bytes(folder, "stopped/journal/" + parts[1])
    )
    try write(b, folder, "stopped/journal/" + parts[0])
    try write(a, folder, "stopped/journal/" + parts[1])
    try write(a, folder, "stopped/journal/" + parts[5])
    let begun = try folder.run(suite, into: "stopped").begun
    #expect(begun.resumed == 7 && begun.parts == 5 && begun.dropped == 0)
    try isWhole(folder, "stopped")
  }

  /// One bit anywhere in a part: its head, its key, what it is a part of, a line.
  @Test func aPartWithOneBitFlippedIsMadeAgain() throws {
    let folder = try TemporaryFolder()
    var suite = try TinySuite.suite()
    suite.map = nil
    suite.startingRates.count = 1
    suite.tracedExponents = [0]
    suite.tasks.removeLast(2)
    _ = try folder.run(suite, into: "whole") { event in
      guard case .finished(4, 4) = event else { return }
      try? folder.copy("whole", to: "stopped")
    }
    let name = try #require(folder.names("stopped/journal").first)
    let whole = try bytes(folder, "stopped/journal/" + name)
    let head = whole.count - Int(Double(whole.count) * 0.8)
    for place in (0..<12).map({ $0 * head / 12 })
      + (0..<8).map({ head + $0 * (whole.count - head) / 8 })
    {
      var bytes = whole
      bytes[place] ^= 1 << UInt8(place % 8)
      try? FileManager.default.removeItem(atPath: folder.path + "/again")
      try folder.copy("stopped", to: "again")
      try write(bytes, folder, "again/journal/" + name)
      // A key of which one bit differs is that of another comparison only where the head agrees.
      let begun = try folder.run(suite, into: "again").begun
      #expect(begun.resumed == 3 && begun.dropped == 0, "bit at \(place)")
      try isWhole(folder, "again")
    }
  }

  /// A part that is changed after it was looked for is found out where it is published.
  @Test func thePublisherLooksAgain() throws {
    let folder = try TemporaryFolder()
    let suite = try TinySuite.suite()
    let path = folder.path + "/out/journal"
    let found = message {
      _ = try folder.run(suite, into: "out") { event in
        guard case .finished(12, 12) = event else { return }
        let names = folder.names("out/journal")
        var bytes = FileManager.default.contents(atPath: path + "/" + names[3])!
        bytes[bytes.count - 20] ^= 4
        try! bytes.write(to: URL(fileURLWithPath: path + "/" + names[3]))
      }
    }
    #expect(found.hasPrefix(path) && found.contains("changed after it was written"), "\(found)")
    #expect(folder.names("out") == ["journal"])
    let begun = try folder.run(suite, into: "out").begun
    #expect(begun.resumed == 11 && begun.parts == 1)
  }

  /// The journal goes last: a report that fails costs no run.
  @Test func aReportThatFailsCostsNoRun() throws {
    let folder = try TemporaryFolder()
    let suite = try TinySuite.suite()
    struct Full: Error {}
    var fileCount = 0
    #expect(throws: Full.self) {
      try runner(suite, folder, "whole").run({ _ in }) { _ in
        fileCount = folder.names("whole/journal").count
        throw Full()
      }
    }
    #expect(fileCount == 12)
    try folder.copy("whole", to: "stopped")
    let (results, begun) = try folder.run(suite, into: "whole")
    #expect(begun.resumed == 12 && begun.parts == 0 && begun.runs == 0)
    // Whatever had its place by then.
    for missing in [
      ["manifest.json"], ["manifest.json", "timings.csv"], ["manifest.json", "traces.csv"],
      ["manifest.json", "runs.jsonl"],
      ["manifest.json", "runs.jsonl", "traces.csv", "timings.csv"],
    ] {
      try? FileManager.default.removeItem(atPath: folder.path + "/again")
      try folder.copy("stopped", to: "again")
      for name in missing {
        try FileManager.default.removeItem(atPath: folder.path + "/again/" + name)
      }
      let (again, begun) = try folder.run(suite, into: "again")
      #expect(begun.resumed == 12 && again.digest == results.digest, "\(missing)")
      try isWhole(folder, "again")
    }
  }

  /// A journal that was being removed is none: nothing is said of a suite that changed.
  @Test func aRemovalThatIsCutShortIsFinished() throws {
    let folder = try TemporaryFolder()
    let suite = try TinySuite.suite()
    _ = try folder.run(suite, into: "whole") { event in
      guard case .finished(12, 12) = event else { return }
      try? folder.copy("whole/journal", to: "journal")
    }
    for left in [12, 5, 0] {
      try folder.copy("journal", to: "whole/journal.done")
      for name in folder.names("whole/journal.done").dropFirst(left) {
        try FileManager.default.removeItem(atPath: "\(folder.path)/whole/journal.done/\(name)")
      }
      try folder.copy("whole", to: "again")
      let begun = try folder.run(suite, into: "again").begun
      #expect(begun.dropped == 0 && begun.resumed == 0)
      #expect(!folder.names("again").contains("journal.done"))
      for name in ["again", "whole/journal.done"] {
        try FileManager.default.removeItem(atPath: folder.path + "/" + name)
      }
    }
  }

  // MARK: Other results in the folder

  @Test func resultsOfAnotherComparisonAreKept() throws {
    let folder = try TemporaryFolder()
    let suite = try TinySuite.suite()
    _ = try folder.run(suite, into: "out")
    let before = try Self.published.map { try folder.text("out/" + $0) }
    let narrow = try suite.narrowed(tasks: ["noisy"], methods: ["fixed"])
    var other = suite
    other.steps = 40
    for other in [narrow, other] {
      let found = message { _ = try folder.run(other, into: "out") }
      #expect(
        found
          == "\(folder.path)/out holds the results of another comparison: name another folder by "
          + "--out, or write over them by --replace")
      #expect(try Self.published.map { try folder.text("out/" + $0) } == before)
      #expect(folder.names("out") == ["manifest.json", "runs.jsonl", "timings.csv", "traces.csv"])
    }
    // Runs that nothing tells whose they are.
    try FileManager.default.removeItem(atPath: folder.path + "/out/manifest.json")
    #expect(message { _ = try folder.run(suite, into: "out") }.contains("another comparison"))
    // Asked for, nothing of the old is left beside the new.
    try FileManager.default.createDirectory(
      atPath: folder.path + "/out/tables", withIntermediateDirectories: true)
    for name in [
      "report.html", "tables/robustness.md", "tables/old.csv", ".dat.nosyncab12", "runs.jsonl.part",
    ] {
      try folder.write("old", to: "out/" + name)
    }
    _ = try runner(narrow, folder, "out", replaces: true).run { _ in }
    #expect(folder.names("out") == ["manifest.json", "runs.jsonl", "timings.csv", "traces.csv"])
    _ = try folder.run(narrow, into: "fresh")
    #expect(try folder.text("out/runs.jsonl") == folder.text("fresh/runs.jsonl"))
  }

  /// What is known before references are computed tells another comparison, by its results and by its
  /// parts.
  @Test func anotherComparisonIsToldBeforeItsReferences() throws {
    let folder = try TemporaryFolder()
    let suite = try TinySuite.suite()
    var other = suite
    other.steps = 40
    // Those of the tiny suite have no key, and would be computed.
    var computed = suite
    computed.tasks[0].references["sgd"]?.rate = 0.5
    computed.tasks[0].commonTarget = 0.2
    func found(_ suite: Suite, replaces: Bool = false) -> String {
      message { try runner(suite, folder, "out", replaces: replaces).checkOthers() }
    }
    #expect(found(other) == "nothing")
    _ = try? runner(suite, folder, "out").run({ _ in }) { _ in throw CancellationError() }
    for (isPublished, fault) in [(true, "/journal holds 12 finished parts"), (false, "")] {
      if !isPublished { try FileManager.default.removeItem(atPath: folder.path + "/out/journal") }
      #expect(found(suite) == "nothing" && found(computed) == "nothing")
      #expect(found(other, replaces: true) == "nothing")
      let line = found(other)
      #expect(
        line.hasPrefix("\(folder.path)/out\(fault)") && line.contains("another comparison"),
        "\(line)")
    }
    // An earlier version's manifest does not say.
    let manifest = try folder.text("out/manifest.json")
    let lines = manifest.split(separator: "\n").filter { !$0.contains("\"planHash\"") }
    try folder.write(lines.joined(separator: "\n"), to: "out/manifest.json")
    #expect(lines.count < manifest.split(separator: "\n").count && found(other) == "nothing")
  }

  @Test func oneWriterAtATime() throws {
    let folder = try TemporaryFolder()
    let suite = try TinySuite.suite()
    do {
      let lock = try FolderLock(making: folder.path + "/out")
      #expect(
        message { _ = try folder.run(suite, into: "out") }
          == "another hypergrad is writing to the folder \(folder.path)/out: wait for its end, or "
          + "name another folder by --out")
      withExtendedLifetime(lock) {}
    }
    try FileManager.default.createDirectory(
      atPath: folder.path + "/out", withIntermediateDirectories: true)
    // By another name it is the same folder.
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/link", withDestinationPath: "out")
    do {
      let lock = try FolderLock(making: folder.path + "/link")
      #expect(message { _ = try folder.run(suite, into: "out") }.contains("another hypergrad"))
      withExtendedLifetime(lock) {}
    }
    #expect(try folder.run(suite, into: "out").begun.parts == 12)
    #expect(folder.names("out") == ["manifest.json", "runs.jsonl", "timings.csv", "traces.csv"])
  }

  @Test func aPlanThatHasNoRoomIsRefused() throws {
    let folder = try TemporaryFolder()
    var suite = try TinySuite.suite()
    suite.reportSeeds = Array(100..<30_100)
    suite.startingRates.count = 10_000
    suite.map = nil
    let found = message { _ = try folder.run(suite, into: "out") }
    #expect(found.hasPrefix("\(folder.path)/out: 7200240000 runs need about "), "\(found)")
    // A line of a run has 660 bytes or so, in the journal and published.
    let megabytes = try #require(found.firstMatch(of: /need about ([0-9]+) MB/)?.1)
    #expect(try #require(Double(megabytes)) > 7200240000 * 2 * 550 / 1e6)
    #expect(found.contains(" MB are free there") && folder.names("out").isEmpty)
  }
}
