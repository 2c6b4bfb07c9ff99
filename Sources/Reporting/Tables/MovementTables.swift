internal import Records
internal import Statistics

/// How many runs diverged, how many moved their learning rate, and how far.
struct MovementTables {
  let comparison: Comparison

  /// A row for each rule and method, over all tasks, starting rates and seeds.
  var summary: Table {
    let c = comparison
    func diverged(_ name: String, _ about: String) -> Table.Column {
      .init(
        name, group: "diverged", unit: "%", format: .percent(1), about: "share of runs \(about)")
    }
    func extents(_ group: String, _ infinity: String, _ about: String) -> [Table.Column] {
      ["median", "largest"].map {
        .init(
          $0, group: "\(group) [decades]", format: .fixed(2), infinity: infinity,
          about: "\($0) over runs of log₁₀ of \(about)")
      }
    }
    func steps(_ name: String, _ about: String) -> Table.Column {
      .init(
        name, group: "steps a run", format: .significant(2), key: "\(name)_steps",
        about: "mean over runs: steps \(about)")
    }
    var columns: [Table.Column] = [
      .rule, .method,
      diverged("all", "that diverged for any of the reasons beside this"),
      diverged("not finite", "with a loss, gradient or parameter that is not finite"),
      diverged("escaped", "whose parameters left 10⁸ times the starting distance"),
      diverged("worse", "whose final loss is above the first"),
      .init(
        "moved", unit: "%", format: .percent(1),
        about: "share of runs whose learning rate left its start by more than 0.01 decades"),
    ]
    columns += extents(
      "up", "∞", "the largest learning rate over the starting one, of runs that moved")
    columns += extents(
      "down", "to 0",
      "the starting learning rate over the smallest, of runs that moved; infinite at 0 and below")
    columns += extents(
      "spike", "∞", "the worst gap on the way, of runs that did not diverge")
    columns += [
      .init(
        "negative", unit: "%", format: .percent(1),
        about: "share of runs with a step at a learning rate below 0"),
      steps("skipped", "that left the parameters where they were"),
      steps("retaken", "along the direction before, to another rate"),
      steps("restored", "back to parameters that were kept"),
    ]
    var rows: [[Table.Cell]] = []
    for r in c.rules.indices {
      for m in c.listed[r] {
        rows.append([.text(c.rules[r]), .text(c.labels[m])] + cells(r, m))
      }
    }
    return Table(
      name: "movement", title: "Diverged runs, and learning rates that moved",
      caption: "Shares are means over tasks with equal weight. Diverged: a loss, gradient or "
        + "parameter that is not finite; parameters escaped past 10⁸ times the starting distance; "
        + "or a final loss worse than the first. Moved: the learning rate left its start by more "
        + "than 0.01 decades; up and down say how far at the most, over the runs of all tasks that "
        + "moved, where to 0 means to zero or below. Spike: how far the gap rose above "
        + "its start at the most, over the runs that did not diverge. Negative: runs with a step at a rate below 0."
        + c.startlessNote("its rate leaves no start"),
      provenance: c.provenance, columns: columns, rows: rows)
  }

  private func cells(_ rule: Int, _ method: Int) -> [Table.Cell] {
    let c = comparison
    func share(_ trait: MethodRuns.Trait) -> Table.Cell {
      .optional(c.meanOverTasks(rule, method) { $0.share(trait) })
    }
    let movement = c.movement(rule, method)
    let moved = c.hasStart[method] ? share(.moved) : Table.Cell.missing
    return [
      share(.diverged), share(.nonFinite), share(.escaped), share(.worse), moved,
      .optional(movement.up.median), .optional(movement.up.largest),
      .optional(movement.down.median), .optional(movement.down.largest),
      .optional(movement.spike.median), .optional(movement.spike.largest), share(.negative),
      .optional(movement.skippedSteps), .optional(movement.retakenSteps),
      .optional(movement.restoredSteps),
    ]
  }

  /// Diverged shares, methods by task, for one rule.
  func divergedByTask(_ rule: Int) -> Table {
    let c = comparison
    let columns =
      [Table.Column.method] + Table.Column.shares(of: c.tasks, "share of runs that diverged")
    let rows = c.listed[rule].map { m in
      [.text(c.labels[m])]
        + c.tasks.indices.map { t -> Table.Cell in
          .optional(c.runs(t, rule, m).share(.diverged))
        }
    }
    return Table(
      name: "diverged-\(c.slugs[rule])", title: "Diverged runs by task, \(c.rules[rule])",
      caption: "The share of (starting rate, seed) that diverged."
        + c.startlessNote("the share is one of seeds alone"),
      provenance: c.provenance, columns: columns, rows: rows)
  }
}
