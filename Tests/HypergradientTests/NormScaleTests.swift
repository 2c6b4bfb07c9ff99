internal import Hypergradient
internal import HypergradientCatalogue
internal import PortableMath
internal import Testing

/// Norms, cosines and inner products are right wherever their results are representable: all that is
/// decided by them does not depend on the unit of the gradient, from the smallest number to the largest.
@Suite struct NormScaleTests {
  /// Powers of 2, by which products of numbers are exact.
  static let exponents = Array(stride(from: -1022, through: 1018, by: 17)) + [-1060, -1074, 1020]

  private func power(_ e: Int) -> Double { Double(sign: .plus, exponent: e, significand: 1) }

  private func numbers(_ count: Int, _ name: String) -> [Double] {
    var draw = RandomStream(RandomKey("tests.norms.\(name)"))
    return (0..<count).map { _ in draw.normal() }
  }

  @Test(arguments: [1, 2, 7, 100, 20_000]) func normsOfScaledVectors(_ count: Int) {
    let x = numbers(count, "x")
    func norm(_ v: [Double]) -> Double {
      Norms.root(v.reduce(0) { $0 + $1 * $1 }, count: count) { v[$0] }
    }
    // Exact where the plain sum is used, else by the same sum in another order.
    let plain = norm(x)
    for e in Self.exponents where e > -990 && e < 1010 {
      let scaled = norm(x.map { $0 * power(e) })
      #expect(abs(scaled / power(e) - plain) <= 1e-13 * plain, "2^\(e): \(scaled)")
    }
    for e in Self.exponents where e <= 1020 {
      #expect(
        norm(
          [3 * power(e), 4 * power(e)].map { $0 }.prefix(2).map { $0 }
            + [Double](repeating: 0, count: max(0, count - 2))) == 5 * power(e) || count < 2)
    }
  }

  /// ‖(3, 4)·2ᵉ‖ is 5·2ᵉ: half of it is left by a bound of half.
  @Test(arguments: [Objective.plain, .maximizing, .penalized(by: 0.5)])
  func clipping(_ objective: Objective) {
    for e in Self.exponents where e >= -1070 {
      var optimizer = Optimizer(
        ClipByNorm<Double>(2.5 * power(e)).then(GradientDescent()), ConstantRate(1),
        on: objective, parameterCount: 2)
      var theta = [0.0, 0]
      let sign: Double = objective.maximizes ? -1 : 1
      optimizer.step(&theta, gradient: [3 * power(e), 4 * power(e)])
      #expect(theta == [-1.5 * sign * power(e), -2 * sign * power(e)], "2^\(e): \(theta)")
    }
  }

  @Test func reportedClipping() {
    for (gradient, bound, expected) in [
      ([3e160, 4e160], 5.0, [-3.0, -4]), ([3e-200, 4e-200], 1e-210, [-0.6e-210, -0.8e-210]),
    ] {
      var optimizer = Optimizer(
        ClipByNorm<Double>(bound).then(GradientDescent()), ConstantRate(1), parameterCount: 2)
      var theta = [0.0, 0]
      optimizer.step(&theta, gradient: gradient)
      for (a, b) in zip(theta, expected) { #expect(abs(a - b) <= 1e-15 * abs(b), "\(theta)") }
    }
  }

  /// Float squares never leave the range of Double.
  @Test func clippingOfFloats() {
    for e in stride(from: -146, through: 124, by: 3) {
      let unit = Float(sign: .plus, exponent: e, significand: 1)
      var optimizer = Optimizer(
        ClipByNorm<Float>(2.5 * Double(unit)).then(GradientDescent()), ConstantRate(1),
        parameterCount: 2)
      var theta: [Float] = [0, 0]
      optimizer.step(&theta, gradient: [3 * unit, 4 * unit])
      #expect(theta == [-1.5 * unit, -2 * unit], "2^\(e): \(theta)")
    }
  }

  /// The cosines of a run of gradients, and so the rates, are the same bits in every unit; alone, under
  /// a trace, and in a cohort.
  @Test func multiplicativeHypergradients() {
    let gradients = (0..<6).map { numbers(5, "g\($0)") }
    func rates<C: LearningRateController>(_ control: C, _ e: Int) -> [Double] {
      var optimizer = Optimizer(GradientDescent<Double>(), control, parameterCount: 5)
      var theta = [Double](repeating: 0, count: 5)
      return gradients.map { g in
        optimizer.step(&theta, gradient: g.map { $0 * power(e) }, loss: 1)
        return optimizer.learningRate
      }
    }
    func cohort(_ e: Int) -> [Double] {
      var cohort = OptimizerCohort(
        GradientDescent<Double>(), [Self.control, Self.control], parameterCount: 5)
      let lanes = cohort.laneCount
      var theta = [Double](repeating: 0, count: 5 * lanes)
      return gradients.map { g in
        cohort.step(
          &theta, gradient: g.flatMap { [Double](repeating: $0 * power(e), count: lanes) })
        return cohort.learningRate(of: 1)
      }
    }
    let plain = rates(Self.control, 0)
    let traced = rates(Self.control.guardedByTrace(), 0)
    // Noise is judged by losses and by rates, which have units of their own: below.
    let noiseless = TraceAlignedRate(initial: 1e-3, steps: 20, noiseRetreat: 1)
    let aligned = rates(noiseless, 0)
    #expect(plain != [Double](repeating: 1e-3, count: 6))
    #expect(Set(aligned).count > 3)
    for e in Self.exponents where e > -1010 && e < 1015 {
      #expect(rates(Self.control, e) == plain, "2^\(e)")
      #expect(cohort(e) == plain, "2^\(e), in a cohort")
      #expect(rates(Self.control.guardedByTrace(), e) == traced, "2^\(e), on a trace")
      #expect(rates(noiseless, e) == aligned, "2^\(e), aligned")
    }
  }

  /// With parameters in another unit gradients have its inverse and rates its square; losses stay. The
  /// rate's logarithm is rounded otherwise.
  @Test func noiseIsSeenInEveryUnit() {
    let gradients = (0..<12).map { numbers(5, "g\($0)") }
    func rates(_ e: Int, isNoisy: Bool) -> [Double] {
      var optimizer = Optimizer(
        GradientDescent<Double>(),
        TraceAlignedRate(initial: 0.5 * power(-e) * power(-e), steps: 40), parameterCount: 5)
      var theta = [Double](repeating: power(-e), count: 5)
      return gradients.map { noise in
        let point = theta.map { $0 * power(e) }
        let loss = point.reduce(0) { $0 + 0.5 * $1 * $1 } + (isNoisy ? noise[0] : 0)
        optimizer.step(&theta, gradient: point.map { $0 * power(e) }, loss: loss)
        return optimizer.learningRate * power(e) * power(e)
      }
    }
    let (exact, noisy) = (rates(0, isNoisy: false), rates(0, isNoisy: true))
    #expect(relativeDifference(noisy[1], 0.5 * exact[1]) <= 1e-15)
    for e in stride(from: -400, through: 400, by: 50) {
      for (isNoisy, expected) in [(false, exact), (true, noisy)] {
        for (rate, plain) in zip(rates(e, isNoisy: isNoisy), expected) {
          #expect(relativeDifference(rate, plain) <= 1e-12, "2^\(e), noise: \(isNoisy)")
        }
      }
    }
  }

  private static var control: HypergradientDescent<GradientDescent<Double>, ConstantRate> {
    HypergradientDescent(initial: 1e-3, hyperLearningRate: 0.1, form: .multiplicative)
  }

  /// Methods whose rates have the unit of the inverse gradient follow the same way in every unit.
  @Test(arguments: [
    "dog(epsilon: 0, initialDistance: 0.01)", "dowg(epsilon: 0, initialDistance: 0.01)",
    "dAdaptSGD(initialDistance: 0.01)", "mechanic(sgd, rate: 0.1*unit, epsilon: 1e-300, decay: 0)",
    "adaptiveDescent(initial: 0.01*unit)",
    "barzilaiBorwein(initial: 0.01*unit, within: "
      + "1e-300...1e300)", "momo(maximum: 0.3*unit)", "armijo(sgd, initial: unit, maximum: unit)",
    "osgmBest(curvature: inverse, momentumRate: inverse)",
    "cdat()", "cdat(heavyBall, factor: 1)",
    "osgm(feedback: .gradientNorm, scalingRate: 0.1*unit)",
    "osgm(feedback: .gradientNorm, scaling: .scalar, scalingRate: 0.1*unit)",
    "multidimensionalBacktracking(shape: .box, initial: unit)",
    "multidimensionalBacktracking(shape: .ellipsoid, initial: unit)",
  ]) func methodsDoNotDependOnTheUnit(_ text: String) throws {
    func run(_ e: Int) throws -> [Double] {
      let method = try Catalogue.standard.method(
        text, for: Double.self, variables: ["unit": power(-e), "inverse": power(e)])
      guard case .method(let made) = method else { return [] }
      func open<M: TrainingMethod<Double>>(_ made: M) -> [Double] {
        var method = made
        var theta = [1.0, -2, 0.5]
        method.begin(at: theta)
        var oracle = FunctionOracle<Double>(parameterCount: 3, isDeterministic: true) {
          point, gradient, _ in
          var loss = 0.0
          for i in 0..<3 {
            let curvature = Double(i + 1) / 3
            gradient[i] = curvature * point[i] * power(e)
            loss += curvature / 2 * point[i] * point[i]
          }
          return loss * power(e)
        }
        for _ in 0..<12 { method.step(&theta, &oracle) }
        return theta
      }
      return open(made)
    }
    let plain = try run(0)
    #expect(plain != [1.0, -2, 0.5] && plain.allSatisfy(\.isFinite), "\(text): \(plain)")
    // The ellipsoid keeps squares of rates; a Hessian times a gradient is a square.
    let most = text.contains("ellipsoid") ? 420 : text.contains(#/cdat|Norm/#) ? 480 : 900
    for e in stride(from: -most, through: most, by: 60) {
      let scaled = try run(e)
      for (a, b) in zip(scaled, plain) {
        #expect(abs(a - b) <= 1e-9 * max(1, abs(b)), "\(text), 2^\(e): \(scaled), \(plain)")
      }
    }
  }

  /// Polyak's rate, by arithmetic that does not leave the numbers.
  @Test func polyak() {
    for e in Self.exponents where e > -500 && e < 1000 {
      var control = PolyakRate(maximum: 1e308)
      // f/(½g²) with g = 2ᵉ and f = 2ᵉ: 2^(1−e).
      let rate = control.learningRate(
        for: StepSignals(step: 0, loss: power(e), gradientNorm: power(e)))
      #expect(rate == power(1 - e), "2^\(e): \(rate)")
    }
  }
}
