/// The map over (starting rate, hyper-learning-rate) as coloured sheets, a row a method, a column a
/// rule.
struct HyperMapFigures {
  let map: HyperMap
  let provenance: String

  /// None without a map.
  var figures: [Figure] {
    guard !map.isEmpty else { return [] }
    let gaps = sheets.flatMap { $0?.cells.flatMap { $0.compactMap { $0?.logGap } } ?? [] }
      .filter(\.isFinite)
    let low = min(-1, (gaps.min() ?? -1).rounded(.down))
    let reached = figure(
      name: "hyper-map", title: "Robustness over starting rate and hyper-learning-rate",
      caption: "The share of (task, seed) \(MethodRuns.robust), tasks with equal "
        + "weight. A starting rate is given as a power of ten times the best fixed rate.",
      header: HeatPanel.bar(
        2, 4, label: "robust runs", low: "0\u{2009}%", high: "100\u{2009}%")
    ) { $0.reached }
    let gap = figure(
      name: "hyper-map-gap", title: "Final gap over starting rate and hyper-learning-rate",
      caption: "The geometric mean over tasks of the median final gap: bright is better. A gap "
        + "above 1, or a run that diverged, counts as 1: nothing gained.",
      header: HeatPanel.bar(
        2, 4, label: "final gap ε", low: "≥ 1", high: Axis.powerOfTen(Int(low)))
    ) { $0.logGap / low }
    return [reached, gap]
  }

  private var sheets: [HyperMap.Sheet?] {
    map.methods.flatMap { method in map.rules.map { map.sheet(rule: $0, method: method) } }
  }

  private func figure(
    name: String, title: String, caption: String, header: String,
    colour: (HyperMap.Cell) -> Double
  ) -> Figure {
    let names = map.methods.flatMap { method in map.rules.map { "\(method), \($0)" } }
    let panels: [any Panel] = zip(names, sheets).map { name, sheet -> any Panel in
      guard let sheet else { return EmptyPanel() }
      return HeatPanel(
        title: name, xLabel: "log₁₀(starting rate / best fixed rate)",
        yLabel: "hyper-learning-rate", xTicks: ticks(sheet.exponents),
        yTicks: labels(sheet.hyperLearningRates),
        values: sheet.cells.map { $0.map { $0.map(colour) } })
    }
    let rows = sheets.map { $0?.hyperLearningRates.count ?? 0 }.max() ?? 1
    let grid = PanelGrid(
      panels: panels, columns: max(1, map.rules.count), panelWidth: 300,
      panelHeight: max(120, min(260, 22 * Double(rows))), leftMargin: 72, header: (34, header))
    return grid.figure(name: name, title: title, caption: caption, provenance: provenance)
  }

  /// Whole exponents, at most nine of them; where there are fewer than two, all of a few exponents,
  /// else every second, third, …
  private func ticks(_ exponents: [Double]) -> [String] {
    let whole = exponents.filter { ($0 - $0.rounded()).magnitude < 1e-6 }.count
    if whole < 2 { return labels(exponents, most: 9) }
    let stride = max(1, (whole + 8) / 9)
    return exponents.map { exponent in
      let rounded = exponent.rounded()
      guard (exponent - rounded).magnitude < 1e-6, rounded.magnitude < 1e6,
        Int(rounded) % stride == 0
      else { return "" }
      return minusSigned(String(Int(rounded)))
    }
  }

  /// All of a few values, else every second, third, …
  private func labels(_ values: [Double], most: Int = 12) -> [String] {
    let stride = max(1, (values.count + most - 1) / most)
    return Axis.labels(values).enumerated().map { $0.offset % stride == 0 ? $0.element : "" }
  }
}
