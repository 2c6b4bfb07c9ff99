internal import Experiments
internal import Statistics

/// Loss and learning rate over the steps of the traced runs: a row of panels a task, a panel a
/// starting rate.
struct CurveFigures {
  let comparison: Comparison
  private let traces: [Key: [RunTrace]]

  private struct Key: Hashable {
    let task: Int
    let rule: Int
    let method: Int
    let rate: Int
  }
  /// The starting rates of one column of panels.
  private enum Slot {
    case shared(Int)
    case tuned
  }

  init(comparison: Comparison, traces: [RunTrace]) {
    self.comparison = comparison
    func positions(_ names: [String]) -> [String: Int] {
      Dictionary(uniqueKeysWithValues: zip(names, names.indices))
    }
    let tasks = positions(comparison.tasks)
    let rules = positions(comparison.rules)
    let methods = positions(comparison.methods)
    var grouped: [Key: [RunTrace]] = [:]
    for trace in traces {
      guard let t = tasks[trace.task], let r = rules[trace.rule], let m = methods[trace.method]
      else { continue }
      grouped[Key(task: t, rule: r, method: m, rate: trace.rateIndex), default: []].append(trace)
    }
    self.traces = grouped
  }

  /// The relative gap; on real data the loss itself. `nil` without traces of the rule.
  func losses(_ rule: Int) -> Figure? {
    figure(
      rule, name: "loss-curves", title: "Loss by step",
      caption: "The median over seeds of the relative gap ε = (f − f*)/(f₀ − f*), or of the "
        + "training loss where examples are held out; the band goes from the lower to the upper "
        + "quartile. Diverged runs lie on the upper edge."
    ) { task, slot in lossPanel(task, rule, slot) }
  }

  /// The learning rate over the best fixed rate. `nil` without traces of the rule.
  func rates(_ rule: Int) -> Figure? {
    figure(
      rule, name: "rate-curves", title: "Learning rate by step",
      caption: "The median over seeds of the learning rate, as a multiple of the best fixed rate "
        + "of the task; the band goes from the lower to the upper quartile. Lines end where runs "
        + "diverge; rates at or below zero lie on the lower edge."
    ) { task, slot in ratePanel(task, rule, slot) }
  }

  private func figure(
    _ rule: Int, name: String, title: String, caption: String,
    panel: (Int, Slot) -> LinePanel
  ) -> Figure? {
    let c = comparison
    let slots = c.tasks.indices.map { self.slots($0, rule) }
    let columns = slots.map(\.count).max() ?? 0
    guard columns > 0 else { return nil }
    let panels: [any Panel] = c.tasks.indices.flatMap { t -> [any Panel] in
      guard !slots[t].isEmpty else { return [] }
      let drawn: [any Panel] = slots[t].map { panel(t, $0) }
      return drawn + Array(repeating: EmptyPanel(), count: columns - drawn.count)
    }
    let grid = PanelGrid(
      panels: panels, columns: columns, panelWidth: columns > 3 ? 240 : 310, panelHeight: 180,
      legend: legend(c.methods))
    return grid.figure(
      name: "\(name)-\(slug(c.rules[rule]))", title: "\(title), \(c.rules[rule])",
      caption: caption, provenance: c.provenance)
  }

  /// At most three starting rates that were traced for every method that was traced at all (the
  /// lowest, the one nearest to the best fixed rate, the highest); and each method's best-tuned
  /// rate, where that is among the traces of some method and not shared.
  private func slots(_ task: Int, _ rule: Int) -> [Slot] {
    let c = comparison
    let traced = c.methods.indices.map { m in
      Set(traces.keys.filter { $0.task == task && $0.rule == rule && $0.method == m }.map(\.rate))
    }
    let present = traced.filter { !$0.isEmpty }
    guard let first = present.first else { return [] }
    let shared = present.dropFirst().reduce(first) { $0.intersection($1) }.sorted()
    var slots: [Slot] = []
    if let low = shared.first, let high = shared.last {
      let middle = shared.min { (abs(exponent($0, task, rule)), $0) < (abs(exponent($1, task, rule)), $1) }!
      slots = Set([low, middle, high]).sorted().map { .shared($0) }
    }
    let hasTuned = c.methods.indices.contains { m in
      guard let tuned = c.runs(task, rule, m).tuned?.index else { return false }
      return traced[m].contains(tuned) && !shared.contains(tuned)
    }
    return hasTuned || slots.isEmpty ? slots + [.tuned] : slots
  }

  private func exponent(_ rate: Int, _ task: Int, _ rule: Int) -> Double {
    for m in comparison.methods.indices {
      if let found = comparison.runs(task, rule, m).rates.first(where: { $0.index == rate }) {
        return found.exponent
      }
    }
    return 0
  }

