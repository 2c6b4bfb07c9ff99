internal import Hypergradient
internal import PortableMath
internal import Testing

/// What is known exactly of hypergradient descent on functions of one variable; the list with its
/// sources is Papers/ExactFacts.
@Suite struct ExactFactsTests {
  /// The multiplicative form on x²/2, whose rate is q = λα, by the library's optimizer: q of each step
  /// and |x| after over |x| before. Where x has become small it is made larger by a power of two,
  /// which no cosine sees.
  private func multiplicative(
    from q: Double, beta: Double, steps: Int
  ) -> (q: [Double], factor: [Double]) {
    var optimizer = Optimizer(
      GradientDescent<Double>(),
      HypergradientDescent(initial: q, hyperLearningRate: beta, form: .multiplicative),
      parameterCount: 1)
    var theta = [1.0]
    var (rates, factors): ([Double], [Double]) = ([], [])
    for _ in 0..<steps {
      let before = abs(theta[0])
      optimizer.step(&theta, gradient: theta)
      rates.append(optimizer.learningRate)
      factors.append(abs(theta[0]) / before)
      if abs(theta[0]) < 0x1p-100 { theta[0] *= 0x1p100 }
      if abs(theta[0]) > 0x1p100 { theta[0] *= 0x1p-100 }
    }
    return (rates, factors)
  }

  /// log(1+β)/log((1+β)/(1−β)): the share of steps down.
  private func rotation(_ beta: Double) -> Double {
    Portable.log(1 + beta) / Portable.log((1 + beta) / (1 - beta))
  }

  // MARK: The multiplicative form on a quadratic

  @Test(arguments: [0.01, 0.05, 0.3, 0.5, 0.9]) func theRateIsAPiecewiseLinearMap(
    _ beta: Double
  ) {
    let (q, _) = multiplicative(from: 0.01, beta: beta, steps: 800)
    for (now, next) in zip(q, q.dropFirst()) {
      let expected = now < 1 ? (1 + beta) * now : (1 - beta) * now
      #expect(relativeDifference(next, expected) <= 1e-14, "q = \(now)")
    }
  }

