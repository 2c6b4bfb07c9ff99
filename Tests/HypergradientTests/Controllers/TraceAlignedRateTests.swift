internal import Foundation
internal import Hypergradient
internal import PortableMath
internal import Testing

/// The equations of the trace-aligned rate, against an independent evaluation.
@Suite struct TraceAlignedRateTests {
  /// What was recorded at a step, and what was decided: the loss, ⟨u_{t−1}, g_t⟩, ‖g_t‖, ‖u_{t−1}‖,
  /// ⟨u_{t−1}, g_{t−1}⟩, ⟨T_{t−1}, g_t⟩, ‖T_{t−1}‖; the decision and 1 − 1/τ.
  struct Line {
    let signals: StepSignals
    let decision: StepDecision
    let traceDecay: Double

    init(
      _ loss: Double, _ alignment: Double, _ gradientNorm: Double, _ directionNorm: Double,
      _ previousAlignment: Double, _ traceAlignment: Double, _ traceNorm: Double,
      _ decision: StepDecision, _ traceDecay: Double
    ) {
      signals = StepSignals(
        step: 0, loss: loss, alignment: alignment, gradientNorm: gradientNorm,
        previousDirectionNorm: directionNorm, previousDirectionAlignment: previousAlignment,
        traceAlignment: traceAlignment, traceNorm: traceNorm)
      self.decision = decision
      self.traceDecay = traceDecay
    }
  }

  /// With α₀ = 8 over 20 steps. The decisions were computed from the documented equations with 40
  /// decimal digits, step by step, in another language. The second direction is longer than the first,
  /// the ninth gradient shorter than the mean; at the fourth the loss falls by twice what slopes foretell; the
  /// tenth is rejected; the loss jumps at the fourteenth.
  static let recorded: [Line] = [
    Line(
      4.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, .step(0.08), 0.96),
    Line(
      3.75, 2.625, 2.0, 1.5, 3.0, 2.625, 1.5, .step(0.0913799998664715388), 0.96),
    Line(
      3.5, 3.0, 1.75, 2.0, 4.0, 6.0, 3.75, .step(0.089624008518395422), 0.96),
    Line(
      3.0, 2.5, 1.5, 1.75, 3.0625, 6.0, 5.0, .step(0.0662316322410298607), 0.96),
    Line(
      3.25, -1.25, 1.75, 1.5, 2.25, 1.0, 6.0, .step(0.0673764301485638085), 0.96),
    Line(
      2.5, 0.75, 1.5, 1.75, 3.0625, 1.5, 6.5, .step(0.0724909729239311467), 0.96),
    Line(
      2.25, 1.5, 1.25, 1.5, 2.25, -1.0, 7.0, .step(0.0725170967166603455), 0.96),
    Line(
      2.0, 1.25, 1.25, 1.25, 1.5625, 5.0, 7.5, .step(0.0978878417028248238), 0.96),
    Line(
      1.75, 0.5625, 0.5, 1.25, 1.5625, 3.25, 8.0, .step(0.124623328240548712), 0.96),
    Line(
      2.0, -8.0, 12.0, 1.125, 1.265625, -20.0, 8.5, .retake(0.0170227480396027752), 0.96),
    Line(
      1.5, 0.25, 1.0, 1.125, 1.265625, 1.0, 8.5, .step(0.0174657601666755755), 0.96),
    Line(
      1.25, 0.875, 1.0, 1.0, 1.0, 6.0, 9.0, .step(0.0170383425926203545), 0.96),
    Line(
      1.0, 0.9375, 1.0, 1.0, 1.0, 8.0, 9.5, .step(0.0157979284805965651), 0.96),
    Line(
      40.0, 0.5, 0.75, 1.0, 1.0, 1.0, 10.0, .restore(0.00346648455159060077), 0.96),
    Line(
      1.0, 0.0, 0.75, 0.0, 0.0, 0.0, 0.0, .step(0.00285787210973191782), 0.96),
    Line(
      1.25, 0.25, 0.75, 0.75, 0.5625, 0.25, 0.75, .step(0.00218322002083444693), 0.96),
    Line(
      0.75, 0.25, 0.5, 0.75, 0.5625, 0.25, 0.75, .step(0.00150856793193697605), 0.96),
  ]

