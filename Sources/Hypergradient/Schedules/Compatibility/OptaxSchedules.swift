package import HypergradientRecipes
internal import PortableMath

/// Optax' schedules where they differ from ours, under Optax' argument names.
///
/// > Source: `optax.schedules` of Optax 0.2.8.

extension Schedule where Self == ShiftedSchedule<GeometricSchedule> {
  /// `exponential_decay`: constant for `transitionBegin` steps, then a factor `decayRate` over
  /// `transitionSteps`, down to `endValue`. As in Optax, no steps or a rate of 0 are no decay: the
  /// first value stays.
  ///
  /// - Precondition: with a rate above 1, a growth, `endValue` is 0: what Optax takes for an upper
  ///   bound there is `.clamped(to:)`.
  public static func optaxExponentialDecay(
    initValue: Double, transitionSteps: Double, decayRate: Double, transitionBegin: Double = 0,
    staircase: Bool = false, endValue: Double = 0
  ) -> ShiftedSchedule<GeometricSchedule> {
    Recipe.optaxExponentialDecay.check(
      initValue, transitionSteps, decayRate, transitionBegin, staircase, endValue)
    let isConstant = transitionSteps == 0 || decayRate == 0
    return GeometricSchedule(
      from: initValue, factor: isConstant ? 1 : decayRate, every: isConstant ? 1 : transitionSteps,
      shape: staircase ? .staircase : .smooth, floor: isConstant ? 0 : endValue
    ).shifted(by: transitionBegin)
  }
}

extension Schedule where Self == ShiftedSchedule<PolynomialSchedule> {
  /// `polynomial_schedule`: constant for `transitionBegin` steps, then a polynomial. As in Optax, no
  /// steps are no transition: the first value stays.
  public static func optaxPolynomial(
    initValue: Double, endValue: Double, power: Double, transitionSteps: Double,
    transitionBegin: Double = 0
  ) -> ShiftedSchedule<PolynomialSchedule> {
    let isConstant = transitionSteps == 0
    return PolynomialSchedule(
      from: initValue, to: isConstant ? initValue : endValue,
      over: isConstant ? 1 : transitionSteps, power: power
    ).shifted(by: transitionBegin)
  }
}

extension Schedule where Self == JoinedSchedule<LinearSchedule, CosineSchedule> {
  /// `warmup_cosine_decay_schedule`, whose `decaySteps` include the warm-up's.
  ///
  /// - Precondition: 0 ≤ `warmupSteps` < `decaySteps`; 0 for no warm-up.
  public static func optaxWarmupCosineDecay(
    initValue: Double, peakValue: Double, warmupSteps: Double, decaySteps: Double,
    endValue: Double = 0, exponent: Double = 1
  ) -> JoinedSchedule<LinearSchedule, CosineSchedule> {
    Recipe.optaxWarmupCosineDecay.check(
      initValue, peakValue, warmupSteps, decaySteps, endValue, exponent)
    return warmupLine(from: initValue, to: peakValue, over: warmupSteps)
      .followed(
        by: .cosine(
          from: peakValue, to: endValue, over: decaySteps - warmupSteps, power: exponent),
        at: warmupSteps)
  }
}

extension Schedule
where Self == JoinedSchedule<LinearSchedule, ShiftedSchedule<GeometricSchedule>> {
  /// `warmup_exponential_decay_schedule`: `transitionBegin` counts from the warm-up's end; the rest is
  /// that of ``optaxExponentialDecay(initValue:transitionSteps:decayRate:transitionBegin:staircase:endValue:)``.
  public static func optaxWarmupExponentialDecay(
    initValue: Double, peakValue: Double, warmupSteps: Double, transitionSteps: Double,
    decayRate: Double, transitionBegin: Double = 0, staircase: Bool = false, endValue: Double = 0
  ) -> JoinedSchedule<LinearSchedule, ShiftedSchedule<GeometricSchedule>> {
    Recipe.optaxWarmupExponentialDecay.check(
      initValue, peakValue, warmupSteps, transitionSteps, decayRate, transitionBegin, staircase,
      endValue)
    return warmupLine(from: initValue, to: peakValue, over: warmupSteps)
      .followed(
        by: .optaxExponentialDecay(
          initValue: peakValue, transitionSteps: transitionSteps, decayRate: decayRate,
          transitionBegin: transitionBegin, staircase: staircase, endValue: endValue),
        at: warmupSteps)
  }
}

extension Schedule where Self == OneCycleSchedule {
  /// `cosine_onecycle_schedule`: the peak stands at step ⌊pctStart · transitionSteps⌋, where a product
  /// that is whole but for rounding is that number (Optax takes 28 for 0.29 · 100).
  public static func optaxCosineOneCycle(
    transitionSteps: Int, peakValue: Double, pctStart: Double = 0.3, divFactor: Double = 25,
    finalDivFactor: Double = 1e4
  ) -> OneCycleSchedule {
    Recipe.optaxCosineOneCycle.check(
      transitionSteps, peakValue, pctStart, divFactor, finalDivFactor)
    let horizon = Double(transitionSteps)
    let initial = saturated(peakValue / divFactor)
    return OneCycleSchedule(
      peak: peakValue, over: horizon, from: initial, to: saturated(initial / finalDivFactor),
      rise: Rounding.floor(pctStart * horizon) / horizon)
  }

