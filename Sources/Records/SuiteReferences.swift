/// How the references of a suite came about, as tables and protocol say it.
extension Suite {
  /// The seeds on which references are computed.
  package var calibrationSeeds: [Int] {
    referenceSeeds ?? (tuningSeeds.isEmpty ? reportSeeds : tuningSeeds)
  }

  private var references: [Reference] { tasks.flatMap { Array($0.references.values) } }

  /// Whether somebody chose a reference that is used here.
  package var hasGivenReferences: Bool { references.contains { $0.key == Reference.given } }

  /// "the best fixed rate of a grid, chosen on the seeds 1, 2, 3, of which 1 is run here, too".
  package var referenceSentence: String {
    if hasGivenReferences, references.allSatisfy({ $0.key == Reference.given }) {
      return "the one that the suite gives"
    }
    let shared = calibrationSeeds.filter { (tuningSeeds + reportSeeds).contains($0) }
    return "the best fixed rate of a grid, chosen on the \(Self.words(seeds: calibrationSeeds))"
      + (shared.isEmpty
        ? ", none of which is run here"
        : shared.count == calibrationSeeds.count
          ? ", \(shared.count == 1 ? "which is" : "all of which are") run here, too"
          : ", of which \(Self.list(shared)) \(shared.count == 1 ? "is" : "are") run here, too")
      + (hasGivenReferences ? "; of some tasks the one that the suite gives" : "")
  }

  /// "seed 1" or "seeds 1, 2".
  package static func words(seeds: [Int]) -> String {
    "\(seeds.count == 1 ? "seed" : "seeds") \(list(seeds))"
  }

  private static func list(_ seeds: [Int]) -> String {
    seeds.map(String.init).joined(separator: ", ")
  }
}
