// The arguments that feedback controllers share.

extension Parameter {
  static let initialRateOfFeedback = Parameter(
    "initial", .number(.atLeast(0)), unit: "learning rate", "the learning rate at the start")
  static let rateBounds = Parameter(
    "within", .range, default: "0...1.7976931348623157e308", unit: "learning rate",
    "bounds of the rate")
  static let comparing = Parameter(
    "comparing", .action, default: ".relative(1e-4)",
    "the margin of an improvement: .relative(m) to |best|, or .absolute(m); where larger is better, "
      + ".relative(m, direction: .maximize)")
  static let against = Parameter(
    "against", .action, default: ".best",
    "what an observation is compared with: .best, .previous, .average(keeping: d) or "
      + ".slope(over: n)")
  static let cooldown = Parameter(
    "cooldown", .integer(.between(0, 1e9)), default: "0", unit: "observations",
    "observations ignored after an action")
  static let watching = Parameter(
    "watching", .action, default: ".loss(averagedOver: 1)",
    ".loss(averagedOver: n), the mean of n minibatch losses, or .metric")
}

extension Arguments {
  /// `initial`, which is to be within the bounds `within`.
  func rateWithinBounds() throws(SpecError) -> Double {
    let (initial, bounds) = (number("initial"), range("within"))
    guard bounds.lowerBound >= 0, bounds.upperBound.isFinite, bounds.contains(initial) else {
      throw error(
        "'\(node.name)' needs finite bounds of at least 0, with 'initial' (\(short(initial))) "
          + "inside")
    }
    return initial
  }

  func comparison() throws(SpecError) -> Plateau.Comparison {
    let node = try call("comparing", among: ["relative", "absolute"])!
    let inner = try reader.arguments(
      of: node,
      [
        Parameter("_", .number(.between(0, 1e300)), "the margin"),
        Parameter(
          "direction", .choice(Plateau.Direction.allCases.map(\.rawValue)), default: ".minimize",
          "which way observations improve"),
      ])
    let direction: Plateau.Direction = inner.word("direction")
    return node.name == "relative"
      ? .relative(inner.number("_"), direction) : .absolute(inner.number("_"), direction)
  }

  func reference() throws(SpecError) -> Plateau.Reference {
    let node = try call("against", among: ["best", "previous", "average", "slope"])!
    switch node.name {
    case "average":
      let share = Parameter(
        "keeping", .number(.from(0, below: 1)), "the share of the old average that stays")
      return .average(keeping: try reader.arguments(of: node, [share]).number("keeping"))
    case "slope":
      let count = Parameter("over", .integer(.between(2, 1e6)), "observations of the line")
      return .slope(over: try reader.arguments(of: node, [count]).integer("over"))
    default:
      _ = try reader.arguments(of: node, [])
      return node.name == "best" ? .best : .previous
    }
  }

  func source() throws(SpecError) -> Plateau.Source {
    let node = try call("watching", among: ["loss", "metric"])!
    if node.name == "metric" {
      _ = try reader.arguments(of: node, [])
      return .metric
    }
    let inner = try reader.arguments(
      of: node,
      [
        Parameter(
          "averagedOver", .integer(.between(1, 1e9)), default: "1", "minibatch losses")
      ])
    return .loss(averagedOver: inner.integer("averagedOver"))
  }

  /// The call behind an action argument, its name checked; `nil` where it was left out.
  func call(_ label: String, among words: [String]) throws(SpecError) -> SpecNode? {
    guard let node = action(label) else { return nil }
    guard words.contains(node.name) else {
      throw reader.error(node, unknownName(node.name, kind: "choice for '\(label)'", among: words))
    }
    return node
  }
}
