/// The name nearest to a mistyped one, by the number of insertions, deletions, replacements and
/// neighbours swapped, which are at most a third of the letters; `nil` where none is near.
public func nearestName(to word: String, among names: [String]) -> String? {
  let scored = names.compactMap { name -> (name: String, distance: Int)? in
    let most = max(word.count, name.count) / 3
    // A name of another length is as many edits away at least.
    guard abs(name.count - word.count) <= most else { return nil }
    let distance = editDistance(word.lowercased(), name.lowercased())
    return distance <= most ? (name, distance) : nil
  }
  return scored.min { $0.distance < $1.distance }?.name
}

/// `no rule named 'adm'; did you mean 'adam'?`, or the list of what there is.
public func unknownName(_ word: String, kind: String, among names: [String]) -> String {
  let shown = word.count <= 80 ? word : word.prefix(80) + "…"
  if let near = nearestName(to: word, among: names) {
    return "no \(kind) named '\(shown)'; did you mean '\(near)'?"
  }
  if names.isEmpty { return "no \(kind) named '\(shown)': there is none" }
  return "no \(kind) named '\(shown)'; there are \(names.joined(separator: ", "))"
}

private func editDistance(_ a: String, _ b: String) -> Int {
  let (a, b) = (Array(a), Array(b))
  var rows = [[Int]](repeating: [Int](repeating: 0, count: b.count + 1), count: a.count + 1)
  for i in 0...a.count { rows[i][0] = i }
  for j in 0...b.count { rows[0][j] = j }
  for i in 0..<a.count {
    for j in 0..<b.count {
      var best = min(rows[i][j + 1] + 1, rows[i + 1][j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        best = min(best, rows[i - 1][j - 1] + 1)
      }
      rows[i + 1][j + 1] = best
    }
  }
  return rows[a.count][b.count]
}
