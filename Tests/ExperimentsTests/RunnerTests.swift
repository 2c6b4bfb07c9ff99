internal import Datasets
internal import Experiments
internal import Foundation
internal import Records
internal import Testing

/// The same bytes with any number of threads, alone or together, interrupted or not.
@Suite struct RunnerTests {
  @Test func anyNumberOfJobsGivesTheSameBytes() throws {
    let folder = try TemporaryFolder()
    let suite = try TinySuite.suite()
    let (one, begun) = try folder.run(suite, into: "one", jobs: 1)
    let (two, _) = try folder.run(suite, into: "two", jobs: 2)
    let (five, _) = try folder.run(suite, into: "five", jobs: 5)
    #expect(one.runs.count == TinySuite.runCount)
    #expect(begun == .init(parts: 12, resumed: 0, dropped: 0, runs: TinySuite.runCount))
    for (results, name) in [(two, "two"), (five, "five")] {
      #expect(results.digest == one.digest)
      #expect(results.runs == one.runs && results.traces == one.traces)
      for file in ["runs.jsonl", "traces.csv"] {
        #expect(try folder.text("\(name)/\(file)") == folder.text("one/\(file)"))
      }
    }
    #expect(Digest.sha256(try folder.text("one/runs.jsonl")) == one.digest)
    // The journal is gone, and nothing is half written.
    #expect(folder.names("one") == ["manifest.json", "runs.jsonl", "timings.csv", "traces.csv"])
  }

  @Test func aMethodAloneGivesTheSameRuns() throws {
    let folder = try TemporaryFolder()
    let suite = try TinySuite.suite()
    let all = try folder.run(suite).results
    for (method, rule, task) in [
      ("hypergradient", "adam", "noisy"), ("fixed", "sgd", "shift"), ("plateau", "sgd", "noisy"),
    ] {
      let narrow = try suite.narrowed(tasks: [task], methods: [method], rules: [rule])
      let alone = try folder.run(narrow, into: "alone", replaces: true).results
      let expected = all.runs.filter {
        $0.method == method && $0.rule == rule && $0.task == task
      }
      #expect(!expected.isEmpty)
      #expect(alone.runs == expected)
    }
  }

  @Test func aStartingRateAloneGivesTheSameRun() throws {
    let folder = try TemporaryFolder()
    var suite = try TinySuite.suite()
    suite.map = nil
    let all = try folder.run(suite).results.runs.filter { $0.rateIndex == 2 }
    (suite.startingRates.low, suite.startingRates.high, suite.startingRates.count) = (0, 0, 1)
    suite.tracedExponents = []
    let alone = try folder.run(suite, into: "alone").results.runs.map { run in
      var run = run
      run.rateIndex = 2
      return run
    }
    #expect(alone == all)
  }

  // MARK: Interruptions

  /// A copy of the output folder as it was when some parts were finished: what an interruption
  /// leaves.
  private func interrupted(
    after parts: Int, in folder: TemporaryFolder, _ suite: Suite
  ) throws -> Results {
    let (results, _) = try folder.run(suite, into: "whole") { event in
      guard case .finished(let finished, 12) = event, finished == parts else { return }
      try? folder.copy("whole", to: "stopped")
    }
    #expect(folder.names("stopped") == ["journal"])
    return results
  }

  @Test(arguments: [2, 6, 10]) func anInterruptedComparisonGoesOn(_ parts: Int) throws {
    let folder = try TemporaryFolder()
    let suite = try TinySuite.suite()
    let whole = try interrupted(after: parts, in: folder, suite)
    let (results, begun) = try folder.run(suite, into: "stopped", jobs: 2)
    // What is said to be finished is what is found again.
    #expect(begun.resumed == parts && begun.parts == 12 - parts && begun.dropped == 0)
    #expect(begun.runs < TinySuite.runCount && begun.runs > 0)
    #expect(results.digest == whole.digest && results.traces == whole.traces)
    for file in ["runs.jsonl", "traces.csv"] {
      #expect(try folder.text("stopped/\(file)") == folder.text("whole/\(file)"))
    }
    #expect(!folder.names("stopped").contains("journal"))
  }

