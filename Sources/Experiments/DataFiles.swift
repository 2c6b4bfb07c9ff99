internal import Datasets
internal import Foundation
package import Records

/// The user's data, as far as results depend on it.
package enum DataFiles {
  /// - Throws: ``ExperimentError`` where there is nothing to read, before any work.
  package static func check(_ path: String) throws(ExperimentError) {
    if FileName.withBytes(path, { access($0, R_OK) }) == 0 { return }
    let name = DataError.shown(file: path)
    throw ExperimentError(
      errno == ENOENT || errno == ENOTDIR
        ? "\(name): there is no such file or folder; --data names the data"
        : "\(name) can't be read: \(Files.lastReason)")
  }

  /// What results on them depend on: the digest of the data, with that of the test file beside them
  /// if there is one, and with what was said of how to read them.
  ///
  /// - Throws: ``ExperimentError`` where there is nothing, ``DataError`` where it can't be read.
  static func digest(_ source: DataSource) throws -> String {
    try check(source.path)
    var digest = try contents(source)
    if let test = try LIBSVM.testFile(beside: source.path) {
      digest = Digest.sha256("\(digest) \(try contents(DataSource(test)))")
    }
    let format = source.format
    if let label = format.labelColumn { digest = Digest.sha256("\(digest) \(label)") }
    var other = CSV.Format()
    other.labelColumn = format.labelColumn
    if format != other {
      let header = format.hasHeader.map { "\($0)" } ?? "?"
      let separator = format.separator.map { String($0) } ?? ""
      digest = Digest.sha256("\(digest) \(separator) \(format.decimalMark) \(header)")
    }
    return digest
  }

  /// SHA-256 of a file, or of the files of a folder by name.
  private static func contents(_ source: DataSource) throws -> String {
    let path = source.path
    switch try DataFile.kind(path) {
    case .file, .stream, .absent:
      var stream = Digest.Stream()
      try source.forEachPiece { piece in piece.withUnsafeBytes { stream.update($0) } }
      return stream.digest()
    case .folder:
      var text = ""
      for name in try DataFile.names(inFolder: path).sorted() {
        let file = path + "/" + name
        // Folders inside are not read, nor pipes.
        guard try DataFile.kind(file) == .file else { continue }
        text += "\(name) \(try contents(DataSource(file)))\n"
      }
      return Digest.sha256(text)
    }
  }
}
