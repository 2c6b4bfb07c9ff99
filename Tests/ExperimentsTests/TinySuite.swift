internal import Datasets
internal import Experiments
internal import Foundation
internal import Records
internal import Synchronization
internal import Testing

/// A suite of some hundred runs of sixty steps, and folders to run it in.
enum TinySuite {
  static let text = """
    name: tiny
    version: 1
    summary: For tests.
    steps: 60
    evaluations: 12
    tuningSeeds: [1]
    reportSeeds: [101]
    startingRates: {low: -4, high: 2, count: 4}
    tracedExponents: [-4, -2, 0, 2]
    rules:
      - {name: sgd, spec: sgd}
      - {name: adam, spec: adam}
    methods:
      - name: fixed
        spec: "constant(rate)"
      - name: cosine
        spec: "scheduled(cosine(from: rate, over: steps))"
      - name: hypergradient
        spec: "hypergradient(initial: rate, hyperLearningRate: 0.05, form: .multiplicative)"
      - name: plateau
        spec: "plateau(initial: rate, reduce: .by(0.5, after: 5))"
    map:
      startingRates: {low: -2, high: 0, count: 2}
      seeds: [101]
      methods:
        - name: hypergradient
          spec: "hypergradient(initial: rate, hyperLearningRate: beta, form: .multiplicative)"
          hyperLearningRates: [0.01, 0.1]
    tasks:
      - name: ellipsoid
        spec: "ellipsoid(condition: 10, dimension: 6)"
        references:
          sgd: {rate: 0.18, target: 1e-2}
          adam: {rate: 0.2, target: 1e-2}
        commonTarget: 0.1
      - name: shift
        spec: "curvatureShift(condition: 2, dimension: 5, factor: 100)"
        references:
          sgd: {rate: 0.1, target: 0.5}
          adam: {rate: 0.1, target: 0.5}
        commonTarget: 0.5
      - name: noisy
        spec: "noisyQuadratic(noiseVariance: 0.05, dimension: 5)"
        references:
          sgd: {rate: 0.3, target: 0.1}
          adam: {rate: 0.05, target: 0.1}
        commonTarget: 0.1
    """

  /// tasks × rules × methods × rates × seeds, and the map's.
  static let runCount = 3 * 2 * (4 * 4 * 2 + 2 * 2)

  static func suite() throws -> Suite { try SuiteFile.parse(text, file: "tiny.yaml") }

  /// The text with a part replaced, which has to be there once.
  static func replacing(_ part: String, _ other: String) -> String {
    precondition(text.components(separatedBy: part).count == 2, "'\(part)' is not there once")
    return text.replacingOccurrences(of: part, with: other)
  }
}

/// A suite's file that is wrong, and the one line that it gets.
struct WrongSuite: Sendable, CustomTestStringConvertible {
  let text: String
  /// The whole line, or what it begins with, up to "…".
  let line: String

  init(text: String, _ line: String) { (self.text, self.line) = (text, line) }

  /// The tiny suite's with a part replaced.
  init(_ part: String, _ other: String, _ line: String) {
    self.init(text: TinySuite.replacing(part, other), line)
  }

  func isToldBy(_ found: String) -> Bool {
    line.last == "…" ? found.hasPrefix(line.dropLast()) && !found.contains("\n") : found == line
  }

  var testDescription: String { line }
}

/// A folder that is removed with its last reference.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/hypergrad-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func names(_ folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path + "/" + folder)) ?? []).sorted()
  }

  func text(_ file: String) throws -> String {
    try String(contentsOfFile: path + "/" + file, encoding: .utf8)
  }

  func write(_ text: String, to file: String) throws {
    try text.write(toFile: path + "/" + file, atomically: false, encoding: .utf8)
  }

  func copy(_ from: String, to: String) throws {
    try FileManager.default.copyItem(atPath: path + "/" + from, toPath: path + "/" + to)
  }

  /// Runs a suite into a folder inside; `program` is the content of the program's file.
  func run(
    _ suite: Suite, into folder: String = "out", jobs: Int = 1, program: String = "program",
    data: String? = nil, labelColumn: String? = nil, replaces: Bool = false,
    _ watching: @escaping @Sendable (Runner.Event) -> Void = { _ in }
  ) throws -> (results: Results, begun: Begun) {
    try write(program, to: "program")
    let begun = Mutex(Begun())
    let shared = Holder(begun)
    let options = Runner.Options(
      jobs: jobs, output: path + "/" + folder,
      data: data.map { DataSource($0, format: CSV.Format(labelColumn: labelColumn)) },
      commandLine: ["test"], program: path + "/program", replaces: replaces)
    let stored = try Runner(suite, options).run { event in
      if case .begun(let parts, let resumed, let dropped, let runs) = event {
        shared.value.withLock {
          $0 = Begun(parts: parts, resumed: resumed, dropped: dropped, runs: runs)
        }
      }
      watching(event)
    }
    let results = try ResultsFolder.read(stored.folder)
    return (results, shared.value.withLock { $0 })
  }

  /// What a runner said before its work.
  struct Begun: Equatable {
    var parts = -1
    var resumed = -1
    var dropped = -1
    var runs = -1
  }

  private final class Holder: Sendable {
    let value: Mutex<Begun>
    init(_ value: consuming Mutex<Begun>) { self.value = value }
  }
}

/// The description of what a body throws, "nothing" where it throws nothing.
func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return "nothing"
  } catch { return "\(error)" }
}