  @Test func aDamagedPartIsMadeAgain() throws {
    let folder = try TemporaryFolder()
    let suite = try TinySuite.suite()
    let whole = try interrupted(after: 6, in: folder, suite)
    let parts = folder.names("stopped/journal").filter { $0.hasSuffix(".lines") }
    #expect(parts.count == 6)
    let text = try folder.text("stopped/journal/\(parts[0])")
    try folder.write(String(text.dropLast(text.count / 2)), to: "stopped/journal/\(parts[0])")
    try folder.write("", to: "stopped/journal/\(parts[1])")
    let other = try folder.text("stopped/journal/\(parts[2])")
    try folder.write(
      other.replacing("\"part\":\"sweep\"", with: "\"part\":\"swoop\"", maxReplacements: 1),
      to: "stopped/journal/\(parts[2])")
    let (results, begun) = try folder.run(suite, into: "stopped")
    #expect(begun.resumed == parts.count - 3 && begun.dropped == 0)
    #expect(results.digest == whole.digest)
  }

  /// Parts of another suite, program or other data are kept until they are given up.
  private func isRefused(_ folder: TemporaryFolder, parts: Int, _ run: () throws -> Void) {
    #expect(
      message(run)
        == "\(folder.path)/stopped/journal holds \(parts) finished parts of another comparison, of "
        + "other data or of another build of the program: the command that made them goes on with "
        + "them; name another folder by --out, or drop them by --replace")
    #expect(folder.names("stopped/journal").count == parts)
  }

  @Test func anotherSuiteDropsTheStoredParts() throws {
    let folder = try TemporaryFolder()
    var suite = try TinySuite.suite()
    _ = try interrupted(after: 4, in: folder, suite)
    suite.evaluations = 13
    isRefused(folder, parts: 4) { _ = try folder.run(suite, into: "stopped") }
    let (results, begun) = try folder.run(suite, into: "stopped", replaces: true)
    #expect(begun == .init(parts: 12, resumed: 0, dropped: 4, runs: TinySuite.runCount))
    #expect(try results.digest == folder.run(suite, into: "fresh").results.digest)
  }

  /// The order of the seeds in a suite's file is no part of its results, nor that of rules and tasks.
  @Test func theOrderInTheFileDoesNotMatter() throws {
    let folder = try TemporaryFolder()
    var suite = try TinySuite.suite()
    let results = try folder.run(suite).results
    suite.tasks.reverse()
    suite.rules.reverse()
    suite.methods.reverse()
    #expect(try folder.run(suite, into: "reversed", jobs: 2).results.digest == results.digest)
    #expect(try folder.text("reversed/traces.csv") == folder.text("out/traces.csv"))
  }

  @Test func anotherProgramDropsTheStoredParts() throws {
    let folder = try TemporaryFolder()
    let suite = try TinySuite.suite()
    let whole = try interrupted(after: 4, in: folder, suite)
    isRefused(folder, parts: 4) {
      _ = try folder.run(suite, into: "stopped", program: "another program")
    }
    let (results, begun) = try folder.run(
      suite, into: "stopped", program: "another program", replaces: true)
    #expect(begun == .init(parts: 12, resumed: 0, dropped: 4, runs: TinySuite.runCount))
    #expect(results.digest == whole.digest)
  }

  /// A program whose file is gone while it runs, replaced by another build, is known by its version.
  @Test func aProgramWithoutItsFileRuns() throws {
    let folder = try TemporaryFolder()
    var suite = try TinySuite.suite()
    suite.map = nil
    suite.tasks.removeLast(2)
    for (program, isRun) in [("/gone", true), ("", false)] {
      let runner = Runner(
        suite,
        Runner.Options(
          jobs: 1, output: folder.path + "/out", data: nil, commandLine: [],
          program: folder.path + program))
      let said = message { try runner.run { _ in } }
      #expect((said == "nothing") == isRun, "\(said)")
    }
    let hash = try folder.text("out/manifest.json").firstMatch(of: /"programHash" ?: ?"(.*?)"/)
    #expect(try #require(hash).1 == packageVersion)
  }

  @Test func theLabelColumnIsPartOfTheData() throws {
    let folder = try TemporaryFolder()
    var rows = "kind,width,sort\n"
    for i in 0..<40 { rows += "\(i % 2),\(Double(i % 7) + 0.25),\(i % 3 == 0 ? 1 : 0)\n" }
    try folder.write(rows, to: "data.csv")
    let data = folder.path + "/data.csv"
    var suite = try TinySuite.suite()
    suite.map = nil
    suite.tasks.removeLast(2)
    suite.tasks[0].spec = "csvLogistic"
    let last = try folder.run(suite, into: "last", data: data).results
    let named = try folder.run(suite, into: "named", data: data, labelColumn: "sort").results
    #expect(named.runs == last.runs)
    let other = try folder.run(suite, into: "other", data: data, labelColumn: "kind") { event in
      guard case .finished(2, 4) = event else { return }
      try? folder.copy("other", to: "stopped")
    }.results
    #expect(other.digest != last.digest)
    // Parts of one label are of no use for another.
    isRefused(folder, parts: 2) {
      _ = try folder.run(suite, into: "stopped", data: data, labelColumn: "sort")
    }
    let (again, begun) = try folder.run(
      suite, into: "stopped", data: data, labelColumn: "sort", replaces: true)
    #expect(begun == .init(parts: 4, resumed: 0, dropped: 2, runs: 64))
    #expect(again.digest == last.digest)
    let missing = message {
      _ = try folder.run(suite, into: "missing", data: data, labelColumn: "length")
    }
    #expect(missing.contains("length") && !missing.contains("\n"), "\(missing)")
  }

  @Test func howDataAreReadIsPartOfThem() throws {
    let folder = try TemporaryFolder()
    try folder.write("1;2;a\n3;4;b\n", to: "data.csv")
    let path = folder.path + "/data.csv"
    let formats = [
      CSV.Format(), CSV.Format(labelColumn: "1"), CSV.Format(separator: ";"),
      CSV.Format(decimalMark: ","), CSV.Format(hasHeader: true), CSV.Format(hasHeader: false),
      CSV.Format(labelColumn: "1", separator: ";"),
    ]
    let digests = try formats.map { try Calibration.dataHash(DataSource(path, format: $0)) }
    #expect(Set(digests).count == formats.count)
    #expect(digests[0] == Digest.sha256("1;2;a\n3;4;b\n"))
    // A test file beside them is read, too.
    try folder.write("+1 1:1\n", to: "data.csv.t")
    #expect(try Calibration.dataHash(DataSource(path)) != digests[0])
    // A folder's files by name; what is inside is no part.
    try FileManager.default.createDirectory(
      atPath: folder.path + "/set/inner", withIntermediateDirectories: true)
    try folder.write("x", to: "set/b")
    try folder.write("y", to: "set/a")
    let wanted = "a \(Digest.sha256("y"))\nb \(Digest.sha256("x"))\n"
    #expect(
      try Calibration.dataHash(DataSource(folder.path + "/set")) == Digest.sha256(wanted))
    let absent = message { _ = try Calibration.dataHash(DataSource(path + "/x")) }
    #expect(absent == "\(path)/x: there is no such file or folder; --data names the data")
  }

  // MARK: What can't be run

  @Test func aPlaceThatCannotBeWrittenToEndsInOneLine() throws {
    let folder = try TemporaryFolder()
    let suite = try TinySuite.suite()
    try folder.write("", to: "file")
    func attempt(_ output: String) -> String {
      message {
        _ = try Runner(
          suite,
          Runner.Options(
            jobs: 1, output: output, data: nil, commandLine: [], program: folder.path + "/file")
        ).run { event in
          if case .finished = event { Issue.record("work began without a place for it") }
        }
      }
    }
    for output in ["/dev/null/x", folder.path + "/file", folder.path + "/file/x"] {
      let text = attempt(output)
      #expect(text.contains(output), "\(text)")
      #expect(text.contains("can't be"), "\(text)")
      #expect(!text.contains("\n"), "\(text)")
    }
  }

  @Test func aTaskWithoutAReferenceEndsBeforeAnyWork() throws {
    let folder = try TemporaryFolder()
    var suite = try TinySuite.suite()
    suite.tasks[2].references["adam"] = nil
    #expect(
      message { _ = try folder.run(suite) }
        == "task 'noisy' has no reference for the rule 'adam': 'hypergrad calibrate' computes it")
    #expect(folder.names("out").filter { $0 != "journal" } == [])
  }

  @Test func epochsNeedATaskOfExamples() throws {
    let folder = try TemporaryFolder()
    var suite = try TinySuite.suite()
    (suite.steps, suite.epochs) = (nil, 3)
    #expect(
      message { _ = try folder.run(suite) }
        == "suite 'tiny' counts epochs, and its task is not made of examples: give 'steps'")
  }

  @Test func aMethodThatReadsWhatATaskDoesNotHaveIsRefused() throws {
    let folder = try TemporaryFolder()
    var suite = try TinySuite.suite()
    suite.methods[1].spec = "scheduled(constant(rate), in: .epochs)"
    #expect(
      message { _ = try folder.run(suite) }
        == "method 'cosine' counts epochs, and task 'ellipsoid' is not made of examples")
    suite.methods[1].spec = "plateau(initial: rate, reduce: .by(0.5, after: 5), watching: .metric)"
    #expect(
      message { _ = try folder.run(suite) }
        == "method 'cosine' watches a validation metric, and task 'ellipsoid' has no held-out "
        + "examples: watch the loss")
  }
}
