import Benchmarks
import Testing

/// The pairing of what was measured, on contenders that say how long they took.
@Suite struct RefereeTests {
  private let referee = Referee(repeats: 5, warmUps: 2, leastSeconds: 0, pause: 0)

  /// Takes the times that are given, over and over.
  private func contender(
    _ name: String, _ times: [Double], threads: Int? = nil, variant: String? = nil,
    goal: Goal? = nil, facts: Contender.Facts? = nil
  ) -> Contender {
    Contender(
      name, threads: threads, variant: variant, goal: goal,
      facts: facts.map { facts in { @Sendable in facts } }
    ) {
      var turn = 0
      return { _ in
        defer { turn += 1 }
        return times[turn % times.count]
      }
    }
  }

  private func outcomes(
    _ ours: [Contender], _ peers: [Contender], judgesEveryThreadCount: Bool = false
  ) throws -> (rows: [Outcome], notes: [String]) {
    var notes: [String] = []
    let rows = try referee.outcomes(
      of: Contest(
        "work", part: "part", ours: ours, peers: peers,
        judgesEveryThreadCount: judgesEveryThreadCount)
    ) { notes.append($0) }
    return (rows, notes)
  }

  @Test func warmUpsDoNotCount() throws {
    let (rows, notes) = try outcomes([contender("ours", [9, 9, 1, 2, 3, 4, 5], threads: 1)], [])
    #expect(notes.isEmpty && rows.count == 1)
    #expect(rows[0].ours == Spread(lower: 2, median: 3, upper: 4, repeats: 5))
    #expect(rows[0].peer == nil && rows[0].ratio == nil && rows[0].isMet == nil)
  }

  @Test func patienceEndsAfterThreeRepeats() throws {
    let hasty = Referee(repeats: 50, warmUps: 1, leastSeconds: 0, pause: 0, patience: 0)
    let rows = try hasty.outcomes(
      of: Contest("w", part: "p", ours: [contender("ours", [1], threads: 1)], peers: [])
    ) { Issue.record("\($0)") }
    #expect(rows[0].ours.repeats == 3)
  }

  @Test func aPeerWithoutThreadsIsJudgedByTheMostThreads() throws {
    let ours = [contender("ours", [2], threads: 1), contender("ours", [1], threads: 2)]
    let peer = contender("theirs", [30], goal: .timesAsFast(20))
    let (rows, _) = try outcomes(ours, [peer])
    #expect(rows.map(\.threads) == [1, 2])
    #expect(rows.map(\.ratio) == [15, 30])
    #expect(rows.map(\.isMet) == [nil, true])
    let (every, _) = try outcomes(ours, [peer], judgesEveryThreadCount: true)
    #expect(every.map(\.isMet) == [false, true])
  }

  @Test func threadsMeetTheirLike() throws {
    let ours = [contender("ours", [2], threads: 1), contender("ours", [1], threads: 2)]
    let peers = [
      contender("floor", [1.5], threads: 2, goal: .timesTheFloor(1.25)),
      contender("floor", [1], threads: 1, goal: .timesTheFloor(1.25)),
    ]
    let (rows, _) = try outcomes(ours, peers)
    #expect(rows.map(\.ratio) == [2, 1 / 1.5])
    #expect(rows.map(\.isMet) == [false, true])
  }

  @Test func theFastestVariantCounts() throws {
    let peers = [
      contender("blas", [3], threads: 1, variant: "a", goal: .shareOfSpeed(0.9)),
      contender("blas", [2], threads: 1, variant: "b", goal: .shareOfSpeed(0.9)),
      contender(
        "other", [5], facts: .init(title: "Other 1.2", detail: "zen", preparation: 0.5)),
    ]
    let (rows, _) = try outcomes([contender("ours", [2], threads: 1)], peers)
    #expect(rows.map(\.peer?.name) == ["blas", "other"])
    #expect(rows[0].peer?.variant == "b" && rows[0].isMet == true)
    #expect(rows[1].peer?.version == "Other 1.2" && rows[1].peer?.variant == "zen")
    #expect(rows[1].peer?.preparation == 0.5 && rows[1].isMet == nil && rows[1].ratio == 2.5)
  }

  @Test func aFailingPeerIsNamedAndLeftOut() throws {
    let missing = Contender("torch") { throw BenchmarkError("no module named torch") }
    let breaking = Contender("jax") { { _ in throw BenchmarkError("out of memory") } }
    let (rows, notes) = try outcomes(
      [contender("ours", [1], threads: 1)], [missing, breaking, contender("third", [4])])
    #expect(
      notes == [
        "work: torch is left out: no module named torch", "work: jax is left out: out of memory",
      ])
    #expect(rows.map(\.peer?.name) == ["third"])
  }

  @Test func oursMayNotFail() {
    let failing = Contender("ours", threads: 1) { throw BenchmarkError("broken") }
    #expect(throws: BenchmarkError("broken")) { try outcomes([failing], []) }
  }
}
