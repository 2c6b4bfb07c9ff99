internal import Records

/// What a comparison writes, known before it begins.
struct PlanSize: Sendable {
  /// Runs, and rows of their traces.
  let runs, rows: Double

  init(_ suite: Suite) {
    let rules = Array(suite.rules.indices)
    let sweepSeeds = Set(suite.tuningSeeds + suite.reportSeeds)
    let mapSeeds = Set(suite.map?.seeds ?? [])
    // By seed, since all seeds of a kind have the same.
    func runs(_ kind: Set<Int>, without other: Set<Int>) -> Double {
      guard let seed = kind.subtracting(other).first else { return 0 }
      return Double(kind.subtracting(other).count * suite.runCount(seed: seed, rules: rules))
    }
    let both = sweepSeeds.intersection(mapSeeds)
    let tasks = Double(suite.tasks.count)
    self.runs =
      tasks
      * (runs(sweepSeeds, without: mapSeeds) + runs(mapSeeds, without: sweepSeeds)
        + runs(both, without: []))
    let traced = Set(suite.tracedExponents).count
    rows =
      tasks * Double(suite.reportSeeds.count * suite.rules.count * suite.methods.count)
      * Double(min(traced, suite.startingRates.count)) * Double(suite.evaluations)
  }

  /// Bytes, rather too few: those of a run and of a row, once in the journal and once published.
  var bytes: Double { 2 * (runs * 600 + rows * 100) }

  /// - Throws: ``ExperimentError`` where a folder has no room for it.
  func check(_ folder: String) throws(ExperimentError) {
    guard let free = Files.freeBytes(at: folder), free < bytes else { return }
    throw ExperimentError(
      "\(folder): \(Self.count(runs)) runs need about \(Self.megabytes(bytes)) MB, and "
        + "\(Self.megabytes(free)) MB are free there")
  }

  private static func megabytes(_ bytes: Double) -> String { count((bytes / 1e6).rounded(.up)) }

  private static func count(_ x: Double) -> String { Int(exactly: x).map(String.init) ?? "\(x)" }
}
