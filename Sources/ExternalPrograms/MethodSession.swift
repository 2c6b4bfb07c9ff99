internal import Hypergradient
internal import Synchronization

/// The process of a command that takes the steps of one run: begun when it is first asked, ended with
/// this object or at its first fault, after which nothing is asked.
final class MethodSession: MethodProgram {
  let command: String
  private let seconds: Double

  private struct State {
    var child: Child?
    var hello: MethodHello?
    var failure: ExternalFailure?
    /// Taken by the process.
    var steps = 0
  }
  private let state = Mutex(State())

  /// A process that one thread at a time asks.
  private final class Child: @unchecked Sendable {
    let process: ChildProcess
    init(_ process: ChildProcess) { self.process = process }
  }

  /// - Parameter seconds: the time limit of an answer.
  init(_ command: String, seconds: Double) {
    self.command = command
    self.seconds = seconds
  }

  var failure: (any Error)? { state.withLock { $0.failure } }
  var isRepeatable: Bool { state.withLock { $0.hello?.isRepeatable ?? true } }
  /// `nil` before the process is begun.
  var hello: MethodHello? { state.withLock { $0.hello } }
  var steps: Int { state.withLock { $0.steps } }

  func noteStep() { state.withLock { $0.steps += 1 } }

  /// Begins the process.
  ///
  /// - Returns: what it says; `nil` where there is a failure.
  func begin(_ line: [UInt8]) -> MethodHello? {
    do throws(ChildFault) {
      let child = Child(try ChildProcess(command))
      state.withLock { $0.child = child }
    } catch {
      fail("was asked for its hello and \(error.description)")
      return nil
    }
    let hello = answer(line, to: "was asked for its hello", most: 65536) {
      line throws(ChildFault) in try MethodHello(line)
    }
    state.withLock { $0.hello = hello }
    return hello
  }

  /// The answer to a question; `nil` where there is a failure, now or from before.
  ///
  /// - Parameters:
  ///   - question: what it was asked, after the command in the line of a failure.
  ///   - most: bytes of an answer.
  ///   - read: what the answer holds; what it throws is the failure.
  func answer<Answer>(
    _ line: [UInt8], to question: String, most: Int,
    _ read: (AnswerLine) throws(ChildFault) -> Answer
  ) -> Answer? {
    guard let child = state.withLock({ $0.child }) else { return nil }
    do throws(ChildFault) {
      let bytes = try child.process.ask(line, within: seconds, most: most)
      return try read(try AnswerLine(bytes).orItsError())
    } catch {
      fail("\(question) and \(error.description)")
      return nil
    }
  }

  /// Keeps the first failure, and ends the process.
  func fail(_ fault: String) {
    let ended = state.withLock { state in
      state.failure = state.failure ?? ExternalFailure(command, fault)
      defer { state.child = nil }
      return state.child
    }
    // Outside of the lock.
    withExtendedLifetime(ended) {}
  }
}
