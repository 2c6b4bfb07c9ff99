/// PyTorch's schedulers where they differ from ours, under PyTorch's argument names. Its others are
/// ours as they are: `StepLR` is `step`, `MultiStepLR` `multiStep`, `ExponentialLR` `geometric`,
/// `LinearLR` `linear`, `PolynomialLR` `polynomial`, `CosineAnnealingWarmRestarts` `warmRestarts`
/// and `CyclicLR` `triangular`, `triangular2` and `expRange`.
///
/// > Source: `torch.optim.lr_scheduler` of PyTorch 2.13.

extension Schedule where Self == OneCycle {
  /// `OneCycleLR`: the peak stands at step `pctStart · totalSteps − 1`, which may fall between two
  /// steps, and the last value at `totalSteps − 1`. A later step is an error (PyTorch allows one
  /// more, whose value rises again or is negative).
  ///
  /// - Precondition: see ``torchOneCycleFault(totalSteps:pctStart:threePhase:)``.
  public static func torchOneCycle(
    maxLr: Double, totalSteps: Int, pctStart: Double = 0.3,
    annealStrategy: OneCycle.Shape = .cosine,
    divFactor: Double = 25, finalDivFactor: Double = 1e4, threePhase: Bool = false
  ) -> OneCycle {
    let initial = saturated(maxLr / divFactor)
    return torch(
      from: initial, peak: maxLr, to: saturated(initial / finalDivFactor), totalSteps, pctStart,
      annealStrategy, threePhase)
  }

  /// The momentum that `OneCycleLR` cycles against the learning rate.
  ///
  /// - Precondition: see ``torchOneCycleFault(totalSteps:pctStart:threePhase:)``.
  public static func torchOneCycleMomentum(
    maxMomentum: Double = 0.95, baseMomentum: Double = 0.85, totalSteps: Int,
    pctStart: Double = 0.3, annealStrategy: OneCycle.Shape = .cosine, threePhase: Bool = false
  ) -> OneCycle {
    torch(
      from: maxMomentum, peak: baseMomentum, to: maxMomentum, totalSteps, pctStart, annealStrategy,
      threePhase)
  }

  /// Where PyTorch has no cycle: `pctStart · totalSteps ≤ 1` divides by zero or begins past the
  /// peak, and the rise and fall are to end before the last step.
  static func torchOneCycleFault(
    totalSteps: Int, pctStart: Double, threePhase: Bool
  ) -> String? {
    let rise = pctStart * Double(totalSteps) - 1
    guard totalSteps >= 2, rise > 0 else {
      return "one cycle rises for more than a step: pctStart · totalSteps is \(short(rise + 1))"
    }
    guard (threePhase ? 2 : 1) * rise < Double(totalSteps - 1) else {
      return "one cycle falls after its rise: pctStart is too large, \(short(pctStart))"
    }
    return nil
  }

  private static func torch(
    from initial: Double, peak: Double, to final: Double, _ totalSteps: Int, _ pctStart: Double,
    _ shape: OneCycle.Shape, _ threePhase: Bool
  ) -> OneCycle {
    if let fault = torchOneCycleFault(
      totalSteps: totalSteps, pctStart: pctStart, threePhase: threePhase)
    {
      preconditionFailure(fault)
    }
    let horizon = Double(totalSteps - 1)
    let rise = (pctStart * Double(totalSteps) - 1) / horizon
    return OneCycle(
      peak: peak, over: horizon, from: initial, to: final, rise: rise,
      fall: threePhase ? 2 * rise : nil, shape: shape, past: .error)
  }
}

extension Schedule where Self == Cosine {
  /// `CosineAnnealingLR`: after `tMax` the rate rises again, as it fell.
  public static func torchCosineAnnealing(
    from initial: Double, tMax: Double, etaMin: Double = 0
  ) -> Cosine {
    Cosine(from: initial, to: etaMin, over: tMax, past: .mirror)
  }
}

extension Recipe where Product == any Schedule {
  static let torchOneCycle = Recipe(
    "torchOneCycle",
    [
      Parameter("maxLr", .number(.atLeast(0)), unit: "learning rate", "the peak"),
      .torchSteps, .torchPctStart, .torchAnnealStrategy,
      Parameter("divFactor", .number(.above(0)), default: "25", "the peak over the first value"),
      Parameter(
        "finalDivFactor", .number(.above(0)), default: "1e4", "the first value over the last"),
      .flag("threePhase", "whether the fall to the first value is a phase of its own"),
    ], summary: "PyTorch's OneCycleLR, step for step"
  ) { arguments throws(SpecError) in
    try checkOneCycle(arguments)
    return .torchOneCycle(
      maxLr: arguments.number("maxLr"), totalSteps: arguments.integer("totalSteps"),
      pctStart: arguments.number("pctStart"), annealStrategy: arguments.word("annealStrategy"),
      divFactor: arguments.number("divFactor"),
      finalDivFactor: arguments.number("finalDivFactor"), threePhase: arguments.flag("threePhase"))
  }

  static let torchOneCycleMomentum = Recipe(
    "torchOneCycleMomentum",
    [
      Parameter("maxMomentum", .number(.atLeast(0)), default: "0.95", "the value at both ends"),
      Parameter(
        "baseMomentum", .number(.atLeast(0)), default: "0.85", "the value where the rate peaks"),
      .torchSteps, .torchPctStart, .torchAnnealStrategy,
      .flag("threePhase", "whether the way back is a phase of its own"),
    ], summary: "the momentum of PyTorch's OneCycleLR, step for step"
  ) { arguments throws(SpecError) in
    try checkOneCycle(arguments)
    return .torchOneCycleMomentum(
      maxMomentum: arguments.number("maxMomentum"),
      baseMomentum: arguments.number("baseMomentum"), totalSteps: arguments.integer("totalSteps"),
      pctStart: arguments.number("pctStart"), annealStrategy: arguments.word("annealStrategy"),
      threePhase: arguments.flag("threePhase"))
  }

  static let torchCosineAnnealing = Recipe(
    "torchCosineAnnealing",
    [
      .initialRate, Parameter("tMax", .number(.above(0)), unit: "steps", "half a period"),
      Parameter(
        "etaMin", .number(.atLeast(0)), default: "0", unit: "learning rate", "the lowest value"),
    ], summary: "PyTorch's CosineAnnealingLR, which rises again past tMax"
  ) { arguments in
    .torchCosineAnnealing(
      from: arguments.number("from"), tMax: arguments.number("tMax"),
      etaMin: arguments.number("etaMin"))
  }

  private static func checkOneCycle(_ arguments: Arguments) throws(SpecError) {
    if let fault = OneCycle.torchOneCycleFault(
      totalSteps: arguments.integer("totalSteps"), pctStart: arguments.number("pctStart"),
      threePhase: arguments.flag("threePhase"))
    {
      throw arguments.error(fault)
    }
  }
}

extension Parameter {
  fileprivate static let torchSteps = Parameter(
    "totalSteps", .integer(.atLeast(2)), unit: "steps", "the steps of the cycle")
  fileprivate static let torchPctStart = Parameter(
    "pctStart", .number(.between(0, 1)), default: "0.3", "the share of the steps before the peak")
  fileprivate static let torchAnnealStrategy = Parameter(
    "annealStrategy", .choice(OneCycle.Shape.allCases.map(\.rawValue)), default: ".cosine",
    "the form of each phase")
}
