import Kernels
import Testing

/// The pool does every part once, whoever asks, however often, and from inside a part.
@Suite struct PoolTests {
  /// Counts how often each part is done.
  private final class Counts: @unchecked Sendable {
    let times: UnsafeMutableBufferPointer<Int32>

    init(_ parts: Int) {
      times = .allocate(capacity: max(1, parts))
      times.initialize(repeating: 0)
    }

    deinit { times.deallocate() }

    func run(threads: Int32, parts: Int) {
      hg_parallel(
        threads, parts,
        { context, part in
          context!.assumingMemoryBound(to: Int32.self)[part] += 1
        }, times.baseAddress)
    }
  }

  @Test func everyPartOnce() {
    for threads in Int32(0)...5 {
      for parts in [0, 1, 2, 3, 7, 100, 1000] {
        let counts = Counts(parts)
        for _ in 0..<20 { counts.run(threads: threads, parts: parts) }
        #expect(counts.times.prefix(parts).allSatisfy { $0 == 20 }, "\(threads), \(parts)")
      }
    }
  }

  @Test func whileAnotherThreadHasThePool() async {
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<4 {
        group.addTask {
          let counts = Counts(50)
          for _ in 0..<200 { counts.run(threads: 3, parts: 50) }
          return counts.times.allSatisfy { $0 == 200 }
        }
      }
      for await good in group { #expect(good) }
    }
  }

  /// A part that asks for threads itself gets its work done by its own thread.
  @Test func fromInsideAPart() {
    let counts = Counts(64)
    hg_parallel(
      2, 8,
      { context, part in
        let eight = context!.assumingMemoryBound(to: Int32.self) + 8 * part
        hg_parallel(
          2, 8, { context, part in context!.assumingMemoryBound(to: Int32.self)[part] += 1 }, eight)
      }, counts.times.baseAddress)
    #expect(counts.times.allSatisfy { $0 == 1 })
  }
}
