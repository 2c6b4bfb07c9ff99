package import HypergradientRecipes
internal import PortableMath

/// Keras' schedules, under Keras' argument names.
///
/// > Source: `keras.optimizers.schedules` of Keras 3.15.

extension Schedule where Self == GeometricSchedule {
  /// `ExponentialDecay`: a factor `decayRate` over `decaySteps`.
  public static func kerasExponentialDecay(
    initialLearningRate: Double, decaySteps: Double, decayRate: Double, staircase: Bool = false
  ) -> GeometricSchedule {
    GeometricSchedule(
      from: initialLearningRate, factor: decayRate, every: decaySteps,
      shape: staircase ? .staircase : .smooth)
  }
}

extension Schedule where Self == InverseTimeSchedule {
  /// `InverseTimeDecay`: α₀ / (1 + decayRate · t/decaySteps).
  public static func kerasInverseTimeDecay(
    initialLearningRate: Double, decaySteps: Double, decayRate: Double, staircase: Bool = false
  ) -> InverseTimeSchedule {
    InverseTimeSchedule(
      from: initialLearningRate, rate: decayRate, every: decaySteps,
      shape: staircase ? .staircase : .smooth)
  }
}

extension Schedule where Self == PolynomialSchedule {
  /// `PolynomialDecay`: with `cycle` the horizon grows to the next multiple of `decaySteps`.
  public static func kerasPolynomialDecay(
    initialLearningRate: Double, decaySteps: Double, endLearningRate: Double = 1e-4,
    power: Double = 1, cycle: Bool = false
  ) -> PolynomialSchedule {
    PolynomialSchedule(
      from: initialLearningRate, to: endLearningRate, over: decaySteps, power: power,
      past: cycle ? .stretch : .hold)
  }
}

extension Schedule where Self == CosineSchedule {
  /// `CosineDecay` without a warm-up: to `alpha` times the first value.
  public static func kerasCosineDecay(
    initialLearningRate: Double, decaySteps: Double, alpha: Double = 0
  ) -> CosineSchedule {
    CosineSchedule(from: initialLearningRate, to: initialLearningRate * alpha, over: decaySteps)
  }
}

extension Schedule where Self == JoinedSchedule<LinearSchedule, CosineSchedule> {
  /// `CosineDecay` with a warm-up, whose steps are not among `decaySteps`; with none it begins at the
  /// target.
  public static func kerasWarmupCosineDecay(
    initialLearningRate: Double, warmupTarget: Double, warmupSteps: Double, decaySteps: Double,
    alpha: Double = 0
  ) -> JoinedSchedule<LinearSchedule, CosineSchedule> {
    warmupLine(from: initialLearningRate, to: warmupTarget, over: warmupSteps)
      .followed(
        by: .cosine(from: warmupTarget, to: warmupTarget * alpha, over: decaySteps),
        at: warmupSteps)
  }
}

extension Schedule where Self == WarmRestartsSchedule {
  /// `CosineDecayRestarts`: `mMul` shrinks what lies above the floor, and not the floor, which stays
  /// `alpha` times the first value.
  public static func kerasCosineDecayRestarts(
    initialLearningRate: Double, firstDecaySteps: Double, tMul: Double = 2, mMul: Double = 1,
    alpha: Double = 0
  ) -> WarmRestartsSchedule {
    WarmRestartsSchedule(
      from: initialLearningRate, to: initialLearningRate * alpha, every: firstDecaySteps,
      growth: tMul, decay: mMul)
  }
}

extension Schedule where Self == PiecewiseSchedule {
  /// `PiecewiseConstantDecay`: at a boundary the old value still holds.
  ///
  /// - Precondition: one value more than boundaries, which ascend.
  public static func kerasPiecewiseConstantDecay(
    boundaries: [Double], values: [Double]
  ) -> PiecewiseSchedule {
    Recipe.kerasPiecewiseConstantDecay.check(boundaries, values)
    return PiecewiseSchedule(at: kerasTimes(boundaries), values: values, between: .constant)
  }
}