  @Test func theEquationsHoldOnARecordedSequence() {
    var control = TraceAlignedRate(initial: 8, steps: 20)
    for (step, line) in Self.recorded.enumerated() {
      var signals = line.signals
      signals.step = step
      let decision = control.decide(signals)
      switch (decision, line.decision) {
      case (.step(let rate), .step(let expected)), (.retake(let rate), .retake(let expected)),
        (.restore(let rate), .restore(let expected)):
        #expect(relativeDifference(rate, expected) <= 1e-13, "step \(step): \(rate)")
      default: Issue.record("step \(step): \(decision), expected \(line.decision)")
      }
      #expect(abs(control.requirements.traceDecay - line.traceDecay) <= 1e-15, "step \(step)")
      #expect(control.learningRate == decision.rate)
    }
  }

  // MARK: Each equation by hand

  /// Signals with a trace of length 1, and a direction of length 1 if none is given. Their losses do not
  /// follow their slopes, which is noise: controllers here are without a retreat from it.
  private func unit(
    _ step: Int, c: Double, L: Double = 0, norm: Double = 1, loss: Double = 1, slope: Double = 1,
    length: Double = 1
  ) -> StepSignals {
    StepSignals(
      step: step, loss: loss, alignment: c * norm * length, gradientNorm: norm,
      previousDirectionNorm: length, previousDirectionAlignment: slope, traceAlignment: L * norm,
      traceNorm: 1)
  }

  /// The first step, at which there is no direction yet.
  private func first(loss: Double = 1) -> StepSignals {
    StepSignals(
      step: 0, loss: loss, alignment: 0, gradientNorm: 1, previousDirectionNorm: 0,
      previousDirectionAlignment: 0, traceAlignment: 0, traceNorm: 0)
  }

  private func rate(_ decision: StepDecision) throws -> Double {
    try #require(decision.rate)
  }

  /// Past the first step: b = ln 0.01 from α₀ = 1.
  private func begun(
    _ control: TraceAlignedRate = TraceAlignedRate(initial: 1, steps: 1_000_000, noiseRetreat: 1)
  ) -> TraceAlignedRate {
    var control = control
    _ = control.decide(first())
    return control
  }

  @Test func itBeginsAtAShareOfTheGuess() throws {
    var control = TraceAlignedRate(initial: 3, steps: 1000)
    #expect(relativeDifference(try rate(control.decide(first())), 0.03) <= 1e-14)
    var half = TraceAlignedRate(initial: 3, steps: 1000, start: 0.5)
    #expect(relativeDifference(try rate(half.decide(first())), 1.5) <= 1e-14)
  }

  /// L/√(W/V) is ±1 at the first step with a direction; x is nearly 0.
  @Test func theSetPointIsWhereAlignmentAndGreedBalance() throws {
    for (L, z) in [(0.25, 1.5 / 25), (-0.25, -0.5 / 25), (0, 0.5 / 25)] {
      var control = begun()
      let decision = control.decide(unit(1, c: 0, L: L))
      #expect(relativeDifference(try rate(decision), 0.01 * Portable.exp(z)) <= 1e-6)
    }
    var control = begun()
    _ = control.decide(unit(1, c: 0, L: 0.25))
    let before = control.learningRate
    // V = 1/25 + (24/25)/25, W = (1/16)(24/25)/25 + (1/4)/25.
    let V = 0.04 + 0.96 * 0.04
    let W = 0.0625 * 0.96 * 0.04 + 0.25 * 0.04
    let z = (-0.5 / (W / V).squareRoot() + 0.5) / 25
    let decision = control.decide(unit(2, c: 0, L: -0.5))
    #expect(relativeDifference(try rate(decision), before * Portable.exp(z)) <= 1e-6)
  }

