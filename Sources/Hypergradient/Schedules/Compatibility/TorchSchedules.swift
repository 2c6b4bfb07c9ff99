package import HypergradientRecipes
internal import PortableMath

/// PyTorch's schedulers where they differ from ours, under PyTorch's argument names. Its others are
/// ours as they are: `StepLR` is `stepDecay`, `MultiStepLR` `multiStep`, `ExponentialLR` `geometric`,
/// `LinearLR` `linear`, `PolynomialLR` `polynomial`, `CosineAnnealingWarmRestarts` `warmRestarts`
/// and `CyclicLR` `triangular`, `triangular2` and `expRange`.
///
/// > Source: `torch.optim.lr_scheduler` of PyTorch 2.13.

extension Schedule where Self == OneCycleSchedule {
  /// `OneCycleLR`: the peak stands at step `pctStart · totalSteps − 1`, which may fall between two
  /// steps, and the last value at `totalSteps − 1`. A later step is an error (PyTorch allows one
  /// more, whose value rises again or is negative).
  ///
  /// - Precondition: `pctStart · totalSteps` is greater than 1 (there PyTorch divides by zero or
  ///   begins past the peak), and the rise and the fall end before the last step.
  public static func torchOneCycle(
    maxLr: Double, totalSteps: Int, pctStart: Double = 0.3,
    annealStrategy: OneCycleSchedule.Shape = .cosine, divFactor: Double = 25,
    finalDivFactor: Double = 1e4, threePhase: Bool = false
  ) -> OneCycleSchedule {
    Recipe.torchOneCycle.check(
      maxLr, totalSteps, pctStart, annealStrategy, divFactor, finalDivFactor, threePhase)
    let initial = saturated(maxLr / divFactor)
    return torch(
      from: initial, peak: maxLr, to: saturated(initial / finalDivFactor), totalSteps, pctStart,
      annealStrategy, threePhase)
  }

  /// The momentum that `OneCycleLR` cycles against the learning rate.
  ///
  /// - Precondition: as of ``torchOneCycle(maxLr:totalSteps:pctStart:annealStrategy:divFactor:finalDivFactor:threePhase:)``.
  public static func torchOneCycleMomentum(
    maxMomentum: Double = 0.95, baseMomentum: Double = 0.85, totalSteps: Int,
    pctStart: Double = 0.3, annealStrategy: OneCycleSchedule.Shape = .cosine,
    threePhase: Bool = false
  ) -> OneCycleSchedule {
    Recipe.torchOneCycleMomentum.check(
      maxMomentum, baseMomentum, totalSteps, pctStart, annealStrategy, threePhase)
    return torch(
      from: maxMomentum, peak: baseMomentum, to: maxMomentum, totalSteps, pctStart, annealStrategy,
      threePhase)
  }

  private static func torch(
    from initial: Double, peak: Double, to final: Double, _ totalSteps: Int, _ pctStart: Double,
    _ shape: OneCycleSchedule.Shape, _ threePhase: Bool
  ) -> OneCycleSchedule {
    let horizon = Double(totalSteps - 1)
    let rise = (Rounding.whole(pctStart * Double(totalSteps)) - 1) / horizon
    return OneCycleSchedule(
      peak: peak, over: horizon, from: initial, to: final, rise: rise,
      fall: threePhase ? 2 * rise : nil, shape: shape, past: .error)
  }
}

extension Schedule where Self == CosineSchedule {
  /// `CosineAnnealingLR`: after `tMax` the rate rises again, as it fell.
  public static func torchCosineAnnealing(
    from initial: Double = 1, tMax: Double, etaMin: Double = 0
  ) -> CosineSchedule {
    CosineSchedule(from: initial, to: etaMin, over: tMax, past: .mirror)
  }
}