/// The start, and the first moment after each boundary that no rounding takes for it.
private func kerasTimes(_ boundaries: [Double]) -> [Double] {
  [0] + boundaries.map { $0 == 0 ? .leastNonzeroMagnitude : $0 * (1 + 2 * Rounding.slack) }
}

extension Recipe where Product == any Schedule {
  package static let kerasExponentialDecay = Recipe(
    "kerasExponentialDecay",
    GeometricSchedule.kerasExponentialDecay(
      initialLearningRate:decaySteps:decayRate:staircase:),
    .kerasInitial, .kerasSteps,
    .number("decayRate", in: .above(0), "what decaySteps multiply by; above 1 it grows"),
    .kerasStaircase, summary: "Keras' ExponentialDecay",
    examples: [
      "kerasExponentialDecay(initialLearningRate: 0.1, decaySteps: 4, decayRate: 0.5)",
      "kerasExponentialDecay(initialLearningRate: 0.1, decaySteps: 3, decayRate: 0.5, "
        + "staircase: .yes)",
    ],
    standard: {
      GeometricSchedule.kerasExponentialDecay(
        initialLearningRate: 0.1, decaySteps: 4, decayRate: 0.5)
    })

  package static let kerasInverseTimeDecay = Recipe(
    "kerasInverseTimeDecay",
    InverseTimeSchedule.kerasInverseTimeDecay(
      initialLearningRate:decaySteps:decayRate:staircase:),
    .kerasInitial, .kerasSteps,
    .number("decayRate", in: .atLeast(0), unit: "per decaySteps", "the rate of decay"),
    .kerasStaircase, summary: "Keras' InverseTimeDecay",
    examples: [
      "kerasInverseTimeDecay(initialLearningRate: 0.1, decaySteps: 4, decayRate: 0.5)",
      "kerasInverseTimeDecay(initialLearningRate: 0.1, decaySteps: 3, decayRate: 0.5, "
        + "staircase: .yes)",
    ],
    standard: {
      InverseTimeSchedule.kerasInverseTimeDecay(
        initialLearningRate: 0.1, decaySteps: 4, decayRate: 0.5)
    })

  package static let kerasPolynomialDecay = Recipe(
    "kerasPolynomialDecay",
    PolynomialSchedule.kerasPolynomialDecay(
      initialLearningRate:decaySteps:endLearningRate:power:cycle:),
    .kerasInitial, .kerasSteps,
    .number(
      "endLearningRate", in: .atLeast(0), default: 1e-4, unit: "learning rate",
      "the value at the end"),
    .number("power", in: .above(0), default: 1, "the exponent"),
    .flag(
      "cycle", default: false, "whether the horizon grows to the next multiple of decaySteps"),
    summary: "Keras' PolynomialDecay",
    examples: [
      "kerasPolynomialDecay(initialLearningRate: 0.1, decaySteps: 9)",
      "kerasPolynomialDecay(initialLearningRate: 0.1, decaySteps: 4, power: 2, cycle: .yes)",
    ],
    standard: {
      PolynomialSchedule.kerasPolynomialDecay(initialLearningRate: 0.1, decaySteps: 9)
    })

  package static let kerasCosineDecay = Recipe(
    "kerasCosineDecay",
    CosineSchedule.kerasCosineDecay(initialLearningRate:decaySteps:alpha:),
    .kerasInitial, .kerasSteps, .kerasAlpha, summary: "Keras' CosineDecay without a warm-up",
    examples: [
      "kerasCosineDecay(initialLearningRate: 0.1, decaySteps: 9)",
      "kerasCosineDecay(initialLearningRate: 0.1, decaySteps: 9, alpha: 0.2)",
    ],
    standard: { CosineSchedule.kerasCosineDecay(initialLearningRate: 0.1, decaySteps: 9) })

