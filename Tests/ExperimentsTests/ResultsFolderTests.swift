internal import Experiments
internal import Foundation
internal import Records
internal import Testing

/// Stored results come back as they were, or not at all.
@Suite struct ResultsFolderTests {
  @Test func whatWasRunIsReadAgain() throws {
    let folder = try TemporaryFolder()
    let suite = try TinySuite.suite()
    let read = try folder.run(suite).results
    #expect(read.suite == suite)
    #expect(read.digest == Digest.sha256(try folder.text("out/runs.jsonl")))
    #expect(read.runs == ResultsFolder.sorted(read.runs) && read.runs.count == TinySuite.runCount)
    #expect(read.traces == ResultsFolder.sorted(read.traces) && read.traces.count == 96)
    #expect(
      read.provenance.map(\.name) == [
        "suite", "suite hash", "digest of runs.jsonl", "package version", "data hash",
      ])
    // Gaps of runs that ended early are infinite, and survive.
    #expect(read.runs.contains { $0.finalGap == .infinity })
    // The same as from single runs, without a folder.
    let run = try #require(
      read.runs.first {
        $0.part == .sweep && $0.task == "noisy" && $0.method == "cosine" && $0.rateIndex == 1
      })
    let startingRate = try #require(run.startingRate)
    let alone = try SingleTraining.run(
      SingleTraining.Request(
        task: "noisyQuadratic(noiseVariance: 0.05, dimension: 5)",
        method: "\(run.rule) + scheduled(cosine(from: \(startingRate), over: steps))",
        seed: run.seed, steps: 60, epochs: 1, data: nil, evaluations: 12)
    ) { _, _ in }
    #expect(alone.record.finalLoss == run.finalLoss)
    #expect(
      read.traces.contains { $0.losses == alone.trace.losses && $0.seed == run.seed }
        == (run.seed == 101))
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

  /// One bit at many places of every file is found out, and the file is named.
  @Test(arguments: ["manifest.json", "runs.jsonl", "traces.csv", "timings.csv"])
  func oneFlippedBitIsFoundOut(_ name: String) throws {
    let folder = try TemporaryFolder()
    _ = try folder.run(try TinySuite.suite())
    let path = folder.path + "/out/" + name
    let url = URL(fileURLWithPath: path)
    let whole = try Data(contentsOf: url)
    for part in 0..<60 {
      let place = part * (whole.count - 1) / 59
      var bytes = whole
      bytes[place] ^= 1 << UInt8((part * 5 + 3) % 8)
      try bytes.write(to: url)
      let found = message { _ = try ResultsFolder.open(folder.path + "/out") }
      #expect(found.hasPrefix(path) && !found.contains("\n"), "bit at \(place): \(found)")
    }
    try whole.write(to: url)
    _ = try ResultsFolder.open(folder.path + "/out")
  }

  /// A digest inside a text of the manifest is not taken for its own.
  @Test func theManifestsOwnDigestIsFoundAmongOthers() throws {
    let folder = try TemporaryFolder()
    var suite = try TinySuite.suite()
    suite.summary = "\"manifestDigest\" : \"" + String(repeating: "0", count: 64) + "\""
    suite.dataHash = String(repeating: "0", count: 64)
    #expect(try folder.run(suite).results.suite.summary == suite.summary)
  }

  @Test(arguments: ["manifest.json", "runs.jsonl", "traces.csv", "timings.csv"])
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
