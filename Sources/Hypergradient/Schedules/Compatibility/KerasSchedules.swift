/// Keras' schedules, under Keras' argument names.
///
/// > Source: `keras.optimizers.schedules` of Keras 3.15.

extension Schedule where Self == GeometricDecay {
  /// `ExponentialDecay`: a factor `decayRate` over `decaySteps`.
  public static func kerasExponentialDecay(
    initialLearningRate: Double, decaySteps: Double, decayRate: Double, staircase: Bool = false
  ) -> GeometricDecay {
    GeometricDecay(
      from: initialLearningRate, factor: decayRate, every: decaySteps,
      shape: staircase ? .staircase : .smooth)
  }
}

extension Schedule where Self == InverseTime {
  /// `InverseTimeDecay`: α₀ / (1 + decayRate · t/decaySteps).
  public static func kerasInverseTimeDecay(
    initialLearningRate: Double, decaySteps: Double, decayRate: Double, staircase: Bool = false
  ) -> InverseTime {
    InverseTime(
      from: initialLearningRate, rate: decayRate, every: decaySteps,
      shape: staircase ? .staircase : .smooth)
  }
}

extension Schedule where Self == Polynomial {
  /// `PolynomialDecay`: with `cycle` the horizon grows to the next multiple of `decaySteps`.
  public static func kerasPolynomialDecay(
    initialLearningRate: Double, decaySteps: Double, endLearningRate: Double = 1e-4,
    power: Double = 1, cycle: Bool = false
  ) -> Polynomial {
    Polynomial(
      from: initialLearningRate, to: endLearningRate, over: decaySteps, power: power,
      past: cycle ? .stretch : .hold)
  }
}

extension Schedule where Self == Cosine {
  /// `CosineDecay` without a warm-up: to `alpha` times the first value.
  public static func kerasCosineDecay(
    initialLearningRate: Double, decaySteps: Double, alpha: Double = 0
  ) -> Cosine {
    Cosine(from: initialLearningRate, to: initialLearningRate * alpha, over: decaySteps)
  }
}

extension Schedule where Self == Joined<LinearSchedule, Cosine> {
  /// `CosineDecay` with a warm-up, whose steps are not among `decaySteps`.
  public static func kerasWarmupCosineDecay(
    initialLearningRate: Double, warmupTarget: Double, warmupSteps: Double, decaySteps: Double,
    alpha: Double = 0
  ) -> Joined<LinearSchedule, Cosine> {
    LinearSchedule(from: initialLearningRate, to: warmupTarget, over: warmupSteps)
      .followed(
        by: .cosine(from: warmupTarget, to: warmupTarget * alpha, over: decaySteps),
        at: warmupSteps)
  }
}

extension Schedule where Self == WarmRestarts {
  /// `CosineDecayRestarts`: `mMul` shrinks what lies above the floor, and not the floor, which stays
  /// `alpha` times the first value.
  public static func kerasCosineDecayRestarts(
    initialLearningRate: Double, firstDecaySteps: Double, tMul: Double = 2, mMul: Double = 1,
    alpha: Double = 0
  ) -> WarmRestarts {
    WarmRestarts(
      from: initialLearningRate, to: initialLearningRate * alpha, every: firstDecaySteps,
      growth: tMul, decay: mMul)
  }
}

extension Schedule where Self == Piecewise {
  /// `PiecewiseConstantDecay`: at a boundary the old value still holds.
  ///
  /// - Precondition: one value more than boundaries, which ascend.
  public static func kerasPiecewiseConstantDecay(
    boundaries: [Double], values: [Double]
  ) -> Piecewise {
    Piecewise(at: kerasTimes(boundaries), values: values, between: .constant)
  }

  /// The first moment after each boundary.
  static func kerasTimes(_ boundaries: [Double]) -> [Double] { [0] + boundaries.map(\.nextUp) }
}

extension Recipe where Product == any Schedule {
  static let kerasExponentialDecay = Recipe(
    "kerasExponentialDecay",
    [
      .kerasInitial, .kerasSteps,
      Parameter("decayRate", .number(.excluding(0, through: 1)), "what decaySteps multiply by"),
      .flag("staircase", "whether the value changes only every decaySteps"),
    ], summary: "Keras' ExponentialDecay"
  ) { arguments in
    .kerasExponentialDecay(
      initialLearningRate: arguments.number("initialLearningRate"),
      decaySteps: arguments.number("decaySteps"), decayRate: arguments.number("decayRate"),
      staircase: arguments.flag("staircase"))
  }