extension Recipe where Product == any Schedule {
  package static let torchOneCycle = Recipe(
    "torchOneCycle",
    OneCycleSchedule.torchOneCycle(
      maxLr:totalSteps:pctStart:annealStrategy:divFactor:finalDivFactor:threePhase:),
    .number("maxLr", in: .atLeast(0), unit: "learning rate", "the peak"),
    .torchSteps, .torchPctStart, .torchAnnealStrategy,
    .number("divFactor", in: .above(0), default: 25, "the peak over the first value"),
    .number("finalDivFactor", in: .above(0), default: 1e4, "the first value over the last"),
    .flag(
      "threePhase", default: false, "whether the fall to the first value is a phase of its own"),
    unless: { _, steps, start, _, _, _, threePhase in torchFault(steps, start, threePhase) },
    summary: "PyTorch's OneCycleLR, step for step",
    examples: [
      "torchOneCycle(maxLr: 0.1, totalSteps: 9)",
      "torchOneCycle(maxLr: 0.1, totalSteps: 9, annealStrategy: .linear, threePhase: .yes)",
    ], standard: { OneCycleSchedule.torchOneCycle(maxLr: 0.1, totalSteps: 9) })

  package static let torchOneCycleMomentum = Recipe(
    "torchOneCycleMomentum",
    OneCycleSchedule.torchOneCycleMomentum(
      maxMomentum:baseMomentum:totalSteps:pctStart:annealStrategy:threePhase:),
    .number("maxMomentum", in: .atLeast(0), default: 0.95, "the value at both ends"),
    .number("baseMomentum", in: .atLeast(0), default: 0.85, "the value where the rate peaks"),
    .torchSteps, .torchPctStart, .torchAnnealStrategy,
    .flag("threePhase", default: false, "whether the way back is a phase of its own"),
    unless: { _, _, steps, start, _, threePhase in torchFault(steps, start, threePhase) },
    summary: "the momentum of PyTorch's OneCycleLR, step for step",
    examples: [
      "torchOneCycleMomentum(totalSteps: 9)",
      "torchOneCycleMomentum(totalSteps: 9, annealStrategy: .linear, threePhase: .yes)",
    ], standard: { OneCycleSchedule.torchOneCycleMomentum(totalSteps: 9) })

  package static let torchCosineAnnealing = Recipe(
    "torchCosineAnnealing", CosineSchedule.torchCosineAnnealing(from:tMax:etaMin:),
    .initialRate(), .number("tMax", in: .above(0), unit: "steps", "half a period"),
    .number(
      "etaMin", in: .atLeast(0), default: 0, unit: "learning rate", "the lowest value"),
    summary: "PyTorch's CosineAnnealingLR, which rises again past tMax",
    examples: [
      "torchCosineAnnealing(tMax: 9)", "torchCosineAnnealing(from: 0.1, tMax: 9, etaMin: 0.01)",
    ], standard: { CosineSchedule.torchCosineAnnealing(tMax: 9) })

  /// Where PyTorch divides by zero, begins past the peak or has no fall.
  private static func torchFault(
    _ totalSteps: Int, _ pctStart: Double, _ threePhase: Bool
  ) -> String? {
    let rise = Rounding.whole(pctStart * Double(totalSteps)) - 1
    guard rise > 0 else {
      return "one cycle rises for more than a step: pctStart · totalSteps is \(short(rise + 1))"
    }
    guard (threePhase ? 2 : 1) * rise < Double(totalSteps - 1) else {
      return "one cycle falls after its rise: pctStart is too large, \(short(pctStart))"
    }
    return nil
  }
}

extension Parameter where Value == Int {
  fileprivate static var torchSteps: Parameter {
    .count("totalSteps", in: .atLeast(2), unit: "steps", "the steps of the cycle")
  }
}

extension Parameter where Value == Double {
  fileprivate static var torchPctStart: Parameter {
    .number(
      "pctStart", in: .strictlyBetween(0, 1), default: 0.3,
      "the share of the steps before the peak: more than one step")
  }
}

extension Parameter where Value == OneCycleSchedule.Shape {
  fileprivate static var torchAnnealStrategy: Parameter {
    .choice("annealStrategy", default: .cosine, "the form of each phase")
  }
}
