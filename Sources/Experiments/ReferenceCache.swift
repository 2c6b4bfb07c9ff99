internal import Records
internal import Synchronization

/// The references that comparisons in a folder computed, so that a command that goes on or is given
/// again does not compute them again: `references.jsonl`, a line each.
///
/// A line with its digest is used for its own key by the program that wrote it, since a task or rule may
/// be another in another program.
public final class ReferenceCache: Sendable {
  private struct Line: Codable {
    var key: String
    var program: String
    var rate: Double
    var target: Double
    var rates: [Double]?
    var targets: [Double]?
    /// SHA-256 of the line without this.
    var digest: String?

    /// The line with its digest.
    func sealed() throws -> Line {
      var line = self
      line.digest = nil
      line.digest = Digest.sha256(try JSONLines.encode(line))
      return line
    }

    /// Whether it is as it was written.
    var isSound: Bool { digest != nil && (try? sealed().digest) == digest }
  }

  private let path: String
  private let program: String
  private let lines: Mutex<[Line]>

  /// - Parameters:
  ///   - folder: a folder of results; it need not be there.
  ///   - program: the program's file.
  public init(folder: String, program: String) {
    path = folder + "/references.jsonl"
    let digest = Digest.sha256(ofFile: program) ?? packageVersion
    self.program = digest
    let bytes = (try? Files.read(path)) ?? []
    lines = Mutex(
      String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        .compactMap { try? JSONLines.decode(Line.self, from: $0) }
        .filter { $0.program == digest && $0.rate > 0 && $0.target > 0 && $0.isSound })
  }

  subscript(key: String) -> Suite.Reference? {
    lines.withLock { lines in
      lines.first { $0.key == key }.map {
        Suite.Reference(
          rate: $0.rate, target: $0.target, rates: $0.rates, targets: $0.targets, key: key)
      }
    }
  }

  /// - Throws: ``ExperimentError`` where the file can't be written.
  func store(_ references: some Collection<Suite.Reference>) throws {
    try lines.withLock { lines in
      for reference in references {
        guard let key = reference.key, !lines.contains(where: { $0.key == key }) else { continue }
        lines.append(
          try Line(
            key: key, program: program, rate: reference.rate, target: reference.target,
            rates: reference.rates, targets: reference.targets
          ).sealed())
      }
      // In an order that does not depend on threads.
      lines.sort { $0.key < $1.key }
      let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      try Files.makeFolder(folder.joined(separator: "/"))
      try Files.write(
        try lines.map { try JSONLines.encode($0) + "\n" }.joined(), to: path)
    }
  }
}
