extension Recipe where Product == any LearningRateController {
  /// `traceAligned(initial: 1, steps: 1000)`.
  static let traceAligned = Recipe(
    "traceAligned",
    [
      Parameter(
        "initial", .number(.above(0)), unit: "learning rate", "any guess; the ramp begins below it"),
      Parameter("steps", .integer(.between(1, 1e15)), unit: "steps", "the horizon"),
      Parameter(
        "start", .number(.above(0)), default: "0.01", "the share of 'initial' where the ramp begins"
      ),
      Parameter("rampFactor", .number(.atLeast(1)), default: "2", "the ramp's factor a step"),
      Parameter("rampRetreat", .number(.atLeast(1)), default: "4", "the divisor when it ends"),
      Parameter(
        "opposition", .number(.between(0, 1)), default: "0.2",
        "a cosine below minus this ends the ramp, or rejects a step"),
      Parameter(
        "rejectAbove", .number(.atLeast(1)), default: "4", unit: "mean norms",
        "the length of a gradient that rejects the step before it"),
      Parameter(
        "window", .number(.atLeast(1)), default: "25", unit: "steps", "the trace's least window"),
      Parameter(
        "windowGrowth", .number(.atLeast(0)), default: "0.5",
        "the window's share of the steps since the ramp"),
      Parameter(
        "shortestWindow", .number(.atLeast(1)), default: "5", unit: "steps",
        "the least window of coherent gradients"),
      Parameter(
        "shorteningAbove", .number(.between(0, 1)), default: "0.5",
        "the mean cosine above which the window shortens; 1 for never"),
      Parameter("gain", .number(.atLeast(0)), default: "1.5", "of the set point's part, a window"),
      Parameter("setPoint", .number(.any), default: "0.8", "how greedy it begins"),
      Parameter("setPointDrop", .number(.any), default: "1.2", "how far the set point falls"),
      Parameter(
        "coherentGrowth", .number(.atLeast(0)), default: "0.4",
        "the most that coherent gradients add to the rate's logarithm a step"),
      Parameter(
        "coherence", .number(.from(0, below: 1)), default: "0.3",
        "the cosine above which gradients are coherent"),
      Parameter(
        "lateGrowth", choice(TraceAlignedRate.LateGrowth.self), default: ".coherent",
        "what may raise the rate in the second half"),
      Parameter(
        "decayFrom", .number(.between(0, 1)), default: "0.5",
        "the share of the steps after which the rate is annealed"),
      Parameter(
        "following", choice(TraceAlignedRate.Followed.self), default: ".trace",
        "what the gradient is compared with"),
      Parameter(
        "restoring", choice(TraceAlignedRate.Restoring.self), default: ".best",
        "what is done when the loss has lost what it gained"),
      Parameter(
        "tolerance", .number(.atLeast(0)), default: "0.5", "the share of the gain that may be lost"),
      Parameter(
        "restoreRetreat", .number(.atLeast(1)), default: "4", "the divisor when it is restored"),
    ],
    summary: "needs no tuning: a ramp, then the cosine of the gradient with a trace of directions"
  ) { arguments in
    TraceAlignedRate(
      initial: arguments.number("initial"), steps: arguments.integer("steps"),
      constants: arguments.constants())
  }

  private static func choice<Words: CaseIterable & RawRepresentable>(
    _ words: Words.Type
  ) -> Parameter.Kind where Words.RawValue == String {
    .choice(words.allCases.map(\.rawValue))
  }
}

extension Arguments {
  fileprivate func constants() -> TraceAlignedRate.Constants {
    var constants = TraceAlignedRate.Constants()
    constants.start = number("start")
    constants.rampFactor = number("rampFactor")
    constants.rampRetreat = number("rampRetreat")
    constants.opposition = number("opposition")
    constants.rejectAbove = number("rejectAbove")
    constants.window = number("window")
    constants.windowGrowth = number("windowGrowth")
    constants.shortestWindow = number("shortestWindow")
    constants.shorteningAbove = number("shorteningAbove")
    constants.gain = number("gain")
    constants.setPoint = number("setPoint")
    constants.setPointDrop = number("setPointDrop")
    constants.coherentGrowth = number("coherentGrowth")
    constants.coherence = number("coherence")
    constants.lateGrowth = .init(rawValue: choice("lateGrowth"))!
    constants.decayFrom = number("decayFrom")
    constants.following = .init(rawValue: choice("following"))!
    constants.restoring = .init(rawValue: choice("restoring"))!
    constants.tolerance = number("tolerance")
    constants.restoreRetreat = number("restoreRetreat")
    return constants
  }
}
