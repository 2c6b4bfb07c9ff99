internal import Records

/// How many of (task, seed) have hit the target after so many gradient evaluations, at the
/// best-tuned rate.
struct TimeProfileFigure {
  let comparison: Comparison

  var figure: Figure {
    let c = comparison
    let budget = c.rules.indices.flatMap { r in c.tasks.indices.map { c.budget($0, r) } }.max() ?? 1
    let targets: [(String, KeyPath<ScoredRun, Int?>)] = [
      ("own target", \.firstPassage), ("common target", \.firstPassageCommon),
    ]
    let panels = targets.flatMap { name, passage in
      c.rules.indices.map { r in
        LinePanel(
          title: "\(c.rules[r]), \(name)",
          x: .log10("gradient evaluations", 0, decimalLog(Double(max(10, budget)))),
          y: .linear(r % 3 == 0 ? "tasks × seeds solved" : "", 0, 1, percent: true),
          series: c.listed[r].map { series($0, r, passage, budget) })
      }
    }
    let grid = PanelGrid(
      panels: panels, columns: min(3, c.rules.count), panelWidth: 310, panelHeight: 220,
      legend: c.legend)
    return grid.figure(
      name: "time-profile", title: "Solved after so many gradient evaluations",
      caption: "\(BestTunedTables(comparison: c).choice) The share of (task, seed) whose gap has "
        + "been at or below the target at an evaluated step. Further left and higher is better."
        + c.startlessNote("nothing is tuned"),
      provenance: c.provenance)
  }

  private func series(
    _ method: Int, _ rule: Int, _ passage: KeyPath<ScoredRun, Int?>, _ budget: Int
  ) -> LinePanel.Series {
    let c = comparison
    let runs = c.tasks.indices.flatMap { c.runs($0, rule, method).tuned?.runs ?? [] }
    let times = runs.compactMap { $0[keyPath: passage] }.sorted()
    var points: [(x: Double, y: Double)?] = runs.isEmpty ? [] : [(0, 0)]
    for (index, time) in times.enumerated() {
      // The last of equal times carries the height.
      if index + 1 < times.count && times[index + 1] == time { continue }
      points.append((decimalLog(Double(max(1, time))), Double(index + 1) / Double(runs.count)))
    }
    if let last = points.last, let last {
      points.append((decimalLog(Double(max(10, budget))), last.y))
    }
    return LinePanel.Series(
      style: method, points: points, markers: markers(points.count), isStepped: true)
  }
}
