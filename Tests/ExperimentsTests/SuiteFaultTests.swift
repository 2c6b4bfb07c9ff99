internal import Experiments
internal import Foundation
internal import Records
internal import Testing

/// What is wrong in a suite's file is told with its line.
@Suite struct SuiteFaultTests {
  @Test(
    arguments: [
      .init(text: "", "s.yaml: the file is empty; expected a suite"),
      .init(text: "# nothing\n", "s.yaml: the file is empty; expected a suite"),
      .init(text: "just words", "s.yaml:1: a suite is to have keys, each before ':'"),
      .init(text: "- a\n- b", "s.yaml:1: a suite is to have keys, each before ':'"),
      .init("evaluations: 12\n", "", "s.yaml: the suite lacks 'evaluations'"),
      .init("steps: 60\n", "", "s.yaml: a suite has either 'steps' or 'epochs'"),
      .init(
        "name: tiny", "name: ../tiny", "s.yaml:1: 'name' is to be a word that can name a folder"),
      .init("version: 1", "version: -1", "s.yaml:2: 'version' is -1, not at least 1"),
      .init("steps: 60", "steps: 0", "s.yaml:4: 'steps' is 0, not at least 1"),
      .init("steps: 60", "steps: many", "s.yaml:4: 'steps' is to be a whole number, not 'many'"),
      .init("steps: 60", "steps: 1.5", "s.yaml:4: 'steps' is to be a whole number, not '1.5'"),
      .init(
        "steps: 60", "steps: [60]",
        "s.yaml:4: 'steps' is to be a whole number, not a list or keys"),
      .init("steps: 60", "steps: 60\nsteps: 70", "s.yaml:4: 'steps' stands twice…"),
      .init("steps: 60", "steps: -50", "s.yaml:4: 'steps' is -50, not at least 1"),
      .init(
        "evaluations: 12", "evaluatons: 12",
        "s.yaml:5: no key of a suite named 'evaluatons'; did you mean 'evaluations'?"),
      .init(
        "steps: 60", "steps: 60\nepochs: 2", "s.yaml:5: a suite has either 'steps' or 'epochs'"),
      .init(
        "steps: 60", "steps: 60\njudgedBy: test",
        "s.yaml:5: 'judgedBy' is to be 'training' or 'heldOut', not 'test'"),
      .init(
        "steps: 60", "steps: 60\nvalidationMetric: acc",
        "s.yaml:5: 'validationMetric' is to be 'loss' or 'accuracy', not 'acc'"),
      .init(
        "steps: 60", "steps: 60\nfromCatalogue: [rule]",
        "s.yaml:5: no part of the catalogue named 'rule'; did you mean 'rules'?"),
      .init(
        "steps: 60", "steps: 60\nreferencesFrom: nosuch.yaml",
        "s.yaml:5: 'referencesFrom': there is no file nosuch.yaml; …"),
      .init(
        "tuningSeeds: [1]", "tuningSeeds: 1",
        "s.yaml:6: 'tuningSeeds' is to be a list, each item after '-'"),
      .init(
        "tuningSeeds: [1]", "tuningSeeds: [1, 2, 1]",
        "s.yaml:6: the seed 1 stands twice in 'tuningSeeds' and 'reportSeeds'"),
      .init(
        "tuningSeeds: [1]", "tuningSeeds: [101]",
        "s.yaml:7: the seed 101 stands twice in 'tuningSeeds' and 'reportSeeds'"),
      .init("reportSeeds: [101]", "reportSeeds: []", "s.yaml:7: 'reportSeeds' is empty"),
      .init(
        "reportSeeds: [101]", "reportSeeds: [-1]",
        "s.yaml:7: 'reportSeeds' has -1: seeds are at least 0"),
      .init(
        "{low: -4, high: 2, count: 4}", "{low: 4, high: 2, count: 4}",
        "s.yaml:8: 'startingRates' is to have finite low ≤ high and a count in 1...10000"),
      .init(
        "{low: -4, high: 2, count: 4}", "{low: -4, high: .nan, count: 4}",
        "s.yaml:8: 'startingRates' is to have finite low ≤ high and a count in 1...10000"),
      .init(
        "{low: -4, high: 2, count: 4}", "{low: 1e-400, high: 2, count: 4}",
        "s.yaml:8: 'low' is to be a number that a Double holds, not '1e-400'"),
      .init(
        "{low: -4, high: 2, count: 4}", "{low: -4, high: 2, count: 1000000000}",
        "s.yaml:8: 'startingRates' is to have finite low ≤ high and a count in 1...10000"),
      .init(
        "tracedExponents: [-4, -2, 0, 2]", "tracedExponents: [0, 7]",
        "s.yaml:9: 'tracedExponents' has 7.0, which is not in -4.0...2.0, the exponents of "
          + "'startingRates'"),
      .init(
        "{name: sgd, spec: sgd}", "{name: sgd, specc: sgd}",
        "s.yaml:11: no key of rules named 'specc'; did you mean 'spec'?"),
      .init(
        "{name: sgd, spec: sgd}", "{name: sgd, spec: sgd, variables: {rate: 1}}",
        "s.yaml:11: 'rate' is no variable of rule 'sgd': it has a meaning of its own in the "
          + "texts of methods"),
      .init(
        "spec: adam}", "spec: adm}",
        "s.yaml:12: no rule named 'adm'; did you mean 'adam'? (column 1 of 'adm')"),
      .init(
        "\"constant(rate)\"", "\"constant(-1)\"",
        "s.yaml:15: the value of 'constant' is to be at least 0, not -1 (column 10 of "
          + "'constant(-1)')"),
      .init("\"constant(rate)\"", "\"constant(beta)\"", "s.yaml:15: …"),
      .init(
        "name: plateau", "name: fixed", "s.yaml:20: the name 'fixed' stands twice in 'methods'"),
      .init(
        "after: 5", "after: 2.5",
        "s.yaml:21: 'after' of 'by' is to be a whole number, not 2.5 (column 41 of "
          + "'plateau(initial: rate, reduce: .by(0.5, after: 2.5))')"),
      .init("after: 5", "aftr: 5", "s.yaml:21: …"),
      .init(
        "{low: -2, high: 0, count: 2}", "{low: -2, hihg: 0, count: 2}",
        "s.yaml:23: no key of startingRates named 'hihg'; did you mean 'high'?"),
      .init(
        "seeds: [101]\n  methods", "seeds: [101, 101]\n  methods",
        "s.yaml:24: the seed 101 stands twice in 'map.seeds'"),
      .init(
        "hyperLearningRate: beta", "hyperLearningRate: 0.1",
        "s.yaml:27: 'hypergradient' in 'map' has no 'beta' in its text, which stands for the "
          + "hyper-learning-rate"),
      .init(
        "hyperLearningRates: [0.01, 0.1]", "hyperLearningRates: [0.01, -1]",
        "s.yaml:28: with the hyper-learning-rate -1.0: …"),
      .init("ellipsoid(condition: 10", "ellipsoid(conditoin: 10", "s.yaml:31: …"),
      .init(
        "commonTarget: 0.5", "commonTarget: 0.7",
        "s.yaml:41: the 'commonTarget' of task 'shift' is 0.7, not at most 0.5: …"),
      .init(
        "name: noisy\n", "name: \"noisy, twice\"\n",
        "s.yaml:42: the name 'noisy, twice' in 'tasks' is to have no comma, quote or line "
          + "break"),
      .init(
        "noisyQuadratic(", "noisyQuadratik(",
        "s.yaml:43: no task named 'noisyQuadratik'; did you mean 'noisyQuadratic'? (column 1 "
          + "of 'noisyQuadratik(noiseVariance: 0.05, dimension: 5)')"),
      .init(
        "sgd: {rate: 0.3, target: 0.1}", "sgd: {rate: -0.3, target: 0.1}",
        "s.yaml:45: task 'noisy' has a reference with a rate or target that is not above 0"),
      .init(
        "adam: {rate: 0.05, target: 0.1}", "adam: {rate: 0.05, target: 0.6}",
        "s.yaml:46: the 'target' of rule 'adam' on task 'noisy' is 0.6, not at most 0.5: a "
          + "run that has hardly begun would get there"),
      .init(
        "adam: {rate: 0.05, target: 0.1}", "adam: {rate: 0.05, target: 0.51, key: given}",
        "s.yaml:46: the 'target' of rule 'adam' on task 'noisy' is 0.51, …"),
    ] as [WrongSuite])
  func aFaultHasItsLine(_ wrong: WrongSuite) {
    let found = message { _ = try SuiteFile.parse(wrong.text, file: "s.yaml") }
    #expect(wrong.isToldBy(found), "\(found)")
  }

