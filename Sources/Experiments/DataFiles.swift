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
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw ExperimentError("\(path): there is no such file or folder; --data names the data")
    }
    if !isFolder.boolValue {
      guard let digest = Digest.sha256(ofFile: path) else {
        throw ExperimentError("\(path): the file can't be read")
      }
      return digest
    }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    var text = ""
    for name in names.sorted() {
      if let digest = Digest.sha256(ofFile: path + "/" + name) { text += "\(name) \(digest)\n" }
    }
    return Digest.sha256(text)
  }
}
