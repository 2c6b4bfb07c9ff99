/// All that is measured, in the order of the table.
public enum Contests {
  /// The contests whose part and name together contain one of `words`, whatever their case; powers
  /// of ten and crosses may be written as on a keyboard: `n = 1e6`, `128x1000`.
  ///
  /// - Throws: ``BenchmarkError`` where there is none for one of them.
  public static func chosen(_ words: [String], _ setting: Setting) throws -> [Contest] {
    let all =
      StepContests.all(setting) + SweepContests.all(setting) + EpochContests.all(setting)
      + ProductContests.all(setting) + ElementaryContests.all(setting)
    return try all.chosen(by: words, named: \.name) { contest, word in
      let text = "\(contest.part): \(contest.name)".lowercased()
      return text.contains(word.lowercased()) || plain(text).contains(word.lowercased())
    }
  }

  /// With characters that are on every keyboard.
  private static func plain(_ text: String) -> String {
    let pairs = [("2.5·10⁷", "2.5e7"), ("10²", "1e2"), ("10⁶", "1e6"), ("×", "x")]
    return pairs.reduce(text) {
      $0.split(separator: $1.0, omittingEmptySubsequences: false).joined(separator: $1.1)
    }
  }
}
