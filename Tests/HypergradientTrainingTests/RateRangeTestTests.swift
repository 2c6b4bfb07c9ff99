import Hypergradient
import HypergradientCatalogue
import HypergradientRecipes
import HypergradientTraining
import PortableMath
import Testing

@Suite struct RateRangeTestTests {
  /// ½ Σ λ_i x_i².
  private func quadratic<S: ParameterScalar>(_ lambda: [S]) -> FunctionOracle<S> {
    FunctionOracle(parameterCount: lambda.count, isDeterministic: true) { x, gradient, _ in
      var sum = 0.0
      for i in lambda.indices {
        gradient[i] = lambda[i] * x[i]
        sum += Double(lambda[i] * x[i] * x[i]) / 2
      }
      return sum
    }
  }

  private func test(
    _ smallest: Double = 1e-7, _ largest: Double = 100, _ count: Int = 100,
    _ spacing: RateRangeTest.Spacing = .exponential, smoothing: Double? = nil
  ) throws -> RateRangeTest {
    try RateRangeTest(
      from: smallest, to: largest, count: count, spacing: spacing, smoothing: smoothing)
  }

  // MARK: Rates

  @Test func ratesGoFromEndToEnd() throws {
    for count in [2, 3, 100] {
      let exponential = try test(1e-5, 3, count).rates
      #expect(exponential.count == count)
      #expect(exponential.first == 1e-5 && exponential.last == 3)
      let ratio = Portable.pow(3e5, 1 / Double(count - 1))
      for (a, b) in zip(exponential, exponential.dropFirst()) {
        #expect(abs(b / a / ratio - 1) < 1e-12)
      }
      let linear = try test(0.5, 3, count, .linear).rates
      #expect(linear.first == 0.5 && linear.last == 3)
      for (a, b) in zip(linear, linear.dropFirst()) {
        #expect(abs(b - a - 2.5 / Double(count - 1)) < 1e-12)
      }
    }
  }

  @Test(arguments: [
    (1.0, 1.0, 10, "empty"), (1, 0.1, 10, "reversed"), (0.1, 1, 1, "at least 2"),
    (0.1, 1, 0, "at least 2"), (0, 1, 10, "above 0"), (-1, 1, 10, "above 0"),
    (.nan, 1, 10, "above 0"), (0.1, .infinity, 10, "not a finite number"),
    (0.1, .nan, 10, "not a finite number"),
  ])
  func refusesWhatIsNoRange(_ from: Double, _ to: Double, _ count: Int, _ word: String) {
    for spacing in RateRangeTest.Spacing.allCases {
      do {
        _ = try RateRangeTest(from: from, to: to, count: count, spacing: spacing)
        Issue.record("\(from), \(to), \(count) was accepted")
      } catch {
        #expect(error.description.contains(word), "\(error)")
        #expect(!error.description.contains("\n"))
      }
    }
  }

  // MARK: Quadratics

  /// Where all curvatures are the same, the largest rate that improves is the last one below 2/λ.
  @Test(arguments: [1e-2, 0.3, 1, 7, 123.0, 4e4])
  func findsTheStableRateExactly(_ lambda: Double) throws {
    for count in [30, 57, 100, 300] {
      for dimension in [1, 2, 9] {
        for spacing in RateRangeTest.Spacing.allCases {
          let test =
            spacing == .linear
            ? try test(0.01 / lambda, 5 / lambda, count, spacing)
            : try test(1.3e-7, 1e4, count, spacing)
          let start = (0..<dimension).map { Double($0 + 1) }
          let stable = test.rates.last { $0 < 2 / lambda }
          let curve = test.curve(
            of: GradientDescent<Double>(), at: start,
            on: quadratic([Double](repeating: lambda, count: dimension)))
          #expect(curve.suggestion(.largest).rate == stable, "\(count) \(dimension) \(spacing)")
          #expect(curve.suggestion(.smallest).rate == stable.map { $0 / 4 })
          // Many steps near 1/λ would take a Float to zero.
          guard spacing == .exponential else { continue }
          let single = test.curve(
            of: GradientDescent<Float>(), at: start.map { Float($0) },
            on: quadratic([Float](repeating: Float(lambda), count: dimension)))
          #expect(single.suggestion(.largest).rate == stable, "Float")
        }
      }
    }
  }

