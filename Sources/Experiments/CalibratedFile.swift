package import Records

/// A suite's file into which references are written, looked at before they are computed.
package struct CalibratedFile {
  private let suite: Suite
  private let file: String
  /// Without a mark, and with `\n` alone.
  private let text: String
  private let mark: String
  private let lineBreak: String

  /// - Throws: ``ExperimentError`` where the tasks do not stand at the end, and where something among
  ///   them would be lost.
  package init(_ suite: Suite, file: String, names: Names) throws {
    let whole = try SuiteFile.text(ofFile: file)
    self.suite = suite
    self.file = file
    let unmarked = SuiteFile.withoutMark(whole)
    mark = unmarked == whole ? "" : "\u{FEFF}"
    lineBreak = unmarked.contains("\r\n") ? "\r\n" : "\n"
    text = unmarked.replacing("\r\n", with: "\n")
    // References in a file of their own leave this one as it is.
    if try SuiteSources(text: text).referencesFrom == nil, let line = lineOfComment {
      throw ExperimentError(
        "\(file):\(line): a comment in the part 'tasks:' would be lost: put it above that, or give the "
          + "references a file of their own, by 'referencesFrom'")
    }
    let some = Dictionary(
      suite.rules.map { ($0.name, Suite.Reference(rate: 1, target: 0.1)) }, uniquingKeysWith: { $1 }
    )
    let probe = try Calibration.written(
      suite.tasks.map { _ in some }, of: suite, file: file, text: text)
    guard probe.path == file else { return }
    let again = try? SuiteFile.parse(
      probe.text, file: file, names: names, makesReferences: true)
    for (index, task) in suite.tasks.enumerated() {
      guard let task = again?.tasks.dropFirst(index).first, task.name == suite.tasks[index].name,
        task.spec == suite.tasks[index].spec
      else {
        throw ExperimentError(
          "\(file): the task '\(task.name)' can't be written again: give the references a file of "
            + "their own, by 'referencesFrom'")
      }
    }
  }

  /// The file with the references, and its path.
  package func written(
    _ references: [[String: Suite.Reference]]
  ) throws -> (path: String, text: String) {
    var written = try Calibration.written(references, of: suite, file: file, text: text)
    if written.path == file { written.text = mark + written.text.replacing("\n", with: lineBreak) }
    return written
  }

  /// The first line with a comment from `tasks:` on.
  private var lineOfComment: Int? {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard let start = lines.firstIndex(of: "tasks:") else { return nil }
    return lines.indices.first { $0 > start && Self.hasComment(lines[$0]) }.map { $0 + 1 }
  }

  private static func hasComment(_ line: Substring) -> Bool {
    var quote: Character?
    var before: Character = " "
    for character in line {
      if let open = quote {
        if character == open, before != "\\" { quote = nil }
      } else if character == "\"" || character == "'" {
        quote = character
      } else if character == "#", before == " " || before == "\t" {
        return true
      }
      before = character
    }
    return false
  }
}
