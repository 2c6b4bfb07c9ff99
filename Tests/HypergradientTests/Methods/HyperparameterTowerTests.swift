internal import Hypergradient
internal import HypergradientCatalogue
internal import PortableMath
internal import Testing

/// Towers against finite differences of real steps, at every level, and against hypergradient descent.
@Suite struct HyperparameterTowerTests {
  /// The top of a tower: moves each number by a little at every step, by a given shift more at one,
  /// and remembers the hypergradients.
  struct HyperScript: HyperparameterOptimizer {
    var drift = 0.0
    var shiftAt = -1
    var shift: [Double] = []
    var seen: [[Double]] = []

    var learns: Bool { true }
    mutating func begin(count: Int) {}
    mutating func step(
      _ values: UnsafeMutableBufferPointer<Double>, gradient: UnsafeBufferPointer<Double>
    ) {
      for j in values.indices {
        values[j] += drift * Double(j + 1)
        if seen.count == shiftAt, j < shift.count { values[j] += shift[j] }
      }
      seen.append(Array(gradient))
    }
  }

  private static let dimension = 7

  private static func oracle() -> FunctionOracle<Double> {
    FunctionOracle(parameterCount: dimension, isDeterministic: true) { point, gradient, _ in
      let exact = LawFixtures.gradient(Array(point))
      for i in exact.indices { gradient[i] = exact[i] }
      return LawFixtures.objective(Array(point), penalty: 0)
    }
  }

  /// The loss after `steps` steps, with the top's numbers moved by `shift` at the last of them; and
  /// the hypergradients that the next step shows the top.
  private func run<M: TrainingMethod<Double>>(
    _ make: (HyperScript) -> M, _ top: (M) -> HyperScript, drift: Double, steps: Int,
    shift: [Double]
  ) -> (loss: Double, slopes: [Double]) {
    var method = make(HyperScript(drift: drift, shiftAt: steps - 1, shift: shift))
    var theta: [Double] = LawFixtures.start(Self.dimension)
    method.begin(at: theta)
    var oracle = Self.oracle()
    for _ in 0..<steps { method.step(&theta, &oracle) }
    let loss = LawFixtures.objective(theta, penalty: 0)
    method.step(&theta, &oracle)
    return (loss, top(method).seen[steps])
  }

