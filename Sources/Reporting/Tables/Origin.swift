package import Records

/// Where a table's numbers come from: a suite, its version, and its runs by their digest.
extension Table {
  static func origin(of suite: Suite) -> String {
    "Suite \(suite.name), version \(suite.version)"
  }

  /// What stands between ``origin(of:)`` and the digest.
  static let beforeDigest = "; runs with SHA-256 "

  /// The words of a table's last line.
  package static func provenance(of suite: Suite, digest: String) -> String {
    origin(of: suite) + beforeDigest + digest + suite.judgedLoss.note
  }
}
