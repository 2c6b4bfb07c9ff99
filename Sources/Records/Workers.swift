internal import Foundation
internal import Synchronization

/// Threads that take items from one list, in its order.
public enum Workers {
  private struct State<Output: Sendable>: Sendable {
    var next = 0
    var outputs: [Output?]
    var failure: (any Error)?
  }

  /// `body` of every item, in the items' order, whichever thread made it; the first error ends the
  /// work once the items in flight are done.
  public static func map<Item: Sendable, Output: Sendable>(
    _ items: [Item], jobs: Int, _ body: @escaping @Sendable (Item) throws -> Output
  ) throws -> [Output] {
    let state = Mutex(State(outputs: [Output?](repeating: nil, count: items.count)))
    let shared = Shared(state)
    let group = DispatchGroup()
    for _ in 0..<max(1, min(jobs, items.count)) {
      group.enter()
      let thread = Thread {
        defer { group.leave() }
        while let index = shared.take(items.count) {
          do { shared.put(try body(items[index]), at: index) } catch { shared.fail(error) }
        }
      }
      thread.stackSize = 16 << 20
      thread.start()
    }
    group.wait()
    return try shared.results()
  }

  private final class Shared<Output: Sendable>: Sendable {
    private let state: Mutex<State<Output>>
    init(_ state: consuming Mutex<State<Output>>) { self.state = state }

    func take(_ count: Int) -> Int? {
      state.withLock { state in
        guard state.failure == nil, state.next < count else { return nil }
        state.next += 1
        return state.next - 1
      }
    }
    func put(_ output: Output, at index: Int) { state.withLock { $0.outputs[index] = output } }
    func fail(_ error: any Error) { state.withLock { $0.failure = $0.failure ?? error } }
    func results() throws -> [Output] {
      try state.withLock { state in
        if let failure = state.failure { throw failure }
        return state.outputs.map { $0! }
      }
    }
  }
}
