/// The schedules of fastai's `fit_one_cycle` and `fit_flat_cos`, and of Transformers'
/// `get_scheduler`, where they differ from ours.
///
/// > Source: fastai 2 (`callback/schedule.py`) and Hugging Face Transformers (`optimization.py`).

extension Schedule where Self == OneCycle {
  /// `fit_one_cycle`: the peak stands at a quarter, and the last value is the peak over `divFinal`
  /// (PyTorch and Optax divide the first value). Its momentum is
  /// `.oneCycleMomentum(over: n, rise: 0.25)`.
  public static func fastaiOneCycle(
    lrMax: Double, steps: Double, div: Double = 25, divFinal: Double = 1e5,
    pctStart: Double = 0.25
  ) -> OneCycle {
    OneCycle(
      peak: lrMax, over: steps, from: saturated(lrMax / div),
      to: saturated(lrMax / divFinal), rise: pctStart)
  }
}

extension Schedule where Self == FlatCosine {
  /// `fit_flat_cos`.
  public static func fastaiFlatCosine(
    lr: Double, steps: Double, divFinal: Double = 1e5, pctStart: Double = 0.75
  ) -> FlatCosine {
    FlatCosine(from: lr, to: saturated(lr / divFinal), over: steps, flat: pctStart)
  }
}

extension Schedule where Self == Joined<LinearSchedule, LinearSchedule> {
  /// `linear`: up from 0, whose first step stands still, and down to 0 at `numTrainingSteps`.
  ///
  /// - Precondition: 0 < `numWarmupSteps` < `numTrainingSteps`.
  public static func transformersLinear(
    lr: Double, numWarmupSteps: Double, numTrainingSteps: Double
  ) -> Joined<LinearSchedule, LinearSchedule> {
    LinearSchedule(from: 0, to: lr, over: numWarmupSteps)
      .followed(
        by: .linear(from: lr, to: 0, over: numTrainingSteps - numWarmupSteps), at: numWarmupSteps)
  }
}

extension Schedule where Self == Joined<LinearSchedule, Cosine> {
  /// `cosine`: up from 0, whose first step stands still, and down half a cosine; past
  /// `numTrainingSteps` it rises again.
  ///
  /// - Precondition: 0 < `numWarmupSteps` < `numTrainingSteps`.
  public static func transformersCosine(
    lr: Double, numWarmupSteps: Double, numTrainingSteps: Double
  ) -> Joined<LinearSchedule, Cosine> {
    LinearSchedule(from: 0, to: lr, over: numWarmupSteps)
      .followed(
        by: .cosine(
          from: lr, to: 0, over: numTrainingSteps - numWarmupSteps, past: .mirror),
        at: numWarmupSteps)
  }
}

extension Recipe where Product == any Schedule {
  static let fastaiOneCycle = Recipe(
    "fastaiOneCycle",
    [
      Parameter("lrMax", .number(.atLeast(0)), unit: "learning rate", "the peak"), .fastaiSteps,
      Parameter("div", .number(.above(0)), default: "25", "the peak over the first value"),
      Parameter("divFinal", .number(.above(0)), default: "1e5", "the peak over the last value"),
      Parameter(
        "pctStart", .number(.from(0, below: 1)), default: "0.25",
        "the share of the steps before the peak"),
    ], summary: "fastai's fit_one_cycle"
  ) { arguments in
    .fastaiOneCycle(
      lrMax: arguments.number("lrMax"), steps: arguments.number("steps"),
      div: arguments.number("div"), divFinal: arguments.number("divFinal"),
      pctStart: arguments.number("pctStart"))
  }

  static let fastaiFlatCosine = Recipe(
    "fastaiFlatCosine",
    [
      Parameter("lr", .number(.atLeast(0)), unit: "learning rate", "the flat value"),
      .fastaiSteps,
      Parameter("divFinal", .number(.above(0)), default: "1e5", "the first value over the last"),
      Parameter(
        "pctStart", .number(.from(0, below: 1)), default: "0.75",
        "the share of the steps before the fall"),
    ], summary: "fastai's fit_flat_cos"
  ) { arguments in
    .fastaiFlatCosine(
      lr: arguments.number("lr"), steps: arguments.number("steps"),
      divFinal: arguments.number("divFinal"), pctStart: arguments.number("pctStart"))
  }

  static let transformersLinear = Recipe(
    "transformersLinear", transformers,
    summary: "Transformers' linear, whose warm-up begins at 0"
  ) { arguments throws(SpecError) in
    try checkWarmup(arguments)
    return .transformersLinear(
      lr: arguments.number("lr"), numWarmupSteps: arguments.number("numWarmupSteps"),
      numTrainingSteps: arguments.number("numTrainingSteps"))
  }

  static let transformersCosine = Recipe(
    "transformersCosine", transformers,
    summary: "Transformers' cosine, whose warm-up begins at 0 and which rises again past its end"
  ) { arguments throws(SpecError) in
    try checkWarmup(arguments)
    return .transformersCosine(
      lr: arguments.number("lr"), numWarmupSteps: arguments.number("numWarmupSteps"),
      numTrainingSteps: arguments.number("numTrainingSteps"))
  }

  private static let transformers = [
    Parameter("lr", .number(.atLeast(0)), unit: "learning rate", "the peak"),
    Parameter("numWarmupSteps", .number(.above(0)), unit: "steps", "steps to the peak"),
    Parameter(
      "numTrainingSteps", .number(.above(0)), unit: "steps", "the horizon, the warm-up included"),
  ]

  private static func checkWarmup(_ arguments: Arguments) throws(SpecError) {
    guard arguments.number("numWarmupSteps") < arguments.number("numTrainingSteps") else {
      throw arguments.error(
        "'numTrainingSteps' include the warm-up and are to be more than its steps")
    }
  }
}

extension Parameter {
  fileprivate static let fastaiSteps = Parameter(
    "steps", .number(.above(0)), unit: "steps", "the horizon")
}
