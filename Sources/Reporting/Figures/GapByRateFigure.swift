internal import Records
internal import Statistics

/// The classical curve: final gap against starting learning rate, all methods in one picture, a
/// panel a task.
struct GapByRateFigure {
  let comparison: Comparison

  /// log₁₀ of the gap where a panel ends; everything worse is drawn there.
  private static let ceiling = 1.0

  func figure(_ rule: Int) -> Figure {
    let c = comparison
    let grid = PanelGrid(
      panels: c.tasks.indices.map { panel($0, rule) }, columns: 3, panelWidth: 310,
      panelHeight: 220, legend: c.legend(rule))
    return grid.figure(
      name: "gap-by-rate-\(c.slugs[rule])",
      title: "Final gap by starting learning rate, \(c.rules[rule])",
      caption: "The median over seeds of the relative gap ε = (f − f*)/(f₀ − f*) at the end of a "
        + "run; the band goes from the lower to the upper quartile. The dotted line is the target "
        + "of the reference seeds. "
        + "Gaps of 10 and more, and diverged runs, lie on the upper edge. A rate is given as a "
        + "multiple of the best fixed rate of the task."
        + c.startlessNote("its line is level"), provenance: c.provenance)
  }

  private func panel(_ task: Int, _ rule: Int) -> LinePanel {
    let c = comparison
    var exponents: [Double] = []
    var lowest = 0.0
    for m in c.listed[rule] { exponents += c.runs(task, rule, m).rates.compactMap(\.exponent) }
    let (left, right) = (exponents.min() ?? -1, exponents.max() ?? 1)
    let series = c.listed[rule].map { m in
      let curve = c.runs(task, rule, m).rates.flatMap { rate -> [(x: Double, y: Quartiles)] in
        (rate.exponent.map { [$0] } ?? [left, right]).map { ($0, rate.logGap) }
      }
      lowest = min(lowest, curve.map(\.y.median).min() ?? 0)
      return LinePanel.Series(
        style: m, points: curve.map { ($0.x, min($0.y.median, Self.ceiling)) },
        band: curve.contains { $0.y.lower != $0.y.upper }
          ? curve.map { ($0.x, $0.y.lower, $0.y.upper) } : [],
        markers: markers(curve.count))
    }
    let guides = c.reference(task, rule).map {
      LinePanel.Guide(label: "target", y: decimalLog($0.target))
    }
    lowest = min(lowest, guides?.y ?? 0)
    return LinePanel(
      title: c.tasks[task],
      x: .log10("starting rate / best fixed rate", left, right),
      y: .log10("final gap ε [1]", (lowest - 0.2).rounded(.down), Self.ceiling),
      series: series, guides: guides.map { [$0] } ?? [])
  }
}
