internal import Experiments
internal import Foundation
internal import HypergradientCatalogue
internal import Records
internal import Testing

/// Suite files: the built-in ones, and the lines that wrong ones get.
@Suite struct SuiteFileTests {
  @Test(arguments: SuiteFile.builtInNames) func builtInSuitesAreRead(_ name: String) throws {
    let suite = try SuiteFile.load(name)
    #expect(suite.name == name)
    #expect(!suite.summary.isEmpty && !suite.tasks.isEmpty && !suite.methods.isEmpty)
    for task in suite.tasks {
      // On a user's data they are computed when the suite is run.
      if task.references.isEmpty {
        #expect(!["smoke", "core"].contains(name), "\(task.name)")
        continue
      }
      #expect(Set(task.references.keys) == Set(suite.rules.map(\.name)), "\(task.name)")
      #expect(task.references.values.allSatisfy { $0.rate > 0 && $0.target >= 1e-8 })
      #expect(task.references.values.map(\.target).max() == task.commonTarget)
    }
  }

  private static func replacing(_ part: String, _ other: String) -> String {
    TinySuite.text(replacing: part, with: other)
  }

  @Test(arguments: [
    ("", "s.yaml: the file is empty; expected a suite"),
    ("# nothing\n", "s.yaml: the file is empty; expected a suite"),
    ("just words", "s.yaml:1: a suite is to have keys, each before ':'"),
    ("- a\n- b", "s.yaml:1: a suite is to have keys, each before ':'"),
    (
      replacing("evaluations: 12", "evaluatons: 12"),
      "s.yaml:5: no key of a suite named 'evaluatons'; did you mean 'evaluations'?"
    ),
    (
      replacing("{name: sgd, spec: sgd}", "{name: sgd, specc: sgd}"),
      "s.yaml:11: no key of rules named 'specc'; did you mean 'spec'?"
    ),
    (
      replacing("{low: -2, high: 0, count: 2}", "{low: -2, hihg: 0, count: 2}"),
      "s.yaml:23: no key of startingRates named 'hihg'; did you mean 'high'?"
    ),
    (replacing("evaluations: 12\n", ""), "s.yaml: the suite lacks 'evaluations'"),
    (replacing("steps: 60\n", ""), "s.yaml: a suite has either 'steps' or 'epochs'"),
    (
      replacing("steps: 60", "steps: 60\nepochs: 2"),
      "s.yaml:5: a suite has either 'steps' or 'epochs'"
    ),
    (
      replacing("steps: 60", "steps: 0"),
      "s.yaml:4: 'steps' is 0, not at least 1"
    ),
    (
      replacing("steps: 60", "steps: many"), "s.yaml:4: 'steps' is to be a whole number, not 'many'"
    ),
    (replacing("steps: 60", "steps: 1.5"), "s.yaml:4: 'steps' is to be a whole number, not '1.5'"),
    (
      replacing("steps: 60", "steps: [60]"),
      "s.yaml:4: 'steps' is to be a whole number, not a list or keys"
    ),
    (
      replacing("tuningSeeds: [1]", "tuningSeeds: 1"),
      "s.yaml:6: 'tuningSeeds' is to be a list, each item after '-'"
    ),
    (
      replacing("tuningSeeds: [1]", "tuningSeeds: [101]"),
      "s.yaml:7: the seed 101 stands twice in 'tuningSeeds' and 'reportSeeds'"
    ),
    (replacing("reportSeeds: [101]", "reportSeeds: []"), "s.yaml:7: 'reportSeeds' is empty"),
    (
      replacing("reportSeeds: [101]", "reportSeeds: [-1]"),
      "s.yaml:7: 'reportSeeds' has -1: seeds are at least 0"
    ),
    (
      replacing("{low: -4, high: 2, count: 4}", "{low: 4, high: 2, count: 4}"),
      "s.yaml:8: 'startingRates' is to have finite low ≤ high and a count in 1...10000"
    ),
    (
      replacing("{low: -4, high: 2, count: 4}", "{low: -4, high: .nan, count: 4}"),
      "s.yaml:8: 'startingRates' is to have finite low ≤ high and a count in 1...10000"
    ),
    (
      replacing("{low: -4, high: 2, count: 4}", "{low: -4, high: 2, count: 1000000000}"),
      "s.yaml:8: 'startingRates' is to have finite low ≤ high and a count in 1...10000"
    ),
    (
      replacing("name: plateau", "name: fixed"),
      "s.yaml:20: the name 'fixed' stands twice in 'methods'"
    ),
    (
      replacing("name: tiny", "name: ../tiny"),
      "s.yaml:1: 'name' is to be a word that can name a folder"
    ),
    (
      replacing("name: noisy\n", "name: \"noisy, twice\"\n"),
      "s.yaml:42: the name 'noisy, twice' in 'tasks' is to have no comma, quote or line break"
    ),
    (
      replacing("sgd: {rate: 0.3, target: 0.1}", "sgd: {rate: -0.3, target: 0.1}"),
      "s.yaml:45: task 'noisy' has a reference with a rate or target that is not above 0"
    ),
    (
      replacing("spec: adam}", "spec: adm}"),
      "s.yaml:12: no rule named 'adm'; did you mean 'adam'? (column 1 of 'adm')"
    ),
    (
      replacing("\"constant(rate)\"", "\"constant(-1)\""),
      "s.yaml:15: the value of 'constant' is to be at least 0, not -1 (column 10 of 'constant(-1)')"
    ),
    (
      replacing("after: 5", "after: 2.5"),
      "s.yaml:21: 'after' of 'by' is to be a whole number, not 2.5 (column 41 of "
        + "'plateau(initial: rate, reduce: .by(0.5, after: 2.5))')"
    ),
    (
      replacing("noisyQuadratic(", "noisyQuadratik("),
      "s.yaml:43: no task named 'noisyQuadratik'; did you mean 'noisyQuadratic'? (column 1 of "
        + "'noisyQuadratik(noiseVariance: 0.05, dimension: 5)')"
    ),
  ]) func wrongFilesGetOneLine(_ text: String, _ expected: String) {
    #expect(message { _ = try SuiteFile.parse(text, file: "s.yaml") } == expected)
  }

