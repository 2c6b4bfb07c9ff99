internal import DefaultController
internal import Experiments
internal import Foundation
internal import HypergradientRecipes
internal import Records
internal import Reporting
internal import Tasks
internal import Testing

/// The study's shares and tables, from the folder of a suite small enough to be told by hand.
///
/// On the two bowls, ½‖θ‖² in six dimensions, the gap after 80 steps at the rate η is (1 − η)¹⁶⁰. From
/// 0.5·10⁻⁴, 0.5·10⁻², 0.5 and 50 that is 0.992, 0.45, 10⁻⁴⁸ and no number. So `fixed` reaches 0.01 from
/// one of four starting rates, and 0.5 from two. A cosine, half of it on average, comes to 0.67 from
/// the second, and reaches either from one. What is named `default` has no starting rate, is run once
/// and reaches both.
@Suite struct DefaultControllerTests {
  private static let suite = """
    name: by-hand
    version: 7
    summary: For tests.
    steps: 80
    evaluations: 10
    tuningSeeds: [1, 2]
    reportSeeds: [101, 102, 103]
    startingRates: {low: -4, high: 2, count: 4}
    tracedExponents: [0]
    rules:
      - {name: sgd, spec: sgd}
      - {name: again, spec: sgd}
    methods:
      - {name: fixed, spec: "constant(rate)"}
      - {name: cosine, spec: "scheduled(cosine(from: rate, over: steps))"}
      - {name: default, spec: "constant(0.5)"}
    tasks:
      - name: bowl
        spec: "ellipsoid(condition: 1, dimension: 6)"
        references:
          sgd: {rate: 0.5, target: 0.01, key: given}
          again: {rate: 0.5, target: 0.01, key: given}
        commonTarget: 0.01
      - name: network-of-a-bowl
        spec: "bowlNetwork"
        references:
          sgd: {rate: 0.5, target: 0.5, key: given}
          again: {rate: 0.5, target: 0.5, key: given}
        commonTarget: 0.5
      - name: noisy
        spec: "noisyQuadratic(dimension: 5, noiseVariance: 0.3)"
        references:
          sgd: {rate: 0.3, target: 0.12, key: given}
          again: {rate: 0.03, target: 0.12, key: given}
        commonTarget: 0.12
    """

  /// The package's names, and the bowl once more, as a network.
  private static var names: Names {
    var names = Names.standard
    names.tasks.append(
      Recipe(
        "bowlNetwork",
        {
          TaskMaker(isNetwork: true) {
            EllipsoidQuadratic(dimension: 6, condition: 1, instance: $0.instance)
          }
        },
        summary: "a bowl that is called a network", examples: ["bowlNetwork"]))
    return names
  }

  /// Runs the suite, without the tasks that are named, into a folder that is removed at the end.
  private func withResults(
    without removed: Set<String> = [], default spec: String = "constant(0.5)",
    _ body: (_ folder: String) throws -> Void
  ) throws {
    let folder = FileManager.default.temporaryDirectory.path + "/studies-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Files.makeFolder(folder)
    try Files.write("program", to: folder + "/program")
    var suite = try SuiteFile.parse(Self.suite, file: "by-hand.yaml", names: Self.names)
    suite.tasks.removeAll { removed.contains($0.name) }
    suite.methods[2].spec = spec
    let options = Runner.Options(
      jobs: 1, output: folder + "/out", data: nil, commandLine: ["test"],
      program: folder + "/program")
    try body(Runner(suite, options, names: Self.names).run { _ in }.folder)
  }

  @Test func sharesFromAnyStartAndFromTheTunedOne() throws {
    try withResults { folder in
      let shares = try Shares(folder, names: Self.names)
      for rule in ["sgd", "again"] {
        #expect(shares.untuned("bowl", rule, "fixed") == 0.25)
        #expect(shares.untuned("network-of-a-bowl", rule, "fixed") == 0.5)
        #expect(shares.untuned("bowl", rule, "cosine") == 0.25)
        #expect(shares.untuned("network-of-a-bowl", rule, "cosine") == 0.25)
        for task in ["bowl", "network-of-a-bowl"] {
          #expect(shares.untuned(task, rule, "default") == 1)
          for method in ["fixed", "cosine", "default"] {
            #expect(shares.tuned(task, rule, method) == 1)
          }
        }
      }
      #expect(shares.untuned("bowl", "sgd", "candidate") == nil)
      #expect(shares.tuned("bowl", "sgd", "candidate") == nil)
    }
  }

