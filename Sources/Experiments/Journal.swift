internal import Foundation
internal import Records

/// Finished parts of a comparison, one file for each (task, seed, rule), so that an interrupted
/// command goes on where it stopped, and no run stays in memory once it is done.
///
/// A file holds the lines of the published files, sorted, behind a short list of what stands where:
/// publishing copies bytes. Its first line is the digest of that list, which says what the file is a
/// part of and has the digests of the lines: a changed file, or one in another's place, is found out
/// where it is looked for and again where it is copied.
struct Journal: Sendable {
  private let folder: String
  /// What the stored parts depend on: the suite, the data and the program.
  private let key: Key

  /// What parts depend on, in words.
  struct Key {
    var text: String
    /// Whether more words may follow, which are not known yet.
    var isOpen = false

    func isOf(_ head: Head) -> Bool {
      head.key == text || isOpen && head.key.hasPrefix(text + " ")
    }
  }

  /// What a file is named for.
  struct Part: Sendable {
    var task: String
    var seed: Int
    var rule: String

    /// One line.
    fileprivate func line() throws(ExperimentError) -> String {
      do { return try JSONLines.encode([task, "\(seed)", rule]) } catch {
        throw ExperimentError("the part of task '\(task)', rule '\(rule)' can't be named: \(error)")
      }
    }
  }

  /// The lines of one method in one published file.
  struct Section {
    enum Kind: String {
      case map, sweep, traces
      init(_ part: RunRecord.Part) { self = part == .map ? .map : .sweep }
    }
    var kind: Kind
    var method: String
    /// In bytes, from the file's first.
    var start: Int
    var count: Int
    /// SHA-256 of the bytes.
    var digest = ""
  }

  /// The head of a file.
  struct Head {
    fileprivate var path: String
    fileprivate var key: String
    fileprivate var part: String
    var seconds: Double
    var sections: [Section]
    /// The file's length.
    fileprivate var end: Int
  }

  /// Opens the journal of a results folder.
  ///
  /// - Parameter replacing: whether parts of another suite, program or other data are dropped.
  /// - Returns: the journal, and how many stored parts were dropped.
  /// - Throws: ``ExperimentError`` where there are such parts and they are to be kept, and where the
  ///   folder can't be used.
  static func open(
    in results: String, key: Key, replacing: Bool
  ) throws(ExperimentError) -> (Journal, dropped: Int) {
    let folder = results + "/journal"
    // A removal that was cut short.
    try removeParts(in: folder + ".done")
    var others: [String] = []
    for name in try Files.names(in: folder) where isPart(name) {
      let path = folder + "/" + name
      if name.hasSuffix(".part") {
        try Files.removeFile(path)
      } else if try isOfAnother(path, key: key) {
        others.append(path)
      }
    }
    guard others.isEmpty || replacing else {
      throw ExperimentError(
        "\(folder) holds \(others.count) finished parts of another comparison, of other data or of "
          + "another build of the program: the command that made them goes on with them; name "
          + "another folder by --out, or drop them by --replace")
    }
    for path in others { try Files.remove(path) }
    return (Journal(folder: folder, key: key), others.count)
  }

  /// Makes the folder.
  func begin() throws(ExperimentError) { try Files.makeFolder(folder) }

  /// Whether any part of this comparison is there.
  func isBegun() throws(ExperimentError) -> Bool {
    for name in try Files.names(in: folder) where name.hasSuffix(Self.suffix) {
      if let head = try Self.head(folder + "/" + name), key.isOf(head) { return true }
    }
    return false
  }

  /// Whether a file is a part of another comparison, or of an earlier version of the program; one that
  /// is damaged is nobody's.
  private static func isOfAnother(_ path: String, key: Key) throws(ExperimentError) -> Bool {
    if let head = try head(path) { return !key.isOf(head) }
    let first = try Files.read(path, most: .max).prefix(65)
    let digits = first.dropLast().allSatisfy {
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
    }
    return first.count == 65 && first.last == lineBreak && digits
  }

