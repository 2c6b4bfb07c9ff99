#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// A thread that takes turns with its owner: one of the two runs, the other waits.
final class Turnstile: @unchecked Sendable {
  private enum Turn { case owner, worker, over }

  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let changed: UnsafeMutablePointer<pthread_cond_t>
  private var turn = Turn.owner
  private var work: () -> Void = {}
  #if canImport(Darwin)
    private var thread: pthread_t?
  #else
    private var thread = pthread_t()
  #endif
  private let isThere: Bool

  /// The worker does `work` from its first turn on, again and again, until the owner ends it; `work`
  /// hands the turn over by ``pass()``.
  init?(_ work: @escaping (Turnstile) -> Void) {
    mutex = .allocate(capacity: 1)
    changed = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(changed, nil)
    var isThere = false
    self.isThere = true
    self.work = { [unowned self] in work(self) }
    let context = Unmanaged.passUnretained(self).toOpaque()
    isThere =
      pthread_create(
        &thread, nil,
        { context in
          #if canImport(Darwin)
            let me = Unmanaged<Turnstile>.fromOpaque(context).takeUnretainedValue()
          #else
            let me = Unmanaged<Turnstile>.fromOpaque(context!).takeUnretainedValue()
          #endif
          me.run()
          return nil
        }, context) == 0
    if !isThere {
      turn = .over
      return nil
    }
  }

  deinit {
    pthread_mutex_destroy(mutex)
    pthread_cond_destroy(changed)
    mutex.deallocate()
    changed.deallocate()
  }

  private func run() {
    while wait(for: .worker) {
      work()
      pass()
    }
  }

  /// The worker's: the owner's turn, until it is the worker's again.
  func passAndWait() { if give(.owner) { _ = wait(for: .worker) } }

  private func pass() { _ = give(.owner) }

  /// The owner's: the worker's turn, until it is the owner's again.
  func runWorker() {
    if give(.worker) { _ = wait(for: .owner) }
  }

  /// The owner's: ends the worker, who is between two pieces of work, and waits until it has gone.
  func end() {
    _ = give(.over)
    #if canImport(Darwin)
      if let thread { pthread_join(thread, nil) }
    #else
      pthread_join(thread, nil)
    #endif
  }

  private func give(_ next: Turn) -> Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    if turn == .over { return false }
    turn = next
    pthread_cond_broadcast(changed)
    return true
  }

  /// False where it is over.
  private func wait(for mine: Turn) -> Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while turn != mine, turn != .over { pthread_cond_wait(changed, mutex) }
    return turn == mine
  }
}
