internal import Foundation
internal import Records

/// The user's data, as far as results depend on it.
enum DataFiles {
  /// What results on them depend on: the digest of the data, and with it the label column where one
  /// is named.
  static func digest(_ path: String, labelColumn: String?) throws(ExperimentError) -> String {
    let data = try digest(path)
    return labelColumn.map { Digest.sha256("\(data) \($0)") } ?? data
  }

  /// SHA-256 of a file, or of the files of a folder by name.
  ///
  /// - Throws: ``ExperimentError`` where there is nothing to read.
  static func digest(_ path: String) throws(ExperimentError) -> String {
    var facts = stat()
    guard stat(path, &facts) == 0 else {
      if errno == ENOENT || errno == ENOTDIR {
        throw ExperimentError("\(path): there is no such file or folder; --data names the data")
      }
      throw ExperimentError("\(path) can't be read: \(Files.lastReason)")
    }
    if facts.st_mode & S_IFMT != S_IFDIR { return try Digest.sha256(file: path) }
    var text = ""
    for name in try Files.names(in: path) {
      let file = path + "/" + name
      if stat(file, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR { continue }
      text += "\(name) \(try Digest.sha256(file: file))\n"
    }
    return Digest.sha256(text)
  }
}
