import Experiments
import Foundation
import Records
import Reporting
import Testing

/// Comparisons whose methods are not all crossed with all rules, nor all have a starting rate.
@Suite struct CatalogueMethodsTests {
  static let text = """
    name: mixed
    version: 1
    summary: For tests.
    steps: 60
    evaluations: 12
    tuningSeeds: [1]
    reportSeeds: [101, 102]
    startingRates: {low: -3, high: 1, count: 3}
    tracedExponents: [-3, 1]
    rules:
      - {name: sgd, spec: sgd}
      - {name: adam, spec: adam}
      - {name: heavy, spec: heavyBall}
    methods:
      - {name: fixed, spec: "constant(rate)"}
      - {name: dog, spec: "dog()"}
      - {name: prodigy, spec: "prodigy()", rules: [adam]}
      - {name: search, spec: "armijo(rule, initial: rate, maximum: 1e9)", rules: [sgd, adam]}
      - {name: own, spec: "adagrad + constant(rate)", rules: [adam]}
      - {name: curved, spec: "osgm(feedback: .gradientNorm, scalingRate: 0.1)"}
    tasks:
      - name: ellipsoid
        spec: "ellipsoid(condition: 10, dimension: 6)"
        references:
          sgd: {rate: 0.18, target: 1e-2}
          adam: {rate: 0.2, target: 1e-2}
          heavy: {rate: 0.05, target: 1e-2}
        commonTarget: 0.1
      - name: noisy
        spec: "noisyQuadratic(noiseVariance: 0.05, dimension: 5)"
        references:
          sgd: {rate: 0.3, target: 0.1}
          adam: {rate: 0.05, target: 0.1}
          heavy: {rate: 0.05, target: 0.1}
        commonTarget: 0.1
    """

  static func results(_ text: String = text) throws -> Results {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
      .path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let suite = try SuiteFile.parse(text, file: "mixed.yaml")
    _ = try Runner(
      suite,
      Runner.Options(jobs: 2, output: folder, data: nil, commandLine: [], program: "/dev/null")
    ).run { _ in }
    return try ResultsFolder.read(folder)
  }

