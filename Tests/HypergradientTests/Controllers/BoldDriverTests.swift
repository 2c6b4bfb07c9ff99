internal import Hypergradient
internal import PortableMath
internal import Testing

/// The bold driver, by hand and against the loop of MATLAB's `traingda` written out.
@Suite struct BoldDriverTests {
  private func decisions(_ control: BoldDriver, _ losses: [Double]) -> [StepDecision] {
    var control = control
    return losses.enumerated().map { step, loss in
      control.decide(StepSignals(step: step, loss: loss))
    }
  }

  private static let powersOfTwo = BoldDriver(
    initial: 1, growth: 2, shrinkage: 0.5, tolerance: 1.25)

  @Test func growsStaysOrTakesTheStepBack() {
    // 8; 7 fell; 8.7 rose by less than a quarter; 10.9 is more than 1.25 · 8.7, so is 11 again; 8.7 is no
    // less than 8.7; 8 fell.
    #expect(
      decisions(Self.powersOfTwo, [8, 7, 8.7, 10.9, 11, 8.7, 8])
        == [.step(1), .step(2), .step(2), .retake(1), .retake(0.5), .step(0.5), .step(1)])
  }

  /// MATLAB's ratio f_t/f has the wrong sign below zero.
  @Test func lossesMayBeNegative() {
    #expect(
      decisions(Self.powersOfTwo, [-8, -9, -7, -6.7]) == [.step(1), .step(2), .step(2), .step(2)])
    #expect(decisions(Self.powersOfTwo, [-8, -5.9]) == [.step(1), .retake(0.5)])
    #expect(decisions(Self.powersOfTwo, [0, 1e-300]) == [.step(1), .retake(0.5)])
  }

  @Test func lossesThatAreNotFiniteAreTakenBack() {
    for x in [Double.nan, .infinity, -.infinity] {
      #expect(
        decisions(Self.powersOfTwo, [x, 8, x, x, 8])
          == [.skip, .step(1), .retake(0.5), .retake(0.25), .step(0.25)])
    }
  }

  /// At the bound the step is kept, so that nothing sticks.
  @Test func atTheLowerBoundStepsAreKept() {
    let control = BoldDriver(
      initial: 1, growth: 2, shrinkage: 0.5, tolerance: 1, within: 0.5...2)
    #expect(
      decisions(control, [1, 5, 5, 4, 3, 2, 1])
        == [.step(1), .retake(0.5), .step(0.5), .step(1), .step(2), .step(2), .step(2)])
  }

  /// `traingda` on a quadratic from its own loop, and an optimizer with the controller: the same points
  /// and rates.
  @Test func anOptimizerFollowsTraingda() {
    let (curvatures, start) = ([1.0, 7, 30], [1.0, -2, 0.5])
    func loss(_ x: [Double]) -> Double {
      zip(curvatures, x).reduce(0) { $0 + 0.5 * $1.0 * $1.1 * $1.1 }
    }
    func gradient(_ x: [Double]) -> [Double] { zip(curvatures, x).map { $0 * $1 } }

    var optimizer = Optimizer(
      GradientDescent<Double>(), BoldDriver(initial: 0.01), parameterCount: 3)
    var theta = start
    optimizer.step(&theta, gradient: gradient(theta), loss: loss(theta))

    var (x, rate, perf) = (start, 0.01, loss(start))
    for epoch in 0..<400 {
      let next = zip(x, gradient(x)).map { $0 - rate * $1 }
      #expect(zip(theta, next).allSatisfy { abs($0 - $1) <= 1e-12 }, "epoch \(epoch)")
      let perf2 = loss(next)
      if perf2 / perf > 1.04 {
        rate *= 0.7
      } else {
        if perf2 < perf { rate *= 1.05 }
        (x, perf) = (next, perf2)
      }
      optimizer.step(&theta, gradient: gradient(theta), loss: loss(theta))
      #expect(relativeDifference(optimizer.learningRate, rate) <= 1e-12, "epoch \(epoch)")
    }
    #expect(
      optimizer.retakenSteps > 3 && optimizer.retakenSteps == optimizer.controller.rejectedSteps)
    #expect(perf < 1e-3 * loss(start))
  }

  /// It needs no signal of the direction, and an optimizer keeps one.
  @Test func theDirectionIsKept() {
    let optimizer = Optimizer(
      Adam<Float>(), BoldDriver(initial: 0.01), parameterCount: 3)
    #expect(optimizer.controller.requirements.signals == [.loss])
    #expect(optimizer.memoryVectors == 3)
  }

  @Test func argumentsOutOfRangeStopTheProgram() async {
    await #expect(processExitsWith: .failure) { _ = BoldDriver(initial: 0) }
    await #expect(processExitsWith: .failure) { _ = BoldDriver(initial: 1, growth: 0.9) }
    await #expect(processExitsWith: .failure) { _ = BoldDriver(initial: 1, shrinkage: 1) }
    await #expect(processExitsWith: .failure) { _ = BoldDriver(initial: 1, tolerance: 0.9) }
  }
}