  @Test(arguments: ["a: [1, 2", "a: b: c", "\tname: x", "name: \"x", "{", "a: 1\na: 2"])
  func whatIsNotYAMLIsSaidInOneLine(_ text: String) {
    let found = message { _ = try SuiteFile.parse(text, file: "s.yaml") }
    #expect(found.hasPrefix("s.yaml:") && !found.contains("\n"), "\(found)")
  }

  @Test func namesAndPaths() throws {
    #expect(
      message { _ = try SuiteFile.load("smok") }
        == "no suite named 'smok'; did you mean 'smoke'? (or name a file that ends in .yaml)")
    #expect(
      message { _ = try SuiteFile.load("/nowhere/x.yaml") }
        == "/nowhere/x.yaml: there is no such file")
    let folder = try TemporaryFolder()
    try folder.write(TinySuite.text, to: "mine.yaml")
    #expect(try SuiteFile.load(folder.path + "/mine.yaml") == TinySuite.suite())
    try Data([0x6E, 0xFF, 0xFE]).write(to: URL(fileURLWithPath: folder.path + "/bytes.yaml"))
    #expect(
      message { _ = try SuiteFile.load(folder.path + "/bytes.yaml") }.hasSuffix("not UTF-8 text"))
  }

  /// Every name that is listed is compared, or is told by what text it is.
  @Test func everyListedNameIsCompared() throws {
    let suite = try TinySuite.suite()
    let catalogue = Names.standard.catalogue
    let rules = catalogue.double.rules.map(\.name)
    let methods =
      catalogue.controllers.map(\.name) + catalogue.double.methods.map(\.name)
      + catalogue.schedules.map(\.name)
    for name in rules + methods {
      let asRule = message { _ = try suite.narrowed(rules: [name]) }
      let asMethod = message { _ = try suite.narrowed(methods: [name]) }
      let isTold = asMethod.contains("it is compared by a text that has it")
      #expect(
        asRule == "nothing" || asMethod == "nothing" || isTold, "\(name): \(asRule), \(asMethod)")
      if rules.contains(name) && asRule != "nothing" {
        #expect(asRule.contains("it is a method, for --methods"), "\(asRule)")
      }
    }
    let two = try suite.narrowed(methods: ["fixed", "plateau", "hdmBest"])
    #expect(two.methods.map(\.name) == ["fixed", "plateau", "hdm"])
    for (word, near) in [
      ("prodgy", "prodigy"), ("startup", "startUp"), ("TraceAligned", "traceAligned"),
      ("hypergradent", "hypergradient"),
    ] {
      #expect(
        message { _ = try suite.narrowed(methods: [word]) }.hasSuffix("did you mean '\(near)'?"))
    }
    #expect(
      message { _ = try suite.narrowed(tasks: ["rosenbrok"]) }
        .hasSuffix("did you mean 'rosenbrock'?"))
    #expect(message { _ = try suite.narrowed(rules: ["lon"]) }.hasSuffix("did you mean 'lion'?"))
  }

  @Test func narrowingSaysWhatIsUnknown() throws {
    let suite = try TinySuite.suite()
    #expect(
      message { _ = try suite.narrowed(tasks: ["elipsoid"]) }
        == "no task of suite 'tiny' or of the catalogue named 'elipsoid'; did you mean 'ellipsoid'?"
    )
    #expect(
      message { _ = try suite.narrowed(methods: ["fixd"]) }
        == "no method of suite 'tiny' or of the catalogue named 'fixd'; did you mean 'fixed'?")
    #expect(
      message { _ = try suite.narrowed(rules: ["zzzzzz"]) }
        == "no rule of suite 'tiny' or of the catalogue named 'zzzzzz'; there are sgd, adam, and those "
        + "of 'hypergrad list compared'")
    #expect(message { _ = try suite.narrowed(steps: 0) } == "--steps is 0, not at least 1")
    #expect(
      message { _ = try suite.narrowed(seeds: [1, 1]) }
        == "the seeds [1, 1] are to be different numbers of at least 0")
    let narrow = try suite.narrowed(tasks: ["noisy"], methods: ["fixed"], seeds: [101], steps: 9)
    #expect(narrow.tasks.map(\.name) == ["noisy"] && narrow.methods.map(\.name) == ["fixed"])
    #expect(narrow.map == nil && narrow.steps == 9 && narrow.tuningSeeds == [])
  }
}
