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

  @Test(
    arguments: [
      .init(
        text: "name: x\na: [1, 2\nb: 3", "s.yaml:3: not YAML: while parsing a flow sequence, …"),
      .init(text: "a: b: c", "s.yaml:1: not YAML: …"),
      .init(
        text: "name: x\n\tversion: 1",
        "s.yaml:2: not YAML: while scanning a plain scalar, found a tab character that violates "
          + "indentation; it is indented by spaces, not by tabs"),
      .init(text: "name: \"x", "s.yaml:1: not YAML: …"), .init(text: "{", "s.yaml:1: not YAML: …"),
      .init(text: "a: 1\na: 2", "s.yaml:1: 'a' stands twice"),
    ] as [WrongSuite])
  func whatIsNotYAMLIsSaidInOneLine(_ wrong: WrongSuite) {
    let found = message { _ = try SuiteFile.parse(wrong.text, file: "s.yaml") }
    #expect(wrong.isToldBy(found), "\(found)")
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
