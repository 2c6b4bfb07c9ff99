internal import Hypergradient
internal import HypergradientCatalogue

/// Texts of schedules, and the same in Swift.
extension RecipeTests {
  static let moreSchedules: [Pair] = [
    Pair(
      "exponential(from: 0.1, rate: 0.2, every: 3, shape: .staircase, floor: 0.01)",
      ExponentialSchedule(from: 0.1, rate: 0.2, every: 3, shape: .staircase, floor: 0.01)),
    Pair(
      "geometric(from: 0.1, factor: 0.9, every: 3, shape: .staircase, floor: 0.01)",
      GeometricSchedule(from: 0.1, factor: 0.9, every: 3, shape: .staircase, floor: 0.01)),
    Pair(
      "inverseTime(from: 0.1, rate: 0.2, degree: 0.6, every: 3, shape: .staircase)",
      InverseTimeSchedule(from: 0.1, rate: 0.2, degree: 0.6, every: 3, shape: .staircase)),
    Pair(
      "cosine(from: 0.1, to: 0.01, over: 9, power: 1.5, past: .mirror)",
      CosineSchedule(from: 0.1, to: 0.01, over: 9, power: 1.5, past: .mirror)),
    Pair(
      "linear(from: 0.1, over: 9, past: .restart)",
      LinearSchedule(from: 0.1, to: 0, over: 9, past: .restart)),
    Pair(
      "polynomial(over: 9, past: .stretch)",
      PolynomialSchedule(from: 1, to: 0, over: 9, power: 2, past: .stretch)),
    Pair("noam(width: 512, warmup: 40)", NoamSchedule(width: 512, warmup: 40)),
    Pair("rex(from: 0.1, over: 9)", RexSchedule(from: 0.1, to: 0, over: 9)),
    Pair("flatCosine(from: 0.1, over: 9)", FlatCosineSchedule(from: 0.1, to: 0, over: 9)),
    Pair(
      "warmRestarts(from: 0.1, every: 9, growth: 2, decay: 0.5)",
      WarmRestartsSchedule(from: 0.1, to: 0, every: 9, growth: 2, decay: 0.5)),
    Pair("triangular(from: 0.1, to: 1, rise: 9)", TriangularSchedule(from: 0.1, to: 1, rise: 9)),
    Pair(
      "triangular2(from: 0.1, to: 1, rise: 9, fall: 4)",
      TriangularSchedule(from: 0.1, to: 1, rise: 9, fall: 4, amplitude: .halving)),
    Pair(
      "expRange(from: 0.1, to: 1, rise: 9, factor: 0.99)",
      TriangularSchedule(from: 0.1, to: 1, rise: 9, amplitude: .decaying(by: 0.99))),
    Pair("oneCycle(peak: 0.1, over: 9)", OneCycleSchedule(peak: 0.1, over: 9)),
    Pair(
      "oneCycle(peak: 0.1, over: 9, from: 0.02, to: 0.01, rise: 0.4, fall: 0.8, shape: .linear)",
      OneCycleSchedule(
        peak: 0.1, over: 9, from: 0.02, to: 0.01, rise: 0.4, fall: 0.8, shape: .linear)),
    Pair("oneCycleMomentum(over: 9)", OneCycleSchedule.oneCycleMomentum(over: 9)),
    Pair(
      "warmupStableDecay(peak: 0.1, over: 9, warmup: 2, decay: 3, shape: .oneMinusRoot)",
      WarmupStableDecaySchedule(peak: 0.1, over: 9, warmup: 2, decay: 3, shape: .oneMinusRoot)),
    Pair(
      "warmupStableDecay(peak: 0.1, over: 9, decay: 6, power: 2)",
      WarmupStableDecaySchedule(peak: 0.1, over: 9, decay: 6, power: 2)),
    Pair("untunedWarmup()", UntunedWarmupSchedule()),
    Pair(
      "untunedWarmup(beta2: 0.8, shape: .exponential)",
      UntunedWarmupSchedule(beta2: 0.8, shape: .exponential)),
    Pair("powerLaw(maximum: 0.02)", PowerLawSchedule(maximum: 0.02)),
    Pair(
      "powerLaw(maximum: 0.1, factor: 0.3, exponent: -0.6)",
      PowerLawSchedule(maximum: 0.1, factor: 0.3, exponent: -0.6)),
    Pair("warmupStableDecay(peak: 0.1, over: 9)", WarmupStableDecaySchedule(peak: 0.1, over: 9)),
    Pair(
      "triStage(peak: 0.1, warmup: 2, hold: 3, decay: 4)",
      TriStageSchedule(peak: 0.1, warmup: 2, hold: 3, decay: 4)),
    Pair(
      "piecewise(at: [0, 5, 9], values: [0, 1, 0.5], between: .cosine, past: .error)",
      PiecewiseSchedule(at: [0, 5, 9], values: [0, 1, 0.5], between: .cosine, past: .error)),
    Pair("table([0.1, 0.3], every: 2)", TableSchedule([0.1, 0.3], every: 2)),
    Pair("warmup(over: 9)", WarmupSchedule(over: 9)),
    Pair(
      "warmup(over: 9, shape: .exponential, from: 0.1)",
      WarmupSchedule(over: 9, shape: .exponential, from: 0.1)),
    Pair(
      "cosine(over: 9).warmedUp(over: 3, shape: .cosine)",
      CosineSchedule(from: 1, to: 0, over: 9).warmedUp(over: 3, shape: .cosine)),
    Pair(
      "cosine(over: 9).times(rex(over: 5))",
      CosineSchedule(from: 1, to: 0, over: 9).times(.rex(from: 1, to: 0, over: 5))),
    Pair("cosine(over: 9).shifted(by: 3)", CosineSchedule(from: 1, to: 0, over: 9).shifted(by: 3)),
    Pair(
      "cosine(over: 9).clamped(to: 0.1...0.5)",
      CosineSchedule(from: 1, to: 0, over: 9).clamped(to: 0.1...0.5)),
    Pair(
      "cosine(over: 9).looped(every: 3)", CosineSchedule(from: 1, to: 0, over: 9).looped(every: 3)),
  ]

