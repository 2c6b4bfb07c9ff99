internal import PortableMath
internal import Records
internal import Statistics

/// Loss and learning rate over the steps of the traced runs: a row of panels a task, a panel a
/// starting rate.
struct CurveFigures {
  let comparison: Comparison
  let curves: Curves
  /// By task, rule and method.
  private let ratesTraced: [[Int]: Set<Int>]

  /// The starting rates of one column of panels.
  private enum Slot {
    case shared(Int)
    case tuned
    /// Where no method has one.
    case none
  }

  init(comparison: Comparison, curves: Curves) {
    self.comparison = comparison
    self.curves = curves
    ratesTraced = curves.curves.keys.reduce(into: [:]) { rates, key in
      rates[[key.task, key.rule, key.method], default: []].insert(key.rate)
    }
  }

  /// The relative gap; on real data the loss itself. `nil` without traces of the rule.
  func losses(_ rule: Int) -> Figure? {
    figure(
      rule, name: "loss-curves", title: "Loss by step",
      caption: "The median over seeds of the relative gap ε = (f − f*)/(f₀ − f*), or of the "
        + "\(comparison.suite.judgedLoss.lossName) where examples are held out; the band goes from "
        + "the lower to the upper "
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

  /// The loss on held-out examples. `nil` where no task has them.
  func testLosses(_ rule: Int) -> Figure? {
    guard has(\.testLoss, rule) else { return nil }
    return figure(
      rule, name: "test-loss-curves", title: "Held-out loss by step",
      caption:
        "The median over seeds of the loss on held-out examples; the band goes from the lower "
        + "to the upper quartile. Diverged runs lie on the upper edge."
    ) { task, slot in testLossPanel(task, rule, slot) }
  }

  /// The share of held-out examples classified rightly. `nil` where no task has them and learns
  /// classes.
  func testAccuracies(_ rule: Int) -> Figure? {
    guard has(\.testAccuracy, rule) else { return nil }
    return figure(
      rule, name: "test-accuracy-curves", title: "Held-out accuracy by step",
      caption:
        "The median over seeds of the share of held-out examples that are classified rightly; "
        + "the band goes from the lower to the upper quartile. A run that has diverged has none "
        + "right."
    ) { task, slot in testAccuracyPanel(task, rule, slot) }
  }

  private func has(_ score: KeyPath<Curves.Point, Quartiles?>, _ rule: Int) -> Bool {
    curves.curves.contains { key, points in
      key.rule == rule && points.values.contains { $0[keyPath: score] != nil }
    }
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
      legend: c.legend(rule))
    return grid.figure(
      name: "\(name)-\(c.slugs[rule])", title: "\(title), \(c.rules[rule])",
      caption: caption
        + c.startlessNote("it has one curve, whichever starting rate the others have"),
      provenance: c.provenance)
  }

  /// At most three starting rates that were traced for most methods (the lowest, the one nearest to
  /// the best fixed rate, the highest); and the best-tuned rates, where each method's is traced and they are not among
  /// these.
  private func slots(_ task: Int, _ rule: Int) -> [Slot] {
    let c = comparison
    let traced = c.methods.indices.map { ratesTraced[[task, rule, $0]] ?? [] }
    var counts: [Int: Int] = [:]
    for (m, rates) in traced.enumerated() where c.hasStart[m] {
      for rate in rates { counts[rate, default: 0] += 1 }
    }
    guard let most = counts.values.max() else {
      return traced.allSatisfy(\.isEmpty) ? [] : [.none]
    }
    let shared = counts.keys.filter { counts[$0] == most }.sorted()
    let middle = shared.min {
      (abs(exponent($0, task, rule)), $0) < (abs(exponent($1, task, rule)), $1)
    }!
    var slots = Set([shared[0], middle, shared[shared.count - 1]]).sorted().map { Slot.shared($0) }
    let tuned = c.methods.indices.filter { c.hasStart[$0] && !traced[$0].isEmpty }
      .map { m in
        c.runs(task, rule, m).tuned.flatMap { traced[m].contains($0.index) ? $0.index : nil }
      }
    let hasTuned = !tuned.contains(nil) && !Set(tuned.compactMap(\.self)).isSubset(of: shared)
    if hasTuned { slots.append(.tuned) }
    return slots
  }

  private func exponent(_ rate: Int, _ task: Int, _ rule: Int) -> Double {
    for m in comparison.methods.indices {
      let found = comparison.runs(task, rule, m).rates.first { $0.index == rate }
      if let exponent = found?.exponent { return exponent }
    }
    return 0
  }

  /// The starting rates that were traced on a task, over the best one.
  private func factors(_ task: Int, _ rule: Int) -> [Int: String] {
    let rates = Set(
      comparison.methods.indices.flatMap { ratesTraced[[task, rule, $0]] ?? [] }
    ).sorted()
    let factors = rates.map { Portable.pow(10, exponent($0, task, rule)) }
    return Dictionary(uniqueKeysWithValues: zip(rates, Axis.labels(factors)))
  }

  private func title(_ task: Int, _ rule: Int, _ slot: Slot) -> String {
    switch slot {
    case .none: return comparison.tasks[task]
    case .tuned: return "\(comparison.tasks[task]), best-tuned rates"
    case .shared(let rate):
      // A shared rate was traced.
      return "\(comparison.tasks[task]), start \(factors(task, rule)[rate]!) × best"
    }
  }

  /// The points of a method in a slot; `nil` where none of its runs was traced.
  private func points(_ task: Int, _ rule: Int, _ method: Int, _ slot: Slot) -> [Int: Curves.Point]?
  {
    let rate: Int?
    // Without a starting rate there is one curve, whatever the others' rate.
    if !comparison.hasStart[method] {
      return curves.curves[Curves.Key(task: task, rule: rule, method: method, rate: 0)]
    }
    switch slot {
    case .shared(let index): rate = index
    case .tuned: rate = comparison.runs(task, rule, method).tuned?.index
    case .none: rate = nil
    }
    return rate.flatMap {
      curves.curves[Curves.Key(task: task, rule: rule, method: method, rate: $0)]
    }
  }

  private func lossPanel(_ task: Int, _ rule: Int, _ slot: Slot) -> LinePanel {
    let c = comparison
    let isReal = c.methods.indices.contains { c.runs(task, rule, $0).hasHeldOutScores }
    let curves = stepCurves(task, rule, slot, diverged: .infinity) { isReal ? $0.loss : $0.gap }
    if isReal {
      return panel(
        title(task, rule, slot), axis(of: c.suite.judgedLoss.lossName, curves), curves, of: rule)
    }
    let low = min(medians(curves).min() ?? -1, 0.5) - 0.05
    return panel(
      title(task, rule, slot), .log10("gap ε [1]", low.rounded(.down), 1), curves, of: rule)
  }

  private func testLossPanel(_ task: Int, _ rule: Int, _ slot: Slot) -> LinePanel {
    let curves = stepCurves(task, rule, slot, diverged: HeldOutScores.stopped.loss) { $0.testLoss }
    return panel(title(task, rule, slot), axis(of: "held-out loss", curves), curves, of: rule)
  }

  private func testAccuracyPanel(_ task: Int, _ rule: Int, _ slot: Slot) -> LinePanel {
    let curves = stepCurves(task, rule, slot, diverged: HeldOutScores.stopped.accuracy) {
      $0.testAccuracy
    }
    let low = medians(curves).min() ?? 0
    return panel(
      title(task, rule, slot), .linear("held-out accuracy [1]", max(0, low - 0.02), 1), curves,
      of: rule)
  }

  /// A curve a method that has the value; one that ended early counts as diverged to the last step of
  /// the others.
  private func stepCurves(
    _ task: Int, _ rule: Int, _ slot: Slot, diverged: Double,
    _ value: (Curves.Point) -> Quartiles?
  ) -> [StepCurve] {
    let curves = comparison.listed[rule].map { method in
      (points(task, rule, method, slot) ?? [:]).compactMapValues(value)
    }
    let steps = Set(curves.flatMap(\.keys)).sorted()
    return curves.map { curve in
      StepCurve(steps: steps) { curve.isEmpty ? nil : curve[$0] ?? Quartiles([diverged]) }
    }
  }

  private func medians(_ curves: [StepCurve]) -> [Double] {
    curves.flatMap { $0.points.map(\.y.median) }.filter(\.isFinite)
  }

  /// For losses by their logarithm, up to 10⁴ times the least.
  private func axis(of name: String, _ curves: [StepCurve]) -> Axis {
    let finite = medians(curves)
    let high = min(finite.max() ?? 1, (finite.min() ?? 0) + 4) + 0.1
    let low = min(finite.min() ?? -1, high - 0.5) - 0.05
    return high - low < 2 ? .linear("log₁₀ \(name)", low, high) : .log10(name, low, high)
  }

  private func ratePanel(_ task: Int, _ rule: Int, _ slot: Slot) -> LinePanel {
    let c = comparison
    let curves = c.listed[rule].map { m -> StepCurve in
      let points = self.points(task, rule, m, slot) ?? [:]
      return StepCurve(steps: points.keys.sorted()) { points[$0]?.rate }
    }
    let finite = curves.flatMap { $0.points.map(\.y.median) }.filter(\.isFinite)
    let high = ((finite.max() ?? 0) + 0.1).rounded(.up)
    let low = max(high - 12, ((finite.min() ?? -1) - 0.1).rounded(.down))
    return panel(
      title(task, rule, slot), .log10("rate / best fixed rate", low, high), curves, of: rule)
  }

  private func panel(
    _ title: String, _ y: Axis, _ curves: [StepCurve], of rule: Int
  ) -> LinePanel {
    let last = curves.flatMap { $0.points.map(\.x) }.max() ?? 1
    return LinePanel(
      title: title, x: .log10("step", 0, max(1, last)), y: y,
      series: zip(comparison.listed[rule], curves).map { m, curve in
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
  ///   - value: at a step; `nil` leaves it out.
  init(steps: [Int], value: (Int) -> Quartiles?) {
    let limit = 48
    // Evenly spaced positions keep a page of hundreds of panels small.
    let kept =
      steps.count <= limit
      ? steps : (0..<limit).map { steps[$0 * (steps.count - 1) / (limit - 1)] }
    points = kept.compactMap { step in
      value(step).map { (decimalLog(Double(step)), $0) }
    }
  }
}

/// Fills a place of the grid.
struct EmptyPanel: Panel {
  func drawing(_ x: Double, _ y: Double, _ width: Double, _ height: Double) -> String { "" }
}
