internal import Experiments
internal import Foundation
internal import Testing

/// Stored results come back as they were, or not at all.
@Suite struct ResultsFolderTests {
  @Test func whatWasWrittenIsReadAgain() throws {
    let folder = try TemporaryFolder()
    let written = try folder.run(try TinySuite.suite()).results
    let read = try ResultsFolder.read(folder.path + "/out")
    #expect(read.suite == written.suite && read.digest == written.digest)
    #expect(read.runs == written.runs)
    #expect(read.traces == written.traces)
    #expect(read.provenance.map(\.value) == written.provenance.map(\.value))
    // Gaps of runs that ended early are infinite, and survive.
    #expect(read.runs.contains { $0.finalGap == .infinity })
  }

  @Test func runsAreSortedWithSortedKeys() throws {
    let folder = try TemporaryFolder()
    _ = try folder.run(try TinySuite.suite())
    let lines = try folder.text("out/runs.jsonl").split(separator: "\n")
    #expect(lines.count == TinySuite.runCount)
    #expect(lines[0].hasPrefix("{\"areaUnderLogGap\":"))
    let keys = lines[0].matches(of: /"([a-zA-Z]+)":/).map { String($0.output.1) }
    #expect(keys == keys.sorted() && keys.count > 20)
  }

  @Test func aChangedFileIsFoundOut() throws {
    let folder = try TemporaryFolder()
    let results = try folder.run(try TinySuite.suite()).results
    let text = try folder.text("out/runs.jsonl")
    let other = text.replacing("\"reached\":false", with: "\"reached\":true", maxReplacements: 1)
    #expect(other != text)
    try folder.write(other, to: "out/runs.jsonl")
    let found = message { _ = try ResultsFolder.read(folder.path + "/out") }
    #expect(
      found
        == "\(folder.path)/out/runs.jsonl has the digest \(Digest.sha256(other).prefix(12))…, the "
        + "manifest names \(results.digest.prefix(12))…: the file was changed after it was written")
  }

  @Test(arguments: ["manifest.json", "runs.jsonl", "traces.csv"])
  func missingAndBrokenFilesAreNamed(_ name: String) throws {
    let folder = try TemporaryFolder()
    _ = try folder.run(try TinySuite.suite())
    let path = folder.path + "/out/" + name
    let text = try folder.text("out/" + name)
    try folder.write(String(text.prefix(text.count * 2 / 3)), to: "out/" + name)
    let broken = message { _ = try ResultsFolder.read(folder.path + "/out") }
    #expect(broken.hasPrefix(path) && !broken.contains("\n"), "\(broken)")
    try FileManager.default.removeItem(atPath: path)
    let missing = message { _ = try ResultsFolder.read(folder.path + "/out") }
    #expect(
      missing
        == "\(path): there is no such file; name a folder that 'hypergrad compare' wrote")
  }
}
