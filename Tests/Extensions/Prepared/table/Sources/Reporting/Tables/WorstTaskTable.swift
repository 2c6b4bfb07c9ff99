/// On which task most runs of a method diverge.
struct WorstTaskTable {
  let comparison: Comparison

  var table: Table {
    let c = comparison
    var rows: [[Table.Cell]] = []
    for r in c.rules.indices {
      for m in c.listed[r] {
        let shares = c.tasks.indices.map { c.runs($0, r, m).share(.diverged) }
        let worst = shares.indices.max { shares[$0] ?? -1 < shares[$1] ?? -1 } ?? 0
        rows.append([
          .text(c.rules[r]), .text(c.labels[m]), .text(c.tasks[worst]), .optional(shares[worst]),
        ])
      }
    }
    return Table(
      name: "worst-task", title: "Where most runs diverge",
      caption: "The task with the largest share of diverged runs, the first of several.",
      provenance: c.provenance,
      columns: [
        .rule, .method, .task,
        .init("diverged", unit: "%", format: .percent(1), about: "share of runs on that task"),
      ], rows: rows)
  }
}
