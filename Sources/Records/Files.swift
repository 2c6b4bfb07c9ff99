internal import Foundation

/// Files that are there whole or not at all.
public enum Files {
  /// Writes through a temporary file beside it, and renames; a device or a pipe, such as
  /// `/dev/stdout`, is written to as it is.
  ///
  /// - Throws: ``ExperimentError`` that names the file and the reason.
  public static func write(_ text: String, to path: String) throws(ExperimentError) {
    try write(Array(text.utf8), to: path)
  }

  package static func write(_ bytes: [UInt8], to path: String) throws(ExperimentError) {
    var facts = stat()
    if stat(path, &facts) == 0, facts.st_mode & S_IFMT != S_IFREG {
      if let reason = fill(path, with: bytes) {
        throw ExperimentError("\(path) can't be written: \(reason)")
      }
      return
    }
    let temporary = path + ".part"
    if let reason = fill(temporary, with: bytes) {
      try? FileManager.default.removeItem(atPath: temporary)
      throw ExperimentError("\(path) can't be written: \(reason)")
    }
    guard rename(temporary, path) == 0 else {
      let reason = lastReason
      try? FileManager.default.removeItem(atPath: temporary)
      throw ExperimentError("\(path) can't be put in place: \(reason)")
    }
  }

  /// Makes a folder with those above it.
  ///
  /// - Throws: ``ExperimentError`` that names the folder and the reason.
  public static func makeFolder(_ path: String) throws(ExperimentError) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      // Once more, for the system's own word on it.
      let reason = mkdir(path, 0o777) == 0 ? nil : lastReason
      if let reason { throw ExperimentError("the folder \(path) can't be made: \(reason)") }
    }
  }

  /// Writes bytes; returns what went wrong.
  private static func fill(_ path: String, with bytes: [UInt8]) -> String? {
    guard let file = fopen(path, "w") else { return lastReason }
    let isWritten = fwrite(bytes, 1, bytes.count, file) == bytes.count && fflush(file) == 0
    let reason = isWritten ? nil : lastReason
    // What a delayed write meets shows here.
    return fclose(file) == 0 ? reason : reason ?? lastReason
  }

  /// The system's word for the last call that failed.
  package static var lastReason: String { String(cString: strerror(errno)) }
}
