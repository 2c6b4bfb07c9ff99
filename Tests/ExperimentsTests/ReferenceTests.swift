internal import Experiments
internal import Foundation
internal import HypergradientCatalogue
internal import Records
internal import Synchronization
internal import Testing

/// Whether a reference is of what is run: by its key, or computed anew.
@Suite struct ReferenceTests {
  private func key(_ suite: Suite, _ task: String, _ rule: String, data: String? = nil) throws
    -> String
  {
    try suite.referenceKey(task: task, rule: rule, dataHash: data)
  }

  /// Two tasks and two rules without references, on a coarse grid.
  private static let text = """
    name: bare
    version: 1
    summary: For tests.
    steps: 40
    evaluations: 8
    tuningSeeds: [1]
    reportSeeds: [101]
    startingRates: {low: -2, high: 0, count: 3}
    tracedExponents: []
    referenceGrid: {low: -3, high: 0, count: 7}
    rules:
      - {name: sgd, spec: sgd}
      - {name: adam, spec: adam}
    methods:
      - {name: fixed, spec: "constant(rate)"}
    tasks:
      - {name: ellipsoid, spec: "ellipsoid(condition: 10, dimension: 6)"}
      - {name: noisy, spec: "noisyQuadratic(noiseVariance: 0.05, dimension: 5)"}
    """

  private func suite(replacing part: String = "", with other: String = "") throws -> Suite {
    try SuiteFile.parse(
      part.isEmpty ? Self.text : Self.text.replacing(part, with: other), file: "bare.yaml")
  }