  package static let kerasWarmupCosineDecay = Recipe(
    "kerasWarmupCosineDecay",
    JoinedSchedule.kerasWarmupCosineDecay(
      initialLearningRate:warmupTarget:warmupSteps:decaySteps:alpha:),
    .kerasInitial,
    .number("warmupTarget", in: .atLeast(0), unit: "learning rate", "the peak"),
    .number(
      "warmupSteps", in: .atLeast(0), unit: "steps", "steps to the peak; 0 for no warm-up"),
    .kerasSteps, .kerasAlpha,
    summary: "Keras' CosineDecay with a warm-up, which is not part of decaySteps",
    examples: [
      "kerasWarmupCosineDecay(initialLearningRate: 0, warmupTarget: 0.1, warmupSteps: 3, "
        + "decaySteps: 9)"
    ],
    standard: {
      JoinedSchedule.kerasWarmupCosineDecay(
        initialLearningRate: 0, warmupTarget: 0.1, warmupSteps: 3, decaySteps: 9)
    })

  package static let kerasCosineDecayRestarts = Recipe(
    "kerasCosineDecayRestarts",
    WarmRestartsSchedule.kerasCosineDecayRestarts(
      initialLearningRate:firstDecaySteps:tMul:mMul:alpha:),
    .kerasInitial,
    .number("firstDecaySteps", in: .above(0), unit: "steps", "the length of the first cycle"),
    .number("tMul", in: .atLeast(1), default: 2, "what a cycle's length grows by"),
    .number(
      "mMul", in: .excluding(0, through: 1), default: 1,
      "what the height above the floor shrinks by"),
    .kerasAlpha, summary: "Keras' CosineDecayRestarts",
    examples: [
      "kerasCosineDecayRestarts(initialLearningRate: 0.1, firstDecaySteps: 4)",
      "kerasCosineDecayRestarts(initialLearningRate: 0.1, firstDecaySteps: 3, mMul: 0.5, "
        + "alpha: 0.1)",
    ],
    standard: {
      WarmRestartsSchedule.kerasCosineDecayRestarts(initialLearningRate: 0.1, firstDecaySteps: 4)
    })

  package static let kerasPiecewiseConstantDecay = Recipe(
    "kerasPiecewiseConstantDecay",
    PiecewiseSchedule.kerasPiecewiseConstantDecay(boundaries:values:),
    .list("boundaries", in: .atLeast(0), unit: "steps", "the boundaries, ascending"),
    .list(
      "values", in: .atLeast(0), unit: "learning rate", "one value more than boundaries"),
    unless: { boundaries, values in
      boundaries.isEmpty || PiecewiseSchedule.fault(kerasTimes(boundaries), values) != nil
        ? "'kerasPiecewiseConstantDecay' needs ascending boundaries and one value more than those"
        : nil
    }, summary: "Keras' PiecewiseConstantDecay: at a boundary the old value holds",
    examples: ["kerasPiecewiseConstantDecay(boundaries: [3, 5], values: [0.1, 0.2, 0.3])"],
    standard: {
      PiecewiseSchedule.kerasPiecewiseConstantDecay(boundaries: [3, 5], values: [0.1, 0.2, 0.3])
    })
}

extension Parameter where Value == Double {
  fileprivate static var kerasInitial: Parameter {
    .number(
      "initialLearningRate", in: .atLeast(0), unit: "learning rate", "the value at the start")
  }
  fileprivate static var kerasSteps: Parameter {
    .number(
      "decaySteps", in: .above(0), unit: "steps", "the unit of the decay, or its horizon")
  }
  fileprivate static var kerasAlpha: Parameter {
    .number(
      "alpha", in: .between(0, 1), default: 0, "the floor as a share of the largest value")
  }
}

extension Parameter where Value == Bool {
  fileprivate static var kerasStaircase: Parameter {
    .flag("staircase", default: false, "whether the value changes only every decaySteps")
  }
}
