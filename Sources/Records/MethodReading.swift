/// How a method of a suite runs. Its text says so; it is decided once, when the suite is read, so that
/// what comes after (plans, reports) knows it without reading texts.
public struct MethodReading: Codable, Sendable, Equatable {
  /// Has a rule of its own, in the place of the suite's; any other runs over each rule of the suite,
  /// in the place of `rule` or before the `+`.
  public var hasOwnRule: Bool
  /// Runs once for each starting rate: its text names `rate`.
  public var hasStartingRate: Bool

  public init(hasOwnRule: Bool, hasStartingRate: Bool) {
    self.hasOwnRule = hasOwnRule
    self.hasStartingRate = hasStartingRate
  }
}

extension Suite {
  /// Whether a method runs with the starting rates; one whose text was not read counts as one that
  /// does.
  public func hasStartingRate(_ method: Method) -> Bool { method.reading?.hasStartingRate ?? true }

  /// Whether a method has a rule of its own, in the place of the suite's.
  public func hasOwnRule(_ method: Method) -> Bool { method.reading?.hasOwnRule ?? false }

  /// The rules of the suite that a method is listed with, in the suite's order.
  public func rules(of method: Method) -> [String] {
    if let names = method.rules { return rules.map(\.name).filter(names.contains) }
    return hasOwnRule(method) ? rules.prefix(1).map(\.name) : rules.map(\.name)
  }

  /// The suite as a file has it, without what was decided from its texts: a suite's hash is of this.
  package var described: Suite {
    var suite = self
    for index in suite.methods.indices { suite.methods[index].reading = nil }
    return suite
  }

  /// SHA-256 of the suite as a file has it.
  package func hash() throws -> String { Digest.sha256(try JSONLines.encode(described)) }

  /// SHA-256 of the suite without references, but for those that were chosen: the same before the others
  /// are computed and after.
  ///
  /// - Parameter dataHash: of the data that it is run on.
  package func planHash(dataHash: String?) throws -> String {
    var suite = self
    for index in suite.tasks.indices {
      let chosen = suite.tasks[index].references.filter { $1.key == Reference.given }
      suite.tasks[index].references = chosen
      suite.tasks[index].commonTarget = SuiteTask.commonTarget(of: chosen)
    }
    if let dataHash { suite.dataHash = dataHash }
    return try suite.hash()
  }
}
