/// What a reader needs to know of a folder of results, and to make it again.
public struct Manifest: Codable, Sendable {
  public var suite: Suite
  /// SHA-256 of the suite as it was run, after narrowing.
  public var suiteHash: String
  /// SHA-256 of that suite without references that can be computed; `nil` where an earlier version wrote
  /// the folder.
  public var planHash: String?
  /// SHA-256 of `runs.jsonl`.
  public var digest: String
  /// SHA-256 of the other files that a report is made of, by their names; `nil` where an earlier
  /// version wrote the folder.
  public var otherDigests: [String: String]?
  /// SHA-256 of the manifest's own text with zeros in the place of this; see ``sealed()``.
  public private(set) var manifestDigest: String?
  public var version: String
  /// SHA-256 of the program's file.
  public var programHash: String
  public var commandLine: [String]
  /// SHA-256 of the data, where there is any.
  public var dataHash: String?
  /// Which data, where there is any; `nil` in folders of versions that did not record it.
  public var data: DataRecord?
  /// The programs that answered for tasks, where there are any.
  public var programs: [ProgramRecord]?
  public var machine: [String: String]
  public var protocolText: [String]

  /// Facts for a page's footer, those that do not change from machine to machine first.
  public var provenance: [(name: String, value: String)] {
    [
      ("suite", "\(suite.name), version \(suite.version)"), ("suite hash", suiteHash),
      ("digest of runs.jsonl", digest), ("package version", version),
      ("data hash", dataHash ?? "none"),
    ] + (data.map { [("data", $0.sentence)] } ?? [])
      + (programs ?? []).map { ("a task's program", $0.sentence) }
  }

  package init(
    suite: Suite, suiteHash: String, planHash: String? = nil, digest: String,
    otherDigests: [String: String], version: String, programHash: String, commandLine: [String],
    dataHash: String?,
    data: DataRecord? = nil, programs: [ProgramRecord]? = nil, machine: [String: String],
    protocolText: [String]
  ) {
    self.suite = suite
    self.suiteHash = suiteHash
    self.planHash = planHash
    self.digest = digest
    self.otherDigests = otherDigests
    manifestDigest = Self.zeros
    self.version = version
    self.programHash = programHash
    self.commandLine = commandLine
    self.dataHash = dataHash
    self.data = data
    self.programs = programs
    self.machine = machine
    self.protocolText = protocolText
  }

  // MARK: As a file

  private static let zeros = String(repeating: "0", count: 64)

  /// The text of the file, with its own digest in it.
  package func sealed() throws -> String {
    var copy = self
    copy.manifestDigest = Self.zeros
    var bytes = Array(try JSONLines.pretty(copy).utf8)
    guard let place = Self.placeOfDigest(in: bytes) else {
      preconditionFailure("a manifest has its own digest")
    }
    bytes.replaceSubrange(place, with: Digest.sha256(bytes).utf8)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Reads the file, and checks that it is as it was written.
  ///
  /// - Throws: ``ExperimentError`` that names the file and what is wrong with it.
  static func read(_ path: String) throws(ExperimentError) -> Manifest {
    var bytes = try Files.read(path, hint: "name a folder that 'hypergrad compare' wrote")
    let text = String(decoding: bytes, as: UTF8.self)
    guard let manifest = try? JSONLines.decode(Manifest.self, from: text[...]) else {
      throw ExperimentError("\(path): not what a comparison writes")
    }
    guard let place = placeOfDigest(in: bytes), manifest.otherDigests != nil else {
      throw manifest.earlier("\(path) names no digests of the folder's files")
    }
    let written = String(decoding: bytes[place], as: UTF8.self)
    bytes.replaceSubrange(place, with: zeros.utf8)
    guard Digest.sha256(bytes) == written else {
      throw ExperimentError(
        "\(path) is not what its own digest, \(written.prefix(12))…, says: the file was changed "
          + "after it was written")
    }
    guard manifest.suite.methods.allSatisfy({ $0.reading != nil }) else {
      throw manifest.earlier("\(path) does not say how the methods run")
    }
    return manifest
  }

  private func earlier(_ fault: String) -> ExperimentError {
    ExperimentError(
      "\(fault), as of an earlier version; the same command makes the results again: "
        + commandLine.joined(separator: " "))
  }

  /// Where the 64 digits stand. A text inside the manifest has its quotes escaped, and is not found.
  private static func placeOfDigest(in bytes: [UInt8]) -> Range<Int>? {
    let key = Array("\"manifestDigest\" : \"".utf8)
    guard let found = bytes.firstRange(of: key), found.upperBound + 64 <= bytes.count else {
      return nil
    }
    return found.upperBound..<found.upperBound + 64
  }
}
