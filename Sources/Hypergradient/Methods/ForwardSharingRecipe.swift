extension Recipe where Product == MethodPair {
  /// `fds(horizon: 100, hyperLearningRate: 0.01)`.
  static let fds = Recipe(
    "fds",
    [
      Parameter("horizon", .integer(.atLeast(1)), unit: "steps", "steps of one inner run"),
      Parameter(
        "blocks", .integer(.atLeast(1)), default: "1",
        "parts of a run with hyperparameters of their own"),
      Parameter(
        "initial", .number(.atLeast(0)), default: "0.01", unit: "learning rate",
        "η of the first run"),
      Parameter("momentum", .number(.between(0, 0.999)), default: "0", "m of the first run"),
      Parameter(
        "weightDecay", .number(.between(0, 1)), default: "0", "λ of the first run, coupled"),
      Parameter(
        "hyperLearningRate", .number(.atLeast(0)), unit: "learning rate²/loss", "β of η"),
      Parameter(
        "momentumRate", .number(.atLeast(0)), default: "0", unit: "1/loss",
        "β of m; 0 leaves it as it is"),
      Parameter(
        "weightDecayRate", .number(.atLeast(0)), default: "0", unit: "1/loss",
        "β of λ; 0 leaves it as it is"),
      Parameter("within", .range, default: "0...1e6", unit: "learning rate", "bounds of η"),
    ],
    summary: "whole runs repeated, their hyperparameters by exact derivatives (Micaelli 2021)"
  ) { arguments throws(SpecError) in
    let (horizon, blocks) = (arguments.integer("horizon"), arguments.integer("blocks"))
    let (initial, bounds) = (arguments.number("initial"), arguments.range("within"))
    guard blocks <= horizon else {
      throw arguments.error("'blocks' is \(blocks), more than the 'horizon' of \(horizon) steps")
    }
    guard bounds.lowerBound >= 0, bounds.upperBound.isFinite, bounds.contains(initial) else {
      throw arguments.error("'within' is to be finite, not negative, and to hold 'initial'")
    }
    func make<Scalar>(_: Scalar.Type) -> ForwardSharing<Scalar> {
      ForwardSharing(
        horizon: horizon, blocks: blocks,
        initial: MomentumHyperparameters(
          rate: initial, momentum: arguments.number("momentum"),
          weightDecay: arguments.number("weightDecay")),
        hyperLearningRates: MomentumHyperparameters(
          rate: arguments.number("hyperLearningRate"), momentum: arguments.number("momentumRate"),
          weightDecay: arguments.number("weightDecayRate")),
        within: bounds)
    }
    return MethodPair(make(Float.self), make(Double.self))
  }
}