  /// Whether a part is there, whole and of this suite and program.
  ///
  /// - Throws: ``ExperimentError`` where it can't be told, since the file can't be read.
  func holds(_ part: Part) throws(ExperimentError) -> Bool {
    guard let head = try head(of: part) else { return false }
    let bytes = try Files.read(head.path, most: .max)
    guard bytes.count == head.end else { return false }
    return head.sections.allSatisfy {
      $0.start + $0.count <= bytes.count
        && Digest.sha256(Array(bytes[$0.start..<$0.start + $0.count])) == $0.digest
    }
  }

  /// The head of a part's file; `nil` where it is missing, damaged, or not of this part, suite and
  /// program.
  ///
  /// - Throws: ``ExperimentError`` where it can't be told, since the file can't be read.
  func head(of part: Part) throws(ExperimentError) -> Head? {
    guard let head = try Self.head(path(part)), key.isOf(head), head.part == (try part.line())
    else { return nil }
    return head
  }

  private static func head(_ path: String) throws(ExperimentError) -> Head? {
    guard let file = fopen(path, "re") else {
      if errno == ENOENT { return nil }
      throw ExperimentError("\(path) can't be read: \(Files.lastReason)")
    }
    defer { fclose(file) }
    var lines = HeadLines(file)
    guard let first = lines.next(), first.hasPrefix(version), let key = lines.next(counted: true),
      let part = lines.next(counted: true),
      let seconds = lines.next(counted: true).flatMap(Double.init),
      let count = lines.next(counted: true).flatMap({ Int($0) })
    else { return nil }
    var sections: [Section] = []
    var end = 0
    while sections.count < count {
      let words = (lines.next(counted: true) ?? "").split(
        separator: " ", maxSplits: 4, omittingEmptySubsequences: false)
      guard words.count == 5, let kind = Section.Kind(rawValue: String(words[0])),
        let start = Int(words[1]), let count = Int(words[2]), start == end, count >= 0
      else { return nil }
      let (sum, isTooLarge) = end.addingReportingOverflow(count)
      if isTooLarge { return nil }
      end = sum
      sections.append(
        Section(
          kind: kind, method: String(words[4]), start: start, count: count,
          digest: String(words[3])))
    }
    guard first.dropFirst(version.count) == Digest.sha256(lines.counted) else { return nil }
    for index in sections.indices { sections[index].start += lines.position }
    return Head(
      path: path, key: key, part: part, seconds: seconds, sections: sections,
      end: end + lines.position)
  }

  /// Appends the lines of one section to a published file.
  ///
  /// - Throws: ``ExperimentError`` where they can't be read, or are not those that were stored.
  static func copy(
    _ section: Section, of head: Head, to file: TextFileWriter
  ) throws(ExperimentError) {
    guard let stored = fopen(head.path, "re") else {
      throw ExperimentError("\(head.path) can't be read: \(Files.lastReason)")
    }
    defer { fclose(stored) }
    var bytes = [UInt8](repeating: 0, count: section.count)
    guard fseek(stored, section.start, SEEK_SET) == 0 else {
      throw ExperimentError("\(head.path) can't be read: \(Files.lastReason)")
    }
    let count = fread(&bytes, 1, section.count, stored)
    if ferror(stored) != 0 {
      throw ExperimentError("\(head.path) can't be read: \(Files.lastReason)")
    }
    guard count == section.count, Digest.sha256(bytes) == section.digest else {
      throw ExperimentError(
        "\(head.path) was changed after it was written: the same command makes its part again")
    }
    try file.write(bytes)
  }

