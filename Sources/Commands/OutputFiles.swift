package import Records

/// The files that a command writes, looked at before its work.
package enum OutputFiles {
  /// - Parameters:
  ///   - outputs: by option; each is a file of its own.
  ///   - inputs: what the command reads, by option, which no output replaces.
  /// - Throws: ``ExperimentError`` for a file that can't be written, and one that is named twice.
  package static func check(
    _ outputs: [(option: String, path: String?)],
    reading inputs: [(option: String, path: String?)] = []
  ) throws(ExperimentError) {
    var read: [String: String] = [:]
    for (option, path) in inputs {
      if let path, let file = Files.identity(of: path) { read[file] = option }
    }
    var written: [String: String] = [:]
    for (option, path) in outputs {
      guard let path else { continue }
      try Files.checkWritable(path)
      // A device or a pipe takes several.
      guard let file = Files.identity(of: path) else { continue }
      if let input = read[file] {
        throw ExperimentError(
          "\(option) \(path) is the file that \(input) reads: it would be lost")
      }
      if let other = written[file] {
        throw ExperimentError("\(other) and \(option) name the same file, \(path)")
      }
      written[file] = option
    }
  }
}
