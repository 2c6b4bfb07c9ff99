extension Recipe where Product == any LearningRateController {
  /// `plateau(initial: 0.1, reduce: .by(0.5, after: 5), watching: .loss(averagedOver: 10))`.
  static let plateau = Recipe(
    "plateau",
    [
      Parameter(
        "initial", .number(.atLeast(0)), unit: "learning rate", "the learning rate at the start"),
      Parameter(
        "reduce", .action, default: "none",
        ".by(factor, after: n), n bad observations in a row"),
      Parameter(
        "increase", .action, default: "none",
        ".by(factor, after: n), n improvements in a row; .by(factor, afterReductions: k), k "
          + "reductions in vain; .by(factor, whenStuckFor: n), n bad observations"),
      Parameter(
        "within", .range, default: "0...1.7976931348623157e308", unit: "learning rate",
        "bounds of the rate"),
      Parameter(
        "comparing", .action, default: ".relative(1e-4)",
        "the margin of an improvement: .relative(m) to |best|, or .absolute(m)"),
      Parameter(
        "cooldown", .integer(.between(0, 1e9)), default: "0", unit: "observations",
        "observations ignored after an action"),
      Parameter(
        "watching", .action, default: ".loss(averagedOver: 1)",
        ".loss(averagedOver: n), the mean of n minibatch losses, or .metric"),
    ],
    summary: "reduces the rate when the loss stops improving, increases it, or both"
  ) { arguments throws(SpecError) in
    let (initial, bounds) = (arguments.number("initial"), arguments.range("within"))
    guard bounds.lowerBound >= 0, bounds.upperBound.isFinite, bounds.contains(initial) else {
      throw arguments.error(
        "'plateau' needs finite bounds of at least 0, with 'initial' (\(short(initial))) inside")
    }
    let (reduce, increase) = (try arguments.reduction(), try arguments.increase())
    if case .reductionsInVain = increase?.occasion, reduce == nil {
      throw arguments.error("an increase 'afterReductions' needs 'reduce'")
    }
    return Plateau(
      initial: initial, reduce: reduce, increase: increase, within: bounds,
      comparing: try arguments.comparison(), cooldown: arguments.integer("cooldown"),
      watching: try arguments.source())
  }
}

private let count = Parameter.Kind.integer(.between(1, 1e9))

extension Arguments {
  fileprivate func reduction() throws(SpecError) -> Plateau.Reduction? {
    guard let node = try word("reduce", among: ["by"]) else { return nil }
    let inner = try reader.arguments(
      of: node,
      [
        Parameter("_", .number(.from(0, below: 1)), "the factor"),
        Parameter("after", count, "bad observations in a row"),
      ])
    return .by(inner.number("_"), after: inner.integer("after"))
  }

  fileprivate func increase() throws(SpecError) -> Plateau.Increase? {
    guard let node = try word("increase", among: ["by"]) else { return nil }
    let occasions = ["after", "afterReductions", "whenStuckFor"]
    let inner = try reader.arguments(
      of: node,
      [Parameter("_", .number(.above(1)), "the factor")]
        + occasions.map { Parameter($0, count, default: "none", "observations or reductions") })
    let given = occasions.filter { inner.optionalNumber($0) != nil }
    guard given.count == 1 else {
      throw reader.error(node, "'increase' needs one of \(occasions.joined(separator: ", "))")
    }
    let (factor, number) = (inner.number("_"), inner.integer(given[0]))
    switch given[0] {
    case "after": return .by(factor, after: number)
    case "afterReductions": return .by(factor, afterReductions: number)
    default: return .by(factor, whenStuckFor: number)
    }
  }

  fileprivate func comparison() throws(SpecError) -> Plateau.Comparison {
    let node = try word("comparing", among: ["relative", "absolute"])!
    let inner = try reader.arguments(
      of: node, [Parameter("_", .number(.between(0, 1e300)), "the margin")])
    return node.name == "relative" ? .relative(inner.number("_")) : .absolute(inner.number("_"))
  }

  fileprivate func source() throws(SpecError) -> Plateau.Source {
    let node = try word("watching", among: ["loss", "metric"])!
    if node.name == "metric" { return .metric }
    let inner = try reader.arguments(
      of: node, [Parameter("averagedOver", count, default: "1", "minibatch losses")])
    return .loss(averagedOver: inner.integer("averagedOver"))
  }

  /// The call behind an action argument, its name checked; `nil` where it was left out.
  private func word(_ label: String, among words: [String]) throws(SpecError) -> SpecNode? {
    guard let node = action(label) else { return nil }
    guard words.contains(node.name) else {
      throw reader.error(node, unknownName(node.name, kind: "choice for '\(label)'", among: words))
    }
    return node
  }
}
