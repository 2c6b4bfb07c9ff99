internal import Hypergradient
internal import PortableMath
internal import Testing

@Suite struct OSGMTests {
  typealias Method = OSGM<Double>

  private static let start = [0.9, -1.1, 0.6]

  /// y = x − P g.
  private static func trial(
    _ x: [Double], _ p: [Double], _ g: [Double], _ scaling: Method.Scaling
  ) -> [Double] {
    x.indices.map { i in
      switch scaling {
      case .scalar: x[i] - p[0] * g[i]
      case .diagonal: x[i] - p[i] * g[i]
      case .matrix: x[i] - x.indices.reduce(0) { $0 + p[i * x.count + $1] * g[$1] }
      }
    }
  }

  private static func norm(_ a: [Double]) -> Double {
    a.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  /// One learning step of plain descent is −η ∂h/∂P: differences of h itself, element by element, at
  /// a P that several steps have made uneven.
  @Test(arguments: Method.Scaling.allCases, Method.Feedback.allCases)
  func feedbackAgainstDifferences(_ scaling: Method.Scaling, _ feedback: Method.Feedback) {
    let (eta, z) = (0.01, -1.0)
    var oracle = SmoothOracle(3, noise: 0)
    var method = Method(
      scaling: scaling, feedback: feedback, learner: .gradientDescent, scalingRate: eta,
      initial: 0.05,
      lowerBound: z)
    var x = Self.start
    method.begin(at: x)
    for step in 0..<8 {
      let (at, p) = (x, method.p)
      method.step(&x, &oracle)
      guard step > 4 else { continue }
      let g = oracle.gradient(at, draw: 0)
      let f = oracle.value(at, draw: 0)
      func h(_ p: [Double]) -> Double {
        let y = Self.trial(at, p, g, scaling)
        switch feedback {
        case .ratio: return (oracle.value(y, draw: 0) - z) / (f - z)
        case .hypergradient:
          return (oracle.value(y, draw: 0) - f) / (Self.norm(g) * Self.norm(g))
        case .gradientNorm: return Self.norm(oracle.gradient(y, draw: 0)) / Self.norm(g)
        }
      }
      let expected = p.indices.map { k in
        derivative(at: p[k], step: 1e-3) { value in
          var moved = p
          moved[k] = value
          return [h(moved)]
        }[0]
      }
      let found = p.indices.map { (p[$0] - method.p[$0]) / eta }
      let error = relativeDifference(found, expected)
      if step == 7 { print("\(scaling), \(feedback): \(error)") }
      #expect(error < 1e-9, "\(scaling), \(feedback), step \(step): \(error)")
      #expect(relativeDifference(x, Self.trial(at, p, g, scaling)) < 1e-13)
    }
    #expect(scaling == .scalar || method.p[0] != method.p.last!)
  }

  /// The first AdaGrad step is η against the sign; the second has the sum of both squares.
  @Test func adaGradByHand() {
    let eta = 0.03
    var oracle = SmoothOracle(3, noise: 0)
    var method = Method(scaling: .diagonal, scalingRate: eta, initial: 0.05)
    var x = Self.start
    method.begin(at: x)
    var (p, squares) = ([0.05, 0.05, 0.05], [0.0, 0.0, 0.0])
    for _ in 0..<12 {
      let at = x
      method.step(&x, &oracle)
      let g = oracle.gradient(at, draw: 0)
      let above = oracle.gradient(Self.trial(at, p, g, .diagonal), draw: 0)
      for i in p.indices {
        let h = -above[i] * g[i] / (Self.norm(g) * Self.norm(g))
        squares[i] += h * h
        p[i] -= eta * h / squares[i].squareRoot()
      }
      #expect(relativeDifference(method.p, p) < 1e-12)
    }
  }

  /// On quadratics with one Hessian and moving minima the whole matrix becomes A⁻¹.
  @Test func aMatrixBecomesTheInverseHessian() {
    let a = [[2.0, 0.6, 0.0], [0.6, 1.0, -0.3], [0.0, -0.3, 1.5]]
    var step = 0
    var oracle = FunctionOracle<Double>(parameterCount: 3) { point, gradient, _ in
      var draw = RandomStream(RandomKey("tests.minima"), step: step)
      let r = (0..<3).map { point[$0] - draw.normal() }
      var loss = 0.0
      for i in 0..<3 {
        gradient[i] = (0..<3).reduce(0) { $0 + a[i][$1] * r[$1] }
        loss += 0.5 * gradient[i] * r[i]
      }
      return loss
    }
    var method = Method(
      scaling: .matrix, feedback: .hypergradient, learner: .gradientDescent, scalingRate: 0.5,
      initial: 0.1,
      monotone: false)
    var x = [0.0, 0.0, 0.0]
    method.begin(at: x)
    for index in 0..<900 {
      step = index
      method.step(&x, &oracle)
    }
    // P A = 1.
    for i in 0..<3 {
      for j in 0..<3 {
        let product = (0..<3).reduce(0) { $0 + method.p[3 * i + $1] * a[$1][j] }
        #expect(abs(product - (i == j ? 1 : 0)) < 1e-9, "\(i), \(j): \(product)")
      }
    }
  }

  /// f_A = ½A x² with A in {1, 4}, drawn anew; every step begins at x = 1.
  private static func learned(
    _ feedback: Method.Feedback, _ sample: Method.Sample
  ) -> Double {
    var step = 0
    var oracle = FunctionOracle<Double>(parameterCount: 1) { point, gradient, draw in
      let a = (draw == 0 ? step & 1 : step >> 1 & 1) == 0 ? 1.0 : 4.0
      gradient[0] = a * point[0]
      return 0.5 * a * point[0] * point[0]
    }
    var method = Method(
      scaling: .scalar, feedback: feedback, learner: .gradientDescent, scalingRate: 1e-3,
      initial: 0.1,
      lowerBound: 0, sample: sample)
    method.begin(at: [1.0])
    var (sum, count) = (0.0, 0.0)
    for index in 0..<12_000 {
      step = index
      var x = [1.0]
      method.step(&x, &oracle)
      if index >= 8000 {
        sum += method.p[0]
        count += 1
      }
    }
    return sum / count
  }

  /// Exact: independent samples, 1/E[A] and E[1/A]; one sample for both, E[A]/E[A²] and 1/E[A].
  @Test func exactTargetsInOneDimension() {
    #expect(abs(Self.learned(.ratio, .independent) - 0.4) < 2e-3)
    #expect(abs(Self.learned(.hypergradient, .independent) - 0.625) < 2e-3)
    #expect(abs(Self.learned(.ratio, .same) - 5.0 / 17) < 2e-3)
    #expect(abs(Self.learned(.hypergradient, .same) - 0.4) < 2e-3)
  }

  /// E[x₁²]/x₀² with a fixed scaling: the best is E[A]/E[A²], and E[1/A] needs its null steps.
  @Test func exactFactorsOfOneStep() {
    func factor(_ p: Double, isMonotone: Bool) -> Double {
      var sum = 0.0
      for case let (a, b) in [(1.0, 1.0), (1, 4), (4, 1), (4, 4)] {
        var oracle = FunctionOracle<Double>(parameterCount: 1) { point, gradient, draw in
          let h = draw == 0 ? a : b
          gradient[0] = h * point[0]
          return 0.5 * h * point[0] * point[0]
        }
        var method = Method(
          scaling: .scalar, learner: .gradientDescent, scalingRate: 0, initial: p,
          monotone: isMonotone,
          sample: .independent)
        var x = [1.0]
        method.begin(at: x)
        method.step(&x, &oracle)
        sum += x[0] * x[0] / 4
        #expect(oracle.counts.gradients == 2 && oracle.counts.losses == (isMonotone ? 1 : 0))
      }
      return sum
    }
    #expect(abs(factor(5.0 / 17, isMonotone: false) - 0.264706) < 1e-6)
    #expect(abs(factor(0.4, isMonotone: false) - 0.36) < 1e-12)
    #expect(abs(factor(0.625, isMonotone: false) - 1.195312) < 1e-6)
    #expect(abs(factor(0.625, isMonotone: true) - 0.570312) < 1e-6)
  }

  /// A trial that is not lower is a null step; the scaling learns from it all the same.
  @Test func nullSteps() {
    var oracle = FunctionOracle<Double>(parameterCount: 1, isDeterministic: true) { x, g, _ in
      g[0] = 2 * x[0]
      return x[0] * x[0]
    }
    var method = Method(
      scaling: .scalar, learner: .gradientDescent, scalingRate: 0.1, initial: 1.5,
      lookAheadCurvature: nil)
    var x = [1.0]
    method.begin(at: x)
    method.step(&x, &oracle)
    // y = 1 − 1.5·2 = −2, g(y) = −4: ∂h/∂p = −(−4)(2)/4 = 2.
    #expect(x == [1] && method.nullSteps == 1 && abs(method.p[0] - 1.3) < 1e-15)
    // The look-ahead from there: −2 + 4/4 = −1 is no lower; with L = 2 it is the minimum.
    var ahead = Method(
      scaling: .scalar, learner: .gradientDescent, scalingRate: 0.1, initial: 1.5,
      lookAheadCurvature: 2)
    ahead.begin(at: x)
    ahead.step(&x, &oracle)
    #expect(x == [0] && ahead.nullSteps == 0)
  }
}
