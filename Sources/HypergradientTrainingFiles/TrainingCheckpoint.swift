internal import Foundation
internal import Hypergradient
public import HypergradientTraining

/// Why a checkpoint can't be written or taken: one line with the file.
public struct CheckpointError: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String
  init(_ path: String, _ reason: String) { description = "\(path): \(reason)" }
}

/// A training in a file.
///
/// ```swift
/// import Foundation
/// import HypergradientTrainingFiles
///
/// let problem = FunctionProblem<Double>(parameterCount: 1) { x, _, gradient in
///   gradient[0] = x[0]
///   return x[0] * x[0] / 2
/// }
/// func trainer() throws -> Trainer<FunctionProblem<Double>> {
///   try Trainer(
///     problem, from: [4],
///     with: AnyOptimizer(Adam<Double>(), ConstantRate(0.1), parameterCount: 1))
/// }
/// let file = NSTemporaryDirectory() + "training-\(UUID().uuidString).checkpoint"
/// var first = try trainer()
/// try first.run(toStep: 50)
/// try TrainingCheckpoint.write(first, to: file)
///
/// var second = try trainer()  // another day
/// try TrainingCheckpoint.restore(&second, from: file)
/// try second.run(toStep: 100)
/// try first.run(toStep: 100)
/// assert(first.parameters == second.parameters)
/// try FileManager.default.removeItem(atPath: file)
/// ```
///
/// The file holds, in this order: eight bytes that name the kind, the version and the length of what
/// follows as numbers of 4 and 8 bytes, the least first, the state as the C interface has states, each
/// vector one run of its bits, and the SHA-256 of all before it. It is written beside its place, brought
/// to the disk, and renamed: what was there stays until all is there.
public enum TrainingCheckpoint {
  /// Of the file's form and of what it holds.
  public static let version: UInt32 = 2
  private static let kind = Array("HGTRAIN\n".utf8)
  private static let headCount = 20
  private static let digestCount = 32

  /// Writes a training to a file.
  ///
  /// - Throws: ``CheckpointError``; what was there before stays.
  public static func write<Problem>(
    _ trainer: Trainer<Problem>, to path: String
  ) throws(CheckpointError) {
    try DurableFile.write(try bytes(trainer, path), to: path)
  }

  /// Takes a training out of a file: the trainer is to be made as the one that was written, with the
  /// same groups and callbacks.
  ///
  /// - Throws: ``CheckpointError`` for a file that is no checkpoint, damaged, of another version or of
  ///   another training; the trainer is then as it was.
  public static func restore<Problem>(
    _ trainer: inout Trainer<Problem>, from path: String
  ) throws(CheckpointError) {
    // Of a file that is none, the beginning is read.
    let bytes = try DurableFile.read(path) { $0.starts(with: kind.prefix($0.count)) }
    try restore(&trainer, from: bytes, path)
  }

  /// Looks whether a checkpoint may stand there, before the work.
  ///
  /// - Throws: ``CheckpointError`` for what is there and no file, and for a file that is neither empty
  ///   nor a checkpoint.
  package static func checkPlace(_ path: String) throws(CheckpointError) {
    try DurableFile.expectFile(path)
    guard access(path, F_OK) == 0 else { return }
    let beginning = try DurableFile.read(path) { _ in false }
    guard beginning.starts(with: kind.prefix(beginning.count)) else {
      throw CheckpointError(path, "the file is there and no checkpoint: it would be lost")
    }
  }

  static func bytes<Problem>(
    _ trainer: Trainer<Problem>, _ path: String
  ) throws(CheckpointError) -> [UInt8] {
    let payload: [UInt8]
    do { payload = try StateForm.bytes { try trainer.encode(to: $0) } } catch {
      throw CheckpointError(path, "the training can't be written: \(words(error))")
    }
    var bytes = kind
    bytes += (0..<4).map { UInt8(truncatingIfNeeded: version >> UInt32(8 * $0)) }
    bytes += (0..<8).map { UInt8(truncatingIfNeeded: UInt64(payload.count) >> UInt64(8 * $0)) }
    bytes += payload
    return bytes + SHA256.digest(bytes[...])
  }

  static func restore<Problem>(
    _ trainer: inout Trainer<Problem>, from bytes: [UInt8], _ path: String
  ) throws(CheckpointError) {
    guard !bytes.isEmpty else { throw CheckpointError(path, "the file is empty: no checkpoint") }
    guard bytes.starts(with: kind.prefix(bytes.count)) else {
      throw CheckpointError(path, "the file is no checkpoint of a training")
    }
    guard bytes.count >= headCount + digestCount else {
      throw CheckpointError(path, "the checkpoint is cut off after \(bytes.count) bytes")
    }
    func number(_ places: Range<Int>) -> UInt64 {
      places.reversed().reduce(0) { $0 << 8 | UInt64(bytes[$1]) }
    }
    let found = number(8..<12)
    guard found == UInt64(version) else {
      throw CheckpointError(path, "the checkpoint has version \(found), expected \(version)")
    }
    let (wanted, there) = (number(12..<20), UInt64(bytes.count - headCount - digestCount))
    guard wanted == there else {
      throw CheckpointError(
        path,
        wanted > there
          ? "the checkpoint is cut off: \(there) bytes of \(wanted)"
          : "the checkpoint is damaged: \(there) bytes where there must be \(wanted)")
    }
    let body = bytes.dropLast(digestCount)
    guard SHA256.digest(body).elementsEqual(bytes.suffix(digestCount)) else {
      throw CheckpointError(path, "the checkpoint is damaged: its SHA-256 is another")
    }
    do {
      try trainer.restore(from: StateForm.decoder(of: Array(body.dropFirst(headCount))))
    } catch {
      throw CheckpointError(path, "the checkpoint is of another training: \(words(error))")
    }
  }

  private static func words(_ error: any Error) -> String {
    switch error {
    case let DecodingError.dataCorrupted(context): context.debugDescription
    case let DecodingError.typeMismatch(_, context), let DecodingError.valueNotFound(_, context),
      let DecodingError.keyNotFound(_, context):
      "\(context.debugDescription) at "
        + context.codingPath.map { $0.intValue.map { "\($0)" } ?? $0.stringValue }
        .joined(separator: ".")
    default: "\(error)".split(separator: "\n").joined(separator: " ")
    }
  }
}
