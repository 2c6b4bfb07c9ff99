internal import Hypergradient
internal import HypergradientCatalogue
internal import PortableMath
internal import Testing

/// The start-up rule on ½λx², where the correction changes its sign at α = 1/λ exactly.
@Suite struct HypergradientStartUpTests {
  /// One step on ½λx² from x = 1; the rate that it took, and the gradients that it asked for.
  private func start(
    initial: Double, lambda: Double, most: Int = 60, share: Double = 1,
    trials: StartUpTrials = .doubling, slope: Double = 0
  ) -> (rate: Double, gradients: Int, trials: Int, x: Double) {
    var method = HypergradientStartUp(
      GradientDescent<Double>(),
      rate: HypergradientDescent(initial: initial, hyperLearningRate: 0.05, form: .multiplicative),
      most: most, share: share, trials: trials, slope: slope)
    var x = [1.0]
    method.begin(at: x)
    var oracle = FunctionOracle<Double>(parameterCount: 1) { point, gradient, _ in
      gradient[0] = lambda * point[0]
      return 0.5 * lambda * point[0] * point[0]
    }
    method.step(&x, &oracle)
    return (method.learningRate, oracle.counts.gradients, method.trials, x[0])
  }

  /// Doubling ends at the first α₀·2ᵏ ≥ 1/λ and goes back to α₀·2ᵏ⁻¹; halving ends at the first
  /// α₀·2⁻ᵏ ≤ 1/λ. One gradient, the first, and one for each trial.
  @Test func theClosedFormOfAQuadratic() {
    for lambda in [1.0, 3, 0.7, 1000] {
      for initial in [1e-6, 1e-3, 0.1, 0.9, 1, 2, 40, 1e5] {
        var expected = initial
        var trials = 1
        if initial * lambda < 1 {
          while expected * lambda < 1 {
            expected *= 2
            trials += 1
          }
          expected /= 2
        } else {
          while expected * lambda > 1 {
            expected /= 2
            trials += 1
          }
        }
        let found = start(initial: initial, lambda: lambda)
        #expect(found.rate == expected, "α₀ = \(initial), λ = \(lambda)")
        #expect(found.trials == trials && found.gradients == trials + 1)
        // Below the best rate, at most by a factor of 2.
        #expect(found.rate * lambda <= 1 && found.rate * lambda >= 0.5)
        #expect(abs(found.x - (1 - expected * lambda)) <= 1e-15)
      }
    }
  }

  /// c(α) = c(0) (1 − αλ): the last α₀·2ᵏ below (1 − σ)/λ, by doubling and by galloping; from a rate
  /// between there and 1/λ, that rate.
  @Test(arguments: [0.1, 0.2, 0.5]) func theSearchEndsWhereLittleIsLeftToGain(_ slope: Double) {
    for lambda in [1.0, 3, 0.7, 1000] {
      for initial in [1e-6, 1e-3, 0.1] {
        var expected = initial / lambda
        while 1 - 2 * expected * lambda > slope { expected *= 2 }
        for trials in StartUpTrials.allCases {
          let found = start(
            initial: initial / lambda, lambda: lambda, trials: trials, slope: slope)
          #expect(found.rate == expected, "α₀ = \(initial), λ = \(lambda), \(trials)")
        }
      }
      let between = (1 - slope / 2) / lambda
      #expect(start(initial: between, lambda: lambda, slope: slope).rate == between)
      #expect(start(initial: 4 / lambda, lambda: lambda, slope: slope).rate == 1 / lambda)
    }
  }

  /// ln(1 + e^−x), from 0: along u₀ = −½ the slope falls to zero and never changes its sign, as on a
  /// minibatch that can be fitted perfectly. It is σ of the first one at α = 2 ln(2/σ − 1).
  @Test func aSlopeWithoutAValleyEndsTheSearch() {
    for trials in StartUpTrials.allCases {
      for (slope, expected) in [(0.2, 4.0), (0.5, 2), (0.01, 8)] {
        var method = HypergradientStartUp(
          GradientDescent<Double>(), rate: ConstantRate(0.25), trials: trials, slope: slope)
        var x = [0.0]
        method.begin(at: x)
        var oracle = FunctionOracle<Double>(parameterCount: 1) { point, gradient, _ in
          gradient[0] = -1 / (1 + Portable.exp(point[0]))
          return Portable.log(1 + Portable.exp(-point[0]))
        }
        method.step(&x, &oracle)
        #expect(method.learningRate == expected, "\(trials), \(slope): \(method.learningRate)")
      }
    }
  }

