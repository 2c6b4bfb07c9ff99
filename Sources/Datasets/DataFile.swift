internal import Foundation

/// The bytes of a user's file, unpacked where they are compressed.
public enum DataFile {
  /// The contents of the file at `path`, inflated if they are gzip data, whatever the name.
  ///
  /// - Throws: an error that names the file if it is absent, a directory, unreadable, empty, or
  ///   damaged gzip data.
  public static func bytes(_ path: String) throws(DataError) -> [UInt8] {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw DataError(path, "no such file")
    }
    guard !isDirectory.boolValue else {
      throw DataError(path, "expected a file, found a directory")
    }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw DataError(path, "the file can't be read")
    }
    let stored = [UInt8](data)
    guard !stored.isEmpty else { throw DataError(path, "the file is empty") }
    if Gzip.isCompressed(stored) { return try Gzip.inflate(stored, file: path) }
    if path.hasSuffix(".gz") {
      throw DataError(path, "expected gzip data, as the name says, found something else")
    }
    return stored
  }

  /// Whether a file that is not a directory is at `path`.
  static func exists(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
      && !isDirectory.boolValue
  }

  /// Whether a directory is at `path`.
  static func isDirectory(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
      && isDirectory.boolValue
  }
}
