internal import Foundation

/// A user's file or folder.
public enum DataFile {
  /// The contents of the file at `path`, inflated if they are gzip data, whatever the name.
  ///
  /// - Throws: an error that names the file if it is absent, a directory, unreadable, empty, damaged
  ///   gzip data, packed in another way, or larger than ``DataLimits/textBytes``.
  public static func bytes(_ path: String) throws(DataError) -> [UInt8] {
    let reader = try DataReader(path, .binary, limit: DataLimits().textBytes)
    var bytes: [UInt8] = []
    while let piece = try reader.next() { bytes += piece }
    return bytes
  }

  package enum Kind {
    case absent
    case file
    case folder
    /// A pipe or device, which is read once.
    case stream
  }

  /// What is at `path`.
  ///
  /// - Throws: where that can't be told: a folder on the way that may not be entered, say.
  package static func kind(_ path: String) throws(DataError) -> Kind {
    var facts = stat()
    guard FileName.withBytes(path, { stat($0, &facts) }) == 0 else {
      if RawFile.isAbsent { return .absent }
      throw DataError(path, "can't be read: \(RawFile.lastReason)")
    }
    return switch facts.st_mode & S_IFMT {
    case S_IFREG: .file
    case S_IFDIR: .folder
    default: .stream
    }
  }

  /// The names in a folder, in no order, as ``FileName`` tells them.
  package static func names(inFolder path: String) throws(DataError) -> [String] {
    guard let folder = FileName.withBytes(path, { opendir($0) }) else {
      throw DataError(path, "can't be read: \(RawFile.lastReason)")
    }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if bytes != Array(".".utf8) && bytes != Array("..".utf8) {
        names.append(FileName.text(bytes))
      }
    }
    return names
  }
}
