internal import Experiments
internal import Statistics

/// Robustness as dots with intervals, and as curves over the starting rate.
struct RobustnessFigures {
  let comparison: Comparison

  var dots: Figure {
    let c = comparison
    let columns = 3
    let panels = c.rules.indices.map { r in
      DotPanel(
        title: c.rules[r],
        x: .linear("runs at or below the target", 0, 1, percent: true),
        rows: c.methods.indices.map { m in
          let interval = c.intervals.robustness[r][m]
          return DotPanel.Row(
            name: c.methods[m], style: m, value: c.meanOverTasks(r, m) { $0.share(.reached) },
            low: interval?.low, high: interval?.high, note: "no runs")
        }, showsNames: r % columns == 0)
    }
    let grid = PanelGrid(
      panels: panels, columns: columns, panelWidth: 280,
      panelHeight: 24 * Double(max(2, c.methods.count)), leftMargin: 24,
      firstMargin: nameMargin(c.methods))
    return grid.figure(
      name: "robustness", title: "Robustness to the starting learning rate",
      caption: "The share of (starting rate, seed) that ends at or below the target, "
        + "\(c.meanOverAllTasks), with a 95\u{a0}% bootstrap interval over seeds. Further right "
        + "is better.", provenance: c.provenance)
  }

  var curves: Figure {
    let c = comparison
    let panels = c.rules.indices.map { r in
      let shares = c.methods.indices.map { m in shareByRate(r, m) }
      let exponents = shares.flatMap { $0.map(\.x) }
      return LinePanel(
        title: c.rules[r],
        x: .log10(
          "starting learning rate / best fixed rate", exponents.min() ?? -1, exponents.max() ?? 1),
        y: .linear(
          r % 3 == 0 ? "runs at or below the target" : "", 0, 1, percent: true),
        series: c.methods.indices.map { m in
          LinePanel.Series(
            style: m, points: shares[m], markers: markers(shares[m].count))
        })
    }
    let grid = PanelGrid(
      panels: panels, columns: 3, panelWidth: 310, panelHeight: 260,
      legend: legend(c.methods))
    return grid.figure(
      name: "reached-by-rate", title: "Runs that reach the target, by starting learning rate",
      caption: "The share of (task, seed) that ends at or below the target at each starting rate, "
        + "tasks with equal weight; a rate is given as a multiple of the best fixed rate of its "
        + "task and rule. A method's robustness is the mean height of its line.",
      provenance: c.provenance)
  }

  private func shareByRate(_ rule: Int, _ method: Int) -> [(x: Double, y: Double)] {
    let c = comparison
    var shares: [Int: (exponent: Double, shares: [Double])] = [:]
    for t in c.tasks.indices {
      for rate in c.runs(t, rule, method).rates {
        let share = Double(rate.reached) / Double(rate.count)
        shares[rate.index, default: (rate.exponent, [])].shares.append(share)
      }
    }
    return shares.keys.sorted().map { (shares[$0]!.exponent, mean(shares[$0]!.shares)!) }
  }
}

/// A legend of methods in the order of the suite.
func legend(_ methods: [String]) -> [(label: String, style: Int)] {
  methods.enumerated().map { ($0.element, $0.offset) }
}

/// Room for the longest name at the left of a row of dots.
func nameMargin(_ names: [String]) -> Double {
  6.4 * Double(names.map(\.count).max() ?? 0)
}

/// At every point of a short line of `count` points.
func markers(_ count: Int) -> LinePanel.Markers {
  count <= 9 ? .everyPoint : .spaced
}
