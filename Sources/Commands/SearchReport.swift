internal import HypergradientTraining
internal import Reporting

/// What a search found, as tables, sentences, CSV and a picture.
struct SearchReport {
  let result: RateSearchResult
  let search: RateSearch
  let title: String

  init(_ result: RateSearchResult, _ search: RateSearch, title: String) {
    self.result = result
    self.search = search
    self.title = title
  }

  private func entries(_ part: RateSearch.Part) -> [RateSearchResult.Entry] {
    result.entries.filter { $0.part == part }.sorted { $0.exponent < $1.exponent }
  }

  private func text(_ value: Double) -> String { NumberFormat.significant(3).text(value) }

  /// The rungs, a table a part of the data.
  var tables: [Table] {
    RateSearch.Part.allCases.compactMap { part in
      let entries = entries(part)
      guard let longest = entries.max(by: { $0.rungs.count < $1.rungs.count }) else { return nil }
      let steps = longest.rungs.map(\.step)
      let hasAccuracy = entries.contains { $0.rungs.contains { $0.accuracy != nil } }
      var columns = [Table.Column.bare("rate", format: .significant(3))]
      columns += steps.map {
        Table.Column.bare("step \($0)", group: "mean loss", format: .significant(5))
      }
      if hasAccuracy { columns.append(Table.Column.bare("accuracy", format: .fixed(4))) }
      columns.append(Table.Column.bare("fate"))
      return Table(
        name: "rungs-\(part.rawValue)",
        title: (part == .subset ? "Rungs on the subset: " : "Rungs: ") + title,
        caption: "The exact loss, the mean over seeds, at each rung that a rate reached.",
        provenance: "hypergrad search", columns: columns,
        rows: entries.map { entry in
          var row: [Table.Cell] = [.number(entry.rate, isBest: isBest(entry))]
          row += steps.indices.map {
            $0 < entry.rungs.count ? .number(entry.rungs[$0].loss) : .missing
          }
          if hasAccuracy { row.append(.optional(entry.rungs.last?.accuracy)) }
          row.append(.text(entry.fate.rawValue))
          return row
        })
    }
  }

  private func isBest(_ entry: RateSearchResult.Entry) -> Bool {
    entry.part == .whole && entry.exponent == result.bestExponent
  }

  /// What was found, why it ended, and what it cost.
  var lines: [String] {
    guard let best = result.best else { return [] }
    var lines = ["best rate: \(text(best))"]
    for neighbour in result.neighbours {
      let noise =
        neighbour.noise.isNaN
        ? "the noise is not known from one seed"
        : "the noise over \(search.seeds.count) seeds is \(text(neighbour.noise))"
      let (rate, difference) = (text(neighbour.rate), text(neighbour.difference))
      switch neighbour.fate {
      case .finished: lines.append("  \(rate) ends \(difference) higher; \(noise)")
      case .lagged:
        lines.append(
          "  \(rate) was dropped at step \(neighbour.step), \(difference) higher; \(noise)")
      case .diverged: lines.append("  \(rate) diverges by step \(neighbour.step)")
      }
    }
    switch result.ending {
    case .noise:
      lines.append(
        "ended: its neighbours differ from it by less than the noise, so that closer rates are not "
          + "worth a run")
    case .finest:
      lines.append("ended: closer rates than a factor \(text(search.finest)) are not asked for")
    case .allDiverge: break
    }
    if result.isAtEnd {
      lines.append("it is at the end of the range: a better one may lie outside")
    }
    let saved = Double(result.gridGradients) / Double(max(1, result.gradients))
    lines.append(
      "paid \(result.gradients) gradients; all rates at the last spacing, every step of every seed, "
        + "would have cost \(result.gridGradients), \(text(saved)) times as many")
    return lines
  }

  /// A line a rate, rung and seed.
  var csv: String {
    var lines = "part,learningRate,step,seed,loss,fate\n"
    for entry in result.entries {
      for rung in entry.rungs {
        let fate = rung == entry.rungs.last ? entry.fate.rawValue : "continued"
        for (seed, loss) in zip(search.seeds, rung.losses) {
          lines += "\(entry.part.rawValue),\(entry.rate),\(rung.step),\(seed),\(loss),\(fate)\n"
        }
      }
    }
    return lines
  }

  /// The rungs of each rate over the steps.
  func svg(provenance: String) -> String {
    let panels = RateSearch.Part.allCases.compactMap { part -> LineChart.Panel? in
      let entries = entries(part).filter { $0.fate != .diverged || $0.rungs.count > 1 }
      guard !entries.isEmpty else { return nil }
      let lines = entries.map { entry in
        LineChart.Line(
          text(entry.rate),
          entry.rungs.filter(\.loss.isFinite).map { (Double($0.step), $0.loss) })
      }
      let isPositive = lines.allSatisfy { $0.points.allSatisfy { $0.y > 0 } }
      return LineChart.Panel(
        part == .subset ? "On the subset" : "On everything", x: "step", y: "mean loss over seeds",
        isLogarithmic: isPositive, lines: lines)
    }
    return LineChart(panels, columns: 2).figure(
      name: "rungs", title: title,
      caption:
        "Exact loss of each learning rate at the rungs that it reached; a line that ends early "
        + "was dropped.",
      provenance: provenance
    ).svg
  }
}
