internal import Hypergradient
internal import Testing

/// Defazio et al. (2024), eqs. 3–5 and Algorithm 1, in plain arrays.
@Suite struct ScheduleFreeTests {
  private static let start = [0.9, -1.1, 0.6, 1.3, -0.4]

  private struct Recursion {
    let isAdam: Bool
    let (rate, beta1, beta2, epsilon, decay): (Double, Double, Double, Double, Double)
    let warmup: Int
    var t = 0
    var beta2Power = 1.0
    var sum = 0.0
    var z: [Double] = []
    var v: [Double] = []

    init(
      isAdam: Bool, rate: Double, beta1: Double = 0.9, beta2: Double = 0.999,
      epsilon: Double = 1e-8, decay: Double = 0, warmup: Int = 0
    ) {
      self.isAdam = isAdam
      (self.rate, self.beta1, self.beta2) = (rate, beta1, beta2)
      (self.epsilon, self.decay, self.warmup) = (epsilon, decay, warmup)
    }

    mutating func step(_ x: inout [Double], _ f: PlainObjective) -> Double {
      if t == 0 { (z, v) = (x, x.map { _ in 0 }) }
      t += 1
      let y = x.indices.map { (1 - beta1) * z[$0] + beta1 * x[$0] }
      let g = f.gradient(y)
      beta2Power *= beta2
      let ramp = warmup > 0 ? min(1, Double(t) / Double(warmup)) : 1
      let gamma = rate * ramp * (isAdam ? (1 - beta2Power).squareRoot() : 1)
      sum += gamma * gamma
      let c = gamma * gamma / sum
      for i in x.indices {
        v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i]
        let u = isAdam ? g[i] / (v[i].squareRoot() + epsilon) : g[i]
        z[i] -= gamma * u + gamma * decay * y[i]
        x[i] = (1 - c) * x[i] + c * z[i]
      }
      return gamma
    }
  }

  @Test(arguments: [0.0, 0.3], [0, 6]) func gradientDescent(_ noise: Double, _ warmup: Int) {
    var plain = Recursion(isAdam: false, rate: 0.3, beta1: 0.8, decay: 0.1, warmup: warmup)
    expectSteps(
      of: ScheduleFree<Double>(
        .gradientDescent, rate: 0.3, interpolation: 0.8, weightDecay: 0.1, warmupSteps: warmup),
      from: Self.start, steps: 20, noise: noise, tolerance: 1e-12
    ) { plain.step(&$0, $1) }
  }

  @Test(arguments: [0.0, 0.3], [0, 6]) func adam(_ noise: Double, _ warmup: Int) {
    var plain = Recursion(
      isAdam: true, rate: 0.2, beta2: 0.95, epsilon: 0.01, decay: 0.1, warmup: warmup)
    expectSteps(
      of: ScheduleFree<Double>(
        .adam, rate: 0.2, beta2: 0.95, epsilon: 0.01, weightDecay: 0.1, warmupSteps: warmup),
      from: Self.start, steps: 20, noise: noise, tolerance: 1e-12
    ) { plain.step(&$0, $1) }
  }

  /// With the defaults of the paper.
  @Test func inFloat() {
    var plain = Recursion(isAdam: false, rate: 0.2, warmup: 3)
    expectSteps(
      of: ScheduleFree<Float>(.gradientDescent, rate: 0.2, warmupSteps: 3), from: Self.start,
      steps: 10, noise: 0.3, tolerance: 1e-5
    ) { plain.step(&$0, $1) }
    var adam = Recursion(isAdam: true, rate: 0.05)
    expectSteps(
      of: ScheduleFree<Float>(.adam, rate: 0.05), from: Self.start, steps: 10, noise: 0.3,
      tolerance: 1e-5
    ) { adam.step(&$0, $1) }
  }

  /// ½x² from 1 with γ = β = 1/2, all in binary fractions but for c₃ = 1/3: z = 1/2, 1/4, 3/32.
  @Test func threeStepsInFractions() {
    var oracle = quadratic([1])
    var method = ScheduleFree<Double>(.gradientDescent, rate: 0.5, interpolation: 0.5)
    var x = [1.0]
    method.begin(at: x)
    for point in [1.0 / 2, 3.0 / 8, 9.0 / 32] {
      method.step(&x, &oracle)
      #expect(relativeDifference(x, [point]) < 1e-15)
      #expect(method.learningRate == 0.5)
    }
  }

  /// A warm-up over three steps: c = 1, 4/5, 9/14, 9/23, with gradients of −1 and a rate of 3.
  @Test func weightsOfAWarmup() {
    let steps = stepsOnScript(
      of: ScheduleFree<Double>(.gradientDescent, rate: 3, warmupSteps: 3), from: 0,
      gradients: [-1, -1, -1, -1])
    #expect(steps.map(\.rate) == [1, 2, 3, 3])
    // z = 1, 3, 6, 9.
    let second = 1.0 / 5 + 3 * 4.0 / 5
    let third = second * 5 / 14 + 6 * 9.0 / 14
    let fourth = third * 14 / 23 + 9 * 9.0 / 23
    #expect(relativeDifference(steps.map(\.parameter), [1, second, third, fourth]) < 1e-14)
  }

  /// A gradient that is not finite is no step: neither t, nor β₂ᵗ, nor the sum of weights go on.
  @Test func aDiscardedGradientIsNoStep() {
    let without = stepsOnScript(
      of: ScheduleFree<Double>(.adam, rate: 0.1, warmupSteps: 4), from: 1, gradients: [2, -1, 3])
    let with = stepsOnScript(
      of: ScheduleFree<Double>(.adam, rate: 0.1, warmupSteps: 4), from: 1,
      gradients: [2, .nan, -1, .infinity, 3])
    #expect([0, 2, 4].map { with[$0].parameter } == without.map(\.parameter))
    #expect(with[1].parameter == with[0].parameter && with[3].parameter == with[2].parameter)
  }
}
