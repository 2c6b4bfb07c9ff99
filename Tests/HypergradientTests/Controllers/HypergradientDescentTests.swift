internal import Hypergradient
internal import PortableMath
internal import Testing

/// Hypergradient descent against its equations, its theorem and exact facts on quadratics.
@Suite struct HypergradientDescentTests {
  /// The paper's Algorithm 4, with its order: α moves on g_t and u_{t−1} before θ does.
  @Test func additiveFormInThePapersOrder() {
    let (curvatures, beta) = ([1.0, 0.25, 3], 0.0625)
    var optimizer = Optimizer(
      GradientDescent<Double>(),
      HypergradientDescent(initial: 0.125, hyperLearningRate: beta), parameterCount: 3)
    var theta = [1.0, -2, 0.5]
    var expected = theta
    var alpha = 0.125
    var previous = [0.0, 0, 0]
    for step in 0..<20 {
      let g = zip(curvatures, expected).map { $0 * $1 }
      alpha = max(0, alpha + beta * dot(g, previous))
      for i in 0..<3 { expected[i] -= alpha * g[i] }
      previous = g
      optimizer.step(&theta, gradient: zip(curvatures, theta).map { $0 * $1 })
      if step == 0 { #expect(optimizer.learningRate == 0.125) }
      #expect(relativeDifference(optimizer.learningRate, alpha) <= 1e-13)
      #expect(zip(theta, expected).allSatisfy { abs($0 - $1) <= 1e-13 })
    }
    #expect(optimizer.learningRate > 0.2, "the rate has not moved")
  }

  @Test func multiplicativeFormFollowsTheCosine() {
    var control = HypergradientDescent(
      initial: 0.5, hyperLearningRate: 0.25, form: .multiplicative)
    func rate(_ alignment: Double, _ g: Double, _ u: Double) -> Double {
      control.learningRate(
        for: StepSignals(
          step: 1, alignment: alignment, gradientNorm: g, previousDirectionNorm: u))
    }
    #expect(rate(0, 2, 0) == 0.5)
    #expect(rate(4, 2, 4) == 0.5625)
    #expect(rate(-8, 4, 2) == 0.421875)
    // A cosine past 1 by rounding is 1; norms whose product overflows are no obstacle.
    #expect(rate(1e300, 1e150, 1e150 * (1 - 1e-15)) == 0.52734375)
    #expect(rate(0.5e200, 1e200, 1) == 0.52734375 * 1.125)
  }

  @Test func transitionMixesTheLearnedRateWithTheFinalOne() {
    let (final, power) = (0.25, 2.0)
    var plain = HypergradientDescent(initial: 1, hyperLearningRate: 0.125)
    var mixed = HypergradientDescent(
      initial: 1, hyperLearningRate: 0.125,
      transitionTo: final, transitionPower: power)
    for step in 0..<50 {
      let signals = StepSignals(step: step, alignment: step == 0 ? 0 : 1 / Double(step))
      let alpha = plain.learningRate(for: signals)
      let delta = 1 / Double((step + 1) * (step + 1))
      let expected = delta * alpha + (1 - delta) * final
      #expect(relativeDifference(mixed.learningRate(for: signals), expected) <= 1e-15)
      #expect(mixed.alpha == alpha)
    }
    #expect(abs(mixed.learningRate - final) < 1e-3)
  }

  /// |α_t| ≤ |α_0| + t β M², the bound in the proof of the paper's Theorem 5.1, for gradients of
  /// norm at most M; reached where all gradients are the same.
  @Test func theRateGrowsAtMostLinearly() {
    let (initial, beta, bound) = (0.5, 0.25, 2.0)
    for isFlat in [true, false] {
      var draw = RandomStream(RandomKey("tests.hypergradient.bound"))
      var optimizer = Optimizer(
        GradientDescent<Double>(),
        HypergradientDescent(
          initial: initial, hyperLearningRate: beta,
          within: -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude),
        parameterCount: 2)
      var theta = [0.0, 0]
      for step in 0..<500 {
        let x = isFlat ? 1 : 2 * draw.uniform() - 1
        let gradient = [bound * x, bound * (isFlat ? 0 : (1 - x * x).squareRoot())]
        optimizer.step(&theta, gradient: gradient)
        let most = initial + Double(step) * beta * bound * bound
        #expect(abs(optimizer.learningRate) <= most * (1 + 1e-12))
        if isFlat { #expect(optimizer.learningRate == most) }
      }
    }
  }

  // MARK: The multiplicative form on λx²/2, with q = λα: q ← (1+β)q below 1, (1−β)q above.

  /// Runs it with λ = 1 and returns q before each step.
  private func quadratic(from q: Double, beta: Double, steps: Int) -> (q: [Double], x: [Double]) {
    var optimizer = Optimizer(
      GradientDescent<Double>(),
      HypergradientDescent(initial: q, hyperLearningRate: beta, form: .multiplicative),
      parameterCount: 1)
    var theta = [1.0]
    var (rates, positions) = ([Double](), theta)
    for _ in 0..<steps {
      optimizer.step(&theta, gradient: theta)
      rates.append(optimizer.learningRate)
      positions.append(theta[0])
    }
    return (rates, positions)
  }

  /// The band [1−β, 1+β] is entered after ⌈log((1−β)/q₀)/log(1+β)⌉ = 127 steps for q₀ = 0.002,
  /// β = 0.05, is never left, and in it x shrinks by β at least.
  @Test func theBandIsEnteredAfter127StepsAndKept() {
    let (q, x) = quadratic(from: 0.002, beta: 0.05, steps: 200)
    #expect(q.firstIndex { $0 >= 0.95 } == 127)
    for step in 127..<200 {
      #expect((0.95...1.05).contains(q[step]))
      #expect(abs(x[step + 1]) <= 0.05 * abs(x[step]) * (1 + 1e-12))
    }
  }

  /// β = (√5−1)/2: twice up and once down is the factor (1+β)²(1−β) = 1.
  @Test func theGoldenHyperLearningRateHasPeriodThree() {
    let (q, _) = quadratic(from: 0.7, beta: (5.0.squareRoot() - 1) / 2, steps: 60)
    for step in 6..<60 { #expect(relativeDifference(q[step], q[step - 3]) <= 1e-14) }
    #expect(abs(q[6] - q[7]) > 0.1 && abs(q[7] - q[8]) > 0.1)
  }

  /// The share of steps up tends to log(1/(1−β))/log((1+β)/(1−β)) = 0.63093 for β = ½; since q
  /// stays in the band, the count is never off by more than one.
  @Test func stepsUpAndDownKeepTheRotationNumber() {
    var control = HypergradientDescent(
      initial: 0.9, hyperLearningRate: 0.5, form: .multiplicative)
    let share = Portable.log(2.0 as Double) / Portable.log(3.0 as Double)
    #expect(abs(share - 0.63093) < 1e-5)
    var up = 0
    for step in 1...3_000 {
      let before = control.alpha
      let q = control.learningRate(
        for: StepSignals(
          step: step, alignment: before < 1 ? 1 : -1, gradientNorm: 1, previousDirectionNorm: 1))
      #expect((0.5...1.5).contains(q))
      if q > before { up += 1 }
      #expect(abs(Double(up) - share * Double(step)) <= 1.001)
    }
  }

  // MARK: Towers and combinators, by finite differences of real steps.

  /// The alignment that a recording controller sees, deep in a tower or under combinators, is −∂f
  /// by its own last rate.
  @Test(arguments: Wrapping.allCases) func theAlignmentBelowIsTheDerivativeToo(
    _ wrapping: Wrapping
  ) {
    // Towers are moved by powers of gradients.
    let rates: [Wrapping: Double] = [.towerOfTwo: 1e-3, .scaledTower: 1e-3, .towerOfThree: 1e-5]
    let (steps, rate) = (4, rates[wrapping] ?? 0.05)
    let h = rate * 1e-3
    func run(last: Double) -> (loss: Double, alignment: Double) {
      let lines = (0...steps).map { Script.Line.step($0 == steps - 1 ? last : rate) }
      func drive<C: LearningRateController>(
        _ controller: C, _ script: (C) -> Script
      ) -> (loss: Double, alignment: Double) {
        var optimizer = Optimizer(Nesterov<Double>(momentum: 0.5), controller, parameterCount: 6)
        var theta: [Double] = LawFixtures.start(6)
        for _ in 0..<steps { optimizer.step(&theta, gradient: LawFixtures.gradient(theta)) }
        let loss = LawFixtures.objective(theta, penalty: 0)
        optimizer.step(&theta, gradient: LawFixtures.gradient(theta))
        return (loss, script(optimizer.controller).alignments[steps])
      }
      let script = Script(lines)
      switch wrapping {
      case .scaled: return drive(script.scaled(by: .linearWarmup(over: 9))) { $0.base }
      case .clamped: return drive(script.clamped(to: 0...1)) { $0.base }
      case .scaledTwice:
        return drive(script.scaled(by: .constant(0.5)).scaled(by: .linear(from: 1, to: 2, over: 9)))
        {
          $0.base.base
        }
      case .towerOfTwo:
        return drive(HypergradientDescent(initial: 0.03, by: GradientDescent(), script)) {
          $0.optimizer.controller
        }
      case .towerOfTwoByAdam:
        return drive(HypergradientDescent(initial: 0.1, by: Adam(), script)) {
          $0.optimizer.controller
        }
      case .towerOfThree:
        let middle = HypergradientDescent(initial: 0.002, by: GradientDescent(), script)
        return drive(HypergradientDescent(initial: 0.03, by: GradientDescent(), middle)) {
          $0.optimizer.controller.optimizer.controller
        }
      case .scaledTower:
        return drive(
          HypergradientDescent(initial: 0.03, by: GradientDescent(), script)
            .scaled(by: .linearWarmup(over: 9))
        ) { $0.base.optimizer.controller }
      }
    }
    let slope = (run(last: rate + h).loss - run(last: rate - h).loss) / (2 * h)
    let alignment = run(last: rate).alignment
    #expect(abs(alignment) > 1e-3, "the law would hold for anything")
    #expect(abs(alignment + slope) <= 1e-6 * abs(slope), "\(alignment), ∂f/∂η = \(slope)")
  }

  enum Wrapping: CaseIterable {
    case scaled, clamped, scaledTwice, towerOfTwo, towerOfTwoByAdam, towerOfThree, scaledTower
  }

  private func dot(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
