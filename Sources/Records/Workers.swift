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
    let work: @Sendable () -> Void = {
      while let index = shared.take(items.count) {
        do { shared.put(try body(items[index]), at: index) } catch { shared.fail(error) }
      }
    }
    var threads: [WorkerThread] = []
    for _ in 0..<max(1, min(jobs, items.count)) {
      // Those that there are do all of it; where there is none, the caller does.
      guard let thread = WorkerThread(work) else { break }
      threads.append(thread)
    }
    if threads.isEmpty { work() }
    for thread in threads { thread.join() }
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

/// A thread with room for deep recursion.
private struct WorkerThread {
  #if canImport(Darwin)
    private typealias Argument = UnsafeMutableRawPointer
    private typealias Handle = pthread_t?
    private static let none: Handle = nil
  #else
    private typealias Argument = UnsafeMutableRawPointer?
    private typealias Handle = pthread_t
    private static let none: Handle = 0
  #endif
  private let handle: Handle

  private final class Body: Sendable {
    let work: @Sendable () -> Void
    init(_ work: @escaping @Sendable () -> Void) { self.work = work }
  }

  /// `nil` where the system gives no thread.
  init?(_ work: @escaping @Sendable () -> Void) {
    let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
    defer { attributes.deallocate() }
    pthread_attr_init(attributes)
    defer { pthread_attr_destroy(attributes) }
    pthread_attr_setstacksize(attributes, 16 << 20)
    let body = Unmanaged.passRetained(Body(work))
    let run: @convention(c) (Argument) -> UnsafeMutableRawPointer? = { argument in
      let raw: UnsafeMutableRawPointer? = argument
      Unmanaged<Body>.fromOpaque(raw!).takeRetainedValue().work()
      return nil
    }
    var handle = Self.none
    guard pthread_create(&handle, attributes, run, body.toOpaque()) == 0 else {
      body.release()
      return nil
    }
    self.handle = handle
  }

  func join() {
    #if canImport(Darwin)
      if let handle { pthread_join(handle, nil) }
    #else
      pthread_join(handle, nil)
    #endif
  }
}