  /// From below, the band [1−β, 1+β] is entered after ⌈log((1−β)/q₀)/log(1+β)⌉ steps.
  @Test(arguments: [(0.002, 0.05), (0.002, 0.2), (1e-6, 0.05), (1e-6, 0.5), (0.3, 0.01)])
  func theBandIsEnteredInTime(_ first: Double, _ beta: Double) {
    let exact = Portable.log((1 - beta) / first) / Portable.log(1 + beta)
    let expected = Int(exact.rounded(.up))
    if (first, beta) == (0.002, 0.05) { #expect(expected == 127) }
    let (q, factor) = multiplicative(from: first, beta: beta, steps: expected + 300)
    #expect(q.firstIndex { $0 >= 1 - beta } == expected)
    for step in expected..<q.count {
      #expect(q[step] >= (1 - beta) * (1 - 1e-13) && q[step] <= (1 + beta) * (1 + 1e-13))
      #expect(factor[step] <= beta * (1 + 1e-12))
    }
  }

  /// Theorem 3.2.4: no start and no α₀ is too large, though x may grow by a hundred powers of ten on
  /// the way.
  @Test func aRateFarTooLargeComesBack() {
    let (q, factor) = multiplicative(from: 1000, beta: 0.05, steps: 400)
    #expect(factor[0] == 999)
    #expect(q.suffix(200).allSatisfy { (0.94...1.06).contains($0) })
    #expect(factor.suffix(200).allSatisfy { $0 <= 0.051 })
  }

  @Test(arguments: [0.05, 0.2, 0.5, 0.75, 0.9]) func theShareOfStepsDownIsTheRotationNumber(
    _ beta: Double
  ) {
    let (q, _) = multiplicative(from: 1 - beta / 2, beta: beta, steps: 5001)
    var down = 0
    for step in 1...5000 {
      if q[step] < q[step - 1] { down += 1 }
      // q stays in a band as wide as the two factors together: the count is off by 1 at most.
      #expect(abs(Double(down) - rotation(beta) * Double(step)) <= 1 + 1e-6)
    }
    if beta == 0.5 {
      let up = 1 - Double(down) / 5000
      #expect(abs(up - 0.63093) < 2e-4)
      #expect(abs(1 - rotation(0.5) - 0.6309297535714574) < 1e-15)
    }
  }

  /// β = ½ has an irrational rotation number: log q is spread evenly over the band, every part of
  /// which is visited.
  @Test func theBandIsFilledEvenlyInTheLogarithm() {
    let (steps, bins) = (20_000, 200)
    let (q, _) = multiplicative(from: 0.8, beta: 0.5, steps: steps)
    var counts = [Int](repeating: 0, count: bins)
    for value in q {
      let place = Portable.log(value / 0.5) / Portable.log(3.0 as Double)
      counts[min(bins - 1, max(0, Int(place * Double(bins))))] += 1
    }
    // 100 are expected in each.
    #expect(counts.allSatisfy { (90...110).contains($0) }, "\(counts.min()!)...\(counts.max()!)")
  }

  /// β = (√5−1)/2, (1+β)²(1−β) = 1, is the other kind: three values for ever.
  @Test func theGoldenRateVisitsThreePoints() {
    let beta = (5.0.squareRoot() - 1) / 2
    #expect(abs((1 + beta) * (1 + beta) * (1 - beta) - 1) < 1e-15)
    #expect(abs(rotation(beta) - 1.0 / 3) < 1e-15)
    let (q, _) = multiplicative(from: 0.7, beta: beta, steps: 3000)
    for step in 3..<3000 { #expect(relativeDifference(q[step], q[step % 3]) < 1e-12) }
    #expect(Set(q.prefix(3)).count == 3)
  }

  // MARK: Where it must fail

  /// Theorem 3.2.1: on x⁴, which is not smooth, β < 8/9 and |x₀| ≥ 1/√α₀ give |x_{t+1}| ≥ 3|x_t|.
  @Test func theQuarticDiverges() {
    var draw = RandomStream(RandomKey("tests.facts.quartic"))
    for _ in 0..<50 {
      let beta = 8.0 / 9 * draw.uniform()
      let alpha = Portable.pow(10, 6 * draw.uniform() - 3)
      let start = (1 + draw.uniform()) / alpha.squareRoot()
      let x = quartic(from: start, alpha: alpha, beta: beta)
      for (now, next) in zip(x, x.dropFirst()) {
        #expect(abs(next) >= 3 * abs(now) * (1 - 1e-12), "β \(beta), α₀ \(alpha), x \(now)")
      }
      #expect(x.count > 2 && abs(x.last!) > 1e20)
    }
  }

  /// 8/9 is sharp: beyond it, from α₀ x₀² = 1, the second step grows by less than three.
  @Test func theBoundOfTheQuarticIsSharp() {
    let below = quartic(from: 1, alpha: 1, beta: 8.0 / 9 - 1e-3)
    let above = quartic(from: 1, alpha: 1, beta: 8.0 / 9 + 1e-3)
    #expect(abs(below[1]) == 3 && abs(above[1]) == 3)
    #expect(abs(below[2] / below[1]) > 3)
    #expect(abs(above[2] / above[1]) < 3)
  }

  /// x after each step while |x| < 10⁵⁰.
  private func quartic(from start: Double, alpha: Double, beta: Double) -> [Double] {
    var optimizer = Optimizer(
      GradientDescent<Double>(),
      HypergradientDescent(initial: alpha, hyperLearningRate: beta, form: .multiplicative),
      parameterCount: 1)
    var (theta, x) = ([start], [start])
    while abs(theta[0]) < 1e50, x.count < 100 {
      optimizer.step(&theta, gradient: [4 * theta[0] * theta[0] * theta[0]])
      x.append(theta[0])
    }
    return x
  }

  /// The paper's unbounded additive form on x₁² + x₂² from (1, 1), α₀ = 0.95, β = 1: α is −6.25, 81,
  /// −1.9·10⁵, and x is lost. A floor at zero does not save it; a ceiling below 2/L does.
  @Test func theUnboundedFormDiverges() {
    func run(_ bounds: ClosedRange<Double>, steps: Int) -> (rates: [Double], x: [Double]) {
      var optimizer = Optimizer(
        GradientDescent<Double>(),
        HypergradientDescent(initial: 0.95, hyperLearningRate: 1, within: bounds),
        parameterCount: 2)
      var theta = [1.0, 1]
      var (rates, x): ([Double], [Double]) = ([], [])
      for _ in 0..<steps {
        optimizer.step(&theta, gradient: theta.map { 2 * $0 })
        rates.append(optimizer.learningRate)
        x.append(abs(theta[0]))
      }
      return (rates, x)
    }
    let unbounded = run(HypergradientDescent.unbounded, steps: 8)
    #expect(unbounded.rates[0] == 0.95)
    #expect(abs(unbounded.rates[1] + 6.25) < 1e-12)
    #expect(abs(unbounded.rates[2] - 81.23) < 1e-10)
    #expect(abs(unbounded.rates[3] / -1.9e5 - 1) < 0.01)
    #expect(unbounded.x.last! > 1e100)

    let floored = run(0...Double.greatestFiniteMagnitude, steps: 12)
    #expect(floored.rates.allSatisfy { $0 >= 0 && $0.isFinite })
    #expect(floored.x.last! > 1e20)

    let bounded = run(0...0.95, steps: 400)
    for (now, next) in zip(bounded.x, bounded.x.dropFirst()) { #expect(next <= now) }
    #expect(bounded.x.last! < 0.05)
  }

  // MARK: Under noise

  /// With curvature l, gradient noise of variance s and a constant rate a, once in the noise ball,
  /// E⟨g_{t+1}, g_t⟩ = −a l s/(2 − a l) and E g² = 2s/(2 − a l): the correlation −a l/2 is below zero
  /// for every stable rate.
  @Test(arguments: [(0.1, 1.0, 1.0), (1.5, 1.0, 1.0), (0.5, 2.0, 0.25), (0.02, 10.0, 4.0)])
  func theAlignmentInTheNoiseBallIsNegative(_ a: Double, _ l: Double, _ s: Double) {
    let (count, batches, length) = (128, 40, 75)
    var optimizer = Optimizer(GradientDescent<Double>(), Recorder(a), parameterCount: count)
    var theta = [Double](repeating: 0, count: count)
    let key = RandomKey("tests.facts.stationary")
    func run(_ steps: Range<Int>) {
      for step in steps {
        var draw = RandomStream(key, step: step)
        optimizer.step(&theta, gradient: theta.map { l * $0 + s.squareRoot() * draw.normal() })
      }
    }
    // Twenty times the ball's own time scale.
    let burnIn = Int(20 / (a * l)) + 20
    run(0..<burnIn)
    var (alignments, squares): ([Double], [Double]) = ([], [])
    for batch in 0..<batches {
      optimizer.controller.clear()
      run((burnIn + batch * length)..<(burnIn + (batch + 1) * length))
      let samples = Double(count * length)
      alignments.append(optimizer.controller.alignment / samples)
      squares.append(optimizer.controller.square / samples)
    }
    let (alignment, square) = (Mean(alignments), Mean(squares))
    #expect(alignment.isWithin(4, of: -a * l * s / (2 - a * l)), "\(alignment)")
    #expect(square.isWithin(4, of: 2 * s / (2 - a * l)), "\(square)")
    // The interval is narrow enough to tell the law from its neighbours.
    #expect(alignment.error < 0.005 * square.value)
    #expect(abs(alignment.value / square.value + a * l / 2) < 0.02)
    if (a, l) == (0.1, 1.0) { #expect(abs(alignment.value / square.value + 0.05) < 0.01) }
    #expect(alignment.value + 3 * alignment.error < 0)
  }

  /// Sums what it sees, at a constant rate.
  private struct Recorder: LearningRateController {
    let learningRate: Double
    private(set) var alignment = 0.0
    private(set) var square = 0.0

    init(_ learningRate: Double) { self.learningRate = learningRate }

    var requirements: ControllerRequirements {
      ControllerRequirements(signals: [.alignment, .gradientNorm])
    }

    mutating func clear() { (alignment, square) = (0, 0) }

    mutating func decide(_ signals: StepSignals) -> StepDecision {
      alignment += signals.alignment
      square += signals.gradientNorm * signals.gradientNorm
      return .step(learningRate)
    }
  }

  /// A mean of batches and its standard error.
  private struct Mean: CustomStringConvertible {
    let value: Double
    let error: Double

    init(_ batches: [Double]) {
      let n = Double(batches.count)
      let mean = batches.reduce(0, +) / n
      value = mean
      error = (batches.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1) / n).squareRoot()
    }

    func isWithin(_ errors: Double, of expected: Double) -> Bool {
      abs(value - expected) <= errors * error
    }

    var description: String { "\(value) ± \(error)" }
  }
}