  /// Never below the last rate under 2/λ of the largest eigenvalue, and not later than 6.3 times
  /// that where its part has most of the loss.
  @Test(arguments: [10.0, 100, 1e4], [61, 101, 401])
  func isLateByAFactorAtMost(_ condition: Double, _ count: Int) throws {
    let test = try test(1e-7, 100, count)
    let ratio = test.rates[1] / test.rates[0]
    for largest in [0.5, 1, 30] {
      // Losses 0.6 and 0.4.
      let lambda = [largest, largest / condition]
      let start = [(1.2 / lambda[0]).squareRoot(), (0.8 / lambda[1]).squareRoot()]
      let curve = test.curve(of: GradientDescent<Double>(), at: start, on: quadratic(lambda))
      let found = try #require(curve.suggestion(.largest).rate)
      let stable = try #require(test.rates.last { $0 < 2 / largest })
      #expect(found >= stable)
      #expect(found <= 6.3 * stable * ratio * ratio * ratio, "\(found / stable)")
    }
  }

  /// ∫₀^X ln|1 − x| / x dx vanishes at twice 6.2976.
  @Test func theFactorIsThatOfTheIntegral() {
    // To 2, the integral is −π²/4; from there the midpoint rule.
    let (end, count) = (2 * 6.2976, 20000)
    let h = (end - 2) / Double(count)
    var sum = -Double.pi * Double.pi / 4
    for i in 0..<count {
      let x = 2 + h * (Double(i) + 0.5)
      sum += h * Portable.log(x - 1) / x
    }
    #expect(abs(sum) < 1e-4)
  }

  // MARK: Noise

  private enum Noise: CaseIterable { case normal, exponential, student, uniform }

  private func draw(_ noise: Noise, _ stream: inout RandomStream) -> Double {
    switch noise {
    case .normal: stream.normal()
    case .exponential: -Portable.log(stream.uniform())
    case .student: stream.studentT(degreesOfFreedom: 3)
    case .uniform: stream.uniform()
    }
  }

