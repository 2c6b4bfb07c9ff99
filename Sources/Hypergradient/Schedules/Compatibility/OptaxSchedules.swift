/// Optax' schedules where they differ from ours, under Optax' argument names.
///
/// > Source: `optax.schedules` of Optax 0.2.8.

extension Schedule where Self == ShiftedSchedule<GeometricDecay> {
  /// `exponential_decay` with a rate of at most 1: constant for `transitionBegin` steps, then a
  /// factor `decayRate` over `transitionSteps`, down to `endValue`.
  public static func optaxExponentialDecay(
    initValue: Double, transitionSteps: Double, decayRate: Double, transitionBegin: Double = 0,
    staircase: Bool = false, endValue: Double = 0
  ) -> ShiftedSchedule<GeometricDecay> {
    GeometricDecay(
      from: initValue, factor: decayRate, every: transitionSteps,
      shape: staircase ? .staircase : .smooth, floor: endValue
    ).shifted(by: transitionBegin)
  }
}

extension Schedule where Self == ShiftedSchedule<Polynomial> {
  /// `polynomial_schedule`: constant for `transitionBegin` steps, then a polynomial.
  public static func optaxPolynomial(
    initValue: Double, endValue: Double, power: Double, transitionSteps: Double,
    transitionBegin: Double = 0
  ) -> ShiftedSchedule<Polynomial> {
    Polynomial(from: initValue, to: endValue, over: transitionSteps, power: power)
      .shifted(by: transitionBegin)
  }
}

extension Schedule where Self == Joined<LinearSchedule, Cosine> {
  /// `warmup_cosine_decay_schedule`, whose `decaySteps` include the warm-up's.
  ///
  /// - Precondition: 0 < `warmupSteps` < `decaySteps`.
  public static func optaxWarmupCosineDecay(
    initValue: Double, peakValue: Double, warmupSteps: Double, decaySteps: Double,
    endValue: Double = 0, exponent: Double = 1
  ) -> Joined<LinearSchedule, Cosine> {
    LinearSchedule(from: initValue, to: peakValue, over: warmupSteps)
      .followed(
        by: .cosine(
          from: peakValue, to: endValue, over: decaySteps - warmupSteps, power: exponent),
        at: warmupSteps)
  }
}

extension Schedule where Self == Joined<LinearSchedule, ShiftedSchedule<GeometricDecay>> {
  /// `warmup_exponential_decay_schedule` with a rate of at most 1: `transitionBegin` counts from
  /// the warm-up's end.
  public static func optaxWarmupExponentialDecay(
    initValue: Double, peakValue: Double, warmupSteps: Double, transitionSteps: Double,
    decayRate: Double, transitionBegin: Double = 0, staircase: Bool = false, endValue: Double = 0
  ) -> Joined<LinearSchedule, ShiftedSchedule<GeometricDecay>> {
    LinearSchedule(from: initValue, to: peakValue, over: warmupSteps)
      .followed(
        by: .optaxExponentialDecay(
          initValue: peakValue, transitionSteps: transitionSteps, decayRate: decayRate,
          transitionBegin: transitionBegin, staircase: staircase, endValue: endValue),
        at: warmupSteps)
  }
}

extension Schedule where Self == OneCycle {
  /// `cosine_onecycle_schedule`: the peak stands at step ⌊pctStart · transitionSteps⌋.
  public static func optaxCosineOneCycle(
    transitionSteps: Int, peakValue: Double, pctStart: Double = 0.3, divFactor: Double = 25,
    finalDivFactor: Double = 1e4
  ) -> OneCycle {
    let horizon = Double(transitionSteps)
    let initial = saturated(peakValue / divFactor)
    return OneCycle(
      peak: peakValue, over: horizon, from: initial, to: saturated(initial / finalDivFactor),
      rise: (pctStart * horizon).rounded(.down) / horizon)
  }

  /// `linear_onecycle_schedule`: the peak stands at step ⌊pctStart · transitionSteps⌋, the first
  /// value again at ⌊pctFinal · transitionSteps⌋.
  ///
  /// - Precondition: the two steps differ, and the last is another one.
  public static func optaxLinearOneCycle(
    transitionSteps: Int, peakValue: Double, pctStart: Double = 0.3, pctFinal: Double = 0.85,
    divFactor: Double = 25, finalDivFactor: Double = 1e4
  ) -> OneCycle {
    let horizon = Double(transitionSteps)
    let initial = saturated(peakValue / divFactor)
    return OneCycle(
      peak: peakValue, over: horizon, from: initial, to: saturated(initial / finalDivFactor),
      rise: (pctStart * horizon).rounded(.down) / horizon,
      fall: (pctFinal * horizon).rounded(.down) / horizon, shape: .linear)
  }
}

extension Recipe where Product == any Schedule {
  static let optaxExponentialDecay = Recipe(
    "optaxExponentialDecay", [.optaxInitial] + decay, summary: "Optax' exponential_decay"
  ) { arguments in
    .optaxExponentialDecay(
      initValue: arguments.number("initValue"),
      transitionSteps: arguments.number("transitionSteps"),
      decayRate: arguments.number("decayRate"),
      transitionBegin: arguments.number("transitionBegin"),
      staircase: arguments.flag("staircase"), endValue: arguments.number("endValue"))
  }

  static let optaxPolynomial = Recipe(
    "optaxPolynomial",
    [
      .optaxInitial,
      Parameter("endValue", .number(.atLeast(0)), unit: "learning rate", "the value at the end"),
      Parameter("power", .number(.above(0)), "the exponent"), .optaxSteps, .optaxBegin,
    ], summary: "Optax' polynomial_schedule; power 1 is its linear_schedule"
  ) { arguments in
    .optaxPolynomial(
      initValue: arguments.number("initValue"), endValue: arguments.number("endValue"),
      power: arguments.number("power"), transitionSteps: arguments.number("transitionSteps"),
      transitionBegin: arguments.number("transitionBegin"))
  }