  static let kerasInverseTimeDecay = Recipe(
    "kerasInverseTimeDecay",
    [
      .kerasInitial, .kerasSteps,
      Parameter("decayRate", .number(.atLeast(0)), unit: "per decaySteps", "the rate of decay"),
      .flag("staircase", "whether the value changes only every decaySteps"),
    ], summary: "Keras' InverseTimeDecay"
  ) { arguments in
    .kerasInverseTimeDecay(
      initialLearningRate: arguments.number("initialLearningRate"),
      decaySteps: arguments.number("decaySteps"), decayRate: arguments.number("decayRate"),
      staircase: arguments.flag("staircase"))
  }

  static let kerasPolynomialDecay = Recipe(
    "kerasPolynomialDecay",
    [
      .kerasInitial, .kerasSteps,
      Parameter(
        "endLearningRate", .number(.atLeast(0)), default: "1e-4", unit: "learning rate",
        "the value at the end"),
      Parameter("power", .number(.above(0)), default: "1", "the exponent"),
      .flag("cycle", "whether the horizon grows to the next multiple of decaySteps"),
    ], summary: "Keras' PolynomialDecay"
  ) { arguments in
    .kerasPolynomialDecay(
      initialLearningRate: arguments.number("initialLearningRate"),
      decaySteps: arguments.number("decaySteps"),
      endLearningRate: arguments.number("endLearningRate"), power: arguments.number("power"),
      cycle: arguments.flag("cycle"))
  }

  static let kerasCosineDecay = Recipe(
    "kerasCosineDecay", [.kerasInitial, .kerasSteps, .kerasAlpha],
    summary: "Keras' CosineDecay without a warm-up"
  ) { arguments in
    .kerasCosineDecay(
      initialLearningRate: arguments.number("initialLearningRate"),
      decaySteps: arguments.number("decaySteps"), alpha: arguments.number("alpha"))
  }

  static let kerasWarmupCosineDecay = Recipe(
    "kerasWarmupCosineDecay",
    [
      .kerasInitial,
      Parameter("warmupTarget", .number(.atLeast(0)), unit: "learning rate", "the peak"),
      Parameter("warmupSteps", .number(.above(0)), unit: "steps", "steps to the peak"),
      .kerasSteps, .kerasAlpha,
    ], summary: "Keras' CosineDecay with a warm-up, which is not part of decaySteps"
  ) { arguments in
    .kerasWarmupCosineDecay(
      initialLearningRate: arguments.number("initialLearningRate"),
      warmupTarget: arguments.number("warmupTarget"),
      warmupSteps: arguments.number("warmupSteps"), decaySteps: arguments.number("decaySteps"),
      alpha: arguments.number("alpha"))
  }

  static let kerasCosineDecayRestarts = Recipe(
    "kerasCosineDecayRestarts",
    [
      .kerasInitial,
      Parameter(
        "firstDecaySteps", .number(.above(0)), unit: "steps", "the length of the first cycle"),
      Parameter("tMul", .number(.atLeast(1)), default: "2", "what a cycle's length grows by"),
      Parameter(
        "mMul", .number(.excluding(0, through: 1)), default: "1",
        "what the height above the floor shrinks by"),
      .kerasAlpha,
    ], summary: "Keras' CosineDecayRestarts"
  ) { arguments in
    .kerasCosineDecayRestarts(
      initialLearningRate: arguments.number("initialLearningRate"),
      firstDecaySteps: arguments.number("firstDecaySteps"), tMul: arguments.number("tMul"),
      mMul: arguments.number("mMul"), alpha: arguments.number("alpha"))
  }

  static let kerasPiecewiseConstantDecay = Recipe(
    "kerasPiecewiseConstantDecay",
    [
      Parameter("boundaries", .list(.atLeast(0)), unit: "steps", "the boundaries, ascending"),
      Parameter(
        "values", .list(.atLeast(0)), unit: "learning rate", "one value more than boundaries"),
    ], summary: "Keras' PiecewiseConstantDecay: at a boundary the old value holds"
  ) { arguments throws(SpecError) in
    let (boundaries, values) = (arguments.list("boundaries"), arguments.list("values"))
    guard !boundaries.isEmpty, Piecewise.fault(Piecewise.kerasTimes(boundaries), values) == nil
    else {
      throw arguments.error(
        "'kerasPiecewiseConstantDecay' needs ascending boundaries and one value more than those")
    }
    return .kerasPiecewiseConstantDecay(boundaries: boundaries, values: values)
  }
}

extension Parameter {
  fileprivate static let kerasInitial = Parameter(
    "initialLearningRate", .number(.atLeast(0)), unit: "learning rate", "the value at the start")
  fileprivate static let kerasSteps = Parameter(
    "decaySteps", .number(.above(0)), unit: "steps", "the unit of the decay, or its horizon")
  fileprivate static let kerasAlpha = Parameter(
    "alpha", .number(.between(0, 1)), default: "0", "the floor as a share of the largest value")
}
