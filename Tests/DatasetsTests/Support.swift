import Datasets
import Foundation

/// A folder that is removed when `body` ends.
func withFolder<Result>(_ body: (_ folder: String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.path + "/")
}

func write(_ bytes: [UInt8], to path: String) throws {
  try Data(bytes).write(to: URL(fileURLWithPath: path))
}

/// The error of reading a file with these bytes, without the folder's name; "no error" if none.
func failure(
  _ bytes: [UInt8], name: String = "data", reading body: (_ path: String) throws(DataError) -> Void
) throws -> String {
  try withFolder { folder in
    try write(bytes, to: folder + name)
    do throws(DataError) {
      try body(folder + name)
      return "no error"
    } catch { return error.description.replacingOccurrences(of: folder, with: "") }
  }
}

/// Every truncation of `bytes`, and every byte with one bit flipped, zeroed or set to a digit.
func damaged(_ bytes: [UInt8]) -> [[UInt8]] {
  var results = (0..<bytes.count).map { Array(bytes[..<$0]) }
  for position in bytes.indices {
    for change: (UInt8) -> UInt8 in [
      { $0 ^ 1 }, { $0 ^ 0x80 }, { _ in 0 }, { _ in 0xff }, { _ in UInt8(ascii: "9") },
      { _ in UInt8(ascii: "\n") },
    ] {
      var copy = bytes
      copy[position] = change(copy[position])
      results.append(copy)
    }
  }
  return results
}

/// A gzip member with stored (uncompressed) blocks, made without zlib.
func storedGzip(_ bytes: [UInt8], blockSize: Int = 7) -> [UInt8] {
  var out: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]
  var position = 0
  repeat {
    let end = min(bytes.count, position + blockSize)
    let count = UInt16(end - position)
    out.append(end == bytes.count ? 1 : 0)
    for word in [count, ~count] { out += [UInt8(word & 255), UInt8(word >> 8)] }
    out += bytes[position..<end]
    position = end
  } while position < bytes.count
  var crc: UInt32 = 0xffff_ffff
  for byte in bytes {
    crc ^= UInt32(byte)
    for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
  }
  for word in [~crc, UInt32(bytes.count)] {
    out += (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
  }
  return out
}

/// Big-endian IDX data of unsigned bytes.
func idx(_ sizes: [Int], _ bytes: [UInt8], magic: Int? = nil) -> [UInt8] {
  ([magic ?? 0x0800 + sizes.count] + sizes).flatMap { word in
    (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) }
  } + bytes
}

/// A folder of shared data beside the package; `nil`, with a printed reason, if it is absent.
func sharedData(_ folder: String) -> String? {
  let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  let path = package.appendingPathComponent("../shared/data/\(folder)").standardized.path
  guard FileManager.default.fileExists(atPath: path) else {
    print("skipped: no folder ../shared/data/\(folder) beside the package")
    return nil
  }
  return path
}
