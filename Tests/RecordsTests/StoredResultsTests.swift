import Foundation
import Records
import Testing

/// A folder that is written and read without a run.
@Suite struct StoredResultsTests {
  private static let suite: Suite = {
    let json = """
      {"name": "sample", "version": 1, "summary": "For tests.", "steps": 10, "evaluations": 3,
       "tracedExponents": [], "tuningSeeds": [], "reportSeeds": [1],
       "startingRates": {"low": 0, "high": 0, "count": 1},
       "rules": [{"name": "sgd", "spec": "sgd"}, {"name": "adam", "spec": "adam"}],
       "methods": [{"name": "fixed", "spec": "constant(rate)"}, {"name": "dog", "spec": "dog()"},
         {"name": "search", "spec": "armijo(rule)", "rules": ["adam"]}],
       "tasks": [{"name": "bowl", "spec": "", "commonTarget": 0.1, "references": {}}]}
      """
    var suite = try! JSONDecoder().decode(Suite.self, from: Data(json.utf8))
    suite.methods[0].reading = MethodReading(hasOwnRule: false, hasStartingRate: true)
    suite.methods[1].reading = MethodReading(hasOwnRule: true, hasStartingRate: false)
    suite.methods[2].reading = MethodReading(hasOwnRule: false, hasStartingRate: false)
    return suite
  }()

  private func written(
    _ suite: Suite, runs: [RunRecord], traces: String = TraceRows.head
  ) throws -> String {
    let folder = FileManager.default.temporaryDirectory.path + "/records-" + UUID().uuidString
    try Files.makeFolder(folder)
    let lines = try TextFileWriter(folder + "/runs.jsonl")
    for run in runs {
      var bytes: [UInt8] = []
      RunLine.append(run, to: &bytes)
      try lines.write(bytes)
    }
    let digest = try lines.seal()
    try lines.takePlace()
    try Files.write(traces, to: folder + "/traces.csv")
    let manifest = Manifest(
      suite: suite, suiteHash: "hash", digest: digest,
      otherDigests: ["traces.csv": Digest.sha256(traces)], version: packageVersion,
      programHash: "program", commandLine: ["hypergrad", "compare", "--suite", "sample"],
      dataHash: nil, machine: [:], protocolText: [])
    try Files.write(try manifest.sealed(), to: folder + "/manifest.json")
    return folder
  }

  /// What a report must know of a method stands in the folder: it reads no texts.
  @Test func howMethodsRunIsStored() throws {
    let folder = try written(Self.suite, runs: [RunLineTests.sample])
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let read = try ResultsFolder.read(folder)
    #expect(read.suite == Self.suite && read.runs == [RunLineTests.sample])
    let (suite, methods) = (read.suite, read.suite.methods)
    #expect(methods.map(suite.hasStartingRate) == [true, false, false])
    #expect(methods.map(suite.hasOwnRule) == [false, true, false])
    #expect(methods.map(suite.rules(of:)) == [["sgd", "adam"], ["sgd"], ["adam"]])
    #expect(suite.described.methods.map(\.reading) == [nil, nil, nil])
  }

  @Test func aFolderWithoutItSaysHowToMakeItAgain() throws {
    let folder = try written(Self.suite.described, runs: [])
    defer { try? FileManager.default.removeItem(atPath: folder) }
    do {
      _ = try ResultsFolder.open(folder)
      Issue.record("it was opened")
    } catch {
      #expect(
        "\(error)"
          == "\(folder)/manifest.json does not say how the methods run, as of an earlier version; "
          + "the same command makes the results again: hypergrad compare --suite sample")
    }
  }

  /// All steps of a run have held-out scores, the loss alone or with the accuracy, or none has.
  @Test(arguments: [
    ([",", ","], true), (["0.5,", "0.4,"], true), (["0.5,0.9", "inf,0"], true),
    ([",0.9", ",0.8"], false), (["0.5,0.9", "0.4,"], false), (["0.5,", ","], false),
    ([",", "0.5,0.9"], false), (["0.5,0.9", ",0.8"], false), (["0.5,x", "0.4,0.8"], false),
  ])
  func heldOutScoresOfTraces(_ scores: [String], _ isRead: Bool) throws {
    let rows = scores.enumerated().map { "bowl,sgd,fixed,1,0,\($0.offset),1,2,0.1,\($0.element)\n" }
    let folder = try written(Self.suite, runs: [], traces: TraceRows.head + rows.joined())
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var read: [RunTrace] = []
    do {
      try ResultsFolder.open(folder).forEachTrace { read.append($0) }
      #expect(isRead, "\(scores)")
      var bytes: [UInt8] = []
      for trace in read { TraceRows.append(trace, to: &bytes) }
      #expect(String(decoding: bytes, as: UTF8.self).split(separator: "\n").count == 2)
    } catch {
      #expect(!isRead && "\(error)".contains("expected eleven cells of a trace"), "\(error)")
    }
  }

  /// Another text is another reading.
  @Test func aNewTextIsNotReadYet() {
    var method = Self.suite.methods[1]
    method.spec = "dog()"
    #expect(method.reading != nil)
    method.spec = "dowg()"
    #expect(method.reading == nil)
  }
}