  /// A first gradient of zero, as of a minibatch without a signal, is no direction to search along.
  @Test func theSearchWaitsForADirection() {
    var method = HypergradientStartUp(GradientDescent<Double>(), rate: ConstantRate(1e-3))
    var x = [1.0]
    method.begin(at: x)
    var hasSignal = false
    var oracle = FunctionOracle<Double>(parameterCount: 1) { point, gradient, _ in
      gradient[0] = hasSignal ? point[0] : 0
      return hasSignal ? 0.5 * point[0] * point[0] : 0
    }
    for _ in 0..<5 { method.step(&x, &oracle) }
    #expect(x == [1] && method.trials == 0 && method.stepCounts.skipped == 5)
    hasSignal = true
    method.step(&x, &oracle)
    #expect(method.learningRate >= 0.4 && method.learningRate <= 0.8)
  }

  /// −ln(1 − x) − x has no value past 1. A controller that takes steps back is told of it, and goes on
  /// from inside; under any other such a gradient is discarded.
  @Test func aLaterGradientThatIsNotFiniteGoesToWhoCanTakeAStepBack() {
    func run<C: LearningRateController>(_ controller: C) -> (Double, StepCounts) {
      var method = HypergradientStartUp(GradientDescent<Double>(), rate: controller)
      var x = [0.5]
      method.begin(at: x)
      var step = 0
      var oracle = FunctionOracle<Double>(parameterCount: 1) { point, gradient, _ in
        let isInside = point[0] < 1
        gradient[0] = isInside ? 0.25 * point[0] : .nan
        return isInside ? 0.125 * point[0] * point[0] : .nan
      }
      for _ in 0..<40 {
        // Thrown out of the domain, once.
        if step == 10 { x[0] += 2 }
        method.step(&x, &oracle)
        step += 1
      }
      return (x[0], method.stepCounts)
    }
    let (kept, taken) = run(TraceAlignedRate(initial: 1e-3, steps: 40))
    #expect(kept.magnitude < 0.5 && taken.retaken + taken.restored > 0)
    let (lost, discarded) = run(ConstantRate(1e-3))
    #expect(lost > 1 && discarded.skipped == 30)
  }

  /// Galloping finds the rate that doubling finds, with no more than 2 log₂ n + 3 trials for its n.
  @Test func gallopingFindsTheSame() {
    for lambda in [1.0, 3, 0.7, 1000] {
      for initial in [1e-12, 1e-6, 1e-3, 0.1, 0.9, 1, 2, 40, 1e5, 1e12] {
        let slow = start(initial: initial, lambda: lambda)
        let fast = start(initial: initial, lambda: lambda, trials: .galloping)
        #expect(fast.rate == slow.rate && fast.x == slow.x, "α₀ = \(initial), λ = \(lambda)")
        let bits = Double(slow.trials).exponent
        #expect(fast.trials <= 2 * Int(bits) + 3, "\(fast.trials) for \(slow.trials)")
        #expect(fast.gradients == fast.trials + 1)
      }
    }
    for most in 1...20 {
      for initial in [1e-6, 1e6] {
        let slow = start(initial: initial, lambda: 1, most: most)
        let fast = start(initial: initial, lambda: 1, most: most, trials: .galloping)
        #expect(fast.rate == slow.rate, "\(most) from \(initial)")
      }
    }
  }

  /// sin x, from 0: along the first direction the valley is at α = π/2 and the hill at 3π/2; past it the
  /// correction is upward again, and the loss above the first.
  @Test func theSearchStaysInTheFirstValley() {
    for trials in StartUpTrials.allCases {
      for initial in [0.35, 0.0875, 1.4, 2.8, 5.6] {
        var method = HypergradientStartUp(
          GradientDescent<Double>(), rate: ConstantRate(initial), trials: trials, slope: 0)
        var x = [0.0]
        method.begin(at: x)
        var oracle = FunctionOracle<Double>(parameterCount: 1) { point, gradient, _ in
          gradient[0] = Portable.cos(point[0])
          return Portable.sin(point[0])
        }
        method.step(&x, &oracle)
        #expect(method.learningRate == 1.4, "\(trials) from \(initial): \(method.learningRate)")
      }
    }
  }

  @Test func theFirstStepTakesItsShare() {
    for share in [1, 0.5, 0.1] {
      let found = start(initial: 1e-3, lambda: 3, share: share)
      #expect(relativeDifference(found.rate, share * start(initial: 1e-3, lambda: 3).rate) <= 1e-15)
      #expect(abs(found.x - (1 - found.rate * 3)) <= 1e-15)
    }
  }

  @Test func theNumberOfFactorsIsBounded() {
    // Doubled five times, then halved once.
    #expect(start(initial: 1e-6, lambda: 1, most: 5).rate == 16e-6)
    #expect(start(initial: 1e-6, lambda: 1, most: 5).trials == 6)
    #expect(start(initial: 1e6, lambda: 1, most: 5).rate == 1e6 / 32)
    #expect(start(initial: 1e6, lambda: 1, most: 5).trials == 6)
    // On a slope without end the rate stays finite.
    #expect(start(initial: 1e300, lambda: 0x1p-1060, most: 1000).rate.isFinite)
  }