  static let schedulesOfOtherLibraries: [Pair] = [
    Pair(
      "torchOneCycle(maxLr: 0.1, totalSteps: 20, threePhase: .yes)",
      OneCycleSchedule.torchOneCycle(maxLr: 0.1, totalSteps: 20, threePhase: true)),
    Pair(
      "torchOneCycleMomentum(totalSteps: 20, annealStrategy: .linear)",
      OneCycleSchedule.torchOneCycleMomentum(totalSteps: 20, annealStrategy: .linear)),
    Pair(
      "torchCosineAnnealing(from: 0.1, tMax: 9)",
      CosineSchedule.torchCosineAnnealing(from: 0.1, tMax: 9)),
    Pair(
      "kerasExponentialDecay(initialLearningRate: 0.1, decaySteps: 9, decayRate: 0.5)",
      GeometricSchedule.kerasExponentialDecay(
        initialLearningRate: 0.1, decaySteps: 9, decayRate: 0.5)),
    Pair(
      "kerasInverseTimeDecay(initialLearningRate: 0.1, decaySteps: 9, decayRate: 0.5, "
        + "staircase: .yes)",
      InverseTimeSchedule.kerasInverseTimeDecay(
        initialLearningRate: 0.1, decaySteps: 9, decayRate: 0.5, staircase: true)),
    Pair(
      "kerasPolynomialDecay(initialLearningRate: 0.1, decaySteps: 9, cycle: .yes)",
      PolynomialSchedule.kerasPolynomialDecay(initialLearningRate: 0.1, decaySteps: 9, cycle: true)),
    Pair(
      "kerasCosineDecay(initialLearningRate: 0.1, decaySteps: 9, alpha: 0.2)",
      CosineSchedule.kerasCosineDecay(initialLearningRate: 0.1, decaySteps: 9, alpha: 0.2)),
    Pair(
      "kerasWarmupCosineDecay(initialLearningRate: 0, warmupTarget: 0.1, warmupSteps: 3, "
        + "decaySteps: 9)",
      JoinedSchedule.kerasWarmupCosineDecay(
        initialLearningRate: 0, warmupTarget: 0.1, warmupSteps: 3, decaySteps: 9)),
    Pair(
      "kerasCosineDecayRestarts(initialLearningRate: 0.1, firstDecaySteps: 9, mMul: 0.5)",
      WarmRestartsSchedule.kerasCosineDecayRestarts(
        initialLearningRate: 0.1, firstDecaySteps: 9, mMul: 0.5)),
    Pair(
      "kerasPiecewiseConstantDecay(boundaries: [3, 5], values: [0.1, 0.2, 0.3])",
      PiecewiseSchedule.kerasPiecewiseConstantDecay(boundaries: [3, 5], values: [0.1, 0.2, 0.3])),
    Pair(
      "optaxExponentialDecay(initValue: 0.1, transitionSteps: 9, decayRate: 0.5)",
      ShiftedSchedule.optaxExponentialDecay(initValue: 0.1, transitionSteps: 9, decayRate: 0.5)),
    Pair(
      "optaxPolynomial(initValue: 0.1, endValue: 0, power: 1, transitionSteps: 9)",
      ShiftedSchedule.optaxPolynomial(initValue: 0.1, endValue: 0, power: 1, transitionSteps: 9)),
    Pair(
      "optaxWarmupCosineDecay(initValue: 0, peakValue: 0.1, warmupSteps: 3, decaySteps: 9)",
      JoinedSchedule.optaxWarmupCosineDecay(
        initValue: 0, peakValue: 0.1, warmupSteps: 3, decaySteps: 9)),
    Pair(
      "optaxWarmupExponentialDecay(initValue: 0, peakValue: 0.1, warmupSteps: 3, "
        + "transitionSteps: 9, decayRate: 0.5)",
      JoinedSchedule.optaxWarmupExponentialDecay(
        initValue: 0, peakValue: 0.1, warmupSteps: 3, transitionSteps: 9, decayRate: 0.5)),
    Pair(
      "optaxCosineOneCycle(transitionSteps: 9, peakValue: 0.1)",
      OneCycleSchedule.optaxCosineOneCycle(transitionSteps: 9, peakValue: 0.1)),
    Pair(
      "optaxLinearOneCycle(transitionSteps: 9, peakValue: 0.1)",
      OneCycleSchedule.optaxLinearOneCycle(transitionSteps: 9, peakValue: 0.1)),
    Pair(
      "fastaiOneCycle(lrMax: 0.1, steps: 9)", OneCycleSchedule.fastaiOneCycle(lrMax: 0.1, steps: 9)),
    Pair(
      "fastaiFlatCosine(lr: 0.1, steps: 9)", FlatCosineSchedule.fastaiFlatCosine(lr: 0.1, steps: 9)),
    Pair(
      "transformersLinear(lr: 0.1, numWarmupSteps: 3, numTrainingSteps: 9)",
      JoinedSchedule.transformersLinear(lr: 0.1, numWarmupSteps: 3, numTrainingSteps: 9)),
    Pair(
      "transformersCosine(lr: 0.1, numWarmupSteps: 3, numTrainingSteps: 9)",
      JoinedSchedule.transformersCosine(lr: 0.1, numWarmupSteps: 3, numTrainingSteps: 9)),
  ]
}
