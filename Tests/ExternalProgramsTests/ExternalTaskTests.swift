import ExternalPrograms
import Foundation
import Hypergradient
import HypergradientRecipes
import PortableMath
import Tasks
import Testing

/// Programs that answer as they should.
struct ExternalTaskTests {
  private func example(_ name: String) -> String {
    "cd '\(TestPrograms.examples)' && python3 \(name)"
  }

  @Test(.enabled(if: TestPrograms.hasPython)) func bowlPassesTheGates() throws {
    let made = try TestPrograms.task(example("bowl.py"))
    #expect(TaskGates.failures(of: made, horizon: 100) == [])
    #expect(made.failure == nil)
    #expect(made.dimension == 10 && made.isDeterministic && made.stepsPerEpoch == nil)
  }

  @Test(.enabled(if: TestPrograms.hasNumPy)) func minibatchesPassTheGates() throws {
    let made = try #require(
      try TestPrograms.task(example("noisy.py")) as? any BenchmarkTask<Double>)
    #expect(TaskGates.failures(of: made, horizon: 100) == [])
    #expect(made.failure == nil)
    #expect(!made.isDeterministic && made.stepsPerEpoch == 8)
    // At θ = 0 every example costs log 2, and none is called right.
    #expect((made.loss(at: made.start) - 0.6931471805599453).magnitude < 1e-15)
    // A draw is named by seed and step, up to the largest seed.
    func seen(_ seed: Int, _ step: Int) -> [Double] {
      made.gradient(
        at: made.start, step: step, draws: made.draws(seed: seed, steps: step..<(step + 1))
      ).gradient
    }
    for seed in [0, 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x1_0000_0000, Int.max] {
      #expect(seen(seed, 3) == seen(seed, 3))
      #expect(seen(seed, 3) != seen(seed ^ 1, 3))
      #expect(seen(seed, 3) != seen(seed, 4))
      let draws = made.draws(seed: seed, steps: 0..<8)
      // An epoch without replacement has every example once: the mean is the exact gradient.
      var mean = [Double](repeating: 0, count: 8)
      for step in 0..<8 {
        for (i, g) in made.gradient(at: made.start, step: step, draws: draws).gradient.enumerated()
        {
          mean[i] += g / 8
        }
      }
      let exact = made.exactGradient(at: made.start)
      #expect(zip(mean, exact).allSatisfy { ($0 - $1).magnitude < 1e-14 })
    }
  }

  /// Every bit of a number arrives, both ways, in every format.
  @Test(.enabled(if: TestPrograms.hasPython), arguments: ["float64", "float32", "json"])
  func everyBitArrives(_ format: String) throws {
    // The gradient of f(θ) = ½‖θ‖² is θ.
    let program =
      TestPrograms.wireFormat + """
        for line in sys.stdin:
            q = json.loads(line)
            if q["ask"] == "hello":
                a = {"version": 1, "dimension": 5, "start": encode([1, -2, 0.5, 0.1, 3]),
                     "numbers": form, "deterministic": True}
            else:
                x = decode(q["at"])
                a = {"loss": sum(v * v for v in x) / 2, "gradient": encode(x)}
            print(json.dumps(a), flush=True)
        """
    let made = try TestPrograms.task(try TestPrograms.command(program, format))
    func check<T: BenchmarkTask>(_ task: T, _ values: [T.Scalar]) {
      #expect(task.exactGradient(at: values) == values)
      #expect(task.loss(at: values) == values.reduce(0.0) { $0 + Double($1) * Double($1) } / 2)
    }
    func open<T: BenchmarkTask>(_ task: T) {
      #expect((T.Scalar.self == Float.self) == (format == "float32"))
      var stream = RandomStream(RandomKey("external.bits", 1))
      for exponent in stride(from: -30, through: 30, by: 3) {
        check(
          task,
          (0..<5).map { _ in
            T.Scalar(stream.normal() * Double(sign: .plus, exponent: exponent, significand: 1))
          })
      }
      check(task, [.leastNonzeroMagnitude, -0.0, 0, 1 / 3, T.Scalar(1).nextDown])
    }
    open(made)
    #expect(made.failure == nil)
    #expect(TaskGates.failures(of: made, horizon: 100) == [])
  }

  /// Several threads ask several processes, and each gets the answer to its own question.
  @Test(.enabled(if: TestPrograms.hasPython)) func threadsHaveTheirOwnProcesses() throws {
    let made = try #require(
      try TestPrograms.task(example("bowl.py")) as? any BenchmarkTask<Double>)
    let wrong = Mistakes()
    DispatchQueue.concurrentPerform(iterations: 4) { thread in
      for index in 0..<100 {
        var theta = [Double](repeating: Double(thread), count: 10)
        theta[0] = Double(index)
        let expected = 0.5 * (Double(index * index) + 54 * Double(thread * thread))
        if made.loss(at: theta) != expected { wrong.add() }
      }
    }
    #expect(wrong.count == 0)
    #expect(made.failure == nil)
  }

  private final class Mistakes: @unchecked Sendable {
    private let lock = NSLock()
    private(set) var count = 0
    func add() { lock.withLock { count += 1 } }
  }

  /// The group of a command is gone with the task, whether it reads the end of its input or not.
  @Test(.enabled(if: TestPrograms.hasPython), arguments: [true, false])
  func processesEndWithTheTask(_ listens: Bool) throws {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("hypergradient-\(UUID().uuidString).pids").path
    let stay = listens ? "" : "; trap '' TERM HUP; sleep 1000"
    let command = "sleep 1000 & echo $! $$ >> \(file); \(example("bowl.py"))\(stay)"
    try autoreleased {
      let made = try TestPrograms.task(command)
      #expect(made.failure == nil)
      for pid in try pids(file) { #expect(kill(pid, 0) == 0) }
    }
    for pid in try pids(file) {
      // What was left behind is reaped by whoever has inherited it.
      #expect(isGone(pid), "process \(pid) lives")
    }
  }

  /// Whether a process that was killed is gone, as soon as the system has come to it.
  private func isGone(_ pid: pid_t) -> Bool {
    for _ in 0..<1000 {
      if kill(pid, 0) != 0 || state(pid) == "Z" { return true }
      usleep(10_000)
    }
    return false
  }

  private func autoreleased(_ body: () throws -> Void) rethrows { try body() }

  private func pids(_ file: String) throws -> [pid_t] {
    let pids = try String(contentsOfFile: file, encoding: .utf8).split(
      whereSeparator: \.isWhitespace
    )
    .compactMap { pid_t($0) }
    try #require(pids.count >= 2)
    return pids
  }

  private func state(_ pid: pid_t) -> Substring? {
    guard let line = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else {
      return nil
    }
    return line.split(separator: ")").last?.split(separator: " ").first
  }

  /// The hello's facts are the task's.
  @Test func factsAreTheHellos() throws {
    let hello =
      "{\"version\": 1, \"dimension\": 3, \"start\": [0, 0, 0], \"groups\": [1, 2], "
      + "\"stepsPerEpoch\": 7, \"reference\": -4, \"minimiser\": [1, 1, 1], \"repeatable\": false, "
      + "\"numbers\": \"json\"}"
    let command =
      "read q; echo '\(hello)'; while read q; do echo '{\"loss\": 2, \"gradient\": [0, 0, 0]}'; done"
    let store = DataStore()
    let made = try TaskList.read("external(command: \(quoted(command)))", among: [.external]).make(
      TaskContext(instance: 1, store: store))
    #expect(made.parameterGroups == [0..<1, 1..<3])
    #expect(made.stepsPerEpoch == 7)
    #expect(made.reference == ReferenceValue(-4, .exact, minimiser: [1, 1, 1]))
    #expect(!made.isDeterministic)
    #expect(store.programs.map(\.isRepeatable) == [false])
    #expect(store.takeNotes().count == 1)
  }
}
