/// What a folder of results holds; tables and pictures are pure functions of it.
public struct Results: Sendable {
  public var suite: Suite
  /// Sorted by part, task, rule, method, seed, rate, hyper-learning-rate.
  public var runs: [RunRecord]
  public var traces: [RunTrace]
  /// SHA-256 of `runs.jsonl`, in hexadecimal.
  public var digest: String
  /// Facts for the page's footer (suite hash, version, machine), in order.
  public var provenance: [(name: String, value: String)]
  /// The user's data, where there were any.
  public var data: DataRecord?
  /// The rules by which the numbers were made, a sentence each.
  public var protocolText: [String]

  public init(
    suite: Suite, runs: [RunRecord], traces: [RunTrace], digest: String,
    provenance: [(name: String, value: String)], data: DataRecord? = nil,
    protocolText: [String] = []
  ) {
    self.suite = suite
    self.runs = runs
    self.traces = traces
    self.digest = digest
    self.provenance = provenance
    self.data = data
    self.protocolText = protocolText
  }
}
