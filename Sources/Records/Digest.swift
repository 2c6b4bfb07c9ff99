internal import Kernels

/// SHA-256 in hexadecimal.
public enum Digest {
  public static func sha256(_ text: String) -> String { sha256(Array(text.utf8)) }

  public static func sha256(_ bytes: [UInt8]) -> String {
    var stream = Stream()
    bytes.withUnsafeBytes { stream.update($0) }
    return stream.digest()
  }

  /// The digest of a file's content, read piece by piece; `nil` where it can't be read.
  public static func sha256(ofFile path: String) -> String? { try? sha256(file: path) }

  /// The digest of a file's content, read piece by piece.
  ///
  /// - Throws: ``ExperimentError`` that names the file and the reason.
  package static func sha256(file path: String) throws(ExperimentError) -> String {
    var stream = Stream()
    do {
      try TextFileReader.forEachPiece(of: path) { stream.update($0) }
    } catch let error as ExperimentError { throw error } catch {
      throw ExperimentError("\(path) can't be read: \(error)")
    }
    return stream.digest()
  }

  /// A digest of bytes that come piece by piece.
  package struct Stream {
    private var state = hg_sha256()

    package init() { hg_sha256_init(&state) }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
      hg_sha256_update(&state, bytes.baseAddress, bytes.count)
    }

    /// The digest of all bytes so far.
    package func digest() -> String {
      var end = state
      let digits = Array("0123456789abcdef")
      return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { digest in
        hg_sha256_final(&end, digest.baseAddress)
        return String(digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
      }
    }
  }
}
