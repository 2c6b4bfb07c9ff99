internal import Foundation
internal import Records

/// Finished parts of a comparison, one file for each (task, seed, rule), so that an interrupted
/// command goes on where it stopped, and no run stays in memory once it is done.
///
/// A file holds the lines of the published files, sorted, behind a short list of what stands where:
/// publishing copies bytes.
struct Journal: Sendable {
  private let folder: String
  /// What the stored parts depend on: the suite, the data and the program.
  private let key: String

  /// What a file is named for.
  struct Part: Sendable {
    var task: String
    var seed: Int
    var rule: String
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
  }

  /// The head of a file.
  struct Head {
    fileprivate var path: String
    var seconds: Double
    var sections: [Section]
  }

  /// Opens the journal of a results folder, and drops what another suite or program wrote.
  ///
  /// - Returns: the journal, and how many stored parts were dropped.
  static func open(in results: String, key: String) throws -> (Journal, dropped: Int) {
    let folder = results + "/journal"
    let manager = FileManager.default
    try Files.makeFolder(folder)
    let keyFile = folder + "/key"
    let stored = manager.contents(atPath: keyFile).map { String(decoding: $0, as: UTF8.self) }
    var dropped = 0
    if stored != key {
      for name in (try? manager.contentsOfDirectory(atPath: folder)) ?? []
      where name.hasSuffix(suffix) {
        try manager.removeItem(atPath: folder + "/" + name)
        dropped += 1
      }
      try Files.write(key, to: keyFile)
    }
    return (Journal(folder: folder, key: key), dropped)
  }

  /// Whether a part is there, whole and of this suite and program.
  func holds(_ part: Part) -> Bool {
    let path = path(part)
    guard let data = FileManager.default.contents(atPath: path) else { return false }
    let bytes = [UInt8](data)
    guard let end = bytes.firstIndex(of: Self.lineBreak) else { return false }
    let first = String(decoding: bytes[..<end], as: UTF8.self)
    return first == Digest.sha256(Array(bytes[(end + 1)...])) && head(of: part) != nil
  }

  /// The head of a part's file; `nil` where it is missing or not of this suite and program.
  func head(of part: Part) -> Head? {
    guard let file = fopen(path(part), "r") else { return nil }
    defer { fclose(file) }
    var lines = HeadLines(file)
    // The first line is the digest of the rest, which ``holds(_:)`` looks at.
    guard lines.next() != nil, lines.next() == key, let seconds = lines.next().flatMap(Double.init),
      let count = lines.next().flatMap({ Int($0) })
    else { return nil }
    var sections: [Section] = []
    for _ in 0..<count {
      let words = (lines.next() ?? "").split(
        separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
      guard words.count == 4, let kind = Section.Kind(rawValue: String(words[0])),
        let start = Int(words[1]), let count = Int(words[2])
      else { return nil }
      sections.append(
        Section(kind: kind, method: String(words[3]), start: start, count: count))
    }
    for index in sections.indices { sections[index].start += lines.position }
    return Head(path: path(part), seconds: seconds, sections: sections)
  }

  /// Appends the lines of one section to a published file.
  static func copy(
    _ section: Section, of head: Head, to file: TextFileWriter
  ) throws(ExperimentError) {
    guard let stored = fopen(head.path, "r") else {
      throw ExperimentError("\(head.path) can't be read: \(Files.lastReason)")
    }
    defer { fclose(stored) }
    var bytes = [UInt8](repeating: 0, count: section.count)
    guard fseek(stored, section.start, SEEK_SET) == 0,
      fread(&bytes, 1, section.count, stored) == section.count
    else { throw ExperimentError("\(head.path) can't be read: \(Files.lastReason)") }
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
    var head = "\(key)\n\(seconds)\n\(sections.count)\n"
    for section in sections {
      head += "\(section.kind.rawValue) \(section.start) \(section.count) \(section.method)\n"
    }
    let rest = Array(head.utf8) + body
    try Files.write(Array((Digest.sha256(rest) + "\n").utf8) + rest, to: path(part))
  }

  /// Removes the journal, once the results stand published.
  func remove() { try? FileManager.default.removeItem(atPath: folder) }

  private func path(_ part: Part) -> String {
    let name = Digest.sha256("\(part.task)\n\(part.seed)\n\(part.rule)").prefix(24)
    return folder + "/" + name + Self.suffix
  }

  private static let suffix = ".lines"
  private static let lineBreak = UInt8(ascii: "\n")

  /// The first lines of a file.
  private struct HeadLines {
    private let file: UnsafeMutablePointer<FILE>
    /// Bytes read so far.
    private(set) var position = 0

    init(_ file: UnsafeMutablePointer<FILE>) { self.file = file }

    /// The next line without its break; `nil` at the end.
    mutating func next() -> String? {
      var line: UnsafeMutablePointer<CChar>?
      var capacity = 0
      defer { free(line) }
      let count = getline(&line, &capacity, file)
      guard count > 0, let line, line[count - 1] == CChar(Journal.lineBreak) else { return nil }
      position += count
      return String(
        decoding: UnsafeRawBufferPointer(start: line, count: count - 1), as: UTF8.self)
    }
  }
}
