import Foundation
import Records
import Reporting
import Testing

/// Names of rules, tasks and methods that are hard to write down.
@Suite struct NamesTests {
  static let names = [
    "a/b", "a-b", "a b", "A_B", "a-b-2", "β", "η", "×", "†", "100 %", "a|b", "x_y & #~^\\{}$", "-",
    "né", "學習", "🙂", "[t]", "*", "--", "log₁₀ 10⁻¹⁶", "\"quoted\", and more", "<i>&amp;</i>",
    "a\u{1}b",
    "$x$ [a](b) `c`", String(repeating: "long", count: 75),
    String(repeating: "long", count: 75) + "er",
  ]

  /// The sample with each of the names as a rule and as a method, some as tasks.
  static let results: Results = {
    var results = Sample.results
    let (rule, task) = (results.suite.rules[0], results.suite.tasks[0])
    results.suite.rules = names.map { name in
      var rule = rule
      rule.name = name
      return rule
    }
    results.suite.methods = names.map { Suite.Method(name: $0, spec: "") }
    results.suite.tasks = [names[5], names[10], names[names.count - 1]].map { name in
      var task = task
      task.name = name
      let reference = task.references["SGD"]!
      task.references = Dictionary(uniqueKeysWithValues: names.map { ($0, reference) })
      return task
    }
    results.suite.map = nil
    results.traces = []
    results.runs = []
    for (index, name) in names.enumerated() {
      for (t, task) in results.suite.tasks.enumerated() {
        for method in index == 0 ? names : [names[0]] {
          for seed in 0..<4 {
            var run = Sample.run(
              task: task.name, method: method, seed: seed, rate: 1,
              gap: Double(index + t + 1) * 1e-5)
            run.rule = name
            results.runs.append(run)
          }
        }
      }
    }
    return results
  }()

  static let tables = Report.tables(results)
  static let figures = Report.figures(results)

  @Test func slugsDiffer() {
    let slugs = uniqueSlugs(Self.names)
    #expect(Set(slugs).count == Self.names.count)
    #expect(slugs.allSatisfy { $0.utf8.count <= 90 && $0.wholeMatch(of: /[a-z0-9-]+/) != nil })
    #expect(uniqueSlugs(["a/b", "a-b", "a-b-2"]) == ["a-b", "a-b-3", "a-b-2"])
    #expect(uniqueSlugs(["β", "sgd", "Nesterov's"]) == ["beta", "sgd", "nesterov-s"])
  }

  /// Every table has files of its own, and the numbers of its rule.
  @Test func noTableOverwritesAnother() throws {
    let results = Self.results
    let (tables, figures) = (Self.tables, Self.figures)
    #expect(Set(tables.map(\.name)).count == tables.count)
    #expect(Set(figures.map(\.name)).count == figures.count)
    for name in Self.names {
      #expect(tables.count { $0.title == "Best-tuned results, \(name)" } == 1)
    }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Report.write(results, to: folder.path)
    for (kind, count) in [("tables", 3 * tables.count), ("figures", figures.count)] {
      let files = try FileManager.default.contentsOfDirectory(
        atPath: folder.appendingPathComponent(kind).path)
      #expect(files.count == count)
    }
    for table in tables {
      let file = folder.appendingPathComponent("tables/\(table.name).csv")
      #expect(try String(contentsOf: file, encoding: .utf8) == table.csv)
    }
    // All that the page links to is there.
    let page = try String(
      contentsOf: folder.appendingPathComponent("report.html"), encoding: .utf8)
    for link in page.matches(of: /href="([^"]*)"/).map({ String($0.1) }) {
      if link.hasPrefix("#") {
        #expect(page.contains("id=\"\(link.dropFirst())\""), "\(link)")
      } else if link.contains("/") {
        #expect(
          FileManager.default.fileExists(atPath: folder.appendingPathComponent(link).path),
          "\(link)")
      }
    }
  }

  /// A program's headings: words of ASCII that differ; and a reader's sentence for each.
  @Test func headingsForPrograms() throws {
    let all = [Sample.results, Sample.realResults, try CatalogueMethodsTests.results()]
    for table in all.flatMap(Report.tables) + Self.tables {
      #expect(Set(table.keys).count == table.columns.count, "\(table.name)")
      for (key, column) in zip(table.keys, table.columns) {
        #expect(key.wholeMatch(of: /[a-z][a-z0-9_]*/) != nil, "\(table.name): \(key)")
        #expect(!column.about.isEmpty && !column.about.hasSuffix("."), "\(table.name): \(key)")
      }
      let head = table.csv.prefix { $0 != "\r\n" }
      #expect(head == table.keys.joined(separator: ","))
    }
    func keys(_ name: String) -> [String]? {
      Report.tables(Sample.realResults).first { $0.name == name }?.keys
    }
    #expect(
      keys("best-tuned") == [
        "method", "sgd_mean_rank", "sgd_rank_low", "sgd_rank_high", "sgd_log10_gap",
      ])
    #expect(
      keys("movement") == [
        "rule", "method", "diverged_all", "diverged_not_finite", "diverged_escaped",
        "diverged_worse", "moved", "up_decades_median", "up_decades_largest",
        "down_decades_median", "down_decades_largest", "spike_decades_median",
        "spike_decades_largest", "negative", "skipped_steps", "retaken_steps", "restored_steps",
      ])
    #expect(
      keys("real-data") == [
        "task", "rule", "method", "starting_rate", "training_loss", "test_loss", "test_accuracy",
        "best_test_accuracy",
      ])
  }

  /// What a reader sees marked is in CSV as in the suite.
  @Test func namesInCSVAreThoseOfTheSuite() throws {
    let tables = Report.tables(try CatalogueMethodsTests.results())
    for table in tables { #expect(!table.csv.contains("†"), "\(table.name)") }
    #expect(tables.contains { $0.csv.contains(",dog,") && $0.markdown.contains("dog †") })
  }

  @Test func picturesAndMarkdownHoldAnyName() throws {
    for figure in Self.figures {
      #expect(XMLParserBox.isWellFormed(figure.svg), "\(figure.name)")
    }
    for table in Self.tables {
      let rows = table.markdown.split(separator: "\n").filter { $0.hasPrefix("|") }
      #expect(rows.count == table.rows.count + 2)
      // Bars that are not escaped separate cells.
      for row in rows {
        let bars = row.replacing("\\\\", with: "").replacing("\\|", with: "").count { $0 == "|" }
        #expect(bars == table.columns.count + 1, "\(row)")
      }
    }
  }
}
