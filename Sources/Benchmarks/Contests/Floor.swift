internal import BenchmarkPeers

/// The least that a step's memory traffic takes: plain loops in C over as many vectors, read and
/// written the same way, in the same passes.
enum Floor {
  /// The passes of a step: each reads some vectors, updates some in place and writes some.
  static func passes(of kind: StepContests.Kind) -> [Pass] {
    switch kind {
    // θ −= η g.
    case .sgd: [Pass(reads: 1, updates: 1, writes: 0)]
    // ⟨u, g⟩, then θ −= η g; u and g change places.
    case .sgdHD: [Pass(reads: 2, updates: 0, writes: 0), Pass(reads: 1, updates: 1, writes: 0)]
    // θ, m, v from g.
    case .adam: [Pass(reads: 1, updates: 3, writes: 0)]
    // ⟨u, g⟩, then θ, m, v from g, with u written.
    case .adamHD: [Pass(reads: 2, updates: 0, writes: 0), Pass(reads: 1, updates: 3, writes: 1)]
    }
  }

  struct Pass: Sendable, Equatable {
    var reads: Int
    var updates: Int
    var writes: Int
    /// Words that move for each element.
    var words: Int { reads + 2 * updates + writes }
    var vectors: Int { reads + updates + writes }
    fileprivate var mix: peer_mix {
      peer_mix(reads: Int32(reads), updates: Int32(updates), writes: Int32(writes))
    }
  }

  /// The step's bytes for each element.
  static func bytes(of kind: StepContests.Kind) -> Int {
    passes(of: kind).reduce(0) { $0 + $1.words } * MemoryLayout<Float>.stride
  }

  /// The loops with common stores, and where a vector is only written with stores past the cache.
  static func contenders(
    of kind: StepContests.Kind, count: Int, _ threads: Int
  ) -> [Contender] {
    let passes = passes(of: kind)
    let words = passes.reduce(0) { $0 + $1.words }
    let ways = passes.contains { $0.writes > 0 } ? [false, true] : [false]
    return ways.map { streaming in
      Contender.native(
        "floor, \(words) words", threads: threads,
        variant: ways.count == 1 ? nil : streaming ? "stores past the cache" : "common stores",
        goal: .timesTheFloor(1.25)
      ) {
        let vectors = FloorVectors(passes.map(\.vectors).max() ?? 0, count: count)
        return { repeats in
          for _ in 0..<repeats {
            for pass in passes {
              vectors.run(pass.mix, threads: threads, streaming: streaming)
            }
          }
        }
      }
    }
  }
}

/// Vectors of floats for the floor's loops.
private final class FloorVectors: @unchecked Sendable {
  private let count: Int
  private var vectors: [UnsafeMutablePointer<Float>?]
  private var sum: Float = 0

  init(_ number: Int, count: Int) {
    self.count = count
    vectors = (0..<number).map { _ in
      let vector = UnsafeMutableRawPointer.allocate(byteCount: 4 * count, alignment: 64)
        .assumingMemoryBound(to: Float.self)
      vector.initialize(repeating: 0.5, count: count)
      return vector
    }
  }

  deinit { for vector in vectors { UnsafeMutableRawPointer(vector)?.deallocate() } }

  func run(_ mix: peer_mix, threads: Int, streaming: Bool) {
    precondition(peer_has_stream(mix), "no loop of the mix \(mix)")
    sum += peer_stream(mix, &vectors, count, Int32(threads), streaming)
  }
}
