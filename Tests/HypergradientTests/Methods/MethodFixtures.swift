internal import Hypergradient
internal import PortableMath

/// What the laws of methods run over: a text for each method of the catalogue, or more.
enum MethodFixtures {
  static let texts = [
    "armijo(sgd, initial: 1)",
    "armijo(adam, initial: 0.1, growth: 1.2, backtracking: 0.5)",
    "dog(initialDistance: 1e-3)", "dog(initialDistance: 1e-3, averaging: .yes)",
    "dowg(initialDistance: 1e-3)", "dAdaptSGD(initialDistance: 1e-2)",
    "dAdaptSGD(momentum: 0.5, initialDistance: 1e-2)", "dAdaptAdam(initialDistance: 1e-3)",
    "prodigy(initialDistance: 1e-3)", "prodigy(initialDistance: 1e-3, safeguardsWarmup: .yes)",
    "mechanic(sgd, initialScale: 1e-3)", "mechanic(adam, rate: 1e-2)", "cocob()",
    "scheduleFreeSGD(rate: 0.1)", "scheduleFreeAdam(rate: 0.05, warmupSteps: 5)",
    "momo(maximum: 0.2)", "adaptiveDescent(initial: 1e-4)", "barzilaiBorwein(initial: 0.01)",
    "barzilaiBorwein(initial: 0.01, form: .short)",
    "multidimensionalBacktracking(shape: .box, initial: 1)",
    "multidimensionalBacktracking(shape: .ellipsoid, initial: 1)",
    "metaOptimize(sgd, initial: 0.05)",
    "metaOptimize(adam, initial: 0.01, discount: 0.9)",
    "hdm(curvature: 4)", "hdm(curvature: 4, scaling: .scalar, stepsBeforeEstimate: 20)",
    "osgm(scalingRate: 0.1)", "osgm(scaling: .scalar, scalingRate: 0.1, monotone: .no)",
    "osgm(scaling: .matrix, scalingRate: 0.02, learner: .gradientDescent, initial: 0.05)",
    "osgm(feedback: .ratio, scalingRate: 0.1, lowerBound: -1)",
    "osgm(feedback: .gradientNorm, scalingRate: 0.1)",
    "osgm(scalingRate: 0.1, lookAheadCurvature: 4)",
    "rtho(sgd, initial: 0.01, hyperLearningRate: 1e-4)",
    "rtho(adam, initial: 0.01, hyperLearningRate: 1e-5, discount: 0.9)",
    "rtho(heavyBall(momentum: 0.8), initial: 0.01, hyperLearningRate: 1e-5, discount: 0)",
    "marthe(nesterov(momentum: 0.7), initial: 0.01, hyperLearningRate: 1e-5)",
    "fds(horizon: 40, blocks: 2, hyperLearningRate: 1e-4)",
    "fds(horizon: 15, blocks: 3, momentum: 0.5, hyperLearningRate: 1e-4, momentumRate: 1e-2, "
      + "weightDecayRate: 1e-4)",
    "osgmBest(curvature: 4)", "osgm(scalingRate: 0.1, sample: .independent)",
    "smd(initial: 0.01)", "smd(initial: 0.02, metaRate: 0.1, discount: 0)",
    "ultimate(sgd, initial: 0.05, by: .level(sgd, initial: 1e-3))",
    "ultimate(adam, initial: 0.01, by: .level(adam, initial: 1e-3))",
    "ultimate(adam, initial: 0.01, learning: .all, by: .level(adam, initial: 1e-3))",
    "ultimate(adam, initial: 0.01, learning: .rate, initialSquare: 0, "
      + "by: .level(sgd, initial: 1e-4))",
    "ultimate(heavyBall(momentum: 0.5), initial: 0.02, by: .level(rmsprop, initial: 1e-3, "
      + "by: .level(sgd, initial: 1e-6)))",
    "ultimate(rmsprop, initial: 0.01, rateForm: .square, by: .level(adagrad, initial: 1e-3))",
    "ultimate(nesterov(momentum: 0.5), initial: 0.02, decayForm: .plain, "
      + "by: .optimizer(sgd, rate: constant(1e-4)))",
    "ultimate(adam, initial: 0.01, by: .rates(initial: 1e-3, by: .level(sgd, initial: 1e-4)))",
    "byGroup(adam, rate: hypergradient(initial: 0.01, hyperLearningRate: 2e-4))",
    "startUp(sgd, rate: hypergradient(initial: 1e-3, hyperLearningRate: 0.02, "
      + "form: .multiplicative))",
    "hierarchicalHypergradient(sgd, initial: 0.05, hyperLearningRate: 1e-3, weightRate: 0.01)",
    "hierarchicalHypergradient(adam, initial: 0.01, hyperLearningRate: 1e-4, weightRate: 0.01, "
      + "levels: .parameters, weights: [2, 1, 1], layerPenalty: 1, parameterPenalty: 10)",
    "independentAlignment(sgd, by: hypergradient(initial: 0.05, hyperLearningRate: 1e-3))",
    "independentAlignment(adam, by: hypergradient(initial: 0.01, hyperLearningRate: 0.02, "
      + "form: .multiplicative, within: 1e-9...1).guardedByTrace(), every: 3)",
  ]

  static func method(_ text: String) throws -> MethodPair {
    guard case .method(let pair) = try SpecReader(text).training() else {
      preconditionFailure("'\(text)' is not a method")
    }
    return pair
  }

  static let count = 24

  /// An oracle of the laws' objective with noise by (step, draw); `step` is advanced by the caller.
  final class Clock {
    var step = 0
    /// Replaces the loss and every gradient element, where it returns a value.
    var fault: (Int) -> Double? = { _ in nil }
  }

  static func oracle<Scalar: ParameterScalar>(
    _ clock: Clock, noise: Double = 0.01, _: Scalar.Type
  ) -> FunctionOracle<Scalar> {
    FunctionOracle(parameterCount: count) { point, gradient, draw in
      var stream = RandomStream(RandomKey("tests.methods", draw), step: clock.step)
      let exact = LawFixtures.gradient(Array(point))
      var loss = LawFixtures.objective(point.map { Double($0) }, penalty: 0)
      for i in 0..<count {
        let shift = noise * stream.normal()
        gradient[i] = exact[i] + Scalar(shift)
        loss += shift * Double(point[i])
      }
      if let fault = clock.fault(clock.step) {
        for i in 0..<count { gradient[i] = Scalar(fault) }
        return fault
      }
      return loss
    }
  }

  /// Parameters after each step.
  static func trajectory<M: TrainingMethod>(
    _ method: inout M, from theta: inout [M.Scalar], steps: Range<Int>, clock: Clock = Clock()
  ) -> [[M.Scalar]] {
    var oracle = oracle(clock, M.Scalar.self)
    return steps.map { step in
      clock.step = step
      method.step(&theta, &oracle)
      return theta
    }
  }
}
