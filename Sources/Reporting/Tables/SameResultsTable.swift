internal import Records

/// Methods, and rules, that never differ from each other on any task: a defect of one of them, or of
/// the suite.
struct SameResultsTable {
  let comparison: Comparison

  /// `nil` where all differ somewhere.
  var table: Table? {
    let c = comparison
    let methods = pairs(c.methods.count, sameMethods).map { a, b, likeness in
      ["method", c.methods[a], c.methods[b], likeness.rawValue]
    }
    let rules = pairs(c.rules.count, sameRules).map { a, b, likeness in
      ["rule", c.rules[a], c.rules[b], likeness.rawValue]
    }
    guard !(methods + rules).isEmpty else { return nil }
    return Table(
      name: Self.name, title: "The same results",
      caption: "Two methods are the same if every run of one has the loss of the other's, bit for "
        + "bit, on every task, under every rule that both are listed with, from every starting rate "
        + "and with every seed; two rules likewise, over the methods that run under both. Where every "
        + "run was stopped before its end, that can't be told.",
      provenance: c.provenance,
      columns: [
        .init("What", about: "method or rule"),
        .init("Name", about: "the earlier of the two in the suite's order"),
        .init("never differs from", about: "the later"),
        .init("told by", about: "losses, or nothing, where every run was stopped"),
      ],
      rows: (methods + rules).map { $0.map { .text($0) } })
  }

  /// By what two that look the same are the same.
  enum Likeness: String {
    case losses
    case nothing
  }

  static let name = "same-results"

  private func pairs(
    _ count: Int, _ likeness: (Int, Int) -> Likeness?
  ) -> [(Int, Int, Likeness)] {
    (0..<count).flatMap { b in (0..<b).compactMap { a in likeness(a, b).map { (a, b, $0) } } }
  }

  private func sameMethods(_ a: Int, _ b: Int) -> Likeness? {
    let c = comparison
    let common = c.rules.indices.filter { c.listed[$0].contains(a) && c.listed[$0].contains(b) }
    if common.isEmpty {
      // Each may have a rule of its own and be listed with another one.
      let (ours, theirs) = (rules(of: a), rules(of: b))
      let found = ours.flatMap { r in
        theirs.compactMap { s in likeness([{ t in (c.runs(t, r, a), c.runs(t, s, b)) }]) }
      }
      return found.contains(.losses) ? .losses : found.first
    }
    return likeness(common.map { r in { t in (c.runs(t, r, a), c.runs(t, r, b)) } })
  }

  private func sameRules(_ a: Int, _ b: Int) -> Likeness? {
    let c = comparison
    let common = c.listed[a].filter { m in
      c.listed[b].contains(m) && !c.hasOwnRule[m]
    }
    return likeness(common.map { m in { t in (c.runs(t, a, m), c.runs(t, b, m)) } })
  }

  /// `nil` where two groups of runs differ on some task, or there are none to compare in one of the
  /// cases.
  private func likeness(_ cases: [(Int) -> (MethodRuns, MethodRuns)]) -> Likeness? {
    let all = cases.map { groups in
      comparison.tasks.indices.map(groups).filter { $0.0.count > 0 || $0.1.count > 0 }
    }
    guard !all.isEmpty, all.allSatisfy({ !$0.isEmpty }) else { return nil }
    let pairs = all.flatMap { $0 }
    guard pairs.allSatisfy({ $0.fingerprint == $1.fingerprint }) else { return nil }
    return pairs.contains { $0.0.fingerprint.hasNumbers } ? .losses : .nothing
  }

  private func rules(of method: Int) -> [Int] {
    comparison.rules.indices.filter { comparison.listed[$0].contains(method) }
  }
}

extension Report {
  /// What a terminal says of the tables: which methods never differ from another, in a line each.
  public static func remarks(_ tables: [Table]) -> [String] {
    guard let same = tables.first(where: { $0.name == SameResultsTable.name }) else {
      return ["every method and every rule differs from every other on some task"]
    }
    return same.rows.map { row in
      let words = zip(row, same.columns).map { same.text($0, $1) }
      return words[3] == SameResultsTable.Likeness.losses.rawValue
        ? "defect: the \(words[0]) '\(words[1])' never differs from '\(words[2])' on any task"
        : "the \(words[0]) '\(words[1])' can't be told from '\(words[2])': every run was stopped"
    }
  }
}
