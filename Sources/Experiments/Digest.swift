internal import Crypto
internal import Foundation

/// SHA-256 in hexadecimal.
public enum Digest {
  public static func sha256(_ text: String) -> String { hex(SHA256.hash(data: Data(text.utf8))) }

  public static func sha256(_ bytes: [UInt8]) -> String { hex(SHA256.hash(data: bytes)) }

  /// The digest of a file's content; `nil` where it can't be read.
  public static func sha256(ofFile path: String) -> String? {
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    return hex(SHA256.hash(data: data))
  }

  private static func hex(_ digest: SHA256.Digest) -> String {
    let digits = Array("0123456789abcdef")
    return String(digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }
}
