internal import Hypergradient
internal import Testing

@Suite struct ArmijoLineSearchTests {
  /// On ½x² from x = 1: f(1 − η) ≤ ½ − c·η holds for η ≤ 2(1 − c).
  @Test func theFirstRateThatHoldsIsTaken() {
    var method = ArmijoLineSearch(
      GradientDescent<Double>(), initial: 4, decrease: 0.25, backtracking: 0.5, growth: 1)
    var x = [1.0]
    method.begin(at: x)
    var oracle = FunctionOracle<Double>(parameterCount: 1) { point, gradient, _ in
      gradient[0] = point[0]
      return 0.5 * point[0] * point[0]
    }
    method.step(&x, &oracle)
    #expect(method.learningRate == 1)
    #expect(x == [0])
    #expect(oracle.counts.gradients == 1)
    #expect(oracle.counts.losses == 3)
  }

  /// An optimizer is a method: the same bits as stepping it by hand.
  @Test func anOptimizerIsAMethod() {
    var a = Optimizer(Adam<Double>(), ConstantRate(0.05), parameterCount: 3)
    var b = a
    var (x, y) = ([1.0, -2, 3], [1.0, -2, 3])
    var oracle = FunctionOracle<Double>(parameterCount: 3) { point, gradient, _ in
      for i in 0..<3 { gradient[i] = Double(i + 1) * point[i] }
      return 0
    }
    for _ in 0..<20 {
      a.step(&x, gradient: (0..<3).map { Double($0 + 1) * x[$0] })
      b.step(&y, &oracle)
    }
    #expect(x == y)
    #expect(oracle.counts.gradients == 20)
  }

  /// The central difference of a quadratic's gradient is H·v.
  @Test func hessianVectorProducts() {
    var oracle = FunctionOracle<Double>(parameterCount: 2) { point, gradient, _ in
      gradient[0] = 3 * point[0] + point[1]
      gradient[1] = point[0] + 2 * point[1]
      return 0
    }
    let product = oracle.hessianVectorProduct(at: [0.3, -0.7], [2, 5], draw: 0)
    #expect(abs(product[0] - 11) < 1e-9)
    #expect(abs(product[1] - 12) < 1e-9)
    #expect(oracle.counts.hessianVectorProducts == 1)
  }
}
