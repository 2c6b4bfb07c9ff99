internal import Hypergradient
internal import PortableMath
internal import Testing

@Suite struct ForwardHypergradientTests {
  private static let start = [0.9, -1.1, 0.6, 1.3, -0.4]

  /// μ = 0, E = f and no noise: η_{t+1} is what hypergradient descent finds at its step t + 1, so the
  /// rates and the points of both are the same bits.
  private func equalsHypergradientDescent<R: TangentRule<Double>>(_ rule: R) {
    var method = ForwardHypergradient(
      rule, initial: 0.01, hyperLearningRate: 2e-3, discount: .fixed(0))
    var optimizer = Optimizer(
      rule, HypergradientDescent(initial: 0.01, hyperLearningRate: 2e-3),
      parameterCount: Self.start.count)
    var (a, b) = (SmoothOracle(noise: 0), SmoothOracle(noise: 0))
    var (x, y) = (Self.start, Self.start)
    method.begin(at: x)
    var upcoming: Double?
    for step in 0..<30 {
      method.step(&x, &a)
      optimizer.step(&y, &b)
      #expect(x == y, "step \(step)")
      #expect(method.learningRate == optimizer.learningRate)
      #expect(upcoming == nil || upcoming == optimizer.learningRate)
      upcoming = method.nextLearningRate
    }
    #expect(method.learningRate != 0.01)
    #expect(a.counts.hessianVectorProducts == 0)
  }

  @Test func withoutDiscountItIsHypergradientDescent() {
    equalsHypergradientDescent(GradientDescent<Double>())
    equalsHypergradientDescent(HeavyBall<Double>(momentum: 0.7))
    equalsHypergradientDescent(Nesterov<Double>(momentum: 0.7))
    equalsHypergradientDescent(Adam<Double>())
  }

  /// The recursion with rates that move, in plain arrays: gradient descent and heavy ball, with the
  /// current rate (not the initial one) and the independent draw.
  @Test(arguments: [0.0, 0.8])
  func recursionByHand(_ momentum: Double) {
    let (discount, beta, alpha) = (0.95, 1e-3, 0.02)
    var oracle = SmoothOracle()
    var method = ForwardHypergradient(
      HeavyBall<Double>(momentum: momentum), initial: 0.02, hyperLearningRate: beta,
      discount: .fixed(discount), hyperHyperLearningRate: alpha)
    var x = Self.start
    method.begin(at: x)
    var w = Self.start
    let zero = w.map { _ in 0.0 }
    var (v, z0, z1, rate, hyper) = (zero, zero, zero, 0.02, beta)
    for step in 0..<25 {
      oracle.step = step
      method.step(&x, &oracle)
      let g = oracle.gradient(w, draw: 0)
      let curved = oracle.product(w, z0)
      for i in w.indices {
        let raw = curved[i] + momentum * z1[i]
        v[i] = momentum * v[i] + g[i]
        z0[i] = discount * (z0[i] - rate * raw) - v[i]
        z1[i] = discount * raw
        w[i] -= rate * v[i]
      }
      let validation = oracle.gradient(w, draw: 1)
      var h = 0.0
      for i in w.indices { h += validation[i] * z0[i] }
      rate = max(0, rate - hyper * h)
      hyper = max(0, hyper + alpha * h * rate)
      #expect(relativeDifference(x, w) < 1e-13)
      #expect(relativeDifference(method.tangent, z0) < 1e-12)
      #expect(abs(method.nextLearningRate - rate) < 1e-13)
      #expect(abs(method.hyperLearningRate - hyper) < 1e-13)
    }
    #expect(oracle.draws == Array(repeating: [0, 1], count: 25).flatMap { $0 })
    #expect(rate != 0.02 && hyper != beta)
  }

