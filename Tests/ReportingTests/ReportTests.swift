import Experiments
import Foundation
import Records
import Reporting
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct ReportTests {
  static let cases: [(String, Results)] = {
    var empty = Sample.results
    empty.runs = []
    empty.traces = []
    var diverged = Sample.results
    for index in diverged.runs.indices {
      diverged.runs[index].finalGap = .nan
      diverged.runs[index].status = .nonFinite
    }
    return [
      ("sample", Sample.results), ("real", Sample.realResults), ("empty", empty),
      ("diverged", diverged),
    ]
  }()

  @Test func picturesAreWellFormed() {
    for (name, results) in Self.cases {
      let figures = Report.figures(results)
      #expect(!figures.isEmpty)
      for figure in figures {
        let parser = XMLParser(data: Data(figure.svg.utf8))
        #expect(
          parser.parse(), "\(name): \(figure.name): \(String(describing: parser.parserError))")
        #expect(!figure.svg.contains("nan") && !figure.svg.contains("inf\""), "\(figure.name)")
      }
    }
  }

  @Test func everyMethodIsInEveryLegend() {
    for figure in Report.figures(Sample.results) where !figure.name.hasPrefix("hyper-map") {
      for method in ["fixed", "both &amp; half", "broken"] {
        #expect(figure.svg.contains(">\(method)</text>"), "\(method) is missing in \(figure.name)")
      }
    }
  }

  @Test func allPicturesAreThere() {
    let names = Report.figures(Sample.results).map(\.name)
    #expect(
      names == [
        "robustness", "reached-by-rate", "gap-by-rate-sgd", "best-tuned-sgd", "time-profile",
        "loss-curves-sgd", "rate-curves-sgd", "hyper-map", "hyper-map-gap",
      ])
    #expect(Set(names).count == names.count)
  }

  @Test func thePageHoldsEverythingAndLoadsNothing() {
    let page = Report.page(Sample.results)
    for table in Report.tables(Sample.results) {
      #expect(page.contains("id=\"table-\(table.name)\""))
    }
    for figure in Report.figures(Sample.results) {
      #expect(page.contains("id=\"figure-\(figure.name)\""))
    }
    #expect(!page.contains("src=") && !page.contains("<link"))
    #expect(page.contains("A &lt;small&gt; one") && page.contains("any &amp; all"))
    #expect(page.contains("feed"))
  }

  @Test func theSameResultsGiveTheSameBytes() {
    var shuffled = Sample.results
    shuffled.runs.reverse()
    #expect(Report.page(Sample.results) == Report.page(Sample.results))
    #expect(Report.tables(shuffled) == Report.tables(Sample.results))
  }

  /// Read one run at a time or held in memory, with one thread or two.
  @Test func storedResultsGiveTheSameBytes() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
      .path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let suite = try SuiteFile.load("smoke").narrowed(
      tasks: ["ellipsoid-1e1", "least-squares"], methods: ["fixed", "hypergradient-additive"],
      steps: 20)
    let stored = try Runner(
      suite,
      Runner.Options(jobs: 2, output: folder, data: nil, commandLine: [], program: "/dev/null")
    ).run { _ in }
    let read = try ResultsFolder.read(folder)
    #expect(read.traces.count > 20 && read.runs.contains { $0.part == .map })
    for jobs in [1, 2] {
      let tables = try Report.write(stored, jobs: jobs)
      #expect(tables == Report.tables(read))
      #expect(
        try String(contentsOfFile: folder + "/report.html", encoding: .utf8) == Report.page(read))
    }
  }

  @Test func aSingleTaskIsNotCalledTasks() {
    var results = Sample.results
    results.suite.tasks.removeLast()
    results.runs.removeAll { $0.task == "valley" }
    let page = Report.page(results)
    #expect(page.contains("mean over 1 task, with") && !page.contains("1 tasks"))
  }

  @Test func writesEveryFile() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Report.write(Sample.results, to: folder.path)
    func names(_ sub: String) throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent(sub).path)
        .sorted()
    }
    let tables = Report.tables(Sample.results).map(\.name)
    #expect(
      try names("tables")
        == tables.flatMap { ["\($0).csv", "\($0).md", "\($0).tex"] }.sorted())
    #expect(
      try names("figures") == Report.figures(Sample.results).map { "\($0.name).svg" }.sorted())
    #expect(try names("") == ["figures", "report-files.txt", "report.html", "tables"])
    // The list names them all but itself.
    let listed = try String(
      contentsOf: folder.appendingPathComponent("report-files.txt"), encoding: .utf8)
    #expect(
      try listed.split(separator: "\n").map(String.init)
        == (names("figures").map { "figures/" + $0 } + ["report.html"]
          + names("tables").map { "tables/" + $0 }))
    let page = try String(
      contentsOf: folder.appendingPathComponent("report.html"), encoding: .utf8)
    #expect(page == Report.page(Sample.results))
  }

  @Test func aFileInTheWayIsOneClearLine() throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try Data().write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    do {
      try Report.write(Sample.results, to: file.path)
      Issue.record("wrote into a file")
    } catch {
      #expect(
        error.description == "the folder \(file.path)/figures can't be made: Not a directory"
          || error.description == "the folder \(file.path)/tables can't be made: Not a directory")
    }
  }

  /// Rules whose names differ in nothing that a file's name has keep their files apart.
  @Test(arguments: [("a/b", "a-b"), ("Adam", "adam"), ("+", "-"), ("a b", "a.b"), ("é", "è")])
  func rulesWithOneWordHaveTheirOwnFiles(_ one: String, _ other: String) throws {
    var results = Sample.results
    let suite = results.suite
    results.suite.rules = [one, other].map { name in
      var rule = suite.rules[0]
      rule.name = name
      return rule
    }
    for index in suite.tasks.indices {
      let reference = suite.tasks[index].references["SGD"]!
      results.suite.tasks[index].references = [one: reference, other: reference]
    }
    results.runs = [one, other].flatMap { name in
      Sample.results.runs.map { run in
        var run = run
        run.rule = name
        return run
      }
    }
    results.traces = [one, other].flatMap { name in
      Sample.results.traces.map { trace in
        var trace = trace
        trace.rule = name
        return trace
      }
    }
    let tables = Report.tables(results).map(\.name)
    let figures = Report.figures(results).map(\.name)
    #expect(tables.count { $0.hasPrefix("robustness-") } == 2)
    #expect(Set(tables).count == tables.count && Set(figures).count == figures.count)
  }
}
