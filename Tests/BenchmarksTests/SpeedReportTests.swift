import Benchmarks
import Foundation
import Testing

/// Texts made of numbers that were never measured.
@Suite struct SpeedReportTests {
  private let machine = Machine(
    processor: "Abacus", processors: 2, instructionSet: "plain", system: "Beads 1",
    memoryBytes: 4 << 30, libraryOfC: "libc 1", packageVersion: "0.1.0", isOptimized: true)

  private var report: SpeedReport {
    func spread(_ median: Double) -> Spread {
      Spread(lower: median * 0.9, median: median, upper: median * 1.1, repeats: 9)
    }
    return SpeedReport(
      machine: machine,
      outcomes: [
        Outcome(
          part: "steps", contest: "SGD step, n = 10²", threads: 1, ours: spread(40e-9),
          peer: .init(
            name: "PyTorch, eager", version: "PyTorch 9.9", spread: spread(20e-6),
            goal: .timesAsFast(400))),
        Outcome(
          part: "steps", contest: "SGD step, n = 10⁷", threads: 2, ours: spread(12e-3),
          peer: .init(
            name: "floor, 3 words", variant: "common stores", spread: spread(8e-3),
            goal: .timesTheFloor(1.25))),
        Outcome(
          part: "sweeps", contest: "a sweep", threads: 2, ours: spread(0.5),
          peer: .init(name: "JAX", version: "JAX 1", spread: spread(2), preparation: 1.3)),
        Outcome(part: "sweeps", contest: "alone", threads: 1, ours: spread(1)),
      ], notes: ["no --data"], command: "hypergrad bench")
  }

  @Test func terminal() {
    let lines = report.terminal(width: 200).split(separator: "\n").map(String.init)
    func line(_ start: String) -> [String] {
      let found = lines.first { $0.hasPrefix(start) } ?? ""
      return found.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
    }
    #expect(
      line("SGD step, n = 10²").suffix(13).joined(separator: " ")
        == "40.0 (36.0…44.0) ns PyTorch, eager 20.0 (18.0…22.0) µs 500 ≥ 400 × met".split(
          separator: " "
        ).suffix(13).joined(separator: " "))
    #expect(
      line("SGD step, n = 10⁷").suffix(6).joined(separator: " ") == "1.50 ≤ 1.25 × floor missed")
    #expect(lines.contains { $0.contains("JAX, compiled in 1.30 s") && $0.contains("4.00") })
    #expect(line("alone").last == "—")
    #expect(lines.contains("note: no --data") && lines.contains("1 of 2 goals met"))
    #expect(
      lines.last
        == "Abacus, 2 processors, plain; Beads 1, libc 1, 4 GiB; hypergradient 0.1.0, release build"
    )
  }

  @Test func markdown() {
    let text = report.markdown
    #expect(text.hasPrefix("# Speed\n"))
    #expect(text.contains("`hypergrad bench`") && text.contains("beside JAX 1, PyTorch 9.9"))
    #expect(text.contains("| SGD step, n = 10⁷ | 2 | 12.0 (10.8…13.2) ms |"))
    #expect(text.contains("| 1.50 | ≤ 1.25 × floor | missed |"))
    #expect(text.contains("1 of 2 goals met.") && text.contains("## Left out\n\n- no --data"))
  }

  @Test func json() throws {
    let object = try JSONSerialization.jsonObject(with: Data(try report.json().utf8))
    let file = try #require(object as? [String: Any])
    #expect(file["command"] as? String == "hypergrad bench")
    #expect((file["machine"] as? [String: Any])?["processor"] as? String == "Abacus")
    #expect(file["peers"] as? [String] == ["JAX 1", "PyTorch 9.9"])
    let rows = try #require(file["rows"] as? [[String: Any]])
    #expect(rows.count == 4)
    #expect((rows[0]["ours"] as? [String: Any])?["median"] as? Double == 40e-9)
    #expect((rows[0]["ours"] as? [String: Any])?["repeats"] as? Int == 9)
    #expect(rows[0]["isMet"] as? Bool == true && rows[1]["isMet"] as? Bool == false)
    #expect(rows[0]["goal"] as? String == "≥ 400 ×" && rows[1]["ratio"] as? Double == 1.5)
    #expect(rows[2]["peerPreparation"] as? Double == 1.3 && rows[2]["isMet"] == nil)
    #expect(rows[3]["peer"] == nil)
  }

  @Test func aDebugBuildSaysSo() {
    var slow = machine
    slow.isOptimized = false
    #expect(slow.text.hasSuffix("DEBUG BUILD, whose times mean nothing"))
  }
}