  /// Half of the greed is left after a quarter of the steps; past the middle it is caution alone that
  /// moves the rate.
  @Test func greedTurnsIntoCaution() throws {
    for (step, factor) in [(250, 0.25), (600, -0.1), (1000, -0.5)] {
      var control = begun(
        TraceAlignedRate(initial: 1, steps: 1000, windowGrowth: 0, noiseRetreat: 1, decayFrom: 1))
      _ = control.decide(unit(step, c: 0, L: 0))
      _ = control.decide(unit(step, c: 0, L: 0))
      var other = control
      let before = control.learningRate
      let z = factor / 25
      let decision = control.decide(unit(step, c: 0, L: 0))
      if step < 1000 {
        #expect(relativeDifference(try rate(decision), before * Portable.exp(z)) <= 1e-13)
      } else {
        #expect(try rate(decision) == 0)
      }
      // Aligned gradients raise it in the first half alone.
      let raised = try rate(other.decide(unit(step, c: 0.1, L: 0.1)))
      #expect(step <= 500 ? raised > before : raised <= before)
    }
  }

  /// After n steps of c = 1, c̄ = 1 − 0.8ⁿ, and q = c̄.
  @Test func coherentGradientsGrowFast() throws {
    var control = begun()
    var plain = begun(TraceAlignedRate(initial: 1, steps: 1_000_000, coherence: 1, noiseRetreat: 1))
    for step in 1..<9 {
      let before = control.learningRate
      let mean = 1 - Portable.pow(0.8, Double(step))
      let z = min(0.3, 1.5 / 25 + max(0, mean - 0.1))
      let decision = control.decide(unit(step, c: 1, L: 1))
      #expect(
        relativeDifference(try rate(decision), before * Portable.exp(z)) <= 1e-5, "step \(step)")
      let slow = plain.learningRate
      #expect(
        relativeDifference(
          try rate(plain.decide(unit(step, c: 1, L: 1))), slow * Portable.exp(1.5 / 25)) <= 1e-5)
    }
  }

  /// At step 200 the window is 100, and the coherent part counts a quarter of 1 − 0.1.
  @Test func coherentGrowthFallsAsTheWindowGrows() throws {
    var control = begun()
    for step in 1..<200 { _ = control.decide(unit(step, c: 1, L: 1)) }
    let before = control.learningRate
    let decision = control.decide(unit(200, c: 1, L: 1))
    let z = (1 + 0.5 * (1 - 2 * 200 / 1e6)) / 100 + 25 / 100.0 * 0.9
    #expect(relativeDifference(try rate(decision), before * Portable.exp(z)) <= 1e-12)
  }

  /// ḡ is 1, and then 0.95, of which 0.095 is a tenth, and then below 2.
  @Test func gradientsThatShortenAreNotCoherentGrowth() throws {
    var control = begun(
      TraceAlignedRate(initial: 1, steps: 1_000_000, setPoint: 0, noiseRetreat: 1))
    for step in 1..<30 { _ = control.decide(unit(step, c: 1, L: 1)) }
    for (step, norm, share) in [(30, 0.5, 0.5), (31, 0.095, 0.1), (32, 2, 1)] {
      let before = control.learningRate
      let decision = control.decide(unit(step, c: 1, L: 1, norm: norm))
      let mean = 1 - Portable.pow(0.8, Double(step))
      let z = (1 + 25 * max(0, min(mean, share) - 0.1)) / 25
      #expect(
        relativeDifference(try rate(decision), before * Portable.exp(min(z, 0.3))) <= 1e-5,
        "step \(step)")
    }
  }

  /// What directions become longer than all before them, the rate becomes smaller, once.
  @Test(arguments: [0, 0.5, 1]) func directionsThatLengthenAreGivenBack(_ share: Double) throws {
    var control = begun(
      TraceAlignedRate(
        initial: 1, steps: 1_000_000, setPoint: 0, lengthening: share, noiseRetreat: 1))
    var kept = 1.0
    for (step, length, growth) in [
      (1, 3, 1), (2, 6, 2), (3, 1, 1), (4, 5, 1), (5, 9, 1.5), (6, 9, 1), (7, 9e9, 1e9),
      (8, 8e9, 1),
    ] {
      let decision = control.decide(unit(step, c: 0, length: length))
      // At most e a step.
      kept *= Portable.exp(max(-1, -share * Portable.log(growth)))
      #expect(relativeDifference(try rate(decision), 0.01 * kept) <= 1e-13, "step \(step)")
    }
  }

  /// A warm-up's factor makes no direction longer.
  @Test func aWarmUpIsNotGivenBack() {
    let plain = TraceAlignedRate(initial: 1, steps: 1_000_000, setPoint: 0, noiseRetreat: 1)
    var warmed = plain.scaled(by: LinearSchedule(from: 0, to: 1, over: 20))
    var both = plain.times(
      ConstantRate(1).scaled(by: LinearSchedule(from: 0.125, to: 1, over: 20)))
    _ = warmed.decide(first())
    _ = both.decide(first())
    for step in 1..<30 {
      _ = warmed.decide(unit(step, c: 0))
      _ = both.decide(unit(step, c: 0))
    }
    #expect(warmed.learningRate == plain.learningRate)
    #expect(both.learningRate == plain.learningRate)
  }

  /// A step on ½λx², from 1 by a rate α: both slopes foretell the change of the loss, and nothing is given
  /// back, whatever α. With an error of the loss above a quarter of what the two slopes are, or at a later
  /// step, the rate is halved, once; where the loss is no number nothing is judged.
  @Test(arguments: [0.001, 0.1, 0.45, 0.75, 0.9]) func lossesThatSlopesDoNotForetellHalveTheRate(
    _ alpha: Double
  ) throws {
    let lambda = 2.0
    let x = 1 - alpha * lambda
    // u = g = λ at first.
    let slopes = 0.5 * alpha * lambda * lambda * (1 + abs(x))
    for (error, divisors) in [
      (0, (1.0, 2.0)), (0.24, (1, 2)), (-0.24, (1, 2)), (0.26, (2, 2)), (-0.26, (2, 2)),
      (10, (2, 2)), (.nan, (1, 1)), (.infinity, (1, 1)),
    ] {
      var control = TraceAlignedRate(
        initial: alpha, steps: 1_000_000, start: 1, opposition: 1, setPoint: 0, coherence: 1,
        restoring: .never)
      _ = control.decide(first(loss: 0.5 * lambda))
      for (step, divisor) in [(1, divisors.0), (2, divisors.1), (3, divisors.1)] {
        let decision = control.decide(
          StepSignals(
            step: step,
            loss: 0.5 * lambda * x * x + (error + 100 * Double(step - 1)) * slopes,
            alignment: lambda * lambda * x, gradientNorm: lambda * abs(x),
            previousDirectionNorm: lambda, previousDirectionAlignment: lambda * lambda,
            traceAlignment: 0, traceNorm: 1))
        let isJudged = step == 1 || error.isFinite
        #expect(
          relativeDifference(try rate(decision), alpha / (isJudged ? divisor : 1)) <= 1e-12,
          "\(step), \(error)")
      }
    }
  }

  @Test func withoutNoiseAndGuardNoLossIsRead() {
    for (retreat, restoring, reads) in [
      (2.0, TraceAlignedRate.Restoring.never, true), (1, .best, true), (1, .never, false),
    ] {
      let control = TraceAlignedRate(
        initial: 1, steps: 9, noiseRetreat: retreat, restoring: restoring)
      #expect(control.requirements.signals.contains(.loss) == reads)
    }
  }

  @Test func theWindowGrowsWithTheSteps() {
    var control = begun()
    for step in 1...200 { _ = control.decide(unit(step, c: 0)) }
    #expect(abs(control.requirements.traceDecay - (1 - 1 / 100.0)) <= 1e-15)
    var fixed = begun(
      TraceAlignedRate(initial: 1, steps: 1_000_000, windowGrowth: 0, noiseRetreat: 1))
    for step in 1...200 { _ = fixed.decide(unit(step, c: 0)) }
    #expect(fixed.requirements.traceDecay == 1 - 1 / 25.0)
  }

  /// f = 1/(1 − ρ) of the last step is kept; e^b is multiplied with it, but by no less than e^−3.4.
  @Test func aRejectionPartiallyUndoesTheLastStep() throws {
    for (slope, c, factor) in [
      (2.0, -0.6, 0.25), (0.01, -0.9, 0.01), (1e3, -0.3, 0.5), (0, -0.6, 1 / 1.6),
    ] {
      var control = begun(
        TraceAlignedRate(initial: 1, steps: 1_000_000, setPoint: 0, coherence: 1, noiseRetreat: 1))
      let before = control.learningRate
      // ρ = 10 c / slope.
      let decision = control.decide(unit(1, c: c, norm: 10, slope: slope))
      let kept = min(factor, 0.5)
      guard case .retake(let rate) = decision else {
        Issue.record("\(decision)")
        continue
      }
      #expect(relativeDifference(rate, before * kept) <= 1e-13)
      let next = try self.rate(control.decide(unit(2, c: 0)))
      #expect(relativeDifference(next, before * max(kept, Portable.exp(-3.4))) <= 1e-13)
    }
    var off = begun(
      TraceAlignedRate(initial: 1, steps: 1_000_000, rejectAbove: 1e300, noiseRetreat: 1))
    if case .retake = off.decide(unit(1, c: -0.9, norm: 10)) { Issue.record("rejected") }
  }

  /// Gradients whose lengths vary by a factor of ten are not long for being ten times their mean: the
  /// deviation of their logarithms is ½ ln 10, and the mean is a half of it under the longer.
  @Test func aHeavyTailRejectsNothing() {
    for (spread, isRejected) in [(2.0, false), (0, true)] {
      var control = begun(
        TraceAlignedRate(
          initial: 1, steps: 1_000_000, rejectSpread: spread, noiseRetreat: 1, restoring: .never))
      for step in 1..<60 { _ = control.decide(unit(step, c: 0, norm: step % 2 == 0 ? 10 : 1)) }
      // ḡ is near 5.5, m = ½ ln 10, s = ½ ln 10.
      let decision = control.decide(unit(60, c: -0.9, norm: 25))
      if case .retake = decision {
        #expect(isRejected)
      } else {
        #expect(!isRejected)
      }
      // m + 2s = ln 31.6.
      if case .retake = control.decide(unit(61, c: -0.9, norm: 40)) {
      } else {
        Issue.record("a gradient past both bounds is long")
      }
    }
  }

  /// However many are rejected, one after the other, b stays within 3.4·25/τ of its mean: none of them
  /// is proof that the rate is too high. It is the first that comes to the floor, at step 200, where τ
  /// is 100; it closes no further while all are rejected.
  @Test func rejectionsInARowDoNotMakeTheRateCollapse() throws {
    var control = begun(
      TraceAlignedRate(
        initial: 1, steps: 1_000_000, setPoint: 0, noiseRetreat: 1, restoring: .never))
    for step in 1..<200 { _ = control.decide(unit(step, c: 0)) }
    let before = control.learningRate
    for step in 200..<400 {
      let decision = control.decide(unit(step, c: -0.9, norm: 100))
      guard case .retake = decision else {
        Issue.record("\(decision)")
        return
      }
    }
    let after = try rate(control.decide(unit(400, c: 0)))
    #expect(relativeDifference(after, before * Portable.exp(-3.4 * 25 / 100)) <= 1e-12)
    // While the window is the least, 3.4 is all of it.
    var early = begun(
      TraceAlignedRate(
        initial: 1, steps: 1_000_000, windowGrowth: 0, setPoint: 0, noiseRetreat: 1,
        restoring: .never))
    _ = early.decide(unit(1, c: 0))
    for step in 2..<20 { _ = early.decide(unit(step, c: -0.9, norm: 100)) }
    let least = try rate(early.decide(unit(20, c: 0)))
    #expect(relativeDifference(least, before * Portable.exp(-3.4)) <= 1e-12)
  }

  /// Every n-th step rejected, in a long run, or all but every n-th: b̄ follows b down, but b is held
  /// ever nearer to it.
  @Test(arguments: [2, 10], [false, true]) func allRejectionsOfARunTakeLittle(
    _ n: Int, areMost: Bool
  ) throws {
    var control = begun(
      TraceAlignedRate(
        initial: 1, steps: 1_000_000, setPoint: 0, noiseRetreat: 1, restoring: .never))
    var (b, atTwoHundred) = (0.0, 0.0)
    for step in 1..<4_000 {
      let isRejected = (step % n == 0) != areMost
      let decision = control.decide(
        unit(step, c: isRejected ? -0.9 : 0, norm: isRejected ? 100 : 1))
      guard case .step(let rate) = decision else { continue }
      b = Portable.log(rate / 0.01)
      if step <= 200 { atTwoHundred = b }
    }
    #expect(b > -20 && b < -3)
    #expect(b > atTwoHundred - 3)
  }

  /// After 200 steps τ is 100, and half of ln 4 is taken.
  @Test func aReturnToTheBestTakesLessAsTheWindowGrows() throws {
    var control = begun(
      TraceAlignedRate(initial: 1, steps: 1_000_000, setPoint: 0, noiseRetreat: 1))
    for step in 1..<200 { _ = control.decide(unit(step, c: 0)) }
    guard case .restore(let rate) = control.decide(unit(200, c: 0, loss: 40)) else {
      Issue.record("no loss")
      return
    }
    #expect(relativeDifference(rate, 0.005) <= 1e-12)
  }

  /// A loss that is lost again and again, as where every twentieth minibatch has another one: returns
  /// take no more from b than rejections do.
  @Test func allReturnsOfARunTakeLittle() throws {
    var control = begun(
      TraceAlignedRate(initial: 1, steps: 1_000_000, setPoint: 0, noiseRetreat: 1))
    var (b, atTwoHundred, returns) = (0.0, 0.0, 0)
    for step in 1..<4_000 {
      let isOther = returns < 400 && step % 5 == 0
      let decision = control.decide(unit(step, c: 0, loss: isOther ? 40 : 1))
      if case .restore = decision { returns += 1 }
      guard case .step(let rate) = decision else { continue }
      b = Portable.log(rate / 0.01)
      if step <= 200 { atTwoHundred = b }
    }
    #expect(returns > 5 && b > -20 && b > atTwoHundred - 3, "\(returns) returns, \(b)")
  }

  /// From step 1000 on τ is 500: fifty steps lie between two returns, where four did at first.
  @Test func returnsBecomeRarer() {
    var control = begun(
      TraceAlignedRate(initial: 1, steps: 1_000_000, setPoint: 0, noiseRetreat: 1))
    for step in 1..<1000 { _ = control.decide(unit(step, c: 0)) }
    var returns: [Int] = []
    for step in 1000..<1200 {
      let decision = control.decide(unit(step, c: 0, loss: returns.last == step - 1 ? 1 : 1e3))
      if case .restore = decision { returns.append(step) }
    }
    #expect(returns.count > 1)
    for (one, next) in zip(returns, returns.dropFirst()) { #expect(next - one >= 50) }
  }

  /// A loss that rises by itself, whatever is done: its best parameters do not bring it back. After two
  /// returns the guard is silent.
  @Test func aLossThatMovesEndsTheGuard() {
    var control = begun(
      TraceAlignedRate(initial: 1, steps: 1_000_000, setPoint: 0, noiseRetreat: 1))
    var returns = 0
    for step in 1..<2000 {
      let decision = control.decide(unit(step, c: 0, loss: 1 + Double(step)))
      if case .restore = decision { returns += 1 }
    }
    #expect(returns == 2)
  }

  /// Minibatches without a signal between others change nothing but the annealing, and the trace stands
  /// for the direction after them.
  @Test func aGradientOfZeroTellsNothing() throws {
    func silent(_ step: Int) -> StepSignals {
      StepSignals(
        step: step, loss: 0, alignment: 0, gradientNorm: 0, previousDirectionNorm: 0,
        previousDirectionAlignment: 0, traceAlignment: 0, traceNorm: 1)
    }
    let fixed = TraceAlignedRate(
      initial: 1, steps: 1_000_000, windowGrowth: 0, setPoint: 0, noiseRetreat: 1)
    var (sparse, dense) = (begun(fixed), begun(fixed))
    for step in 1..<60 {
      for gap in 0..<9 {
        let decision = sparse.decide(silent(10 * step + gap))
        #expect(try rate(decision) == dense.learningRate)
      }
      let decision = sparse.decide(unit(10 * step + 9, c: 0.5, L: 0.5, loss: 10))
      #expect(decision == dense.decide(unit(step, c: 0.5, L: 0.5, loss: 10)))
    }
    #expect(sparse.learningRate > 1)
    // After a direction of zero the trace's cosine is both.
    var (other, same) = (begun(fixed), begun(fixed))
    for step in 1..<9 {
      let decision = other.decide(
        StepSignals(
          step: step, loss: 1, alignment: 0, gradientNorm: 1, previousDirectionNorm: 0,
          previousDirectionAlignment: 0, traceAlignment: 0.5, traceNorm: 1))
      #expect(decision == same.decide(unit(step, c: 0.5, L: 0.5)))
    }
  }

  /// The annealed rate is not taken for e^b: after a rejection while annealing, the next rate is the
  /// share times what it would have been.
  @Test func aRejectionWhileAnnealingLosesItsShareAlone() throws {
    var control = begun(
      TraceAlignedRate(
        initial: 1, steps: 100, mostCut: 9, setPoint: 0, coherence: 1, noiseRetreat: 1,
        restoring: .never))
    for step in 1..<90 { _ = control.decide(unit(step, c: 0)) }
    _ = control.decide(unit(90, c: -0.6, norm: 10, slope: 2))
    let decision = control.decide(unit(91, c: 0))
    let annealing = 0.5 * (1 + Portable.cos(2 * Double.pi * (0.91 - 0.5)))
    #expect(relativeDifference(try rate(decision), 0.01 * 0.25 * annealing) <= 1e-12)
  }

  @Test func aGradientThatIsNotFiniteIsDiscarded() throws {
    for norm in [Double.nan, .infinity] {
      var control = begun(
        TraceAlignedRate(initial: 1, steps: 1_000_000, noiseRetreat: 1, restoring: .never))
      let before = control.learningRate
      let decision = control.decide(
        StepSignals(
          step: 1, alignment: 0, gradientNorm: norm, previousDirectionNorm: 1,
          previousDirectionAlignment: 1, traceAlignment: 0, traceNorm: 1))
      #expect(decision == .retake(before * 0.01))
      #expect(control.discardedGradients == 1)
      // Here the fault is certain: b falls by all of it.
      let next = try rate(control.decide(unit(2, c: 0)))
      #expect(relativeDifference(next, before * 0.01) <= 0.1)
    }
    var fresh = TraceAlignedRate(initial: 1, steps: 10)
    let decision = fresh.decide(
      StepSignals(
        step: 0, loss: .nan, alignment: 0, gradientNorm: .nan, previousDirectionNorm: 0,
        previousDirectionAlignment: 0, traceAlignment: 0, traceNorm: 0))
    #expect(decision == .skip)
  }

  @Test func theRateIsAnnealedToZeroAtTheHorizon() throws {
    var control = begun(
      TraceAlignedRate(initial: 1, steps: 200, setPoint: 0, coherence: 1, noiseRetreat: 1))
    for step in 1..<200 {
      let x = Double(step) / 200
      let annealing = x < 0.5 ? 1 : 0.5 * (1 + Portable.cos(2 * Double.pi * (x - 0.5)))
      let decision = control.decide(unit(step, c: 0))
      #expect(relativeDifference(try rate(decision), 0.01 * annealing) <= 1e-9, "step \(step)")
      #expect(try rate(decision) > 0)
    }
    #expect(try rate(control.decide(unit(200, c: 0))) == 0)
    #expect(try rate(control.decide(unit(300, c: 0))) == 0)
    var flat = begun(
      TraceAlignedRate(
        initial: 1, steps: 200, setPoint: 0, coherence: 1, noiseRetreat: 1, decayFrom: 1))
    for step in 1..<200 {
      #expect(relativeDifference(try rate(flat.decide(unit(step, c: 0))), 0.01) <= 1e-12)
    }
  }

  /// ℓ̄ moves by a fifth of the surprise: from 1 with σ = 0 a loss of 4 is a loss of more than half of
  /// what was gained since 2.
  @Test func aLostGainRestoresTheBestParameters() throws {
    var control = TraceAlignedRate(initial: 1, steps: 1000, noiseRetreat: 1)
    _ = control.decide(first(loss: 2))
    var rates: [Double] = []
    for step in 1..<40 { rates.append(try self.rate(control.decide(unit(step, c: 0.5, loss: 1)))) }
    #expect(control.requirements.isBest)
    let decision = control.decide(unit(40, c: 0.5, loss: 40))
    guard case .restore(let rate) = decision else {
      Issue.record("\(decision)")
      return
    }
    // The best was the step before, decided from the rate of the one before that.
    #expect(
      relativeDifference(rate, rates[rates.count - 2] / 4) <= 1e-13
        && !control.requirements.isBest)
    _ = control.decide(first(loss: 1))
    #expect(control.requirements.isBest)
    #expect(control.requirements.signals.contains(.loss) && control.requirements.keepsBest)
    var never = TraceAlignedRate(initial: 1, steps: 1000, noiseRetreat: 1, restoring: .never)
    #expect(!never.requirements.keepsBest && !never.requirements.signals.contains(.loss))
    _ = never.decide(first(loss: 2))
    for step in 1..<40 { _ = never.decide(unit(step, c: 0.5, loss: 1)) }
    if case .restore = never.decide(unit(40, c: 0.5, loss: 40)) { Issue.record("restored") }
  }

  /// The loss at which the guard begins to restore, computed here from sixty losses that fall from 3 to
  /// 1 ± ½: just below it nothing happens.
  @Test func theGuardFiresAtItsThreshold() throws {
    var control = TraceAlignedRate(initial: 1e-6, steps: 1000, noiseRetreat: 1)
    var (mean, variance, first, least) = (0.0, 0.0, 0.0, Double.infinity)
    for step in 0..<60 {
      let loss = step < 6 ? 3 : step % 2 == 0 ? 1.5 : 0.5
      let decision = control.decide(
        step == 0 ? self.first(loss: loss) : unit(step, c: step < 3 ? 0 : -0.3, loss: loss))
      if case .restore = decision { Issue.record("step \(step)") }
      let surprise = loss - mean
      if step > 0 {
        variance += max(1 / Double(step), 0.05) * (surprise * surprise - variance)
      }
      mean += max(1 / Double(step + 1), 0.2) * surprise
      if step < 4 { first = max(first, mean) }
      let isBest = mean + 2 * variance.squareRoot() <= least
      if isBest { least = mean + 2 * variance.squareRoot() }
      #expect(control.requirements.isBest == isBest, "step \(step)")
    }
    #expect(least < first)
    let limit = least + 0.5 * (first - least) + 1.5 * variance.squareRoot()
    // ℓ̄ + 0.2 (ℓ − ℓ̄) is the limit.
    let loss = mean + 5 * (limit - mean)
    for (factor, restores) in [(1 - 1e-9, false), (1 + 1e-9, true)] {
      var copy = control
      let decision = copy.decide(unit(60, c: 0, loss: loss * factor))
      if case .restore = decision {
        #expect(restores)
      } else {
        #expect(!restores)
      }
    }
    guard case .restore = control.decide(unit(60, c: 0, loss: .nan)) else {
      Issue.record("a loss that is no number is a loss")
      return
    }
  }

  /// On ½x² + ½·10y² from rates over twelve decades, three rules: the loss falls by 10⁶ in 300 steps.
  @Test(arguments: ["sgd", "nesterov(momentum: 0.9)", "adam"])
  func anyStartWillDoOnAQuadratic(_ text: String) throws {
    func check<R: UpdateRule<Double>>(_ rule: R) {
      for exponent in stride(from: -9.0, through: 3, by: 1) {
        var theta = [3.0, -2.0]
        var optimizer = Optimizer(
          rule, TraceAlignedRate(initial: Portable.pow(10, exponent), steps: 300), parameterCount: 2
        )
        func loss() -> Double { 0.5 * theta[0] * theta[0] + 5 * theta[1] * theta[1] }
        let start = loss()
        for _ in 0..<300 {
          optimizer.step(&theta, gradient: [theta[0], 10 * theta[1]], loss: loss())
        }
        #expect(loss() < 1e-6 * start, "from 10^\(exponent): \(loss())")
      }
    }
    check(try LawFixtures.rule(text).rule)
  }
}
