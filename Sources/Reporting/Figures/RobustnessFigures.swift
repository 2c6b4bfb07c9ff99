internal import Records
internal import Statistics

/// Robustness as dots with intervals, and as curves over the starting rate.
struct RobustnessFigures {
  let comparison: Comparison

  /// A panel a rule; where not every rule is listed with every method, one below the other, and in
  /// the last those rules that are listed with one method alone.
  var dots: Figure {
    let c = comparison
    let columns = c.isComplete ? 3 : 1
    let several = c.rules.indices.filter { c.isComplete || c.listed[$0].count > 1 }
    let single = c.rules.indices.filter { !several.contains($0) && !c.listed[$0].isEmpty }
    var parts = several.map { r in
      (title: c.rules[r], rows: c.listed[r].map { row(r, $0, name: c.labels[$0].shown) })
    }
    if !single.isEmpty {
      let rows = single.map { r in
        row(r, c.listed[r][0], name: "\(c.rules[r]): \(c.labels[c.listed[r][0]].shown)")
      }
      parts.append((title: "rules with one method", rows: rows))
    }
    let panels = parts.enumerated().map { index, part in
      DotPanel(
        title: part.title, x: .linear("robust runs", 0, 1, percent: true),
        rows: part.rows, showsNames: index % columns == 0)
    }
    let grid = PanelGrid(
      panels: panels, columns: columns, panelWidth: 280,
      panelHeights: panels.map { 24 * Double(max(2, $0.rows.count)) }, leftMargin: 24,
      firstMargin: DotPanel.margin(panels.flatMap { $0.rows.map(\.name) }))
    return grid.figure(
      name: "robustness", title: "Robustness to the starting learning rate",
      caption: "The share of (starting rate, seed) \(MethodRuns.robust), "
        + "\(c.meanOverAllTasks), with \(Samples.words(seedsByTask: c.seeds.count)). Further right "
        + "is better."
        + c.startlessNote("there is none to be robust against, and the share is one of seeds alone"),
      provenance: c.provenance)
  }

  private func row(_ rule: Int, _ method: Int, name: String) -> DotPanel.Row {
    let c = comparison
    let interval = c.intervals.robustness[rule][method]
    return DotPanel.Row(
      name: name, style: method, value: c.meanOverTasks(rule, method) { $0.share(.reached) },
      low: interval?.low, high: interval?.high, note: "no runs")
  }

  var curves: Figure {
    let c = comparison
    let panels = c.rules.indices.map { r in
      let shares = c.listed[r].map { m in shareByRate(r, m) }
      let exponents = shares.flatMap { $0.compactMap(\.x) }
      let (left, right) = (exponents.min() ?? -1, exponents.max() ?? 1)
      return LinePanel(
        title: c.rules[r],
        x: .log10("starting learning rate / best fixed rate", left, right),
        y: .linear(r % 3 == 0 ? "robust runs" : "", 0, 1, percent: true),
        series: zip(c.listed[r], shares).map { m, shares in
          let points = shares.flatMap { share in
            (share.x.map { [$0] } ?? [left, right]).map { (x: $0, y: share.y) }
          }
          return LinePanel.Series(style: m, points: points, markers: markers(points.count))
        })
    }
    let grid = PanelGrid(
      panels: panels, columns: 3, panelWidth: 310, panelHeight: 260, legend: c.legend)
    return grid.figure(
      name: "reached-by-rate", title: "Robust runs by starting learning rate",
      caption: "The share of (task, seed) \(MethodRuns.robust), at each starting rate, "
        + "tasks with equal weight; a rate is given as a multiple of the best fixed rate of its "
        + "task and rule. A method's robustness is the mean height of its line."
        + c.startlessNote("its line is level"),
      provenance: c.provenance)
  }

  /// Without an x where there is no starting rate.
  private func shareByRate(_ rule: Int, _ method: Int) -> [(x: Double?, y: Double)] {
    let c = comparison
    var shares: [Int: (exponent: Double?, shares: [Double])] = [:]
    for t in c.tasks.indices {
      for rate in c.runs(t, rule, method).rates {
        let share = Double(rate.reached) / Double(rate.count)
        shares[rate.index, default: (rate.exponent, [])].shares.append(share)
      }
    }
    return shares.keys.sorted().map { (shares[$0]!.exponent, mean(shares[$0]!.shares)!) }
  }
}

extension Comparison {
  /// A legend of methods in the order of the suite.
  var legend: [(label: String, style: Int)] { labels.enumerated().map { ($1.shown, $0) } }

  /// A legend of those that are listed with a rule.
  func legend(_ rule: Int) -> [(label: String, style: Int)] {
    listed[rule].map { (labels[$0].shown, $0) }
  }
}

/// At every point of a short line of `count` points.
func markers(_ count: Int) -> LinePanel.Markers {
  count <= 9 ? .everyPoint : .spaced
}