  /// `linear_onecycle_schedule`: the peak stands at step ⌊pctStart · transitionSteps⌋, the first
  /// value again at ⌊pctFinal · transitionSteps⌋.
  ///
  /// - Precondition: the two steps differ, and the last is another one.
  public static func optaxLinearOneCycle(
    transitionSteps: Int, peakValue: Double, pctStart: Double = 0.3, pctFinal: Double = 0.85,
    divFactor: Double = 25, finalDivFactor: Double = 1e4
  ) -> OneCycleSchedule {
    Recipe.optaxLinearOneCycle.check(
      transitionSteps, peakValue, pctStart, pctFinal, divFactor, finalDivFactor)
    let horizon = Double(transitionSteps)
    let initial = saturated(peakValue / divFactor)
    return OneCycleSchedule(
      peak: peakValue, over: horizon, from: initial, to: saturated(initial / finalDivFactor),
      rise: Rounding.floor(pctStart * horizon) / horizon,
      fall: Rounding.floor(pctFinal * horizon) / horizon, shape: .linear)
  }
}

extension Recipe where Product == any Schedule {
  package static let optaxExponentialDecay = Recipe(
    "optaxExponentialDecay",
    ShiftedSchedule.optaxExponentialDecay(
      initValue:transitionSteps:decayRate:transitionBegin:staircase:endValue:),
    .optaxInitial, .optaxSteps, .optaxRate, .optaxBegin, .optaxStaircase, .optaxFloor,
    unless: { _, _, rate, _, _, end in optaxFault(rate, end) },
    summary: "Optax' exponential_decay",
    examples: [
      "optaxExponentialDecay(initValue: 0.1, transitionSteps: 9, decayRate: 0.5)",
      "optaxExponentialDecay(initValue: 0.1, transitionSteps: 3, decayRate: 0.5, "
        + "transitionBegin: 2, staircase: .yes, endValue: 0.02)",
    ],
    standard: {
      ShiftedSchedule.optaxExponentialDecay(initValue: 0.1, transitionSteps: 9, decayRate: 0.5)
    })

  package static let optaxPolynomial = Recipe(
    "optaxPolynomial",
    ShiftedSchedule.optaxPolynomial(initValue:endValue:power:transitionSteps:transitionBegin:),
    .optaxInitial,
    .number("endValue", in: .atLeast(0), unit: "learning rate", "the value at the end"),
    .number("power", in: .above(0), "the exponent"), .optaxSteps, .optaxBegin,
    summary: "Optax' polynomial_schedule; power 1 is its linear_schedule",
    examples: [
      "optaxPolynomial(initValue: 0.1, endValue: 0.01, power: 2, transitionSteps: 9)",
      "optaxPolynomial(initValue: 0.1, endValue: 0, power: 1, transitionSteps: 5, "
        + "transitionBegin: 2)",
    ],
    standard: {
      ShiftedSchedule.optaxPolynomial(
        initValue: 0.1, endValue: 0.01, power: 2, transitionSteps: 9)
    })

  package static let optaxWarmupCosineDecay = Recipe(
    "optaxWarmupCosineDecay",
    JoinedSchedule.optaxWarmupCosineDecay(
      initValue:peakValue:warmupSteps:decaySteps:endValue:exponent:),
    .optaxInitial, .optaxPeak, .optaxWarmup,
    .number("decaySteps", in: .above(0), unit: "steps", "the horizon, the warm-up included"),
    .number(
      "endValue", in: .atLeast(0), default: 0, unit: "learning rate", "the value at the end"),
    .number("exponent", in: .above(0), default: 1, "the power of the cosine"),
    unless: { _, _, warmup, steps, _, _ in
      warmup < steps
        ? nil : "'decaySteps' include the warm-up and are to be more than its steps"
    }, summary: "Optax' warmup_cosine_decay_schedule, whose decaySteps include the warm-up",
    examples: [
      "optaxWarmupCosineDecay(initValue: 0, peakValue: 0.1, warmupSteps: 3, decaySteps: 9)",
      "optaxWarmupCosineDecay(initValue: 0.01, peakValue: 0.1, warmupSteps: 3, decaySteps: 9, "
        + "endValue: 0.02, exponent: 1.5)",
    ],
    standard: {
      JoinedSchedule.optaxWarmupCosineDecay(
        initValue: 0, peakValue: 0.1, warmupSteps: 3, decaySteps: 9)
    })

