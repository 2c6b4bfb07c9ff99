public import Reporting

extension MethodCosts {
  /// The table, with times where they were measured.
  public func table(provenance: String) -> Table {
    let hasTimes = rows.contains { $0.time != nil }
    var columns: [Table.Column] = [
      .bare("What"), .bare("Name"), .bare("Text"), .bare("Base"),
      .bare("all", group: "vectors", format: .fixed(0)),
      .bare("beyond the base", group: "vectors", format: .fixed(0)),
      .bare("gradients", group: "a step", format: .fixed(2)),
      .bare("losses", group: "a step", format: .fixed(2)),
      .bare("Hessian products", group: "a step", format: .fixed(2)),
      .bare("with noise", group: "cost of a step", unit: "gradients", format: .fixed(2)),
      .bare("without", group: "cost of a step", unit: "gradients", format: .fixed(2)),
    ]
    if hasTimes { columns.append(.bare("time of a step over the base", format: .fixed(2))) }
    return Table(
      name: "costs", title: "Costs",
      caption:
        "Vectors are kept between steps, each as long as the parameters. Evaluations are means "
        + "over the first \(Self.countedSteps) steps on a diagonal quadratic of "
        + "\(Self.countedDimension) parameters: a loss alone costs a third of a gradient, a "
        + "Hessian-vector product two gradients."
        + (hasTimes
          ? " Time is that of a step beside its evaluations, over that of the base with a fixed "
            + "rate, for a rule over gradient descent: ratios of medians of measurements in turns, "
            + "\(Self.timedDimension) parameters in single precision, one thread."
          : ""),
      provenance: provenance, columns: columns,
      rows: rows.map { row in
        var cells: [Table.Cell] = [
          .text(row.kind), .text(row.name), .text(row.spec), .text(row.base),
          .number(Double(row.vectors)), .number(Double(row.more)), .number(row.gradients),
          .number(row.losses), .number(row.hessianVectorProducts), .number(row.cost),
          .number(row.quietCost),
        ]
        if hasTimes { cells.append(.optional(row.time)) }
        return cells
      })
  }

  /// The page Documentation/Costs.md.
  public func page(machine: Machine) -> String {
    """
    # What a method costs

    Made by `hypergrad bench --costs --markdown Documentation/Costs.md`; a test compares all but the
    times with what the code says. The texts are those of the suite `all`, in which `rate` is the
    starting rate, `steps` the number of steps and `rule` the base.

    \(table(provenance: "Times on " + machine.text).markdown)
    """
  }
}