  /// Under noise, told again from the runs: the rate of least median gap on the seeds 1 and 2, which is
  /// the mean of their two gaps, and the share of the other three seeds that reach the target.
  @Test func tuningSeedsChooseAndTheOthersAreReported() throws {
    try withResults { folder in
      let shares = try Shares(folder, names: Self.names)
      let runs = try ResultsFolder.read(folder).runs.filter { $0.task == "noisy" }
      #expect(runs.count == 2 * 5 * (4 + 4 + 1))
      var found: Set<Double> = []
      for rule in ["sgd", "again"] {
        for method in ["fixed", "cosine", "default"] {
          let own = runs.filter { $0.rule == rule && $0.method == method }
          func reached(_ runs: [RunRecord]) -> Double {
            let reported = runs.filter { $0.seed > 100 }
            return Double(reported.count(where: \.reached)) / Double(reported.count)
          }
          func gap(_ rate: Int) -> Double {
            own.filter { $0.rateIndex == rate && $0.seed < 100 }
              .reduce(0) { $0 + ($1.finalGap.isFinite ? $1.finalGap / 2 : .infinity) }
          }
          let rates = Set(own.map(\.rateIndex)).sorted()
          let best = try #require(rates.min { gap($0) < gap($1) })
          #expect(shares.untuned("noisy", rule, method) == reached(own))
          #expect(
            shares.tuned("noisy", rule, method) == reached(own.filter { $0.rateIndex == best }))
          found.insert(reached(own))
        }
      }
      #expect(found.count > 2, "\(found)")
    }
  }

  /// Of curvature 1 the rate 2.01 turns back and grows by a hundredth a step, 5 by a factor of 4.
  @Test(arguments: [("constant(2.01)", (12, 0)), ("constant(5)", (0, 12))])
  func badEndsAreCounted(_ spec: String, _ ends: (worse: Int, lost: Int)) throws {
    try withResults(without: ["noisy"], default: spec) { folder in
      let caption = try Shares(folder, names: Self.names).moves.caption
      #expect(
        caption.hasSuffix(
          "Of its 12 runs \(ends.worse) ended above the first loss, \(ends.lost) diverged otherwise."
        ),
        "\(caption)")
    }
  }

  private func numbers(_ cells: [Table.Cell]) -> [Double?] {
    cells.dropFirst().map { if case .number(let value) = $0.content { value } else { nil } }
  }

  @Test func theTablesAreMeansOfTheShares() throws {
    try withResults(without: ["noisy"]) { folder in
      let shares = try Shares(folder, names: Self.names)
      // All tasks, networks and the others; from any start and tuned.
      let summary = shares.summary
      #expect(summary.rows.map(\.[0]) == [.text("fixed"), .text("cosine"), .text("default")])
      #expect(numbers(summary.rows[0]) == [0.375, 0.5, 0.25, 1, 1, 1])
      #expect(numbers(summary.rows[1]) == [0.25, 0.25, 0.25, 1, 1, 1])
      #expect(numbers(summary.rows[2]) == [1, 1, 1, 1, 1, 1])
      #expect(
        summary.markdown.contains("| fixed | 37.5 | 50.0 | 25.0 | 100.0 | 100.0 | 100.0 |"),
        "\(summary.markdown)")
      for part in [
        "mean over 2 tasks and 2 rules with equal weight, seeds 101, 102, 103.",
        "all 4 starting rates", "on tuning seeds (1, 2)",
      ] { #expect(summary.caption.contains(part), "\(summary.caption)") }
      #expect(summary.title == "80 steps, suite by-hand")
      let digest = try ResultsFolder.open(folder).digest
      #expect(summary.provenance == "Suite by-hand, version 7; runs with SHA-256 \(digest)")

      // The default reaches both tasks: ahead of fixed by ¾ and ½ under both rules, of none that is tuned.
      let rivals = shares.rivals
      #expect(rivals.rows.map(\.[0]) == [.text("fixed"), .text("cosine")])
      #expect(numbers(rivals.rows[0]) == [62.5, 50, 75, 0, 0, 0])
      #expect(numbers(rivals.rows[1]) == [75, 75, 75, 0, 0, 0])

      // Starts at −4, −2, 0 and 2 decades: fixed reaches ½ from −2, by the second task, and all from 0.
      let byStart = shares.byStart
      #expect(byStart.columns.count == 1 + 4 + 2)
      #expect(numbers(byStart.rows[0]) == [0, 0.5, 1, 0, 0.25, 0.5])
      #expect(shares.heldOut == nil && shares.moves.rows.count == 2)
      #expect(
        shares.moves.caption.contains(
          "Of its 12 runs 0 ended above the first loss, 0 diverged otherwise."))

      // Of each task default from any start, cosine, plateau and fixed tuned, two rules each.
      let byTask = shares.byTask
      #expect(byTask.rows.map(\.[0]) == [.text("bowl"), .text("network-of-a-bowl")])
      for row in byTask.rows { #expect(numbers(row) == [1, 1, 1, 1, nil, nil, 1, 1]) }
      #expect(
        byTask.columns.map(\.fullHeading) == [
          "Task", "default, any start, sgd [%]", "default, any start, again [%]",
          "cosine, tuned start, sgd [%]", "cosine, tuned start, again [%]",
          "plateau, tuned start, sgd [%]", "plateau, tuned start, again [%]",
          "fixed, tuned start, sgd [%]", "fixed, tuned start, again [%]",
        ])
    }
  }

  @Test func aFolderWithoutResultsIsNamed() throws {
    let expected =
      "nowhere/manifest.json: there is no such file; name a folder that 'hypergrad compare' wrote"
    #expect {
      _ = try Shares("nowhere")
    } throws: {
      "\($0)" == expected
    }
  }

  /// The introduction is for the runs of the page that stands below it.
  @Test func theIntroductionIsForThePagesRuns() throws {
    let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Documentation/DefaultController.md").standardizedFileURL.path
    var runs: [String] = []
    for match in try String(contentsOfFile: page, encoding: .utf8)
      .matches(of: /\*Suite (\S+), version \d+; runs with SHA-256 (\w+)\*/)
    {
      let line = "\(match.1) \(match.2)"
      if !runs.contains(line) { runs.append(line) }
    }
    #expect(PageRuns.introduced.lines == runs)
    #expect(runs.count > 5)
    #expect(
      try String(contentsOfFile: page, encoding: .utf8).hasPrefix(PageRuns.introduced.opening))
    #expect(try PageRuns([]).opening.hasPrefix("Tables alone: "))
  }

  @Test func otherFoldersAreNoPage() throws {
    try withResults(without: ["noisy", "network-of-a-bowl"]) { folder in
      let digest = try ResultsFolder.open(folder).digest
      #expect(try PageRuns([folder]).lines == ["by-hand \(digest)"])
      #expect {
        _ = try PageRuns([folder, folder + "/."])
      } throws: {
        "\($0)" == "\(folder)/.: these runs of suite 'by-hand' are named twice"
      }
    }
  }

  /// The networks of the suite that the page reports, by the names of its rows.
  @Test func networksOfTheDefaultSuite() throws {
    let networks = try SuiteFile.load("default").tasks.filter {
      try TaskList.read($0.spec).isNetwork
    }
    #expect(networks.map(\.name) == ["teacher-student", "two-spirals", "sparse-parity"])
  }

  /// Every suite of the study is one that `hypergrad compare --suite` takes.
  @Test(arguments: [
    ("default-100", 100), ("default-300", 300), ("default-3000", 3000),
    ("default-10000", 10000), ("ablation", 1000), ("development-300", 300),
    ("development-1000", 1000), ("development-3000", 3000),
  ]) func suitesAreRead(_ name: String, _ steps: Int) throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Studies/DefaultController").standardizedFileURL.path
    let suite = try SuiteFile.load("\(folder)/\(name).yaml")
    #expect(suite.steps == steps)
    #expect(suite.methods.map(\.name).contains("default"))
    let built = try SuiteFile.load("default")
    if !name.hasPrefix("development") {
      // In a hundred steps no fixed rate gets anywhere on a curvature that changes at the fiftieth.
      let without = steps == 100 ? ["curvature-shift"] : []
      #expect(
        suite.tasks.map(\.name) == built.tasks.map(\.name).filter { !without.contains($0) })
      #expect(Set(suite.reportSeeds).isSubset(of: built.reportSeeds))
      #expect((suite.startingRates.low, suite.startingRates.high) == (-6, 2))
    } else {
      // Developed on other tasks and other seeds than the reported ones.
      #expect(Set(suite.tasks.map(\.spec)).isDisjoint(with: built.tasks.map(\.spec)))
      let seeds = suite.tuningSeeds + suite.reportSeeds + (suite.referenceSeeds ?? [])
      let reported = built.tuningSeeds + built.reportSeeds + (built.referenceSeeds ?? [])
      #expect(Set(seeds).isDisjoint(with: reported))
    }
  }
}
