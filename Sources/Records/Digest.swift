internal import Crypto
internal import Foundation

/// SHA-256 in hexadecimal.
public enum Digest {
  public static func sha256(_ text: String) -> String { hex(SHA256.hash(data: Data(text.utf8))) }

  public static func sha256(_ bytes: [UInt8]) -> String { hex(SHA256.hash(data: bytes)) }

  /// The digest of a file's content, read piece by piece; `nil` where it can't be read.
  public static func sha256(ofFile path: String) -> String? {
    var hash = SHA256()
    do {
      try TextFileReader.forEachPiece(of: path) { hash.update(bufferPointer: $0) }
    } catch { return nil }
    return hex(hash.finalize())
  }

  static func hex(_ digest: SHA256.Digest) -> String {
    let digits = Array("0123456789abcdef")
    return String(digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }
}
