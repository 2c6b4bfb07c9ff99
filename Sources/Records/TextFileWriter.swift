internal import Crypto
internal import Foundation

/// A text file that is written piece by piece, and is there whole or not at all: pieces go to a
/// temporary file beside it, which takes its name at the end.
package final class TextFileWriter {
  private let path: String
  private let temporary: String
  private let file: UnsafeMutablePointer<FILE>
  private var buffer: [UInt8] = []
  private var hash = SHA256()
  private var isPlaced = false

  /// - Throws: ``ExperimentError`` that names the file and the reason.
  package init(_ path: String) throws(ExperimentError) {
    self.path = path
    temporary = path + ".part"
    guard let file = fopen(temporary, "w") else {
      throw ExperimentError("\(path) can't be written: \(Files.lastReason)")
    }
    self.file = file
    buffer.reserveCapacity(Self.capacity + 4096)
  }

  deinit {
    if isPlaced { return }
    fclose(file)
    unlink(temporary)
  }

  package func write(_ bytes: some Sequence<UInt8>) throws(ExperimentError) {
    buffer.append(contentsOf: bytes)
    if buffer.count >= Self.capacity { try flush() }
  }

  package func write(_ text: String) throws(ExperimentError) { try write(text.utf8) }

  /// Puts the file in its place.
  ///
  /// - Returns: its SHA-256, in hexadecimal.
  package func place() throws(ExperimentError) -> String {
    try flush()
    isPlaced = true
    // What a delayed write meets shows here.
    guard fclose(file) == 0 else {
      let reason = Files.lastReason
      unlink(temporary)
      throw ExperimentError("\(path) can't be written: \(reason)")
    }
    guard rename(temporary, path) == 0 else {
      let reason = Files.lastReason
      unlink(temporary)
      throw ExperimentError("\(path) can't be put in place: \(reason)")
    }
    return Digest.hex(hash.finalize())
  }

  private func flush() throws(ExperimentError) {
    buffer.withUnsafeBytes { hash.update(bufferPointer: $0) }
    guard fwrite(buffer, 1, buffer.count, file) == buffer.count else {
      throw ExperimentError("\(path) can't be written: \(Files.lastReason)")
    }
    buffer.removeAll(keepingCapacity: true)
  }

  private static let capacity = 1 << 20
}
