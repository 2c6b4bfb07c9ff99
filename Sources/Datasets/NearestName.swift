/// A suggestion for a name that was not found.
enum NearestName {
  /// `; did you mean "…"?` for the candidate that takes the fewest edits, if that is few enough;
  /// an empty text otherwise.
  static func suggestion(for name: String, among candidates: [String]) -> String {
    // A name that is much longer is not meant, and takes long to compare.
    let near = candidates.filter { $0.utf8.count <= 2 * name.utf8.count + 8 }
    let ranked = near.map { ($0, edits($0.lowercased(), name.lowercased())) }
    guard let best = ranked.min(by: { $0.1 < $1.1 }), best.1 <= max(2, name.count / 3) else {
      return ""
    }
    return "; did you mean \(DataError.quoted(best.0))?"
  }

  /// Insertions, deletions and replacements that make `a` into `b`.
  private static func edits(_ a: String, _ b: String) -> Int {
    let b = Array(b)
    var row = Array(0...b.count)
    for (i, character) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for j in b.indices {
        let replaced = diagonal + (character == b[j] ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[b.count]
  }
}