  /// Every hypergradient that the top sees is the derivative of the loss after one real step by the
  /// number that it moved before that step.
  private func check<M: TrainingMethod<Double>>(
    _ name: String, numbers: Int, drift: Double, width: Double, tolerance: Double = 1e-7,
    _ make: (HyperScript) -> M, _ top: (M) -> HyperScript
  ) {
    for steps in [1, 2, 5] {
      let slopes = run(make, top, drift: drift, steps: steps, shift: []).slopes
      #expect(slopes.count == numbers)
      for j in 0..<numbers {
        func central(_ h: Double) -> Double {
          func loss(_ sign: Double) -> Double {
            var shift = [Double](repeating: 0, count: numbers)
            shift[j] = sign * h
            return run(make, top, drift: drift, steps: steps, shift: shift).loss
          }
          return (loss(1) - loss(-1)) / (2 * h)
        }
        let expected = (4 * central(width / 2) - central(width)) / 3
        let size = max(abs(expected), 1e-3 * slopes.map(abs).max()!)
        #expect(
          abs(slopes[j] - expected) <= tolerance * size,
          "\(name), step \(steps), number \(j): \(slopes[j]), \(expected)")
      }
      if steps > 2 {
        #expect(slopes.allSatisfy { abs($0) > 1e-12 }, "\(name): the law would hold for 0")
      }
    }
  }

  @Test func hypergradientsAreDerivativesOfARealStep() {
    check("heavyBall", numbers: 3, drift: 0.003, width: 1e-3) {
      HyperparameterTower(
        HeavyBall<Double>(momentum: 0.6, dampening: 0.25), initial: 0.05,
        learning: [\.momentum, \.dampening], by: $0)
    } _: {
      $0.above
    }
    check("nesterov, plain", numbers: 2, drift: 0.003, width: 1e-3) {
      HyperparameterTower(
        Nesterov<Double>(momentum: 0.6), initial: 0.05, decayForm: .plain, by: $0)
    } _: {
      $0.above
    }
    check("rmsprop, square", numbers: 3, drift: 0.003, width: 1e-3) {
      HyperparameterTower(
        RMSProp<Double>(decay: 0.9, epsilon: 0.01), initial: 0.05, learning: [\.decay, \.epsilon],
        rateForm: .square, by: $0)
    } _: {
      $0.above
    }
    check("adagrad", numbers: 2, drift: 0.003, width: 1e-3) {
      HyperparameterTower(
        AdaGrad<Double>(epsilon: 0.01), initial: 0.05, learning: [\.epsilon], by: $0)
    } _: {
      $0.above
    }
    check("adam", numbers: 4, drift: 0.003, width: 1e-3) {
      HyperparameterTower(
        Adam<Double>(beta1: 0.8, beta2: 0.9, epsilon: 0.01), initial: 0.05,
        learning: [\.beta1, \.beta2, \.epsilon], by: $0)
    } _: {
      $0.above
    }
  }

  /// One level up: the numbers moved are the hyper-optimizer's own rate and decay rates.
  @Test func hypergradientsOfTheSecondLevel() {
    check("adam by adam", numbers: 3, drift: 1e-4, width: 1e-3, tolerance: 1e-6) {
      HyperparameterTower(
        Adam<Double>(beta1: 0.8, beta2: 0.9), initial: 0.05,
        by: HyperparameterTower(
          Adam<Double>(beta1: 0.7, beta2: 0.95), initial: 0.01, by: $0))
    } _: {
      $0.above.above
    }
    check("sgd by heavyBall", numbers: 2, drift: 1e-5, width: 1e-3, tolerance: 1e-6) {
      HyperparameterTower(
        GradientDescent<Double>(), initial: 0.05,
        by: HyperparameterTower(HeavyBall<Double>(momentum: 0.5), initial: 1e-3, by: $0))
    } _: {
      $0.above.above
    }
  }

  /// A rate for each hyperparameter.
  @Test func hypergradientsOfSeparateRates() {
    check("adam by rates", numbers: 3, drift: 1e-5, width: 1e-3, tolerance: 1e-6) {
      HyperparameterTower(
        Adam<Double>(beta1: 0.8, beta2: 0.9), initial: 0.05,
        by: SeparateRates(initial: 1e-3, by: $0))
    } _: {
      $0.above.above
    }
  }

  /// And two levels up.
  @Test func hypergradientsOfTheThirdLevel() {
    check("nesterov by rmsprop by sgd", numbers: 1, drift: 1e-7, width: 1e-5, tolerance: 1e-5) {
      HyperparameterTower(
        Nesterov<Double>(momentum: 0.6), initial: 0.05,
        by: HyperparameterTower(
          RMSProp<Double>(decay: 0.9), initial: 1e-3,
          by: HyperparameterTower(GradientDescent<Double>(), initial: 1e-4, by: $0)))
    } _: {
      $0.above.above.above
    }
  }

  /// With the rate alone it is hypergradient descent over the same rule, bit for bit.
  @Test(arguments: ["sgd", "heavyBall(momentum: 0.7)", "nesterov", "adagrad", "rmsprop", "adam"])
  func theRateAloneIsHypergradientDescent(_ text: String) throws {
    func check<R: DifferentiableRule>(_ rule: R) {
      var tower = HyperparameterTower(
        rule, initial: 0.01, learning: [], initialSquare: 0,
        by: HyperparameterTower(
          GradientDescent<Double>(), initial: 1e-4, by: FixedHyperparameters()))
      var pair = Optimizer(
        rule, HypergradientDescent(initial: 0.01, hyperLearningRate: 1e-4), parameterCount: 24)
      var byOptimizer = HyperparameterTower(
        rule, initial: 0.01, learning: [], initialSquare: 0,
        by: Optimizer(GradientDescent<Double>(), ConstantRate(1e-4), parameterCount: 0))
      var a = LawFixtures.start(24, R.Scalar.self)
      var (b, c) = (a, a)
      tower.begin(at: a)
      byOptimizer.begin(at: c)
      let clock = MethodFixtures.Clock()
      let first = MethodFixtures.trajectory(&tower, from: &a, steps: 0..<50, clock: clock)
      #expect(MethodFixtures.trajectory(&pair, from: &b, steps: 0..<50, clock: clock) == first)
      #expect(
        MethodFixtures.trajectory(&byOptimizer, from: &c, steps: 0..<50, clock: clock) == first)
      #expect(tower.learningRate == pair.learningRate && tower.learningRate != 0.01)
      #expect(tower.memoryVectors == pair.memoryVectors)
    }
    let pair = try TextReader(text).readRule()
    let double = try #require(pair.double as? any DifferentiableRule<Double>)
    let float = try #require(pair.float as? any DifferentiableRule<Float>)
    check(double)
    check(float)
  }

  /// Without anything above it is the rule at a constant rate.
  @Test func withNothingAboveItIsTheRuleAtAConstantRate() {
    var fixed = HyperparameterTower(
      Adam<Double>(), initial: 0.01, initialSquare: 0, by: FixedHyperparameters())
    var plain = Optimizer(Adam<Double>(), ConstantRate(0.01), parameterCount: 24)
    var a: [Double] = LawFixtures.start(24)
    var b = a
    fixed.begin(at: a)
    let end = MethodFixtures.trajectory(&fixed, from: &a, steps: 0..<20)
    #expect(MethodFixtures.trajectory(&plain, from: &b, steps: 0..<20) == end)
    #expect(fixed.memoryVectors == 2)
  }

  /// Towers on one number, ½x², by the equations: SGD whose rate SGD learns, whose rate SGD learns.
  @Test func threeLevelsByHand() {
    var tower = HyperparameterTower(
      GradientDescent<Double>(), initial: 0.125,
      by: HyperparameterTower(
        GradientDescent<Double>(), initial: 0.0625,
        by: HyperparameterTower(
          GradientDescent<Double>(), initial: 0.03125, by: FixedHyperparameters())))
    var x = [1.0]
    tower.begin(at: x)
    var oracle = FunctionOracle<Double>(parameterCount: 1) { point, gradient, _ in
      gradient[0] = point[0]
      return 0.5 * point[0] * point[0]
    }
    var (y, alpha, kappa, nu) = (1.0, 0.125, 0.0625, 0.03125)
    var (u, h, hh) = (0.0, 0.0, 0.0)
    for _ in 0..<6 {
      let g = y
      let hNew = -g * u
      let hhNew = -hNew * h
      // The top's rate is fixed; it trains κ, which trains α, which trains x.
      kappa = max(0, kappa - nu * hhNew)
      alpha = max(0, alpha - kappa * hNew)
      y -= alpha * g
      (u, h, hh) = (g, hNew, hhNew)
      tower.step(&x, &oracle)
      #expect(abs(x[0] - y) <= 1e-15)
      #expect(abs(tower.learningRate - alpha) <= 1e-15)
      #expect(abs(tower.above.learningRate - kappa) <= 1e-15)
      #expect(tower.above.above.learningRate == nu)
    }
    #expect(hh != 0 && kappa != 0.0625)
  }

  /// A tower of three runs, its decay rates move and stay in their domains, also where it is pushed.
  @Test func hyperparametersStayInTheirDomains() {
    for kappa in [1e-3, 1, 1e6, 1e150] {
      for decayForm in [HyperparameterForm.tanh, .plain] {
        var tower = HyperparameterTower(
          Adam<Float>(), initial: 0.01, learning: [\.beta1, \.beta2, \.epsilon],
          decayForm: decayForm,
          within: 0...1,
          by: HyperparameterTower(
            RMSProp<Double>(), initial: kappa, rateForm: .square,
            by: HyperparameterTower(Adam<Double>(), initial: kappa, by: FixedHyperparameters())))
        var theta = LawFixtures.start(24, Float.self)
        tower.begin(at: theta)
        var oracle = MethodFixtures.oracle(MethodFixtures.Clock(), Float.self)
        for _ in 0..<200 {
          tower.step(&theta, &oracle)
          #expect((0...1).contains(tower.learningRate))
          for beta in [tower.rule.beta1, tower.rule.beta2] {
            #expect((0x1p-20...(1 - 0x1p-20)).contains(beta))
          }
          #expect(tower.rule.epsilon >= 1e-30 && tower.rule.epsilon <= 1e30)
          #expect(tower.above.learningRate.isFinite)
          #expect(theta.allSatisfy { $0.isFinite })
        }
        #expect(tower.rule.beta1 != 0.9 && tower.rule.beta2 != 0.999)
      }
    }
  }

  /// A hypergradient past the largest number holds every hyperparameter, and is counted.
  @Test func hypergradientsThatAreNotFiniteAreHeld() {
    var tower = HyperparameterTower(
      HeavyBall<Double>(), initial: 0.1,
      by: HyperparameterTower(
        GradientDescent<Double>(), initial: 1e-3, by: FixedHyperparameters()))
    var theta = [1.0]
    tower.begin(at: theta)
    let size = 1e200
    var oracle = FunctionOracle<Double>(parameterCount: 1) { point, gradient, _ in
      gradient[0] = size
      return 0
    }
    tower.step(&theta, &oracle)
    // A finite gradient is a step like any other.
    #expect(theta == [1 - 0.1 * size] && tower.heldSteps == 0)
    let (alpha, momentum) = (tower.learningRate, tower.rule.momentum)
    // ⟨g, u⟩ is past the largest number.
    tower.step(&theta, &oracle)
    #expect(tower.heldSteps == 1)
    #expect(tower.learningRate == alpha && tower.rule.momentum == momentum)
  }

  /// The floor of the published code: without it Adam's first steps differ, and with 0 they are finite.
  @Test func vectorsUnderARootBeginAtTheFloor() {
    func first(_ square: Double) -> [Double] {
      var tower = HyperparameterTower(
        Adam<Double>(), initial: 0.01, initialSquare: square,
        by: HyperparameterTower(
          Adam<Double>(), initial: 1e-3, initialSquare: square, by: FixedHyperparameters()))
      var theta = [1e-4, 0]
      tower.begin(at: theta)
      var oracle = FunctionOracle<Double>(parameterCount: 2) { point, gradient, _ in
        for i in 0..<2 { gradient[i] = point[i] }
        return 0
      }
      for _ in 0..<5 { tower.step(&theta, &oracle) }
      #expect(tower.hypergradients.allSatisfy { $0.isFinite })
      return theta
    }
    let (none, floor) = (first(0), first(1e-8))
    #expect(none.allSatisfy { $0.isFinite } && floor.allSatisfy { $0.isFinite })
    #expect(none[0] != floor[0] && none[1] == 0)
    // By hand, the first step: v̂ = (β₂ v₀ + (1 − β₂) g²)/(1 − β₂).
    var one = HyperparameterTower(Adam<Double>(), initial: 0.01, by: FixedHyperparameters())
    var theta = [1e-4]
    one.begin(at: theta)
    var oracle = FunctionOracle<Double>(parameterCount: 1) { point, gradient, _ in
      gradient[0] = point[0]
      return 0
    }
    one.step(&theta, &oracle)
    let square = (0.999 * 1e-8 + 0.001 * 1e-8) / 0.001
    #expect(abs(theta[0] - (1e-4 - 0.01 * 1e-4 / (square.squareRoot() + 1e-8))) <= 1e-15)
  }

  @Test(arguments: [
    ("ultimate(clipByNorm(1), initial: 0.1, by: .level(sgd, initial: 1))", "no derivatives"),
    ("ultimate(adam.then(weightDecay(0.1)), initial: 0.1, by: .level(sgd, initial: 1))", "deriv"),
    ("ultimate(adam, initial: 0.1)", "needs 'by'"),
    ("ultimate(adam, initial: 0.1, by: .levle(sgd, initial: 1))", "did you mean 'level'"),
    ("ultimate(adam(beta1: 0), initial: 0.1, by: .level(sgd, initial: 1))", "'beta1' is 0"),
    ("ultimate(adam, initial: 0, rateForm: .square, by: .level(sgd, initial: 1))", "above 0"),
    ("ultimate(adam, initial: 2, within: 0...1, by: .level(sgd, initial: 1))", "'within'"),
    ("ultimate(adam, initial: 1, by: .level(sgd, initial: 1, by: .level(sgd)))", "'initial'"),
    ("ultimate(adam, initial: 1, by: .optimizer(sgd, rate: polyak(maximum: 1)))", "no loss"),
  ]) func mistakesInTexts(_ text: String, _ part: String) {
    do {
      _ = try TextReader(text).training()
      Issue.record("\(text) was read")
    } catch {
      #expect("\(error)".contains(part), "\(error)")
    }
  }
}
