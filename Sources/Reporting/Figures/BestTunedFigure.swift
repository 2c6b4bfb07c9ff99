internal import Records
internal import Statistics

/// The best-tuned final gap of each method with its interval, a panel a task.
struct BestTunedFigure {
  let comparison: Comparison

  func figure(_ rule: Int) -> Figure {
    let c = comparison
    let tables = BestTunedTables(comparison: c)
    let columns = 3
    let panels = c.tasks.indices.map { t in
      panel(t, rule, tables, showsNames: t % columns == 0)
    }
    let grid = PanelGrid(
      panels: panels, columns: columns, panelWidth: 280,
      panelHeight: 18 * Double(max(3, c.listed[rule].count)), leftMargin: 24,
      firstMargin: DotPanel.margin(c.listed[rule].map { c.labels[$0].shown }))
    return grid.figure(
      name: "best-tuned-\(c.slugs[rule])", title: "Best-tuned results, \(c.rules[rule])",
      caption: "\(tables.choice) Dots are medians over seeds, bars the "
        + "\(Samples.words(seedsOfMedian: c.reportedSeeds)). Further left is better."
        + c.startlessNote("nothing is tuned"), provenance: c.provenance)
  }

  private func panel(
    _ task: Int, _ rule: Int, _ tables: BestTunedTables, showsNames: Bool
  ) -> DotPanel {
    let c = comparison
    var (low, high) = (Double.infinity, -Double.infinity)
    let rows = c.listed[rule].map { m -> DotPanel.Row in
      let runs = c.runs(task, rule, m).tuned?.runs ?? []
      guard let value = median(runs.map(\.logGap)) else {
        return .init(name: c.labels[m].shown, style: m, value: nil, note: "no runs")
      }
      guard value.isFinite else {
        return .init(name: c.labels[m].shown, style: m, value: nil, note: "diverged")
      }
      let interval = c.intervals.tuned[task][rule][m]
      for bound in [value, interval?.low, interval?.high].compactMap({ $0 }) where bound.isFinite {
        low = min(low, bound)
        high = max(high, bound)
      }
      return .init(
        name: c.labels[m].shown, style: m, value: value, low: interval?.low, high: interval?.high)
    }
    if low > high { (low, high) = (-1, 0) }
    // Tenths of a decade below two of them, else powers of ten.
    let axis: Axis =
      high - low < 2
      ? .linear("log₁₀ final gap ε [1]", low - 0.05, high + 0.05)
      : .log10("final gap ε [1]", (low - 0.2).rounded(.down), (high + 0.2).rounded(.up))
    return DotPanel(title: c.tasks[task], x: axis, rows: rows, showsNames: showsNames)
  }
}
