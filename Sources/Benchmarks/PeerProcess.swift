internal import Foundation
internal import Synchronization

/// A long-lived process that does a peer's work: one line of JSON in, one out.
///
/// It greets with `{"name", "version", "detail"}`, or with `{"error"}` where its library is missing.
/// A request is `{"row", "seconds", …}`; the answer `{"seconds"}` for one operation, with
/// `{"preparation"}` where something like compiling came before, or `{"error"}`.
final class PeerProcess: Sendable {
  private struct Pipes {
    let process: Process
    let input: FileHandle
    let output: FileHandle
    var rest = Data()
  }
  private let pipes: Mutex<Pipes>
  /// As in `PyTorch 2.9.0`.
  let title: String
  /// What else it says of itself, such as the processor whose kernels it took.
  let detail: String?

  /// - Parameters:
  ///   - command: a program, a path or a name that the shell would find, and its arguments.
  ///   - environment: added to this process's.
  /// - Throws: ``BenchmarkError`` where the program or the library is missing.
  init(_ command: [String], environment: [String: String] = [:]) throws {
    signal(SIGPIPE, SIG_IGN)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    do { try process.run() } catch { throw BenchmarkError("\(command[0]) can't be run: \(error)") }
    var pipes = Pipes(
      process: process, input: input.fileHandleForWriting, output: output.fileHandleForReading)
    guard let greeting = try Self.answer(&pipes) else {
      throw BenchmarkError("'\(command[0])' can't be run, or ended at once")
    }
    if let error = greeting["error"] as? String { throw BenchmarkError(error) }
    title = "\(greeting["name"] as? String ?? command[0]) \(greeting["version"] as? String ?? "")"
    detail = greeting["detail"] as? String
    self.pipes = Mutex(pipes)
  }

  deinit { pipes.withLock { try? $0.input.close() } }

  /// The seconds of one operation of a row, and those that came before the first one.
  func measure(
    _ row: String, least: Double, _ parameters: [String: PeerValue]
  ) throws -> (seconds: Double, preparation: Double?) {
    var request: [String: Any] = ["row": row, "seconds": least]
    for (key, value) in parameters { request[key] = value.json }
    let line = try JSONSerialization.data(withJSONObject: request, options: [.sortedKeys])
    return try pipes.withLock { pipes in
      try pipes.input.write(contentsOf: line + Data("\n".utf8))
      guard let answer = try Self.answer(&pipes) else {
        throw BenchmarkError("\(title) ended at '\(row)'")
      }
      if let error = answer["error"] as? String { throw BenchmarkError(error) }
      guard let seconds = answer["seconds"] as? Double else {
        throw BenchmarkError("\(title) answered no seconds for '\(row)'")
      }
      return (seconds, answer["preparation"] as? Double)
    }
  }

  /// The next line; `nil` at the end.
  private static func answer(_ pipes: inout Pipes) throws -> [String: Any]? {
    while true {
      if let end = pipes.rest.firstIndex(of: UInt8(ascii: "\n")) {
        let line = pipes.rest[pipes.rest.startIndex..<end]
        pipes.rest = Data(pipes.rest[(end + 1)...])
        // A library may print lines of its own.
        if let answer = try? JSONSerialization.jsonObject(with: line) as? [String: Any] {
          return answer
        }
        continue
      }
      let more = pipes.output.availableData
      if more.isEmpty { return nil }
      pipes.rest += more
    }
  }
}

/// A parameter of a request to a peer.
enum PeerValue: Sendable {
  case number(Double)
  case integer(Int)
  case text(String)
  case flag(Bool)

  var json: Any {
    switch self {
    case .number(let value): value
    case .integer(let value): value
    case .text(let value): value
    case .flag(let value): value
    }
  }
}