  /// z, c and μ of the automatic discount in plain numbers; μ is 0 and positive along the way.
  @Test func automaticDiscountByHand() {
    var oracle = SmoothOracle(noise: 1.5)
    var method = ForwardHypergradient(
      GradientDescent<Double>(), initial: 0.3, hyperLearningRate: 1e-4, discount: .automatic)
    var x = Self.start
    method.begin(at: x)
    var (mu, c) = (0.0, 0.0)
    var seen: [Double] = []
    for step in 0..<60 {
      oracle.step = step
      let before = x
      #expect(abs(method.discount - mu) < 1e-12)
      seen.append(mu)
      method.step(&x, &oracle)
      let (g, e) = (oracle.gradient(before, draw: 0), oracle.gradient(x, draw: 1))
      let product = zip(g, e).reduce(0) { $0 + $1.0 * $1.1 }
      let z = min(max(method.nextLearningRate / product, 0), 1)
      let sign = mu > 0 ? 1.0 : 0.0
      c = c * sign + mu
      mu = Portable.pow(z, 1 / (c + 1))
    }
    let (none, between) = (seen.filter { $0 == 0 }.count, seen.filter { $0 > 0.5 && $0 < 1 }.count)
    #expect(none > 1 && between > 1, "\(seen)")
    #expect(oracle.counts.hessianVectorProducts == seen.count - none)
  }

  @Test func elementsAreClipped() {
    var method = ForwardHypergradient(
      GradientDescent<Double>(), initial: 0.1, hyperLearningRate: 1e-3, clip: 0.25)
    var x = [2.0, -0.1]
    method.begin(at: x)
    var oracle = FunctionOracle<Double>(parameterCount: 2) { point, gradient, _ in
      for i in 0..<2 { gradient[i] = point[i] }
      return 0
    }
    method.step(&x, &oracle)
    // g = (0.25, −0.1); ∇E = (0.25, −0.09).
    #expect(method.tangent == [-0.25, 0.1])
    #expect(abs(x[0] - 1.975) < 1e-15)
    #expect(abs(method.nextLearningRate - (0.1 + 1e-3 * (0.0625 + 0.009))) < 1e-15)
    method.step(&x, &oracle)
    // H·Z = Z is (−0.25, 0.1) and stays.
    #expect(method.tangent[0] == -0.25 + method.learningRate * 0.25 - 0.25)
  }

  @Test func theRateStaysWithinItsBounds() {
    var oracle = SmoothOracle(noise: 0)
    var method = ForwardHypergradient(
      GradientDescent<Double>(), initial: 0.01, hyperLearningRate: 10, within: 0.005...0.02)
    var x = Self.start
    method.begin(at: x)
    for _ in 0..<50 {
      method.step(&x, &oracle)
      #expect(method.nextLearningRate >= 0.005 && method.nextLearningRate <= 0.02)
    }
  }

  @Test(arguments: [Double.nan, .infinity])
  func badAnswersAreHeldAndCounted(_ fault: Double) {
    var oracle = SmoothOracle()
    var method = ForwardHypergradient(
      GradientDescent<Double>(), initial: 0.01, hyperLearningRate: 1e-3)
    var x = Self.start
    method.begin(at: x)
    for _ in 0..<3 { method.step(&x, &oracle) }

    // A bad gradient: no step.
    let (before, rate, z) = (x, method.nextLearningRate, method.tangent)
    oracle.faults.gradient = fault
    method.step(&x, &oracle)
    #expect(x == before && method.nextLearningRate == rate && method.tangent == z)
    #expect(method.heldSteps == 1)
    oracle.faults.gradient = nil

    // A bad product: the step is made, Z begins again.
    oracle.faults.product = fault
    method.step(&x, &oracle)
    #expect(x != before && method.tangent == [0, 0, 0, 0, 0])
    #expect(method.tangentRestarts == 1 && method.nextLearningRate == rate)
    oracle.faults.product = nil
    let g = oracle.gradient(x, draw: 0)
    method.step(&x, &oracle)
    #expect(method.tangent == g.map { -$0 })

    // A bad validation gradient: the rate stays.
    let kept = method.nextLearningRate
    oracle.faults.validation = fault
    method.step(&x, &oracle)
    #expect(method.nextLearningRate == kept && method.heldSteps == 2)
    let finite = x.allSatisfy(\.isFinite)
    #expect(finite)
  }
}
