internal import Experiments
internal import Foundation
internal import HypergradientCatalogue
internal import HypergradientRecipes
internal import Records
internal import Testing

/// Methods that are programs take part in a comparison like all others.
@Suite(.enabled(if: MethodProgram.hasPython)) struct ExternalMethodRunTests {
  /// θ ← θ − rate·g; it says where its process begins and ends in a file.
  private func descent(_ folder: TemporaryFolder, repeats: Bool = true) throws -> String {
    let path = folder.path + "/descent.py"
    try """
    import json, random, sys
    def note(word):
        if len(sys.argv) > 1: open(sys.argv[1], "a").write(word + "\\n")
    note("begun")
    for line in sys.stdin:
        q = json.loads(line)
        if q["ask"] == "hello":
            rate = q["rate"]
            a = {"version": 1, "numbers": "json"}
        else:
            noise = \(repeats ? "0" : "1e-9 * random.SystemRandom().random()")
            a = {"at": [x - (rate + noise) * g for x, g in zip(q["at"], q["gradient"])],
                 "rate": rate + noise}
        print(json.dumps(a), flush=True)
    note("ended")
    """.write(toFile: path, atomically: true, encoding: .utf8)
    return "python3 \(path)"
  }

  private func text(_ command: String) -> String {
    "external(command: \(quoted(command)), initial: rate)"
  }

  /// The rows of a descent by a program are those of the fixed rate, bit for bit, whatever the number
  /// of threads, also where they diverge; and one process a thread lives at a time.
  @Test func rowsAreThoseOfTheFixedRate() throws {
    let folder = try TemporaryFolder()
    let log = folder.path + "/processes.txt"
    var whole = try TinySuite.suite()
    whole.map = nil
    let (wider, names) = try whole.adding(
      methods: ["fixed", text("\(try descent(folder)) \(log)")], over: ["sgd"])
    #expect(names == ["fixed", "external"])
    let suite = try wider.narrowed(methods: names, rules: ["sgd"])
    let (one, _) = try folder.run(suite, into: "one", jobs: 1)
    let words = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
    // Twice a task before anything, and once a run.
    #expect(words.count == 2 * (2 * 3 + one.runs.count / 2))
    #expect(words.indices.allSatisfy { words[$0] == ($0 % 2 == 0 ? "begun" : "ended") })
    func rows(_ method: String) -> [RunRecord] {
      one.runs.filter { $0.method == method }.map { run in
        var run = run
        run.method = ""
        return run
      }
    }
    #expect(rows("fixed").count == 3 * 4 * 2)
    #expect(rows("external") == rows("fixed"))
    #expect(Set(rows("external").map(\.status)).count > 1)
    func traces(_ method: String) -> [RunTrace] {
      one.traces.filter { $0.method == method }.map { trace in
        var trace = trace
        trace.method = ""
        return trace
      }
    }
    #expect(!traces("external").isEmpty && traces("external") == traces("fixed"))
    let (three, _) = try folder.run(suite, into: "three", jobs: 3)
    #expect(three.digest == one.digest)
    let manifest = try folder.text("one/manifest.json")
    #expect(manifest.contains("\"isRepeatable\" : true") && manifest.contains("descent.py\" : "))
  }

  /// Before anything runs: a program that does not repeat its steps and does not say so, and one that
  /// fails.
  @Test func aProgramIsCheckedBeforeAnythingRuns() throws {
    let folder = try TemporaryFolder()
    func fault(_ command: String) throws -> String {
      var suite = try TinySuite.suite().adding(methods: [text(command)]).suite
      suite = try suite.narrowed(tasks: ["noisy"], methods: ["external"], rules: ["sgd"])
      do {
        _ = try folder.run(suite, into: "fails", replaces: true)
        return ""
      } catch { return "\(error)" }
    }
    let loose = try descent(folder, repeats: false)
    let said = try fault(loose)
    #expect(
      said.hasPrefix("'\(loose)' was asked for step 0 twice, in two processes, and answered diff"))
    #expect(try fault("exit 3") == "'exit 3' was asked for its hello and ended with code 3")
    #expect(folder.names("fails").filter { $0.contains("runs") } == [])
  }

  /// Texts among the names of methods, and what they are called.
  @Test func textsAmongNames() throws {
    let suite = try TinySuite.suite()
    let (wider, names) = try suite.adding(methods: [
      "cosine", text("a"), text("b"), "adam + constant(rate)", "polyak(maximum: rate)",
    ])
    #expect(names == ["cosine", "external", "external-2", "adam+constant", "polyak"])
    #expect(wider.methods.count == suite.methods.count + 4)
    // One with a rule of its own runs once, not for every rule.
    #expect(wider.methods.first { $0.name == "external-2" }?.rules == ["sgd"])
    #expect(wider.methods.first { $0.name == "polyak" }?.rules == ["sgd", "adam"])
    for text in ["external(command: )", "external(initial: rate)", "adam + konstant(rate)"] {
      #expect(throws: SpecError.self, "\(text)") { try suite.adding(methods: [text]) }
    }
  }
}

private enum MethodProgram {
  static let hasPython: Bool = {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", "import sys"]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()
}
