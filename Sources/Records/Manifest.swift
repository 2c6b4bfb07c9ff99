/// What a reader needs to know of a folder of results, and to make it again.
public struct Manifest: Codable, Sendable {
  public var suite: Suite
  /// SHA-256 of the suite as it was run, after narrowing.
  public var suiteHash: String
  /// SHA-256 of `runs.jsonl`.
  public var digest: String
  public var version: String
  /// SHA-256 of the program's file.
  public var programHash: String
  public var commandLine: [String]
  /// SHA-256 of the data, where there is any.
  public var dataHash: String?
  /// Which data, where there is any; `nil` in folders of versions that did not record it.
  public var data: DataRecord?
  public var machine: [String: String]
  public var protocolText: [String]

  /// Facts for a page's footer, those that do not change from machine to machine first.
  public var provenance: [(name: String, value: String)] {
    [
      ("suite", "\(suite.name), version \(suite.version)"), ("suite hash", suiteHash),
      ("digest of runs.jsonl", digest), ("package version", version),
      ("data hash", dataHash ?? "none"),
    ] + (data.map { [("data", $0.sentence)] } ?? [])
  }

  package init(
    suite: Suite, suiteHash: String, digest: String, version: String, programHash: String,
    commandLine: [String], dataHash: String?, data: DataRecord? = nil, machine: [String: String],
    protocolText: [String]
  ) {
    self.suite = suite
    self.suiteHash = suiteHash
    self.digest = digest
    self.version = version
    self.programHash = programHash
    self.commandLine = commandLine
    self.dataHash = dataHash
    self.data = data
    self.machine = machine
    self.protocolText = protocolText
  }
}
