internal import Records

/// Methods, and rules, that never differ from each other on any task: a defect of one of them, or of
/// the suite.
struct SameResultsTable {
  let comparison: Comparison

  /// `nil` where all differ somewhere.
  var table: Table? {
    let c = comparison
    let methods = pairs(c.methods.count, areSameMethods).map {
      ("method", c.methods[$0], c.methods[$1])
    }
    let rules = pairs(c.rules.count, areSameRules).map { ("rule", c.rules[$0], c.rules[$1]) }
    guard !(methods + rules).isEmpty else { return nil }
    return Table(
      name: Self.name, title: "The same results",
      caption: "Two methods are the same if every run of one has the loss of the other's, bit for "
        + "bit, on every task, under every rule that both are listed with, from every starting rate "
        + "and with every seed; two rules likewise, over the methods that run under both.",
      provenance: c.provenance,
      columns: [
        .init("What", about: "method or rule"),
        .init("Name", about: "the earlier of the two in the suite's order"),
        .init("never differs from", about: "the later"),
      ],
      rows: (methods + rules).map { [.text($0), .text($1), .text($2)] })
  }

  static let name = "same-results"

  private func pairs(_ count: Int, _ areSame: (Int, Int) -> Bool) -> [(Int, Int)] {
    (0..<count).flatMap { b in (0..<b).filter { areSame($0, b) }.map { ($0, b) } }
  }

  private func areSameMethods(_ a: Int, _ b: Int) -> Bool {
    let c = comparison
    let common = c.rules.indices.filter { c.listed[$0].contains(a) && c.listed[$0].contains(b) }
    if common.isEmpty {
      // Each may have a rule of its own and be listed with another one.
      let (ours, theirs) = (rules(of: a), rules(of: b))
      return ours.contains { r in
        theirs.contains { s in
          areSame { t in (c.runs(t, r, a), c.runs(t, s, b)) }
        }
      }
    }
    return common.allSatisfy { r in areSame { t in (c.runs(t, r, a), c.runs(t, r, b)) } }
  }

  private func areSameRules(_ a: Int, _ b: Int) -> Bool {
    let c = comparison
    let common = c.listed[a].filter { m in
      c.listed[b].contains(m) && !c.hasOwnRule[m]
    }
    return !common.isEmpty
      && common.allSatisfy { m in areSame { t in (c.runs(t, a, m), c.runs(t, b, m)) } }
  }

  /// Whether two groups of runs are the same on every task, and there are any.
  private func areSame(_ groups: (Int) -> (MethodRuns, MethodRuns)) -> Bool {
    let all = comparison.tasks.indices.map(groups).filter { $0.0.count > 0 || $0.1.count > 0 }
    return !all.isEmpty && all.allSatisfy { $0.fingerprint == $1.fingerprint }
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
      return "defect: the \(words[0]) '\(words[1])' never differs from '\(words[2])' on any task"
    }
  }
}
