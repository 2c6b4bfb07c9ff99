internal import Foundation

/// Measures the contenders of a contest in turns, so that whatever else the machine does befalls all
/// of them alike.
public struct Referee: Sendable {
  /// Repeats that count.
  public var repeats: Int
  /// Repeats before them that do not.
  public var warmUps: Int
  /// About how long a repeat of a short operation lasts, in seconds.
  public var leastSeconds: Double
  /// A pause before each repeat, in seconds: threads of other libraries wait busily for a while
  /// after their work, which would slow down whoever comes next.
  public var pause: Double
  /// A contest that has lasted so many seconds ends after its third repeat.
  public var patience: Double

  public init(
    repeats: Int = 9, warmUps: Int = 1, leastSeconds: Double = 0.05, pause: Double = 0.06,
    patience: Double = 60
  ) {
    self.repeats = repeats
    self.warmUps = warmUps
    self.leastSeconds = leastSeconds
    self.pause = pause
    self.patience = patience
  }

  /// One outcome for each of ours and each peer that is compared with it; one without a peer where
  /// there is none. A peer that fails is named to `note` and left out.
  ///
  /// - Throws: what our own work throws.
  public func outcomes(of contest: Contest, note: (String) -> Void) throws -> [Outcome] {
    let ours = try contest.ours.map { Entry($0, try $0.prepare()) }
    var peers = contest.peers.compactMap { peer -> Entry? in
      do { return Entry(peer, try peer.prepare()) } catch {
        note("\(contest.name): \(peer.name) is left out: \(error)")
        return nil
      }
    }
    let begin = ContinuousClock.now
    for turn in 0..<(warmUps + repeats) {
      if turn >= warmUps + 3, ContinuousClock.now - begin > .seconds(patience) { break }
      for entry in ours { try entry.measure(self, counts: turn >= warmUps) }
      peers.removeAll { entry in
        do {
          try entry.measure(self, counts: turn >= warmUps)
          return false
        } catch {
          note("\(contest.name): \(entry.contender.name) is left out: \(error)")
          return true
        }
      }
    }
    return Self.outcomes(
      contest,
      ours: ours.compactMap { entry in
        Spread(entry.samples).map { (entry.contender.threads ?? 1, $0) }
      },
      peers: peers.compactMap { entry in
        Spread(entry.samples).map { Measured(contender: entry.contender, spread: $0) }
      })
  }

  /// A peer and what it took.
  struct Measured {
    var contender: Contender
    var spread: Spread
  }

  /// Pairs what was measured: a peer with a number of threads with ours of that number, and of peers
  /// with one name the fastest.
  static func outcomes(
    _ contest: Contest, ours: [(threads: Int, spread: Spread)], peers: [Measured]
  ) -> [Outcome] {
    let most = ours.map(\.threads).max() ?? 1
    return ours.flatMap { threads, spread in
      var names: [String] = []
      var fastest: [String: Measured] = [:]
      for peer in peers where peer.contender.threads == nil || peer.contender.threads == threads {
        let name = peer.contender.name
        if fastest[name] == nil { names.append(name) }
        if peer.spread.median < fastest[name]?.spread.median ?? .infinity { fastest[name] = peer }
      }
      let rows = names.map { name -> Outcome.Peer? in
        guard let peer = fastest[name] else { return nil }
        let isJudged =
          peer.contender.threads != nil || contest.judgesEveryThreadCount || threads == most
        let facts = peer.contender.facts?()
        return Outcome.Peer(
          name: name, version: facts?.title, variant: peer.contender.variant ?? facts?.detail,
          spread: peer.spread,
          goal: isJudged ? peer.contender.goal : nil, preparation: facts?.preparation)
      }
      return (rows.isEmpty ? [nil] : rows).map {
        Outcome(
          part: contest.part, contest: contest.name, threads: threads, ours: spread, peer: $0,
          remark: contest.remark)
      }
    }
  }

  private final class Entry {
    let contender: Contender
    private let run: Contender.Repeat
    var samples: [Double] = []

    init(_ contender: Contender, _ run: @escaping Contender.Repeat) {
      self.contender = contender
      self.run = run
    }

    func measure(_ referee: Referee, counts: Bool) throws {
      Thread.sleep(forTimeInterval: referee.pause)
      let seconds = try run(referee.leastSeconds)
      if counts { samples.append(seconds) }
    }
  }
}
