internal import Hypergradient
internal import HypergradientCatalogue
internal import PortableMath
internal import Testing

/// Alignments with the gradient of another draw, against the equations by hand.
@Suite struct IndependentAlignmentTests {
  private static let count = 6

  /// The gradient at a point with the noise of (step, draw).
  private func gradient(_ theta: [Double], _ step: Int, _ draw: Int) -> [Double] {
    var stream = RandomStream(RandomKey("tests.independent", draw), step: step)
    return LawFixtures.gradient(theta).map { $0 + 0.3 * stream.normal() }
  }

  private final class Clock {
    var step = 0
    var asked: [Int] = []
  }

  private func oracle(_ clock: Clock) -> FunctionOracle<Double> {
    FunctionOracle(parameterCount: Self.count) { point, out, draw in
      let values = gradient(Array(point), clock.step, draw)
      for i in values.indices { out[i] = values[i] }
      clock.asked.append(draw)
      return 1
    }
  }

  /// θ and α after each step of a method.
  private func run<M: TrainingMethod<Double>>(
    _ made: M, steps: Int = 30, clock: Clock = Clock()
  ) -> (theta: [[Double]], rates: [Double]) {
    var method = made
    var oracle = oracle(clock)
    var theta: [Double] = LawFixtures.start(Self.count)
    method.begin(at: theta)
    var (points, rates): ([[Double]], [Double]) = ([], [])
    for step in 0..<steps {
      clock.step = step
      method.step(&theta, &oracle)
      points.append(theta)
      rates.append(method.learningRate)
    }
    return (points, rates)
  }

  @Test(arguments: [1, 3]) func theAlignmentIsWithAnotherDraw(_ interval: Int) {
    let beta = 0.1
    let clock = Clock()
    let found = run(
      IndependentAlignment(
        Nesterov<Double>(momentum: 0.5),
        by: HypergradientDescent(initial: 0.02, hyperLearningRate: beta, form: .multiplicative),
        every: interval), clock: clock)
    var theta: [Double] = LawFixtures.start(Self.count)
    var (alpha, v, u) = (0.02, [Double](repeating: 0, count: 6), [Double](repeating: 0, count: 6))
    for step in 0..<30 {
      if step > 0, step % interval == 0 {
        let other = gradient(theta, step, 1)
        alpha *= 1 + beta * dot(u, other) / norm(u) / norm(other)
      }
      let g = gradient(theta, step, 0)
      for i in theta.indices {
        v[i] = 0.5 * v[i] + g[i]
        u[i] = g[i] + 0.5 * v[i]
        theta[i] -= alpha * u[i]
      }
      #expect(relativeDifference(found.rates[step], alpha) < 1e-12, "step \(step)")
      #expect(zip(found.theta[step], theta).allSatisfy { abs($0 - $1) < 1e-12 })
    }
    let judges = clock.asked.count { $0 == 1 }
    #expect(judges == (1..<30).count { $0 % interval == 0 })
    #expect(clock.asked.count { $0 == 0 } == 30)
  }

  /// The trace is of u, and its alignment with g′.
  @Test func theTraceIsAlignedWithTheOtherDraw() {
    let beta = 0.01
    let found = run(
      IndependentAlignment(
        GradientDescent<Double>(),
        by: HypergradientDescent(initial: 0.02, hyperLearningRate: beta)
          .guardedByTrace(share: 0.5, atLeast: 4)))
    var theta: [Double] = LawFixtures.start(Self.count)
    var (alpha, trace) = (0.02, [Double](repeating: 0, count: 6))
    for step in 0..<30 {
      alpha = max(0, alpha + beta * dot(trace, gradient(theta, step, 1)))
      let g = gradient(theta, step, 0)
      let decay = 1 - 1 / max(4, 0.5 * Double(step + 1))
      for i in theta.indices {
        theta[i] -= alpha * g[i]
        trace[i] = decay * trace[i] + g[i]
      }
      #expect(relativeDifference(found.rates[step], alpha) < 1e-12, "step \(step)")
    }
  }

  /// Where all draws are the same it is the optimizer itself, bit for bit.
  @Test func withoutNoiseItIsTheOptimizer() {
    let control = HypergradientDescent(initial: 0.02, hyperLearningRate: 1e-3)
      .scaled(by: .linearWarmup(over: 9))
    var method = IndependentAlignment(Adam<Double>(), by: control)
    var optimizer = Optimizer(Adam<Double>(), control, parameterCount: Self.count)
    var theta: [Double] = LawFixtures.start(Self.count)
    var other = theta
    var oracle = FunctionOracle<Double>(parameterCount: Self.count) { point, gradient, _ in
      let values = LawFixtures.gradient(Array(point))
      for i in values.indices { gradient[i] = values[i] }
      return 1
    }
    method.begin(at: theta)
    for _ in 0..<40 {
      method.step(&theta, &oracle)
      optimizer.step(&other, gradient: LawFixtures.gradient(other))
      #expect(theta == other)
      #expect(method.learningRate == optimizer.learningRate)
    }
  }

  @Test func aGradientThatIsNotFiniteIsDiscarded() {
    var method = IndependentAlignment(
      GradientDescent<Double>(), by: HypergradientDescent(initial: 0.1, hyperLearningRate: 0.1))
    var value = 1.0
    var oracle = FunctionOracle<Double>(parameterCount: 1) { _, gradient, draw in
      gradient[0] = draw == 0 ? value : .nan
      return 1
    }
    var theta = [0.0]
    method.begin(at: theta)
    method.step(&theta, &oracle)
    #expect(theta == [-0.1])
    value = .nan
    method.step(&theta, &oracle)
    #expect(theta == [-0.1])
    value = 2
    // Its judge is NaN: the rate is held.
    method.step(&theta, &oracle)
    #expect(theta == [-0.1 - 0.1 * 2] && method.learningRate == 0.1)
    #expect(method.controller.heldSteps > 0)
  }

  @Test func whatLooksAtTheNewDirectionIsRefused() {
    #expect {
      _ = try TextReader("independentAlignment(sgd, by: l4())").training()
    } throws: { "\($0)".contains("new direction") }
  }

  private func dot(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }
  private func norm(_ a: [Double]) -> Double { dot(a, a).squareRoot() }
}