  package static let optaxWarmupExponentialDecay = Recipe(
    "optaxWarmupExponentialDecay",
    JoinedSchedule.optaxWarmupExponentialDecay(
      initValue:peakValue:warmupSteps:transitionSteps:decayRate:transitionBegin:staircase:endValue:),
    .optaxInitial, .optaxPeak, .optaxWarmup, .optaxSteps, .optaxRate, .optaxBegin,
    .optaxStaircase, .optaxFloor, unless: { _, _, _, _, rate, _, _, end in optaxFault(rate, end) },
    summary: "Optax' warmup_exponential_decay_schedule",
    examples: [
      "optaxWarmupExponentialDecay(initValue: 0, peakValue: 0.1, warmupSteps: 3, "
        + "transitionSteps: 9, decayRate: 0.5)",
      "optaxWarmupExponentialDecay(initValue: 0.01, peakValue: 0.1, warmupSteps: 3, "
        + "transitionSteps: 2, decayRate: 0.5, transitionBegin: 1, staircase: .yes, endValue: 0.02)",
    ],
    standard: {
      JoinedSchedule.optaxWarmupExponentialDecay(
        initValue: 0, peakValue: 0.1, warmupSteps: 3, transitionSteps: 9, decayRate: 0.5)
    })

  package static let optaxCosineOneCycle = Recipe(
    "optaxCosineOneCycle",
    OneCycleSchedule.optaxCosineOneCycle(
      transitionSteps:peakValue:pctStart:divFactor:finalDivFactor:),
    .optaxCycleSteps, .optaxPeak, .optaxPctStart, .optaxDivFactor, .optaxFinalDivFactor,
    unless: { steps, _, start, _, _ in
      Rounding.floor(start * Double(steps)) < Double(steps)
        ? nil : "'pctStart' leaves no step after the peak"
    }, summary: "Optax' cosine_onecycle_schedule",
    examples: ["optaxCosineOneCycle(transitionSteps: 9, peakValue: 0.1)"],
    standard: { OneCycleSchedule.optaxCosineOneCycle(transitionSteps: 9, peakValue: 0.1) })

  package static let optaxLinearOneCycle = Recipe(
    "optaxLinearOneCycle",
    OneCycleSchedule.optaxLinearOneCycle(
      transitionSteps:peakValue:pctStart:pctFinal:divFactor:finalDivFactor:),
    .optaxCycleSteps, .optaxPeak, .optaxPctStart,
    .number(
      "pctFinal", in: .from(0, below: 1), default: 0.85,
      "the share at which the first value stands again"),
    .optaxDivFactor, .optaxFinalDivFactor,
    unless: { steps, _, start, end, _, _ in
      let (first, second) = (
        Rounding.floor(start * Double(steps)), Rounding.floor(end * Double(steps))
      )
      return first < second && second < Double(steps)
        ? nil : "the phases of 'optaxLinearOneCycle' end at the same step"
    }, summary: "Optax' linear_onecycle_schedule",
    examples: ["optaxLinearOneCycle(transitionSteps: 9, peakValue: 0.1)"],
    standard: { OneCycleSchedule.optaxLinearOneCycle(transitionSteps: 9, peakValue: 0.1) })

  /// Where Optax' end would be an upper bound.
  private static func optaxFault(_ rate: Double, _ end: Double) -> String? {
    rate > 1 && end > 0
      ? "with 'decayRate' above 1 'endValue' would bound from above: write .clamped(to: 0...\(short(end)))"
      : nil
  }
}

extension Parameter where Value == Double {
  fileprivate static var optaxInitial: Parameter {
    .number("initValue", in: .atLeast(0), unit: "learning rate", "the value at the start")
  }
  fileprivate static var optaxPeak: Parameter {
    .number("peakValue", in: .atLeast(0), unit: "learning rate", "the largest value")
  }
  fileprivate static var optaxWarmup: Parameter {
    .number(
      "warmupSteps", in: .atLeast(0), unit: "steps", "steps to the peak; 0 for no warm-up")
  }
  fileprivate static var optaxSteps: Parameter {
    .number(
      "transitionSteps", in: .atLeast(0), unit: "steps",
      "the unit of the decay, or its horizon; 0 for none")
  }
  fileprivate static var optaxRate: Parameter {
    .number(
      "decayRate", in: .atLeast(0), "what transitionSteps multiply by; 0 or 1 for no decay")
  }
  fileprivate static var optaxBegin: Parameter {
    .number(
      "transitionBegin", in: .atLeast(0), default: 0, unit: "steps",
      "steps before the decay begins")
  }
  fileprivate static var optaxFloor: Parameter {
    .number(
      "endValue", in: .atLeast(0), default: 0, unit: "learning rate", "the smallest value")
  }
  fileprivate static var optaxPctStart: Parameter {
    .number(
      "pctStart", in: .from(0, below: 1), default: 0.3, "the share of the steps before the peak")
  }
  fileprivate static var optaxDivFactor: Parameter {
    .number("divFactor", in: .above(0), default: 25, "the peak over the first value")
  }
  fileprivate static var optaxFinalDivFactor: Parameter {
    .number("finalDivFactor", in: .above(0), default: 1e4, "the first value over the last")
  }
}

extension Parameter where Value == Int {
  fileprivate static var optaxCycleSteps: Parameter {
    .count("transitionSteps", in: .atLeast(1), unit: "steps", "the steps of the cycle")
  }
}

extension Parameter where Value == Bool {
  fileprivate static var optaxStaircase: Parameter {
    .flag("staircase", default: false, "whether the value changes only every transitionSteps")
  }
}
