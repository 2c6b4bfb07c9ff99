extension Recipe where Product == any LearningRateController {
  /// `plateau(initial: 0.1, reduce: .by(0.5, after: 5), watching: .loss(averagedOver: 10))`.
  static let plateau = Recipe(
    "plateau",
    [
      .initialRateOfFeedback,
      Parameter(
        "reduce", .action, default: "none",
        ".by(factor, after: n), n bad observations in a row; .by(factor, after: n, from: .best) also "
          + "takes the best parameters again"),
      Parameter(
        "increase", .action, default: "none",
        ".by(factor, after: n), n improvements in a row; .by(factor, afterReductions: k), k "
          + "reductions in vain; .by(factor, whenStuckFor: n), n bad observations"),
      .rateBounds, .comparing, .against, .cooldown,
      Parameter(
        "bestDuringCooldown", .choice(Plateau.BestDuringCooldown.allCases.map(\.rawValue)),
        default: ".moves", "whether best follows improvements that the cooldown ignores"),
      .watching,
    ],
    summary: "reduces the rate when the loss stops improving, increases it, or both"
  ) { arguments throws(SpecError) in
    let initial = try arguments.rateWithinBounds()
    let (reduce, increase) = (try arguments.reduction(), try arguments.increase())
    if case .reductionsInVain = increase?.occasion, reduce == nil {
      throw arguments.error("an increase 'afterReductions' needs 'reduce'")
    }
    return Plateau(
      initial: initial, reduce: reduce, increase: increase, within: arguments.range("within"),
      comparing: try arguments.comparison(), against: try arguments.reference(),
      cooldown: arguments.integer("cooldown"),
      bestDuringCooldown: arguments.word("bestDuringCooldown"), watching: try arguments.source())
  }
}

private let count = Parameter.Kind.integer(.between(1, 1e9))

extension Arguments {
  fileprivate func reduction() throws(SpecError) -> Plateau.Reduction? {
    guard let node = try call("reduce", among: ["by"]) else { return nil }
    let inner = try reader.arguments(
      of: node,
      [
        Parameter("_", .number(.from(0, below: 1)), "the factor"),
        Parameter("after", count, "bad observations in a row"),
        Parameter(
          "from", .choice(Plateau.Start.allCases.map(\.rawValue)), default: ".here",
          "where training goes on"),
      ])
    return .by(inner.number("_"), after: inner.integer("after"), from: inner.word("from"))
  }

  fileprivate func increase() throws(SpecError) -> Plateau.Increase? {
    guard let node = try call("increase", among: ["by"]) else { return nil }
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
}
