/// A text file that is written piece by piece, and is there whole or not at all: pieces go to a
/// temporary file beside it, which takes its name at the end.
package final class TextFileWriter {
  private let file: PartFile
  private var buffer: [UInt8] = []
  private var hash = Digest.Stream()

  /// - Throws: ``ExperimentError`` that names the file and the reason.
  package init(_ path: String) throws(ExperimentError) {
    file = try PartFile(path)
    buffer.reserveCapacity(Self.capacity + 4096)
  }

  package func write(_ bytes: some Sequence<UInt8>) throws(ExperimentError) {
    buffer.append(contentsOf: bytes)
    if buffer.count >= Self.capacity { try flush() }
  }

  package func write(_ text: String) throws(ExperimentError) { try write(text.utf8) }

  /// Ends the file; it waits for ``takePlace()``.
  ///
  /// - Returns: its SHA-256, in hexadecimal.
  package func seal() throws(ExperimentError) -> String {
    try flush()
    try file.seal()
    return hash.digest()
  }

  /// Puts the sealed file in its place.
  package func takePlace() throws(ExperimentError) { try file.takePlace() }

  private func flush() throws(ExperimentError) {
    let failure = buffer.withUnsafeBytes { bytes -> ExperimentError? in
      hash.update(bytes)
      do throws(ExperimentError) {
        try file.write(bytes)
        return nil
      } catch { return error }
    }
    if let failure { throw failure }
    buffer.removeAll(keepingCapacity: true)
  }

  private static let capacity = 1 << 20
}