  /// A trial whose gradient is not finite was too large a step.
  @Test func trialsThatAreNotFiniteAreTooLarge() {
    for bad in [Double.nan, .infinity, -.infinity] {
      for initial in [0.25, 64] {
        var method = HypergradientStartUp(GradientDescent<Double>(), rate: ConstantRate(initial))
        var x = [0.0]
        method.begin(at: x)
        var oracle = FunctionOracle<Double>(parameterCount: 1) { point, gradient, _ in
          gradient[0] = point[0] < -3 ? bad : 1
          return point[0]
        }
        method.step(&x, &oracle)
        #expect(method.learningRate == 2, "from \(initial): \(method.learningRate)")
        #expect(x == [-2])
      }
    }
  }

  /// Every trial is from the first parameters on the first step's draw; later steps are the
  /// optimizer's, one gradient each.
  @Test func afterTheFirstStepItIsTheOptimizer() {
    var asked: [Int] = []
    func oracle(_ clock: MethodFixtures.Clock) -> FunctionOracle<Double> {
      FunctionOracle(parameterCount: 24) { point, gradient, draw in
        asked.append(draw)
        let exact = LawFixtures.gradient(Array(point))
        for i in 0..<24 { gradient[i] = exact[i] + (clock.step % 2 == 0 ? 0.01 : -0.01) }
        return LawFixtures.objective(Array(point), penalty: 0)
      }
    }
    let clock = MethodFixtures.Clock()
    let hyper = HypergradientDescent(initial: 1e-3, hyperLearningRate: 0.05, form: .multiplicative)
    var method = HypergradientStartUp(Nesterov<Double>(), rate: hyper)
    var a: [Double] = LawFixtures.start(24)
    var b = a
    method.begin(at: a)
    var first = oracle(clock)
    method.step(&a, &first)
    #expect(first.counts.gradients == method.trials + 1 && method.trials > 3)
    let rate = method.learningRate
    #expect(rate > 0.02)

    var found = hyper
    found.project(learningRate: rate)
    var plain = Optimizer(Nesterov<Double>(), found, parameterCount: 24)
    var second = oracle(clock)
    plain.step(&b, &second)
    #expect(a == b)
    for step in 1..<20 {
      clock.step = step
      method.step(&a, &first)
      plain.step(&b, &second)
      #expect(a == b && method.learningRate == plain.learningRate)
    }
    #expect(first.counts.gradients == method.trials + 20)
    #expect(asked.allSatisfy { $0 == 0 })
  }

  /// Under a warm-up the rate that is found is where the warm-up ends, whatever wraps it.
  @Test(arguments: [
    "", ".clamped(to: 1e-9...10)", ".limitedGrowth(to: 2)", ".frozen(after: 1000)",
  ])
  func aWarmUpEndsAtTheFoundRate(_ wrapper: String) throws {
    func rates(_ controller: String, _ steps: Int) throws -> [Double] {
      guard
        case .method(let made) = try Catalogue.standard.method(
          SpecText("startUp(sgd, rate: \(controller)\(wrapper))"), for: Double.self)
      else { return [] }
      func run<M: TrainingMethod<Double>>(_ made: M) -> [Double] {
        var (method, x, oracle) = (made, [1.0, -2.0], quadratic([1, 0.5]))
        method.begin(at: x)
        return (0..<steps).map { _ in
          method.step(&x, &oracle)
          return method.learningRate
        }
      }
      return run(made)
    }
    let found = try rates("constant(1e-3)", 1)[0]
    let warmed = try rates("constant(1e-3).warmedUp(over: 10)", 20)
    // Its trials are doublings of a tenth of the guess.
    #expect(found > 0.5 && warmed[19] > 0.5 * found && warmed[19] < 2 * found)
    #expect(relativeDifference(warmed[0], warmed[19] / 10) < 1e-12 && warmed[15] == warmed[19])
  }

  /// The first gradient is discarded where it is not finite, and the next step is the first.
  @Test func aFirstGradientThatIsNotFiniteIsDiscarded() {
    var method = HypergradientStartUp(GradientDescent<Double>(), rate: ConstantRate(1e-3))
    var x = [1.0]
    method.begin(at: x)
    var isBad = true
    var oracle = FunctionOracle<Double>(parameterCount: 1) { point, gradient, _ in
      gradient[0] = isBad ? .nan : point[0]
      return 0
    }
    method.step(&x, &oracle)
    #expect(x == [1] && method.trials == 0)
    isBad = false
    method.step(&x, &oracle)
    #expect(method.learningRate >= 0.5 && method.learningRate <= 1)
  }

  @Test func aControllerThatTakesOverNoRateIsRefused() {
    #expect(throws: SpecError.self) {
      try TextReader("startUp(sgd, rate: scheduled(constant(0.1)))").training()
    }
    #expect(throws: SpecError.self) {
      try TextReader("startUp(sgd, rate: constant(0))").training()
    }
  }
}
