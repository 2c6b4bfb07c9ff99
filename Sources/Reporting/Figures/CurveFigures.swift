internal import Experiments
internal import PortableMath
internal import Statistics

/// Loss and learning rate over the steps of the traced runs: a row of panels a task, a panel a
/// starting rate.
struct CurveFigures {
  let comparison: Comparison
  private let traces: [Key: [RunTrace]]
  /// By task, rule and method.
  private let ratesTraced: [[Int]: Set<Int>]

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
    ratesTraced = grouped.keys.reduce(into: [:]) { rates, key in
      rates[[key.task, key.rule, key.method], default: []].insert(key.rate)
    }
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
        + "of the task (× best); the band goes from the lower to the upper quartile. Lines end where runs "
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

  /// At most three starting rates that were traced for most methods (the lowest, the one nearest to
  /// the best fixed rate, the highest); and the best-tuned rates, where each method's is traced and they are not among
  /// these.
  private func slots(_ task: Int, _ rule: Int) -> [Slot] {
    let c = comparison
    let traced = c.methods.indices.map { ratesTraced[[task, rule, $0]] ?? [] }
    var counts: [Int: Int] = [:]
    for rates in traced { for rate in rates { counts[rate, default: 0] += 1 } }
    guard let most = counts.values.max() else { return [] }
    let shared = counts.keys.filter { counts[$0] == most }.sorted()
    let middle = shared.min {
      (abs(exponent($0, task, rule)), $0) < (abs(exponent($1, task, rule)), $1)
    }!
    var slots = Set([shared[0], middle, shared[shared.count - 1]]).sorted().map { Slot.shared($0) }
    let tuned = c.methods.indices.filter { !traced[$0].isEmpty }
      .map { m in
        c.runs(task, rule, m).tuned.flatMap { traced[m].contains($0.index) ? $0.index : nil }
      }
    let hasTuned = !tuned.contains(nil) && !Set(tuned.compactMap(\.self)).isSubset(of: shared)
    if hasTuned { slots.append(.tuned) }
    return slots
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
      let factor = Portable.pow(10, exponent(rate, task, rule))
      return "\(comparison.tasks[task]), start \(Axis.label(factor)) × best"
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
    // A run that ended early counts as diverged to the last step of the others.
    let steps = Set(
      c.methods.indices.flatMap { traces(task, rule, $0, slot).flatMap(\.steps) }
    ).sorted()
    let curves = c.methods.indices.map { m in
      StepCurve(traces(task, rule, m, slot), steps: steps, absent: .infinity) { trace, index in
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
      let traces = traces(task, rule, m, slot)
      let steps = Set(traces.flatMap(\.steps)).sorted()
      return StepCurve(traces, steps: steps, absent: nil) { trace, index in
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
          markers: markers(curve.points.count))
      })
  }
}

/// Quartiles over runs at each evaluated step from 1 on; x is log₁₀ of the step.
struct StepCurve {
  let points: [(x: Double, y: Quartiles)]

  /// - Parameters:
  ///   - steps: to be shown, ascending; of many, an even choice.
  ///   - absent: what a run that ended earlier counts as; `nil` leaves it out.
  ///   - value: of a trace at a position; `nil` leaves it out.
  init(
    _ traces: [RunTrace], steps: [Int], absent: Double?, value: (RunTrace, Int) -> Double?
  ) {
    var values: [Int: [Double]] = [:]
    for trace in traces {
      for (index, step) in trace.steps.enumerated() {
        if let value = value(trace, index) { values[step, default: []].append(value) }
      }
    }
    let all = steps.filter { $0 > 0 }
    let limit = 48
    // Evenly spaced positions keep a page of hundreds of panels small.
    let kept =
      all.count <= limit
      ? all : (0..<limit).map { all[$0 * (all.count - 1) / (limit - 1)] }
    points = kept.compactMap { step in
      var here = values[step] ?? []
      if let absent, here.count < traces.count {
        here += Array(repeating: absent, count: traces.count - here.count)
      }
      return Quartiles(here).map { (decimalLog(Double(step)), $0) }
    }
  }
}

/// Fills a place of the grid.
struct EmptyPanel: Panel {
  func drawing(_ x: Double, _ y: Double, _ width: Double, _ height: Double) -> String { "" }
}