  static let optaxWarmupCosineDecay = Recipe(
    "optaxWarmupCosineDecay",
    [
      .optaxInitial, .optaxPeak, .optaxWarmup,
      Parameter(
        "decaySteps", .number(.above(0)), unit: "steps", "the horizon, the warm-up included"),
      Parameter(
        "endValue", .number(.atLeast(0)), default: "0", unit: "learning rate",
        "the value at the end"),
      Parameter("exponent", .number(.above(0)), default: "1", "the power of the cosine"),
    ], summary: "Optax' warmup_cosine_decay_schedule, whose decaySteps include the warm-up"
  ) { arguments throws(SpecError) in
    guard arguments.number("warmupSteps") < arguments.number("decaySteps") else {
      throw arguments.error("'decaySteps' include the warm-up and are to be more than its steps")
    }
    return .optaxWarmupCosineDecay(
      initValue: arguments.number("initValue"), peakValue: arguments.number("peakValue"),
      warmupSteps: arguments.number("warmupSteps"), decaySteps: arguments.number("decaySteps"),
      endValue: arguments.number("endValue"), exponent: arguments.number("exponent"))
  }

  static let optaxWarmupExponentialDecay = Recipe(
    "optaxWarmupExponentialDecay", [.optaxInitial, .optaxPeak, .optaxWarmup] + decay,
    summary: "Optax' warmup_exponential_decay_schedule"
  ) { arguments in
    .optaxWarmupExponentialDecay(
      initValue: arguments.number("initValue"), peakValue: arguments.number("peakValue"),
      warmupSteps: arguments.number("warmupSteps"),
      transitionSteps: arguments.number("transitionSteps"),
      decayRate: arguments.number("decayRate"),
      transitionBegin: arguments.number("transitionBegin"),
      staircase: arguments.flag("staircase"), endValue: arguments.number("endValue"))
  }

  static let optaxCosineOneCycle = Recipe(
    "optaxCosineOneCycle", cycle + divisors, summary: "Optax' cosine_onecycle_schedule"
  ) { arguments throws(SpecError) in
    try checkPhases(arguments, [arguments.number("pctStart")])
    return .optaxCosineOneCycle(
      transitionSteps: arguments.integer("transitionSteps"),
      peakValue: arguments.number("peakValue"), pctStart: arguments.number("pctStart"),
      divFactor: arguments.number("divFactor"),
      finalDivFactor: arguments.number("finalDivFactor"))
  }

  static let optaxLinearOneCycle = Recipe(
    "optaxLinearOneCycle",
    cycle + [
      Parameter(
        "pctFinal", .number(.from(0, below: 1)), default: "0.85",
        "the share at which the first value stands again")
    ] + divisors, summary: "Optax' linear_onecycle_schedule"
  ) { arguments throws(SpecError) in
    try checkPhases(arguments, [arguments.number("pctStart"), arguments.number("pctFinal")])
    return .optaxLinearOneCycle(
      transitionSteps: arguments.integer("transitionSteps"),
      peakValue: arguments.number("peakValue"), pctStart: arguments.number("pctStart"),
      pctFinal: arguments.number("pctFinal"), divFactor: arguments.number("divFactor"),
      finalDivFactor: arguments.number("finalDivFactor"))
  }

  private static let decay: [Parameter] = [
    .optaxSteps,
    Parameter("decayRate", .number(.excluding(0, through: 1)), "what transitionSteps multiply by"),
    .optaxBegin, .flag("staircase", "whether the value changes only every transitionSteps"),
    Parameter(
      "endValue", .number(.atLeast(0)), default: "0", unit: "learning rate", "the smallest value"),
  ]

  private static let cycle: [Parameter] = [
    Parameter("transitionSteps", .integer(.atLeast(1)), unit: "steps", "the steps of the cycle"),
    .optaxPeak,
    Parameter(
      "pctStart", .number(.from(0, below: 1)), default: "0.3",
      "the share of the steps before the peak"),
  ]

  private static let divisors: [Parameter] = [
    Parameter("divFactor", .number(.above(0)), default: "25", "the peak over the first value"),
    Parameter(
      "finalDivFactor", .number(.above(0)), default: "1e4", "the first value over the last"),
  ]

  private static func checkPhases(
    _ arguments: Arguments, _ shares: [Double]
  ) throws(SpecError) {
    let ends = shares.map { ($0 * arguments.number("transitionSteps")).rounded(.down) }
    guard zip(ends, ends.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw arguments.error("the phases of '\(arguments.node.name)' end at the same step")
    }
  }
}

extension Parameter {
  fileprivate static let optaxInitial = Parameter(
    "initValue", .number(.atLeast(0)), unit: "learning rate", "the value at the start")
  fileprivate static let optaxPeak = Parameter(
    "peakValue", .number(.atLeast(0)), unit: "learning rate", "the largest value")
  fileprivate static let optaxWarmup = Parameter(
    "warmupSteps", .number(.above(0)), unit: "steps", "steps to the peak")
  fileprivate static let optaxSteps = Parameter(
    "transitionSteps", .number(.above(0)), unit: "steps", "the unit of the decay, or its horizon")
  fileprivate static let optaxBegin = Parameter(
    "transitionBegin", .number(.atLeast(0)), default: "0", unit: "steps",
    "steps before the decay begins")
}