  /// Stores a part: its runs and traces in any order.
  func store(
    _ part: Part, runs: [RunRecord], traces: [RunTrace], seconds: Double
  ) throws(ExperimentError) {
    var body: [UInt8] = []
    var sections: [Section] = []
    func append(_ kind: Section.Kind, _ method: String, _ start: Int) {
      if let last = sections.last, last.kind == kind, last.method == method {
        sections[sections.count - 1].count = body.count - last.start
      } else {
        sections.append(
          Section(kind: kind, method: method, start: start, count: body.count - start))
      }
    }
    for run in ResultsFolder.sorted(runs) {
      let start = body.count
      RunLine.append(run, to: &body)
      append(Section.Kind(run.part), run.method, start)
    }
    for trace in ResultsFolder.sorted(traces) {
      let start = body.count
      TraceRows.append(trace, to: &body)
      append(.traces, trace.method, start)
    }
    var head = "\(key.text)\n\(try part.line())\n\(seconds)\n\(sections.count)\n"
    for section in sections {
      let digest = Digest.sha256(Array(body[section.start..<section.start + section.count]))
      head +=
        "\(section.kind.rawValue) \(section.start) \(section.count) \(digest) \(section.method)\n"
    }
    let first = Self.version + Digest.sha256(head) + "\n"
    try Files.write(Array((first + head).utf8) + body, to: path(part))
  }

  /// Removes the journal, once the results stand published. It loses its name first, so that what is
  /// cut short here is no journal.
  func remove() throws(ExperimentError) {
    let done = rename(folder, folder + ".done") == 0
    try Self.removeParts(in: folder + (done ? ".done" : ""))
  }

  /// A file in the folder of a journal that is no part of one; `nil` where there is none.
  ///
  /// - Throws: ``ExperimentError`` where there is something else in the folder's place.
  static func foreignFile(in results: String) throws(ExperimentError) -> String? {
    let folder = results + "/journal"
    guard Files.isThere(folder) else { return nil }
    return try Files.names(in: folder).first { !isPart($0) }.map { "journal/" + $0 }
  }

  /// Removes a folder's parts, and the folder where nothing else is in it.
  private static func removeParts(in folder: String) throws(ExperimentError) {
    guard Files.isThere(folder) else { return }
    for name in try Files.names(in: folder) where isPart(name) {
      try Files.removeFile(folder + "/" + name)
    }
    rmdir(folder)
  }

  /// Whether a name is a part's, or of one that is being written.
  private static func isPart(_ name: String) -> Bool {
    let words = name.split(separator: ".", omittingEmptySubsequences: false)
    return words.count >= 2 && words[0].count == nameLength && words[0].allSatisfy(\.isHexDigit)
      && ["lines", "lines.part"].contains(words.dropFirst().joined(separator: "."))
  }

  private func path(_ part: Part) -> String {
    let name = Digest.sha256("\(part.task)\n\(part.seed)\n\(part.rule)").prefix(Self.nameLength)
    return folder + "/" + name + Self.suffix
  }

  private static let suffix = ".lines"
  /// Digits of a file's name.
  private static let nameLength = 24
  /// Before the digest in the first line.
  private static let version = "part 2 "
  private static let lineBreak = UInt8(ascii: "\n")

  /// The first lines of a file.
  private struct HeadLines {
    private let file: UnsafeMutablePointer<FILE>
    /// Bytes read so far.
    private(set) var position = 0
    /// Those of the lines that were counted, with their breaks.
    private(set) var counted: [UInt8] = []

    init(_ file: UnsafeMutablePointer<FILE>) { self.file = file }

    /// The next line without its break; `nil` at the end.
    mutating func next(counted isCounted: Bool = false) -> String? {
      var line: UnsafeMutablePointer<CChar>?
      var capacity = 0
      defer { free(line) }
      let count = getline(&line, &capacity, file)
      guard count > 0, let line, line[count - 1] == CChar(Journal.lineBreak) else { return nil }
      position += count
      let bytes = UnsafeRawBufferPointer(start: line, count: count)
      if isCounted { counted.append(contentsOf: bytes) }
      return String(decoding: bytes.dropLast(), as: UTF8.self)
    }
  }
}
