internal import Hypergradient
internal import HypergradientCatalogue

extension RecipeTests {
  /// Controllers that look at losses and metrics.
  static let feedbackControllers: [Pair] = [
    Pair(
      "plateau(initial: 0.1, reduce: .by(0.5, after: 5, from: .best), "
        + "comparing: .relative(0.01, direction: .maximize), against: .average(keeping: 0.9), "
        + "cooldown: 4, bestDuringCooldown: .holds, watching: .metric)",
      Plateau(
        initial: 0.1, reduce: .by(0.5, after: 5, from: .best),
        comparing: .relative(0.01, direction: .maximize), against: .average(keeping: 0.9),
        cooldown: 4, bestDuringCooldown: .holds, watching: .metric)),
    Pair(
      "plateau(initial: 0.1, reduce: .by(0.5, after: 1), against: .slope(over: 20), "
        + "watching: .metric)",
      Plateau(
        initial: 0.1, reduce: .by(0.5, after: 1), against: .slope(over: 20), watching: .metric)),
    Pair(
      "plateau(initial: 0.1, reduce: .by(0.5, after: 1), against: .previous)",
      Plateau(initial: 0.1, reduce: .by(0.5, after: 1), against: .previous)),
    Pair("greedy(initial: 0.1)", GreedyRate(initial: 0.1)),
    Pair(
      "greedy(initial: 0.1, factor: 0.9, patience: 3, within: 0.01...1, comparing: .absolute(0.1), "
        + "smoothedOver: 5, cooldown: 2, warmup: 1, restartAfter: 7, watching: .metric)",
      GreedyRate(
        initial: 0.1, factor: 0.9, patience: 3, within: 0.01...1, comparing: .absolute(0.1),
        smoothedOver: 5, cooldown: 2, warmup: 1, restartAfter: 7, watching: .metric)),
    Pair("boldDriver(initial: 0.1)", BoldDriver(initial: 0.1)),
    Pair(
      "boldDriver(initial: 0.1, growth: 1.1, shrinkage: 0.5, tolerance: 1, within: 0.01...1)",
      BoldDriver(initial: 0.1, growth: 1.1, shrinkage: 0.5, tolerance: 1, within: 0.01...1)),
    Pair("newBob(initial: 0.1)", NewBob(initial: 0.1)),
    Pair(
      "newBob(initial: 0.1, factor: 0.7, threshold: 0.01, patience: 2, improving: .maximize, "
        + "within: 0.01...1, watching: .metric)",
      NewBob(
        initial: 0.1, factor: 0.7, threshold: 0.01, patience: 2, improving: .maximize,
        within: 0.01...1, watching: .metric)),
    Pair(
      "gated(geometric(from: 0.1, factor: 0.5), after: 5)",
      Gated(.geometric(from: 0.1, factor: 0.5), after: 5)),
    Pair(
      "gated(constant(0.1), after: 5, from: .best, comparing: .absolute(0.1), against: .previous, "
        + "cooldown: 3, watching: .metric)",
      Gated(
        .constant(0.1), after: 5, from: .best, comparing: .absolute(0.1), against: .previous,
        cooldown: 3, watching: .metric)),
    Pair("torchPlateau(initial: 0.1)", Plateau.pyTorch(initial: 0.1)),
    Pair(
      "torchPlateau(initial: 0.1, factor: 0.5, patience: 3, threshold: 0.01, "
        + "thresholdMode: .absolute, mode: .maximize, cooldown: 2, minimum: 0.01, eps: 1e-6, "
        + "watching: .metric)",
      Plateau.pyTorch(
        initial: 0.1, factor: 0.5, patience: 3, threshold: 0.01, thresholdMode: .absolute,
        mode: .maximize, cooldown: 2, minimum: 0.01, eps: 1e-6, watching: .metric)),
    Pair(
      "kerasPlateau(initial: 0.1, factor: 0.5, patience: 3, minDelta: 0.01, mode: .maximize, "
        + "cooldown: 2, minimum: 0.01, watching: .metric)",
      Plateau.keras(
        initial: 0.1, factor: 0.5, patience: 3, minDelta: 0.01, mode: .maximize, cooldown: 2,
        minimum: 0.01, watching: .metric)),
    Pair(
      "optaxPlateau(initial: 0.1, factor: 0.5, patience: 3, rtol: 0.01, atol: 0.1, cooldown: 2, "
        + "accumulationSize: 4, minScale: 0.1)",
      Plateau.optax(
        initial: 0.1, factor: 0.5, patience: 3, rtol: 0.01, atol: 0.1, cooldown: 2,
        accumulationSize: 4, minScale: 0.1)),
    Pair(
      "fastaiPlateau(initial: 0.1, factor: 2, patience: 3, minDelta: 0.01, mode: .maximize, "
        + "minLr: 0.01, watching: .metric)",
      Plateau.fastai(
        initial: 0.1, factor: 2, patience: 3, minDelta: 0.01, mode: .maximize, minLr: 0.01,
        watching: .metric)),
    Pair(
      "transformersGreedy(initial: 0.1)",
      GreedyRate.transformers(initial: 0.1)),
    Pair(
      "transformersGreedy(initial: 0.1, factor: 0.9, patience: 3, threshold: 0.01, "
        + "thresholdMode: .relative, mode: .maximize, cooldown: 2, warmup: 1, minLr: 0.01, "
        + "maxLr: 0.5, eps: 1e-6, windowSize: 5, resetStart: 9, watching: .metric)",
      GreedyRate.transformers(
        initial: 0.1, factor: 0.9, patience: 3, threshold: 0.01, thresholdMode: .relative,
        mode: .maximize, cooldown: 2, warmup: 1, minLr: 0.01, maxLr: 0.5, eps: 1e-6,
        windowSize: 5, resetStart: 9, watching: .metric)),
    Pair(
      "speechbrainNewBob(initialValue: 1, annealingFactor: 0.8, improvementThreshold: 0.1, "
        + "patient: 3, watching: .metric)",
      NewBob.speechBrain(
        initialValue: 1, annealingFactor: 0.8, improvementThreshold: 0.1, patient: 3,
        watching: .metric)),
    Pair(
      "constant(0.1).scaled(by: step(from: 1, every: 3, factor: 0.5), in: .epochs)",
      ConstantRate(0.1).scaled(by: StepDecaySchedule(from: 1, every: 3, factor: 0.5), in: .epochs)),
    Pair(
      "constant(0.1).times(plateau(initial: 1, reduce: .by(0.5, after: 1), watching: .metric))",
      ConstantRate(0.1).times(
        Plateau(initial: 1, reduce: .by(0.5, after: 1), watching: .metric))),
  ]
}
