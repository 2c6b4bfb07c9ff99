internal import Experiments
internal import Foundation
internal import Records
internal import Testing

/// What is wrong in a suite's file is told with its line.
@Suite struct SuiteFaultTests {
  private static func replacing(_ part: String, _ other: String) -> String {
    TinySuite.text(replacing: part, with: other)
  }

  @Test(arguments: [
    (
      replacing("spec: adam}", "spec: adm}"),
      "s.yaml:12: no rule named 'adm'; did you mean 'adam'? (column 1 of 'adm')"
    ),
    (replacing("after: 5", "aftr: 5"), "s.yaml:21: "),
    (replacing("ellipsoid(condition: 10", "ellipsoid(conditoin: 10"), "s.yaml:31: "),
    (replacing("steps: 60", "steps: 60\nsteps: 70"), "s.yaml:4: 'steps' stands twice"),
    (
      replacing("steps: 60", "steps: 60\njudgedBy: test"),
      "s.yaml:5: 'judgedBy' is to be 'training' or 'heldOut', not 'test'"
    ),
    (
      replacing("steps: 60", "steps: 60\nvalidationMetric: acc"),
      "s.yaml:5: 'validationMetric' is to be 'loss' or 'accuracy', not 'acc'"
    ),
    (replacing("steps: 60", "steps: -50"), "s.yaml:4: 'steps' is -50, not at least 1"),
    (replacing("version: 1", "version: -1"), "s.yaml:2: 'version' is -1, not at least 1"),
    (
      replacing("tracedExponents: [-4, -2, 0, 2]", "tracedExponents: [0, 7]"),
      "s.yaml:9: 'tracedExponents' has 7.0, which is not in -4.0...2.0, the exponents of "
        + "'startingRates'"
    ),
    (
      replacing("{name: sgd, spec: sgd}", "{name: sgd, spec: sgd, variables: {rate: 1}}"),
      "s.yaml:11: 'rate' is no variable of rule 'sgd': it has a meaning of its own in the texts of "
        + "methods"
    ),
    (replacing("\"constant(rate)\"", "\"constant(beta)\""), "s.yaml:15: "),
    (
      replacing("hyperLearningRate: beta", "hyperLearningRate: 0.1"),
      "s.yaml:27: 'hypergradient' in 'map' has no 'beta' in its text, which stands for the "
        + "hyper-learning-rate"
    ),
    (
      replacing("hyperLearningRates: [0.01, 0.1]", "hyperLearningRates: [0.01, -1]"),
      "s.yaml:28: with the hyper-learning-rate -1.0: "
    ),
    (
      replacing("seeds: [101]\n  methods", "seeds: [101, 101]\n  methods"),
      "s.yaml:24: the seed 101 stands twice in 'map.seeds'"
    ),
    (
      replacing("tuningSeeds: [1]", "tuningSeeds: [1, 2, 1]"),
      "s.yaml:6: the seed 1 stands twice in 'tuningSeeds' and 'reportSeeds'"
    ),
    (
      replacing("steps: 60", "steps: 60\nfromCatalogue: [rule]"),
      "s.yaml:5: no part of the catalogue named 'rule'; did you mean 'rules'?"
    ),
    (
      replacing("steps: 60", "steps: 60\nreferencesFrom: nosuch.yaml"),
      "s.yaml:5: 'referencesFrom': there is no file nosuch.yaml; "
    ),
  ])
  func aFaultHasItsLine(_ text: String, _ expected: String) {
    let found = message { _ = try SuiteFile.parse(text, file: "s.yaml") }
    #expect(found.hasPrefix(expected) && !found.contains("\n"), "\(found)")
  }

  /// A mark of the byte order, as editors write it, is no part of the suite.
  @Test func aByteOrderMarkIsRead() throws {
    #expect(try SuiteFile.parse("\u{FEFF}" + TinySuite.text, file: "s.yaml") == TinySuite.suite())
  }

  /// What is written again is the file but for the references, with its line breaks.
  @Test(arguments: ["", "\u{FEFF}"], ["\n", "\r\n"])
  func referencesAreWrittenIntoTheFile(_ mark: String, _ lineBreak: String) throws {
    let folder = try TemporaryFolder()
    let text = Self.replacing(
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
    ("commonTarget: 0.7", "commonTarget: 0.7  # mine", ":41: a comment"),
    ("name: noisy\n", "name: noisy # mine\n", ":42: a comment"),
    ("summary: For tests.", "summary: For tests.\ntasks: []", "stands twice"),
  ])
  func whatWouldBeLostIsTold(_ part: String, _ other: String, _ expected: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.replacing(part, other), to: "mine.yaml")
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