  private func cell(_ table: Table, _ names: [String], _ column: String) throws
    -> Table.Cell.Content
  {
    let row = try #require(
      table.rows.first { row in
        names.allSatisfy { name in row.contains { $0.content == .text(name) } }
      },
      "no row \(names) in \(table.name)")
    let index = try #require(table.columns.firstIndex { $0.fullHeading == column }, "\(column)")
    return row[index].content
  }

  @Test func everyMethodRunsWhereItIsListed() throws {
    let results = try Self.results()
    // By (rule, method): starting rates × seeds × tasks.
    var counts: [String: Int] = [:]
    for run in results.runs { counts["\(run.rule) \(run.method)", default: 0] += 1 }
    #expect(
      counts == [
        "sgd fixed": 18, "adam fixed": 18, "heavy fixed": 18, "sgd dog": 6, "adam prodigy": 6,
        "sgd search": 18, "adam search": 18, "adam own": 18, "sgd curved": 6,
      ])
    for run in results.runs {
      let has = !["dog", "prodigy", "curved"].contains(run.method)
      #expect((run.startingRate != nil) == has && (run.rateExponent != nil) == has)
      #expect(run.cost <= 60 && run.hessianVectorProducts ?? 1 > 0)
      #expect((run.hessianVectorProducts != nil) == (run.method == "curved"))
      #expect((run.lossEvaluations > 0) == (run.method == "search"))
    }
  }

  @Test func tablesShareAndMark() throws {
    let results = try Self.results()
    let tables = Report.tables(results)
    func table(_ name: String) throws -> Table {
      try #require(tables.first { $0.name == name })
    }
    func reached(_ rule: String, _ method: String) -> Double {
      let shares = ["ellipsoid", "noisy"].map { task in
        let own = results.runs.filter {
          $0.rule == rule && $0.method == method && $0.task == task
        }
        return Double(own.count(where: \.reached)) / Double(own.count)
      }
      return (shares[0] + shares[1]) / 2
    }
    let robustness = try table("robustness")
    #expect(robustness.rows.count == 9)
    #expect(try cell(robustness, ["sgd", "dog †"], "robust [%]") == .number(reached("sgd", "dog")))
    #expect(
      try cell(robustness, ["adam", "search"], "robust [%]") == .number(reached("adam", "search")))
    #expect(robustness.caption.contains("† has no starting rate"))
    // What has no starting rate is not the most robust to it.
    for row in robustness.rows {
      guard case .text(let name) = row[1].content, name.hasSuffix("†") else { continue }
      #expect(!row[2].isBest && !row[3].isBest)
    }
    let tuned = try table("best-tuned-adam")
    #expect(try cell(tuned, ["noisy", "prodigy †"], "starting rate") == .missing("—"))
    #expect(try cell(tuned, ["noisy", "prodigy †"], "over reference [decades]") == .missing("—"))
    #expect(try cell(tuned, ["noisy", "prodigy †"], "grid end") == .text(""))
    #expect(try cell(tuned, ["noisy", "prodigy †"], "seeds") == .number(2))
    let movement = try table("movement")
    #expect(try cell(movement, ["sgd", "dog †"], "moved [%]") == .missing("—"))
    #expect(try cell(movement, ["sgd", "dog †"], "up [decades] median") == .missing("—"))
    let time = try table("time-to-target-sgd")
    guard
      case .number(let losses) = try cell(
        time, ["ellipsoid", "search"], "losses paid for [a run]"),
      case .number(let products) = try cell(
        time, ["ellipsoid", "curved †"], "Hessian-vector products [a run]")
    else {
      Issue.record("no counts")
      return
    }
    #expect(losses > 10 && products > 10)
    #expect(!(try table("robustness-heavy")).markdown.contains("dog"))
    for table in tables { #expect(!table.markdown.contains("nan") && !table.csv.contains("nan")) }
  }

  @Test func picturesAreWhole() throws {
    let results = try Self.results()
    for figure in Report.figures(results) {
      #expect(!figure.svg.contains("nan") && !figure.svg.contains("inf\""), "\(figure.name)")
    }
    let figures = Report.figures(results)
    func svg(_ name: String) throws -> String {
      try #require(figures.first { $0.name == name }).svg
    }
    for name in ["gap-by-rate-sgd", "loss-curves-sgd", "rate-curves-sgd", "reached-by-rate"] {
      #expect(try svg(name).contains(">dog †</text>"), "\(name)")
    }
    #expect(try !svg("gap-by-rate-heavy").contains("dog"))
    #expect(try svg("robustness").contains(">heavy: fixed</text>"))
    // Curves of what has no starting rate stand in the panels of all starting rates.
    #expect(results.traces.contains { $0.method == "dog" })
    let page = Report.page(results)
    #expect(page.contains("Without a starting rate"))
    // A comparison of nothing else.
    var only = results
    only.suite.methods.removeAll { !["dog", "curved"].contains($0.name) }
    only.runs.removeAll { !["dog", "curved"].contains($0.method) }
    only.traces.removeAll { !["dog", "curved"].contains($0.method) }
    let names = Report.figures(only).map(\.name)
    #expect(names.contains("loss-curves-sgd") && names.contains("gap-by-rate-sgd"))
    #expect(!Report.page(only).contains("nan"))
  }

  /// Already after a hundred steps on three of the tasks, from three starting rates and with two
  /// seeds, no two lines of the suite `all` are the same.
  @Test func theCatalogueDiffers() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
      .path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var suite = try SuiteFile.load("all").narrowed(
      tasks: ["noisy-quadratic", "least-squares", "teacher-student"], seeds: [1, 101], steps: 100)
    suite.tasks[0].spec = "noisyQuadratic(noiseVariance: 0.01, dimension: 10)"
    suite.tasks[1].spec = "leastSquares(labelNoise: 0, dimension: 10, examples: 64, batch: 8)"
    suite.tasks[2].spec = "teacherStudent(inputs: 3, hidden: 4, examples: 32, batch: 8)"
    suite.startingRates = Suite.StartingRates(low: -1, high: 1, count: 3)
    let stored = try Runner(
      suite,
      Runner.Options(jobs: 2, output: folder, data: nil, commandLine: [], program: "/dev/null")
    ).run { _ in }
    #expect(
      Report.remarks(try Report.write(stored, jobs: 2))
        == ["every method and every rule differs from every other on some task"])
  }

  @Test func sameResultsAreNamed() throws {
    #expect(
      Report.remarks(Report.tables(try Self.results()))
        == ["every method and every rule differs from every other on some task"])
    let again = Self.text
      .replacing(
        "  - {name: dog, spec: \"dog()\"}",
        with: """
            - {name: dog, spec: "dog()"}
            - {name: dog-again, spec: "dog(averaging: .no)", rules: [adam]}
            - {name: plain, spec: "constant(rate)", rules: [sgd]}
            - {name: clipped, spec: "constant(rate).clamped(to: 0...1e9)"}
            - {name: nearly, spec: "constant(1.0000001*rate)"}
          """
      ).replacing(
        "  - {name: heavy, spec: heavyBall}",
        with: """
            - {name: heavy, spec: heavyBall}
            - {name: heavy-again, spec: "heavyBall(momentum: 0.9)"}
          """
      ).replacing(
        "heavy: {rate: 0.05",
        with: "heavy-again: {rate: 0.05, target: 1e-2}\n      heavy: {rate: 0.05")
    let tables = Report.tables(try Self.results(again))
    #expect(
      Report.remarks(tables) == [
        "defect: the method 'dog' never differs from 'dog-again' on any task",
        "defect: the method 'fixed' never differs from 'plain' on any task",
        "defect: the method 'fixed' never differs from 'clipped' on any task",
        "defect: the method 'plain' never differs from 'clipped' on any task",
        "defect: the rule 'heavy' never differs from 'heavy-again' on any task",
      ])
    #expect(tables.first { $0.name == "same-results" }?.rows.count == 5)
  }
}
