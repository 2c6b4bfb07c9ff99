internal import Hypergradient
internal import HypergradientRecipes
internal import Synchronization

/// A question that a program is asked; see Documentation/External.md.
enum ExternalQuestion {
  /// The loss and the gradient, of the draw of a seed, or of the whole where there is none.
  case gradient(step: Int, seed: Int?)
  case loss(step: Int)
  case score

  var name: String {
    switch self {
    case .gradient: "gradient"
    case .loss: "loss"
    case .score: "score"
    }
  }

  /// As a message names it.
  var title: String {
    switch self {
    case .gradient(let step, let seed?): "the gradient at step \(step) of seed \(seed)"
    case .gradient(let step, nil): "the exact gradient at step \(step)"
    case .loss(let step): "the exact loss at step \(step)"
    case .score: "the held-out score"
    }
  }

  func line<Scalar: ParameterScalar>(
    at theta: UnsafeBufferPointer<Scalar>, _ format: WireFormat
  ) -> [UInt8] {
    var line = QuestionLine(name)
    switch self {
    case .gradient(let step, let seed):
      line.append("step", step)
      line.append("seed", seed)
    case .loss(let step): line.append("step", step)
    case .score: break
    }
    line.append("at", theta, format)
    return line.line
  }
}

/// The processes of a command that answer for one instance of a task: as many as there are threads that
/// ask at the same time, each begun when it is first needed.
///
/// The first failure is kept, and nothing is asked after it: what can't throw answers NaN, and whoever
/// runs looks at ``failure``.
final class ExternalProgram: Sendable {
  let command: String
  let hello: ExternalHello
  private let seconds: Double
  private let firstLine: [UInt8]

  private struct State {
    /// Those that no thread is asking.
    var idle: [Child] = []
    var failure: ExternalFailure?
  }
  private let state = Mutex(State())

  /// A process that one thread at a time asks.
  private final class Child: @unchecked Sendable {
    let process: ChildProcess
    init(_ process: ChildProcess) { self.process = process }
  }

  /// Begins the first process, and reads its hello.
  ///
  /// - Parameters:
  ///   - seconds: the time limit of an answer.
  ///   - instance: which instance it is to be.
  ///   - horizon: the steps of a run, if they are known.
  init(_ command: String, seconds: Double, instance: Int, horizon: Int?) throws(ExternalFailure) {
    self.command = command
    self.seconds = seconds
    var line = QuestionLine("hello")
    line.append("version", ExternalHello.version)
    line.append("instance", instance)
    line.append("steps", horizon)
    firstLine = line.line
    let (child, hello) = try Self.begin(command, firstLine, seconds)
    self.hello = hello
    state.withLock { $0.idle = [child] }
  }

  var failure: ExternalFailure? { state.withLock { $0.failure } }

  private static func begin(
    _ command: String, _ line: [UInt8], _ seconds: Double
  ) throws(ExternalFailure) -> (Child, ExternalHello) {
    do throws(ChildFault) {
      let process = try ChildProcess(command)
      let answer = try process.ask(line, within: seconds, most: 1 << 30)
      return (Child(process), try ExternalHello(answer))
    } catch {
      throw ExternalFailure(command, "was asked for its hello and \(error.description)")
    }
  }

  /// Begins another process, beside those that there are.
  private func another() throws(ExternalFailure) -> Child {
    let (child, hello) = try Self.begin(command, firstLine, seconds)
    guard hello == self.hello else {
      throw ExternalFailure(
        command,
        "was asked for its hello twice and did not say the same: what it says is to depend "
          + "on the instance alone")
    }
    return child
  }

  /// An answer to a question, of a process that no other thread asks; `nil` where there is a failure,
  /// now or from before.
  ///
  /// - Parameters:
  ///   - isNew: whether a process is begun for it.
  ///   - read: what the answer holds; what it throws is the failure.
  func answer<Scalar: ParameterScalar, Answer>(
    _ question: ExternalQuestion, at theta: UnsafeBufferPointer<Scalar>, isNew: Bool = false,
    _ read: (AnswerLine) throws(ChildFault) -> Answer
  ) -> Answer? {
    let (idle, hasFailed) = state.withLock { state in
      (isNew || state.failure != nil ? nil : state.idle.popLast(), state.failure != nil)
    }
    if hasFailed { return nil }
    do throws(ExternalFailure) {
      let child: Child
      if let idle { child = idle } else { child = try another() }
      do throws(ChildFault) {
        let bytes = try child.process.ask(
          question.line(at: theta, hello.format), within: seconds,
          most: 65536 + 64 * theta.count)
        let answer = try read(try AnswerLine(bytes).orItsError())
        state.withLock { $0.idle.append(child) }
        return answer
      } catch {
        throw ExternalFailure(
          command, "was asked for \(question.title) and \(error.description)")
      }
    } catch {
      // Those that wait are ended, outside the lock.
      let ended = state.withLock { state in
        state.failure = state.failure ?? error
        defer { state.idle = [] }
        return state.idle
      }
      withExtendedLifetime(ended) {}
      return nil
    }
  }
}