  private func title(_ task: Int, _ rule: Int, _ slot: Slot) -> String {
    switch slot {
    case .tuned: return "\(comparison.tasks[task]), best-tuned rates"
    case .shared(let rate):
      let text = minusSigned(NumberFormat.fixed(2).text(exponent(rate, task, rule)))
      return "\(comparison.tasks[task]), start at \(text) decades"
    }
  }

  /// The traces of a method in a slot.
  private func traces(_ task: Int, _ rule: Int, _ method: Int, _ slot: Slot) -> [RunTrace] {
    let rate: Int?
    switch slot {
    case .shared(let index): rate = index
    case .tuned: rate = comparison.runs(task, rule, method).tuned?.index
    }
    return rate.flatMap { traces[Key(task: task, rule: rule, method: method, rate: $0)] } ?? []
  }

  private func lossPanel(_ task: Int, _ rule: Int, _ slot: Slot) -> LinePanel {
    let c = comparison
    let isReal = c.methods.indices.contains {
      c.runs(task, rule, $0).runs.contains(where: \.hasHeldOutScore)
    }
    let curves = c.methods.indices.map { m in
      StepCurve(traces(task, rule, m, slot), absent: .infinity) { trace, index in
        let value = isReal ? trace.losses[index] : trace.gaps[index]
        return decimalLog(value.isNaN ? .infinity : max(value, 1e-16))
      }
    }
    let finite = curves.flatMap { $0.points.map(\.y.median) }.filter(\.isFinite)
    let high = isReal ? min(finite.max() ?? 1, (finite.min() ?? 0) + 4) + 0.1 : 1
    let low = (min(finite.min() ?? -1, high - 0.5) - 0.05)
    let y: Axis =
      isReal && high - low < 2
      ? .linear("log₁₀ training loss", low, high)
      : .log10(isReal ? "training loss" : "gap ε [1]", isReal ? low : low.rounded(.down), high)
    return panel(title(task, rule, slot), y, curves, ceiling: high)
  }

  private func ratePanel(_ task: Int, _ rule: Int, _ slot: Slot) -> LinePanel {
    let c = comparison
    let curves = c.methods.indices.map { m -> StepCurve in
      let runs = c.runs(task, rule, m).runs
      return StepCurve(traces(task, rule, m, slot), absent: nil) { trace, index in
        guard let run = runs.first(where: { $0.rateIndex == trace.rateIndex }) else { return nil }
        let rate = trace.learningRates[index]
        return rate.isNaN ? nil : decimalLog(rate) - decimalLog(run.startingRate) + run.rateExponent
      }
    }
    let finite = curves.flatMap { $0.points.map(\.y.median) }.filter(\.isFinite)
    let high = ((finite.max() ?? 0) + 0.1).rounded(.up)
    let low = max(high - 12, ((finite.min() ?? -1) - 0.1).rounded(.down))
    return panel(
      title(task, rule, slot), .log10("rate / best fixed rate", low, high), curves, ceiling: high)
  }

  private func panel(
    _ title: String, _ y: Axis, _ curves: [StepCurve], ceiling: Double
  ) -> LinePanel {
    let last = curves.flatMap { $0.points.map(\.x) }.max() ?? 1
    return LinePanel(
      title: title, x: .log10("step", 0, max(1, last)), y: y,
      series: curves.enumerated().map { m, curve in
        LinePanel.Series(
          style: m, points: curve.points.map { ($0.x, $0.y.median) },
          band: curve.points.contains { $0.y.lower != $0.y.upper }
            ? curve.points.map { ($0.x, $0.y.lower, $0.y.upper) } : [],
          markerEvery: markerSpacing(curve.points.count))
      })
  }
}

/// Quartiles over runs at each evaluated step from 1 on; x is log₁₀ of the step.
struct StepCurve {
  let points: [(x: Double, y: Quartiles)]

  /// - Parameters:
  ///   - absent: what a run that ended earlier counts as; `nil` leaves it out.
  ///   - value: of a trace at a position; `nil` leaves it out.
  init(_ traces: [RunTrace], absent: Double?, value: (RunTrace, Int) -> Double?) {
    var values: [Int: [Double]] = [:]
    for trace in traces {
      for (index, step) in trace.steps.enumerated() where step > 0 {
        if let value = value(trace, index) { values[step, default: []].append(value) }
      }
    }
    let all = values.keys.sorted()
    let limit = 48
    // Evenly spaced positions keep a page of hundreds of panels small.
    let kept =
      all.count <= limit
      ? all : (0..<limit).map { all[$0 * (all.count - 1) / (limit - 1)] }
    points = kept.map { step in
      var here = values[step]!
      if let absent, here.count < traces.count {
        here += Array(repeating: absent, count: traces.count - here.count)
      }
      return (decimalLog(Double(step)), Quartiles(here)!)
    }
  }
}

/// Fills a place of the grid.
struct EmptyPanel: Panel {
  func drawing(_ x: Double, _ y: Double, _ width: Double, _ height: Double) -> String { "" }
}
