import Datasets
import Experiments
import Foundation
import Records
import Reporting
import Testing

/// What is said of files, beside what is in them.
@Suite struct FieldsTests {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private static func text(_ file: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(file), encoding: .utf8)
  }

  /// A run with a value in every field has the keys that are described, in their order.
  @Test func everyFieldIsDescribed() throws {
    var run = Sample.realResults.runs[0]
    run.hyperLearningRate = 0.1
    run.hyperIndex = 1
    run.firstPassage = 3
    run.firstPassageCommon = 4
    run.hessianVectorProducts = 2
    run.restoredSteps = 1
    run.target = 0.5
    var bytes: [UInt8] = []
    RunLine.append(run, to: &bytes)
    let keys = String(decoding: bytes, as: UTF8.self).matches(of: /"(\w+)":/).map { String($0.1) }
    #expect(RunRecord.fields.map(\.name) == keys)
    #expect(keys.count == Mirror(reflecting: run).children.count)
    #expect(
      RunTrace.fields.map(\.name).joined(separator: ",") + "\n" == TraceRows.head)
  }

  /// The page of fields has those of the files and, for each table that it names, its columns.
  @Test func thePageOfFieldsAgrees() throws {
    let page = try Self.text("Documentation/ResultFiles.md")
    for field in RunRecord.fields + RunTrace.fields + ResultsFolder.timingFields {
      #expect(
        page.contains("| `\(field.name)` | \(field.kind) | \(field.about) |"), "\(field.name)")
    }
    var tables = Report.tables(Sample.realResults) + Report.tables(Sample.results)
    tables += Report.tables(try CatalogueMethodsTests.results())
    tables += Report.tables(TuningBudgetTests.results)
    var described = 0
    for section in page.split(separator: "\n### ").dropFirst() {
      let lines = section.split(separator: "\n")
      let name = lines[0].replacing("`", with: "").replacing("RULE", with: "sgd")
      guard let table = tables.first(where: { $0.name == name }) else {
        // It is made where two methods have the same results; none of these have.
        if name != "same-results" { Issue.record("no table '\(name)' was made") }
        continue
      }
      described += 1
      let keys = lines.compactMap { $0.firstMatch(of: /^\| `(\w+)` \|/).map { String($0.1) } }
      var expected: [String] = []
      for (key, column) in zip(table.keys, table.columns) {
        var key = key
        if column.about.hasPrefix("on this task") { key = "TASK" }
        if column.about.hasPrefix("expected share of successes") { key = "trials_after_N" }
        if key.hasPrefix("sgd_") { key = "RULE_" + key.dropFirst(4) }
        #expect(section.contains("| `\(key)` | \(column.about) |"), "\(name): \(key)")
        if !expected.contains(key) { expected.append(key) }
      }
      #expect(keys == expected, "\(name)")
    }
    #expect(described >= 9)
  }

  /// A release that the changelog calls unreleased has no date in the citation.
  @Test func citationAndChangelogAgree() throws {
    let citation = try Self.text("CITATION.cff")
    let head = try #require(
      try Self.text("CHANGELOG.md").firstMatch(of: /## ([0-9.]+), (.*)/), "no version")
    let isReleased = head.2 != "unreleased"
    #expect(citation.contains("date-released:") == isReleased)
    let version = isReleased ? "version: \(head.1)" : "version: \"\(head.1), unreleased\""
    #expect(citation.contains(version + "\n"))
    #expect(head.1 == packageVersion)
  }

  static let suite = """
    name: rows
    version: 1
    summary: For tests.
    steps: 6
    evaluations: 3
    tuningSeeds: [1]
    reportSeeds: [2]
    startingRates: {low: 0, high: 0, count: 1}
    tracedExponents: []
    rules: [{name: sgd, spec: sgd}]
    methods: [{name: fixed, spec: "constant(rate)"}]
    tasks:
      - name: rows
        spec: "SPEC(batch: 4)"
        references: {sgd: {rate: 0.01, target: 0.5}}
        commonTarget: 0.5
    """

  /// A folder of results says which file was read, how many rows it has and how they were split.
  @Test func dataAreDescribed() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/" + UUID().uuidString
    try Files.makeFolder(folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let csv = (0..<53).map { "\(Double($0) * 0.37),\($0 * $0 % 11),\($0 % 3 == 0 ? "yes" : "no")" }
    try Files.write("a,b,label\n" + csv.joined(separator: "\n") + "\n", to: folder + "/my data.csv")
    func libsvm(_ count: Int) -> String {
      (0..<count).map { "\($0 % 2 == 0 ? 1 : -1) 1:\($0) 3:\($0 * $0 % 7)\n" }.joined()
    }
    try Files.write(libsvm(31), to: folder + "/alone")
    try Files.write(libsvm(20), to: folder + "/pair")
    try Files.write(libsvm(9), to: folder + "/pair.t")
    let cases: [(spec: String, file: String, column: String?, expected: DataRecord)] = [
      (
        "csvLogistic", "my data.csv", "label",
        DataRecord(
          file: "my data.csv", format: "CSV", trainingRows: 43, heldOutRows: 10, split: .fifth,
          features: 2, classes: 2, labelColumn: "label")
      ),
      (
        "libsvmLogistic", "alone", nil,
        DataRecord(
          file: "alone", format: "LIBSVM", trainingRows: 25, heldOutRows: 6, split: .fifth,
          features: 3, classes: 2)
      ),
      (
        "libsvmSVM", "pair", nil,
        DataRecord(
          file: "pair", format: "LIBSVM", trainingRows: 20, heldOutRows: 9, split: .testFile,
          features: 3, classes: 2)
      ),
    ]
    for (spec, file, column, expected) in cases {
      let suite = try SuiteFile.parse(
        Self.suite.replacing("SPEC", with: spec), file: "rows.yaml")
      let output = folder + "/out-\(spec)"
      let stored = try Runner(
        suite,
        Runner.Options(
          jobs: 1, output: output,
          data: DataSource("\(folder)/\(file)", format: CSV.Format(labelColumn: column)),
          commandLine: [], program: "/dev/null")
      ).run { _ in }
      #expect(stored.data == expected)
      let read = try ResultsFolder.read(output)
      #expect(read.data == expected)
      let page = Report.page(read)
      #expect(page.contains("\(expected.trainingRows) rows to learn from"))
      #expect(page.contains("\(expected.heldOutRows) held out") && page.contains(file))
      #expect(page.contains("<section id=\"protocol\">"))
      let scores = try #require(Report.tables(read).first { $0.name == "real-data" })
      #expect(scores.caption.contains(expected.sentence))
      let timings = try String(contentsOfFile: output + "/timings.csv", encoding: .utf8)
      #expect(
        timings.hasPrefix(ResultsFolder.timingFields.map(\.name).joined(separator: ",") + "\n"))
    }
  }
}
