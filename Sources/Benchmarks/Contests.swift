/// All that is measured, in the order of the table.
public enum Contests {
  /// The contests whose part and name together contain one of `words`, whatever their case.
  ///
  /// - Throws: ``BenchmarkError`` where there is none.
  public static func chosen(_ words: [String], _ setting: Setting) throws -> [Contest] {
    let all =
      StepContests.all(setting) + SweepContests.all(setting) + EpochContests.all(setting)
      + ProductContests.all(setting) + ElementaryContests.all(setting)
    let chosen = all.filter { contest in
      let text = "\(contest.part): \(contest.name)".lowercased()
      return words.isEmpty || words.contains { text.contains($0.lowercased()) }
    }
    if chosen.isEmpty {
      throw BenchmarkError(
        "no row contains \(words.map { "'\($0)'" }.joined(separator: " or ")); the rows are: "
          + all.map(\.name).joined(separator: "; "))
    }
    return chosen
  }
}