  /// Resolves a suite, and says for which tasks references were computed.
  private func resolved(
    _ suite: Suite, of whole: Suite? = nil, cache: ReferenceCache? = nil, names: Names = .standard
  ) throws -> (suite: Suite, computed: Set<String>) {
    let said = Said()
    let resolved = try Calibration.resolved(
      suite, of: whole ?? suite, data: nil, jobs: 1, cache: cache, names: names
    ) { said.add($0) }
    let prefix = "best fixed rates of "
    return (
      resolved,
      Set(said.lines.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) })
    )
  }

  private final class Said: Sendable {
    private let texts = Mutex<[String]>([])
    func add(_ text: String) { texts.withLock { $0.append(text) } }
    var lines: [String] { texts.withLock { $0 } }
  }

  /// The key is one for texts that mean the same, and another wherever a reference might be.
  @Test func theKeyIsOfWhatIsMeant() throws {
    let suite = try suite()
    let (task, rule) = ("ellipsoid(condition: 10, dimension: 6)", "nesterov")
    let known = try key(suite, task, rule)
    for (task, rule) in [
      ("ellipsoid( dimension: 6,condition: 1e1 )", "nesterov"),
      (task, "nesterov(momentum: 0.9)"), (task, "nesterov()"),
    ] { #expect(try key(suite, task, rule) == known, "\(task), \(rule)") }
    #expect(
      try key(suite, "rosenbrock", rule) == key(suite, "rosenbrock(coefficient: 10)", rule))
    var keys = [known, try key(suite, task, rule, data: "0")]
    for (task, rule) in [
      ("ellipsoid(condition: 11, dimension: 6)", rule), ("ellipsoid(condition: 10)", rule),
      ("noisyQuadratic(noiseVariance: 0.05)", rule), ("noisyQuadratic(noiseVariance: 0.06)", rule),
      (task, "nesterov(momentum: 0.8)"), (task, "heavyBall"),
      (task, "nesterov.then(clipByNorm(1))"),
    ] { keys.append(try key(suite, task, rule)) }
    for (part, other) in [
      ("steps: 40", "steps: 41"), ("steps: 40", "epochs: 40"), ("evaluations: 8", "evaluations: 9"),
      ("tuningSeeds: [1]", "tuningSeeds: [2]"), ("tuningSeeds: [1]", "tuningSeeds: [1, 2]"),
      ("tuningSeeds: [1]", "tuningSeeds: [1]\nreferenceSeeds: [3]"), ("low: -3", "low: -4"),
      ("count: 7", "count: 8"),
    ] { keys.append(try key(try self.suite(replacing: part, with: other), task, rule)) }
    #expect(Set(keys).count == keys.count)
    // What the runs are, and not the references, does not matter.
    for (part, other) in [
      ("reportSeeds: [101]", "reportSeeds: [102]"), ("count: 3", "count: 5"),
      ("version: 1", "version: 2"), ("constant(rate)", "constant(rate).clamped(to: 0...1)"),
    ] { #expect(try key(try self.suite(replacing: part, with: other), task, rule) == known) }
  }

  /// A rule that is not run ends nothing where it has no reference; one that is run does.
  @Test func aRuleThatIsNotRunNeedsNoReference() throws {
    let whole = try suite(
      replacing: "adam, spec: adam", with: "stuck, spec: \"clipByNorm(1e-30).then(sgd)\"")
    var narrow = whole
    narrow.rules.removeAll { $0.name == "stuck" }
    let resolved = try resolved(narrow, of: whole).suite
    for task in resolved.tasks {
      #expect(Set(task.references.keys) == ["sgd"])
      #expect(task.commonTarget == task.references["sgd"]?.target)
    }
    #expect {
      _ = try self.resolved(whole)
    } throws: {
      "\($0)".contains("'stuck'")
    }
  }

  /// Every reference that a built-in suite has is for the suite as it stands.
  @Test(arguments: SuiteFile.builtInNames) func builtInReferencesAreOfTheirSuite(_ name: String)
    throws
  {
    let suite = try SuiteFile.load(name)
    for task in suite.tasks {
      for rule in suite.rules {
        guard let reference = task.references[rule.name] else { continue }
        #expect(
          try reference.key == key(suite, task.spec, rule.spec, data: suite.dataHash),
          "\(task.name), \(rule.name)")
      }
    }
    if suite.dataHash == nil, !suite.tasks[0].references.isEmpty {
      #expect(try resolved(suite).computed.isEmpty)
      #expect(try resolved(suite).suite == suite)
    }
  }

  /// What is computed is what `calibrate` writes for the same suite, whatever changed.
  @Test(arguments: [
    ("", ""), ("steps: 40", "steps: 23"), ("condition: 10", "condition: 30"),
    ("noiseVariance: 0.05", "noiseVariance: 0.5"), ("spec: adam", "spec: \"adam(beta1: 0.5)\""),
    ("tuningSeeds: [1]", "tuningSeeds: [2, 3]"),
  ])
  func computedReferencesAreThoseOfCalibrate(_ part: String, _ other: String) throws {
    // A file whose references are for what it was before.
    var frozen = try suite()
    for (index, references) in try Calibration.all(of: frozen, data: nil, jobs: 1, { _ in })
      .enumerated()
    {
      frozen.tasks[index] = .init(
        name: frozen.tasks[index].name, spec: frozen.tasks[index].spec, references: references)
    }
    var changed = part.isEmpty ? frozen : try suite(replacing: part, with: other)
    for index in changed.tasks.indices {
      changed.tasks[index].references = frozen.tasks[index].references
      changed.tasks[index].commonTarget = frozen.tasks[index].commonTarget
    }
    let expected = try Calibration.all(of: changed, data: nil, jobs: 1) { _ in }
    let found = try resolved(changed).suite
    for (task, references) in zip(found.tasks, expected) {
      for (rule, reference) in references {
        #expect(task.references[rule]?.rate == reference.rate)
        #expect(task.references[rule]?.target == reference.target)
        #expect(task.references[rule]?.key == reference.key)
        let isOld = changed.tasks.contains { $0.references[rule] == reference }
        #expect((task.references[rule]?.isComputed == true) != isOld, "\(task.name), \(rule)")
      }
      #expect(task.commonTarget == references.values.map(\.target).max())
    }
  }

  /// Only what is not there is computed, and what a folder has from an earlier call is not.
  @Test func onlyWhatIsMissingIsComputed() throws {
    let folder = try TemporaryFolder()
    try folder.write("program", to: "program")
    func cache(_ program: String = "program") -> ReferenceCache {
      ReferenceCache(folder: folder.path + "/out", program: folder.path + "/" + program)
    }
    let bare = try suite()
    let first = try resolved(bare, cache: cache())
    #expect(first.computed == ["ellipsoid", "noisy"])
    let again = try resolved(bare, cache: cache())
    #expect(again.computed == [] && again.suite == first.suite)
    // Another task text, and the other task from the folder.
    let other = try suite(replacing: "condition: 10", with: "condition: 20")
    #expect(try resolved(other, cache: cache()).computed == ["ellipsoid"])
    // Another program might make another task of the same text.
    try folder.write("another", to: "another")
    #expect(try resolved(bare, cache: cache("another")).computed == ["ellipsoid", "noisy"])
    // What somebody chose is used for whatever is run; a damaged folder is no help and no harm.
    var given = bare
    for index in given.tasks.indices {
      for rule in ["sgd", "adam"] {
        given.tasks[index].references[rule] = .init(
          rate: 0.1, target: 0.01, key: Suite.Reference.given)
      }
      given.tasks[index].commonTarget = 0.5
    }
    #expect(try resolved(given).suite == given && resolved(given).computed == [])
    try folder.write("{\"key\": 3}\nnothing\n", to: "out/references.jsonl")
    #expect(try resolved(bare, cache: cache()).suite == first.suite)
    // A line that was changed is computed again, and only that.
    let lines = try folder.text("out/references.jsonl")
    #expect(try resolved(bare, cache: cache()).computed == [])
    let rate = try #require(lines.firstMatch(of: /"rate":([0-9.]+)/))
    try folder.write(
      lines.replacing(rate.output.0, with: "\"rate\":0.123", maxReplacements: 1),
      to: "out/references.jsonl")
    let mended = try resolved(bare, cache: cache())
    #expect(mended.computed.count == 1 && mended.suite == first.suite)
    #expect(try folder.text("out/references.jsonl") == lines)
  }

  /// The common target, and so every score, is the same whichever part of a suite is run.
  @Test func narrowingLeavesTheReferences() throws {
    let whole = try suite()
    let all = try resolved(whole).suite
    for narrow in [
      try whole.narrowed(rules: ["sgd"]), try whole.narrowed(tasks: ["noisy"], seeds: [101]),
      try whole.narrowed(seeds: [1]), try whole.narrowed(tasks: ["noisy"], methods: ["greedy"]),
    ] {
      let run = try resolved(narrow, of: whole).suite
      // What is run is known before its references are.
      #expect(try run.planHash(dataHash: nil) == narrow.planHash(dataHash: nil))
      #expect(try run.planHash(dataHash: nil) != whole.planHash(dataHash: nil))
      #expect(try run.planHash(dataHash: "other") != narrow.planHash(dataHash: nil))
      for task in run.tasks {
        let known = try #require(all.tasks.first { $0.name == task.name })
        #expect(task == known)
      }
    }
  }

  /// A suite's file needs no references, and its runs are those of one that has them.
  @Test func aFileWithoutReferencesRuns() throws {
    let folder = try TemporaryFolder()
    let bare = try resolved(try suite()).suite
    let text = try Calibration.written(
      try Calibration.all(of: try suite(), data: nil, jobs: 1) { _ in }, of: try suite(),
      file: "bare.yaml", text: Self.text)
    #expect(text.path == "bare.yaml")
    let written = try SuiteFile.parse(text.text, file: "bare.yaml")
    #expect(try resolved(written).computed == [])
    let (one, two) = (
      try folder.run(bare, into: "one").results, try folder.run(written, into: "two").results
    )
    #expect(one.digest == two.digest && one.runs.count == 2 * 2 * 3 * 2)
    // The manifest says which are from the file, and which are not.
    #expect(
      one.suite.tasks.allSatisfy { $0.references.values.allSatisfy { $0.isComputed == true } })
    #expect(two.suite.tasks.allSatisfy { $0.references.values.allSatisfy { $0.isComputed == nil } })
  }

  /// References may stand in a file of their own, which `calibrate --write` writes.
  @Test func referencesOfAnotherFile() throws {
    let folder = try TemporaryFolder()
    let text = Self.text.replacing("tasks:\n", with: "referencesFrom: mine.yaml\ntasks:\n")
    try folder.write(text, to: "bare.yaml")
    let path = folder.path + "/bare.yaml"
    #expect(try SuiteFile.load(path, makesReferences: true) == suite())
    #expect(
      message { _ = try SuiteFile.load(path) }
        == "\(path):16: 'referencesFrom': there is no file \(folder.path)/mine.yaml; 'hypergrad "
        + "calibrate --suite FILE --write' makes it")
    let found = try Calibration.all(of: try suite(), data: nil, jobs: 1) { _ in }
    let written = try Calibration.written(found, of: try suite(), file: path, text: text)
    #expect(written.path == folder.path + "/mine.yaml")
    try folder.write(written.text, to: "mine.yaml")
    let read = try SuiteFile.load(path)
    #expect(read.tasks.map(\.references) == found)
    #expect(read.tasks.map(\.commonTarget) == found.map { $0.values.map(\.target).max() ?? 0 })
    #expect(try resolved(read).computed == [])
    try folder.write("noisy:\n  sgd: {rate: much, target: 1}\n", to: "mine.yaml")
    #expect(
      message { _ = try SuiteFile.load(path) }
        == "mine.yaml:2: 'rate' is to be a number, not 'much'")
  }

  /// The file of the built-in suite is one that the command wrote, as it would write it again.
  @Test func theFileOfTheSuiteAllIsAsItWasWritten() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().path
    let path = root + "/Sources/Experiments/Suites/all.yaml"
    let suite = try SuiteFile.load(path)
    let written = try Calibration.written(
      suite.tasks.map(\.references), of: suite, file: path,
      text: try String(contentsOfFile: path, encoding: .utf8))
    #expect(try written.text == String(contentsOfFile: written.path, encoding: .utf8))
    #expect(try SuiteFile.load("all") == suite)
  }
}