  /// A target that suits a loss on held-out examples is refused where the training loss is judged, however
  /// the suite comes to it, and one that was computed is not: it is computed anew.
  @Test func aChosenTargetIsHeldToWhatIsJudged() throws {
    let folder = try TemporaryFolder()
    func suite(_ target: Double, _ key: String) throws -> Suite {
      try SuiteFile.parse(
        TinySuite.replacing("steps: 60", "steps: 60\njudgedBy: heldOut").replacing(
          "adam: {rate: 0.05, target: 0.1}",
          with: "adam: {rate: 0.05, target: \(target), key: \(key)}"),
        file: "s.yaml")
    }
    #expect(
      message { _ = try suite(0.995, "given") }
        .hasPrefix(
          "s.yaml:47: the 'target' of rule 'adam' on task 'noisy' is 0.995, not at most 0.99: "))
    let expected = "the 'target' of rule 'adam' on task 'noisy' is 0.8, not at most 0.5"
    let chosen = try suite(0.8, "given")
    #expect(
      message { _ = try chosen.narrowed(judgedBy: .training) }
        .hasPrefix("--judged-by training: " + expected))
    var changed = chosen
    changed.judgedBy = .training
    #expect(message { _ = try folder.run(changed) }.hasPrefix("suite 'tiny': " + expected))
    #expect(folder.names("out").isEmpty)
    #expect(message { _ = try suite(0.8, "c1-0123").narrowed(judgedBy: .training) } == "nothing")
  }

  /// A mark of the byte order, as editors write it, is no part of the suite.
  @Test func aByteOrderMarkIsRead() throws {
    #expect(try SuiteFile.parse("\u{FEFF}" + TinySuite.text, file: "s.yaml") == TinySuite.suite())
  }

  /// What is written again is the file but for the references, with its line breaks.
  @Test(arguments: ["", "\u{FEFF}"], ["\n", "\r\n"])
  func referencesAreWrittenIntoTheFile(_ mark: String, _ lineBreak: String) throws {
    let folder = try TemporaryFolder()
    let text = TinySuite.replacing(
      "spec: \"noisyQuadratic(noiseVariance: 0.05, dimension: 5)\"",
      "spec: 'noisyQuadratic(noiseVariance: 0.05, dimension: 5)'")
    try folder.write(mark + text.replacing("\n", with: lineBreak), to: "mine.yaml")
    let path = folder.path + "/mine.yaml"
    let suite = try SuiteFile.load(path)
    let file = try CalibratedFile(suite, file: path, names: .standard)
    let written = try file.written(suite.tasks.map(\.references))
    #expect(written.path == path)
    try folder.write(written.text, to: "mine.yaml")
    let again = try SuiteFile.load(path)
    #expect(again.tasks.map(\.references) == suite.tasks.map(\.references))
    #expect(again.tasks.map(\.spec) == suite.tasks.map(\.spec))
    let kept = try #require(text.firstRange(of: "tasks:\n")).lowerBound
    #expect(
      written.text.hasPrefix(mark + text[..<kept].replacing("\n", with: lineBreak) + "tasks:"))
    #expect(written.text.contains("\r\n") == (lineBreak == "\r\n"))
  }

  /// Told before anything is computed.
  @Test(arguments: [
    ("tasks:\n", "tasks:\n# mine\n", ":30: a comment in the part 'tasks:' would be lost"),
    ("commonTarget: 0.5", "commonTarget: 0.5  # mine", ":41: a comment"),
    ("name: noisy\n", "name: noisy # mine\n", ":42: a comment"),
    ("summary: For tests.", "summary: For tests.\ntasks: []", "stands twice"),
  ])
  func whatWouldBeLostIsTold(_ part: String, _ other: String, _ expected: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(TinySuite.replacing(part, other), to: "mine.yaml")
    let path = folder.path + "/mine.yaml"
    let found = message {
      _ = try CalibratedFile(SuiteFile.load(path), file: path, names: .standard)
    }
    #expect(found.hasPrefix(path) && found.contains(expected), "\(found)")
  }

  @Test func tasksAreToStandLast() throws {
    let folder = try TemporaryFolder()
    try folder.write(TinySuite.text + "\nvalidationMetric: loss\n", to: "mine.yaml")
    let path = folder.path + "/mine.yaml"
    let found = message {
      _ = try CalibratedFile(SuiteFile.load(path), file: path, names: .standard)
    }
    #expect(found == "\(path): the part 'tasks:' is to be the last one, to be written again")
  }
}
