package import HypergradientRecipes

/// The schedules of fastai's `fit_one_cycle` and `fit_flat_cos`, and of Transformers'
/// `get_scheduler`, where they differ from ours.
///
/// > Source: fastai 2 (`callback/schedule.py`) and Hugging Face Transformers (`optimization.py`).

extension Schedule where Self == OneCycleSchedule {
  /// `fit_one_cycle`: the peak stands at a quarter, and the last value is the peak over `divFinal`
  /// (PyTorch and Optax divide the first value). Its momentum is
  /// `.oneCycleMomentum(over: n, rise: 0.25)`.
  public static func fastaiOneCycle(
    lrMax: Double, steps: Double, div: Double = 25, divFinal: Double = 1e5,
    pctStart: Double = 0.25
  ) -> OneCycleSchedule {
    OneCycleSchedule(
      peak: lrMax, over: steps, from: saturated(lrMax / div),
      to: saturated(lrMax / divFinal), rise: pctStart)
  }
}

extension Schedule where Self == FlatCosineSchedule {
  /// `fit_flat_cos`.
  public static func fastaiFlatCosine(
    lr: Double, steps: Double, divFinal: Double = 1e5, pctStart: Double = 0.75
  ) -> FlatCosineSchedule {
    FlatCosineSchedule(from: lr, to: saturated(lr / divFinal), over: steps, flat: pctStart)
  }
}

extension Schedule where Self == JoinedSchedule<LinearSchedule, LinearSchedule> {
  /// `linear`: up from 0, whose first step stands still, and down to 0 at `numTrainingSteps`.
  ///
  /// - Precondition: 0 ≤ `numWarmupSteps` < `numTrainingSteps`; 0 for no warm-up.
  public static func transformersLinear(
    lr: Double, numWarmupSteps: Double, numTrainingSteps: Double
  ) -> JoinedSchedule<LinearSchedule, LinearSchedule> {
    Recipe.transformersLinear.check(lr, numWarmupSteps, numTrainingSteps)
    return warmupLine(from: 0, to: lr, over: numWarmupSteps)
      .followed(
        by: .linear(from: lr, to: 0, over: numTrainingSteps - numWarmupSteps), at: numWarmupSteps)
  }
}

extension Schedule where Self == JoinedSchedule<LinearSchedule, CosineSchedule> {
  /// `cosine`: up from 0, whose first step stands still, and down half a cosine; past
  /// `numTrainingSteps` it rises again.
  ///
  /// - Precondition: 0 ≤ `numWarmupSteps` < `numTrainingSteps`; 0 for no warm-up.
  public static func transformersCosine(
    lr: Double, numWarmupSteps: Double, numTrainingSteps: Double
  ) -> JoinedSchedule<LinearSchedule, CosineSchedule> {
    Recipe.transformersCosine.check(lr, numWarmupSteps, numTrainingSteps)
    return warmupLine(from: 0, to: lr, over: numWarmupSteps)
      .followed(
        by: .cosine(
          from: lr, to: 0, over: numTrainingSteps - numWarmupSteps, past: .mirror),
        at: numWarmupSteps)
  }
}

extension Recipe where Product == any Schedule {
  package static let fastaiOneCycle = Recipe(
    "fastaiOneCycle", OneCycleSchedule.fastaiOneCycle(lrMax:steps:div:divFinal:pctStart:),
    .number("lrMax", in: .atLeast(0), unit: "learning rate", "the peak"), .fastaiSteps,
    .number("div", in: .above(0), default: 25, "the peak over the first value"),
    .number("divFinal", in: .above(0), default: 1e5, "the peak over the last value"),
    .number(
      "pctStart", in: .from(0, below: 1), default: 0.25, "the share of the steps before the peak"),
    summary: "fastai's fit_one_cycle", examples: ["fastaiOneCycle(lrMax: 0.1, steps: 9)"],
    standard: { OneCycleSchedule.fastaiOneCycle(lrMax: 0.1, steps: 9) })

  package static let fastaiFlatCosine = Recipe(
    "fastaiFlatCosine", FlatCosineSchedule.fastaiFlatCosine(lr:steps:divFinal:pctStart:),
    .number("lr", in: .atLeast(0), unit: "learning rate", "the flat value"), .fastaiSteps,
    .number("divFinal", in: .above(0), default: 1e5, "the first value over the last"),
    .number(
      "pctStart", in: .from(0, below: 1), default: 0.75, "the share of the steps before the fall"),
    summary: "fastai's fit_flat_cos", examples: ["fastaiFlatCosine(lr: 0.1, steps: 9)"],
    standard: { FlatCosineSchedule.fastaiFlatCosine(lr: 0.1, steps: 9) })

  package static let transformersLinear = Recipe(
    "transformersLinear",
    JoinedSchedule.transformersLinear(lr:numWarmupSteps:numTrainingSteps:),
    .transformersPeak, .transformersWarmup, .transformersSteps,
    unless: { _, warmup, steps in transformersFault(warmup, steps) },
    summary: "Transformers' linear, whose warm-up begins at 0",
    examples: ["transformersLinear(lr: 0.1, numWarmupSteps: 3, numTrainingSteps: 9)"],
    standard: {
      JoinedSchedule.transformersLinear(lr: 0.1, numWarmupSteps: 3, numTrainingSteps: 9)
    })

  package static let transformersCosine = Recipe(
    "transformersCosine",
    JoinedSchedule.transformersCosine(lr:numWarmupSteps:numTrainingSteps:),
    .transformersPeak, .transformersWarmup, .transformersSteps,
    unless: { _, warmup, steps in transformersFault(warmup, steps) },
    summary: "Transformers' cosine, whose warm-up begins at 0 and which rises again past its end",
    examples: ["transformersCosine(lr: 0.1, numWarmupSteps: 3, numTrainingSteps: 9)"],
    standard: {
      JoinedSchedule.transformersCosine(lr: 0.1, numWarmupSteps: 3, numTrainingSteps: 9)
    })

  private static func transformersFault(_ warmup: Double, _ steps: Double) -> String? {
    warmup < steps
      ? nil : "'numTrainingSteps' include the warm-up and are to be more than its steps"
  }
}

extension Parameter where Value == Double {
  fileprivate static var fastaiSteps: Parameter {
    .number("steps", in: .above(0), unit: "steps", "the horizon")
  }
  fileprivate static var transformersPeak: Parameter {
    .number("lr", in: .atLeast(0), unit: "learning rate", "the peak")
  }
  fileprivate static var transformersWarmup: Parameter {
    .number(
      "numWarmupSteps", in: .atLeast(0), unit: "steps", "steps to the peak; 0 for no warm-up")
  }
  fileprivate static var transformersSteps: Parameter {
    .number(
      "numTrainingSteps", in: .above(0), unit: "steps", "the horizon, the warm-up included")
  }
}