  /// Curves of noise alone, at any level: a number in one of a hundred at most.
  @Test func noNumberOutOfNoise() throws {
    for noise in Noise.allCases {
      var (numbers, curves) = (0, 0)
      for count in [12, 40, 100] {
        let rates = try test(1e-6, 1, count).rates
        for seed in 0..<150 {
          var stream = RandomStream(RandomKey("flat", seed, count))
          let level = [0, -3, 1000.0][seed % 3]
          let losses = (0...count).map { _ in level + 0.1 * draw(noise, &stream) }
          let curve = RateCurve(
            initialLoss: losses[0], rates: rates, losses: Array(losses.dropFirst()))
          curves += 1
          if curve.suggestions.contains(where: { $0.outcome.rate != nil }) { numbers += 1 }
          for (_, outcome) in curve.suggestions {
            if let reason = outcome.reason { #expect(!reason.isEmpty) }
          }
        }
      }
      #expect(Double(numbers) <= 0.01 * Double(curves), "\(noise): \(numbers) of \(curves)")
    }
  }

  /// A fall of ten standard deviations is seen, and the turn, at 0.1, is found within a factor of 25
  /// or, in the middle of the seeds, five: rather early, since what rises is averaged into it.
  @Test func seesASignalInNoise() throws {
    let test = try test(1e-6, 10, 100)
    var rates: [Double] = []
    for seed in 0..<40 {
      var stream = RandomStream(RandomKey("signal", seed))
      func loss(_ rate: Double) -> Double {
        // Falls around 1e-3, rises from 0.1 on.
        let x = Portable.log(rate) / Portable.log(10)
        return 2 - 1 / (1 + Portable.exp(-3 * (x + 3))) + (x > -1 ? 2 * (x + 1) : 0)
          + 0.1 * stream.normal()
      }
      let losses = test.rates.map(loss)
      let curve = RateCurve(initialLoss: loss(1e-9), rates: test.rates, losses: losses)
      #expect(curve.end == .diverged || curve.end == .largestRate)
      rates.append(try #require(curve.suggestion(.largest).rate))
    }
    #expect(rates.allSatisfy { $0 > 0.004 && $0 < 0.3 }, "\(rates.sorted())")
    rates.sort()
    #expect(rates[20] > 0.02 && rates[20] < 0.2, "\(rates[20])")
  }

  /// A constant added to all losses changes neither the end nor a suggestion.
  @Test(arguments: PeerCurve.all)
  func aShiftChangesNothing(_ peer: PeerCurve) {
    for isNoiseless in [true, false] {
      func curve(_ shift: Double, _ scale: Double = 1) -> RateCurve {
        // Multiples of 2⁻³⁰, so that sums are exact.
        let losses = peer.losses.map { ((($0 * 0x1p30).rounded() * 0x1p-30) + shift) * scale }
        return RateCurve(
          initialLoss: losses[0], rates: peer.rates, losses: losses, isNoiseless: isNoiseless,
          smoothing: isNoiseless ? 0 : nil)
      }
      let plain = curve(0)
      for shift in [-losses(peer).min()!.rounded(), -4, -1024, 64] {
        let moved = curve(shift)
        #expect(moved.end == plain.end && moved.rates == plain.rates, "\(shift)")
        for kind in RateSuggestion.allCases {
          #expect(
            moved.suggestion(kind).rate == plain.suggestion(kind).rate, "\(kind) at \(shift)")
        }
      }
      for scale in [0x1p-900, 0x1p-40, 8, 0x1p60, 0x1p900] {
        let scaled = curve(0, scale)
        #expect(scaled.end == plain.end && scaled.rates == plain.rates, "\(scale)")
        for kind in RateSuggestion.allCases {
          #expect(scaled.suggestion(kind).rate == plain.suggestion(kind).rate, "\(kind) × \(scale)")
        }
      }
    }
  }

  private func losses(_ peer: PeerCurve) -> [Double] { peer.losses }

  // MARK: Ends

  @Test func anUnboundedLossEndsNothing() throws {
    // −x: falls for ever, below zero.
    let oracle = FunctionOracle<Double>(parameterCount: 1, isDeterministic: true) { x, g, _ in
      g[0] = -1
      return -x[0]
    }
    let curve = try test().curve(of: GradientDescent<Double>(), at: [0], on: oracle)
    #expect(curve.end == .largestRate && curve.losses.count == 100)
    for kind in [RateSuggestion.largest, .smallest, .minimumOverTen, .steepest] {
      #expect(curve.suggestion(kind).reason?.contains("test larger ones") == true, "\(kind)")
    }
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func aLossThatIsNoNumberEndsIt(_ bad: Double) throws {
    let oracle = FunctionOracle<Double>(parameterCount: 1, isDeterministic: true) { x, g, _ in
      g[0] = x[0]
      return abs(x[0]) > 3 ? bad : x[0] * x[0] / 2
    }
    let test = try test()
    let curve = test.curve(of: GradientDescent<Double>(), at: [2.5], on: oracle)
    #expect(curve.losses.allSatisfy { $0.isFinite })
    let failed = curve.failedRate.flatMap { test.rates.firstIndex(of: $0) }
    #expect(curve.end == .diverged || curve.end == .notFinite && failed == curve.rates.count)
    #expect(curve.suggestion(.largest).rate == test.rates.last { $0 < 2 })
    let atOnce = test.curve(of: GradientDescent<Double>(), at: [5], on: oracle)
    #expect(atOnce.end == .notFinite && atOnce.rates.isEmpty && atOnce.gradients == 1)
    for (_, outcome) in atOnce.suggestions {
      #expect(outcome.reason?.contains("before the first step") == true)
    }
  }

  @Test func saysWhyThereIsNone() throws {
    func reason(_ test: RateRangeTest) -> String? {
      test.curve(of: GradientDescent<Double>(), at: [1], on: quadratic([1.0]))
        .suggestion(.largest).reason
    }
    #expect(reason(try test(1e-3, 1, 9))?.contains("too few points: 9") == true)
    #expect(reason(try test(5, 1e4, 60))?.contains("begin below 5") == true)
    #expect(reason(try test(1e-9, 1e-3, 60))?.contains("test larger ones") == true)
    let flat = FunctionOracle<Double>(parameterCount: 1, isDeterministic: true) { _, g, _ in
      g[0] = 0
      return 0
    }
    let curve = try test().curve(of: GradientDescent<Double>(), at: [1], on: flat)
    #expect(curve.end == .largestRate)
    #expect(curve.suggestion(.valley).reason == "the loss does not fall at any rate")
  }

  /// The rules of the lists, of both kinds of numbers: each test ends, with finite losses.
  @Test func everyRuleCanBeTested() throws {
    let test = try test(1e-6, 1e3, 60)
    for recipe in Catalogue.standard.double.rules {
      for text in recipe.examples {
        let rule = try Catalogue.standard.rule(text, for: Double.self)
        let optimizer = AnyOptimizer(
          rule.rule, ConstantRate(1), on: rule.objective, parameterCount: 3)
        let curve = test.curve(of: optimizer, at: [3, -2, 1], on: quadratic([1.0, 3, 10]))
        #expect(curve.end != nil && curve.losses.allSatisfy { $0.isFinite }, "\(text)")
        #expect(curve.gradients == curve.rates.count + (curve.failedRate == nil ? 1 : 2), "\(text)")
      }
    }
  }

  // MARK: Copies

  /// After a test, an optimizer in mid-run goes on with the bits of one that was never tested; the
  /// test sees the rule's state.
  @Test func nothingIsLeftBehind() throws {
    for text in ["adam", "heavyBall(momentum: 0.9)", "clipByNorm(1).then(rmsprop)"] {
      func trained(testing: Bool) throws -> ([Double], RateCurve?) {
        var optimizer = try AnyOptimizer<Double>("\(text) + constant(0.05)", parameterCount: 2)
        var theta = [3.0, -2]
        let oracle = quadratic([1.0, 5])
        var curve: RateCurve?
        for step in 0..<20 {
          if testing, step == 10 {
            curve = try test().curve(of: optimizer, at: theta, on: oracle)
          }
          optimizer.step(&theta, gradient: [theta[0], 5 * theta[1]])
        }
        return (theta, curve)
      }
      let (plain, _) = try trained(testing: false)
      let (tested, curve) = try trained(testing: true)
      #expect(plain == tested, "\(text)")
      let fresh = try AnyOptimizer<Double>("\(text) + constant(0.05)", parameterCount: 2)
      let cold = try test().curve(of: fresh, at: tested, on: quadratic([1.0, 5]))
      #expect(curve?.losses != cold.losses)
    }
  }

  /// Under another controller, an optimizer goes on as one that had it from the start.
  @Test func underAnotherControllerTheStateIsTheSame() throws {
    let catalogue = Catalogue.standard
    for text in catalogue.double.rules.flatMap(\.examples) {
      let rule = try catalogue.rule(text, for: Double.self)
      var (a, b) = ([3.0, -2, 0.5], [3.0, -2, 0.5])
      func gradient(_ x: [Double]) -> [Double] { [x[0], 5 * x[1], 2 * x[2] - 1] }
      func loss(_ x: [Double]) -> Double { x[0] * x[0] + x[1] * x[1] }
      var one = AnyOptimizer(
        rule.rule, ConstantRate(0.01), on: rule.objective, parameterCount: 3)
      for _ in 0..<4 { one.step(&a, gradient: gradient(a), loss: loss(a), epoch: 0) }
      b = a
      // Through a controller that keeps the direction.
      var other = one.under(HypergradientDescent(initial: 0.01, hyperLearningRate: 0))
        .under(ConstantRate(0.01))
      for _ in 0..<4 {
        one.step(&a, gradient: gradient(a), loss: loss(a), epoch: 0)
        other.step(&b, gradient: gradient(b), loss: loss(b), epoch: 0)
      }
      #expect(a.map(\.bitPattern) == b.map(\.bitPattern), "\(text)")
    }
  }

  @Test func countsWhatItPays() throws {
    final class Count: @unchecked Sendable { var asked = 0 }
    let count = Count()
    let oracle = FunctionOracle<Double>(parameterCount: 1, isDeterministic: true) { x, g, _ in
      count.asked += 1
      g[0] = x[0]
      return x[0] * x[0] / 2
    }
    let curve = try test(1e-4, 1, 25).curve(of: GradientDescent<Double>(), at: [1], on: oracle)
    #expect(curve.gradients == 26 && count.asked == 26)
    #expect(curve.rates.count == 25)
    // The loss after each step: (1 − η)² of the one before.
    var x = 1.0
    for (rate, loss) in zip(curve.rates, curve.losses) {
      x -= rate * x
      #expect(loss == x * x / 2)
    }
  }

  @Test func heldOutScoresBelongToTheirRates() throws {
    var steps: [Int] = []
    let curve = try test(1e-3, 100, 40).curve(
      of: GradientDescent<Double>(), at: [1], on: quadratic([1.0]),
      beginStep: { step, _ in steps.append(step) },
      heldOut: { RateCurve.HeldOut(loss: $0[0] * $0[0] / 2, accuracy: 0.5) })
    #expect(curve.initialHeldOut?.loss == 0.5)
    #expect(curve.heldOut.map(\.loss) == curve.losses)
    #expect(steps == Array(0..<curve.gradients))
  }

  // MARK: Averages

  /// An average has no bias: a constant stays itself, and a line stays a line away from its ends.
  @Test(arguments: [0, 0.3, 0.9, 0.98])
  func averagesAreUnbiased(_ beta: Double) {
    let rates = (1...60).map { Double($0) }
    let flat = RateCurve(
      initialLoss: 3, rates: rates, losses: rates.map { _ in 3 }, smoothing: beta)
    for value in flat.average + flat.smoothed { #expect(abs(value - 3) < 1e-13) }
    let line = RateCurve(
      initialLoss: 0, rates: rates, losses: rates.map { -$0 }, smoothing: beta)
    // In the middle both sides weigh the same; the average lags by β/(1 − β) where it has run in.
    #expect(abs(line.smoothed[29] + 30) < 1e-12)
    let lag = line.average[59] + 60
    #expect(beta > 0.9 || abs(lag - beta / (1 - beta)) < 0.2, "\(lag)")
  }

  /// The formula, summed directly.
  @Test func averagesAreTheirFormula() {
    let losses = [5.0, 3, 4, -1, 0, 2, 1.5, 9, 2, 1, 0.5]
    let curve = RateCurve(
      initialLoss: losses[0], rates: (1..<losses.count).map { Double($0) },
      losses: Array(losses.dropFirst()), smoothing: 0.7)
    #expect(curve.losses.count == 10)
    for i in 1..<losses.count {
      var (sum, weight, past, pastWeight) = (0.0, 0.0, 0.0, 0.0)
      for j in losses.indices {
        let w = Portable.pow(0.7, Double(abs(i - j)))
        sum += w * losses[j]
        weight += w
        if j <= i {
          past += w * losses[j]
          pastWeight += w
        }
      }
      #expect(abs(curve.smoothed[i - 1] - sum / weight) < 1e-13)
      #expect(abs(curve.average[i - 1] - past / pastWeight) < 1e-13)
    }
  }

  // MARK: Seeds

  /// A steepest place falls by more than noise makes of a flat curve, (3 + √(2 ln m))·σ·√(2(r₀ − r₂)).
  @Test func theSteepestPlaceIsAboveNoise() {
    let (beta, count) = (0.9, 200)
    let independent = 1 + Double(count) * (1 - beta) / (1 + beta)
    func covariance(_ h: Double) -> Double {
      let share = (1 - beta) / (1 + beta)
      return share * share * ((1 + beta * beta) / (1 - beta * beta) + h) * Portable.pow(beta, h)
    }
    let factor =
      (3 + (2 * Portable.log(independent)).squareRoot())
      * (2 * (covariance(0) - covariance(2))).squareRoot()
    var (steep, flat) = (0, 0)
    for seed in 0..<200 {
      var stream = RandomStream(RandomKey("tests.steepest", seed))
      let fall = 0.5 + Double(seed) / 20
      let losses = (0..<count).map { i in
        fall / (1 + Portable.exp(Double(i - 120) / 15)) + stream.normal()
      }
      let rates = (0..<count).map { Portable.pow(10, -6 + Double($0) / 40) }
      let curve = RateCurve(
        initialLoss: fall, rates: rates, losses: losses, smoothing: beta)
      switch curve.suggestion(.steepest) {
      case .rate(let rate):
        let place = curve.rates.firstIndex(of: rate)!
        let s = curve.smoothed
        #expect(s[place - 1] - s[place + 1] > factor * curve.noise, "\(seed)")
        steep += 1
      case .none(let reason): if reason.hasPrefix("no place is steeper") { flat += 1 }
      }
    }
    #expect(steep > 20 && flat > 20, "\(steep) steep, \(flat) flat")
  }

  @Test func severalSeedsAreOneInterval() {
    typealias Outcome = RateSuggestion.Outcome
    let none = Outcome.none("noise")
    func interval(_ rates: [Double], nones: Int = 0) -> RateInterval {
      RateInterval(rates.map { .rate($0) } + [Outcome](repeating: none, count: nones))
    }
    #expect(interval([1, 100, 10]).outcome == .rate(10))
    #expect(interval([1, 100, 10]).range == 1...100)
    // In the logarithm.
    #expect(abs(interval([1, 100]).outcome.rate! - 10) < 1e-14)
    #expect(interval([0.3, 0.3]).outcome == .rate(0.3))
    #expect(interval([1, 2, 3], nones: 2).outcome == .rate(2))
    for (rates, nones) in [([1.0], 1), ([1, 2], 2), ([1], 3), ([], 1)] as [([Double], Int)] {
      let none = interval(rates, nones: nones)
      #expect(none.outcome.rate == nil && none.range == nil, "\(rates) \(nones)")
      #expect(none.outcome.reason?.contains("noise") == true)
      #expect(none.found == rates.count && none.of == rates.count + nones)
    }
  }
}
