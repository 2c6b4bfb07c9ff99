internal import Hypergradient
internal import Testing

/// Kunstner, Sanches Portella, Schmidt and Harvey (2023): the half-space of a hypergradient and the
/// smallest box or ellipsoid around what it leaves, in plain arrays.
///
/// The box's P is b/d, as in the authors' code.
@Suite struct MultidimensionalBacktrackingTests {
  typealias Shape = MultidimensionalBacktracking<Double>.Shape

  private static let start = [0.9, -1.1, 0.6, 1.3, -0.4]

  private struct Recursion {
    let isBox: Bool
    let trials: Int
    /// The box's corner b, or the diagonal A of the ellipsoid ⟨p, Ap⟩ ≤ 1.
    var set: [Double]
    var rate: Double
    /// How often a set was cut, a coordinate of u was negative, and x stayed.
    var (cuts, clipped, stayed) = (0, 0, 0)

    init(isBox: Bool, initial: Double, count: Int, trials: Int = 50) {
      (self.isBox, self.trials, rate) = (isBox, trials, initial)
      let d = Double(count)
      // So that no rate is greater than `initial`.
      let first = isBox ? d * initial : 1 / (2 * d * initial * initial)
      set = [Double](repeating: first, count: count)
    }

    private func preconditioner(_ g: [Double]) -> [Double] {
      let d = Double(g.count)
      if isBox { return set.map { $0 / d } }
      // The p of the ellipsoid that makes ⟨g², p⟩ largest, shrunk by √(2d).
      let p = g.indices.map { g[$0] * g[$0] / set[$0] }
      let length = g.indices.reduce(0) { $0 + set[$1] * p[$1] * p[$1] }.squareRoot()
      return p.map { $0 / length / (2 * d).squareRoot() }
    }

    mutating func step(_ x: inout [Double], _ f: PlainObjective) -> Double {
      let (value, g) = (f.value(x), f.gradient(x))
      let d = Double(x.count)
      for _ in 0..<trials {
        let p = preconditioner(g)
        let move = x.indices.map { p[$0] * g[$0] }
        let trial = Plain.difference(x, move)
        let (reached, above) = (f.value(trial), f.gradient(trial))
        if reached <= value - Plain.dot(g, move) / 2 {
          x = trial
          rate = p.reduce(0, +) / d
          return rate
        }
        cuts += 1
        // Every q that satisfies the inequality has ⟨u, q⟩ ≤ 1.
        let below = value - reached - Plain.dot(above, move)
        let hyperplane = x.indices.map { (g[$0] * g[$0] / 2 - above[$0] * g[$0]) / below }
        if hyperplane.contains(where: { $0 < 0 }) { clipped += 1 }
        let u = hyperplane.map { max($0, 0) }
        if isBox {
          set = x.indices.map { u[$0] > 0 ? min(set[$0], 1 / u[$0]) : set[$0] }
        } else {
          let l = x.indices.reduce(0) { $0 + u[$1] * u[$1] / set[$1] }
          let lambda = l / d * (d - 1) / (l - 1)
          set = x.indices.map { lambda * set[$0] + (1 - lambda) * u[$0] * u[$0] }
        }
      }
      stayed += 1
      return rate
    }
  }

  @Test(arguments: Shape.allCases, [0.0, 0.3]) func recursion(_ shape: Shape, _ noise: Double) {
    var plain = Recursion(isBox: shape == .box, initial: 0.8, count: 5)
    expectSteps(
      of: MultidimensionalBacktracking<Double>(shape: shape, initial: 0.8), from: Self.start,
      steps: 12,
      noise: noise, tolerance: 1e-12
    ) { plain.step(&$0, $1) }
    #expect(plain.cuts > 1)
    // In the box max(1/b, u) is the same whether u is negative or zero.
    if shape == .ellipsoid { #expect(plain.clipped > 0) }
  }

  /// One trial a step: x stays where it is rejected, and the next step goes on with the set cut.
  @Test(arguments: Shape.allCases) func recursionOfSingleTrials(_ shape: Shape) {
    var plain = Recursion(isBox: shape == .box, initial: 3, count: 5, trials: 1)
    expectSteps(
      of: MultidimensionalBacktracking<Double>(shape: shape, initial: 3, maximumTrials: 1),
      from: Self.start, steps: 20, noise: 0.3, tolerance: 1e-12
    ) { plain.step(&$0, $1) }
    #expect(plain.stayed > 2 && plain.stayed < 18)
  }

  @Test(arguments: MultidimensionalBacktracking<Float>.Shape.allCases)
  func recursionInFloat(_ shape: MultidimensionalBacktracking<Float>.Shape) {
    var plain = Recursion(isBox: shape == .box, initial: 2, count: 5)
    expectSteps(
      of: MultidimensionalBacktracking<Float>(shape: shape, initial: 2), from: Self.start, steps: 8,
      noise: 0.3, tolerance: 1e-4
    ) { plain.step(&$0, $1) }
  }

  /// ½(x² + 2y²) from (1, 1): P = (1, 1) is rejected, u = (1/9, 4/3), b = (2, 3/4), and P = (1, 3/8)
  /// is accepted.
  @Test func aBoxInFractions() {
    var oracle = quadratic([1, 2])
    var method = MultidimensionalBacktracking<Double>(shape: .box, initial: 1)
    var x = [1.0, 1]
    method.begin(at: x)
    method.step(&x, &oracle)
    #expect(relativeDifference(x, [0, 0.25]) < 1e-15)
    #expect(relativeDifference(method.learningRate, 11.0 / 16) < 1e-15)
    #expect(oracle.counts.gradients == 3)
  }

  /// ½(x² + 2y²) from (1, 1): the first P is (1, 4)/√17 and rejected; with r = √17,
  /// u = ((½ − (1 − 1/r)), (2 − 4(1 − 8/r)))₊ / (f − f₊ − ⟨g₊, Pg⟩).
  @Test func anEllipsoidByHand() {
    var oracle = quadratic([1, 2])
    var method = MultidimensionalBacktracking<Double>(shape: .ellipsoid, initial: 1)
    var x = [1.0, 1]
    method.begin(at: x)
    method.step(&x, &oracle)
    let r = 17.0.squareRoot()
    // g = (1, 2), the trial (1 − 1/r, 1 − 8/r), the quadratic's remainder ½(1/17 + 2·64/17).
    let below = (1 + 2 * 64.0) / 17 / 2
    let u = [max(0.5 - (1 - 1 / r), 0), (2 - 4 * (1 - 8 / r)) / below]
    #expect(u[0] == 0)
    // A = 1/4 at first, and ‖u‖² in A⁻¹ is 4u₁².
    let l = 4 * u[1] * u[1]
    let lambda = l / 2 / (l - 1)
    let a = [lambda / 4, lambda / 4 + (1 - lambda) * u[1] * u[1]]
    let scale = 2 * (1 / a[0] + 16 / a[1]).squareRoot()
    let p = [1 / a[0] / scale, 4 / a[1] / scale]
    #expect(relativeDifference(x, [1 - p[0], 1 - 2 * p[1]]) < 1e-14)
    #expect(relativeDifference(method.learningRate, (p[0] + p[1]) / 2) < 1e-14)
    #expect(oracle.counts.gradients == 3)
  }

  /// `initial` is the largest rate that a coordinate has at first: of every one in the box, of the
  /// one that the gradient is along in the ellipsoid.
  @Test func theFirstRates() {
    for shape in Shape.allCases {
      var oracle = quadratic([1, 1, 1])
      var method = MultidimensionalBacktracking<Double>(shape: shape, initial: 0.5)
      var x = [0.0, 8, 0]
      method.begin(at: x)
      method.step(&x, &oracle)
      #expect(relativeDifference(x, [0, 4, 0]) < 1e-15)
      let mean = shape == .box ? 0.5 : 0.5 / 3
      #expect(relativeDifference(method.learningRate, mean) < 1e-15)
    }
  }

  /// ⅛‖x‖² inside a barrier at 2, from (1, 0): the rates 64, 32 and 16 lead out and are halved. The
  /// rate 8 leads to −1, where u = (3/16, 0).
  @Test func aTrialThatIsNotFiniteHalvesTheSet() {
    for shape in Shape.allCases {
      var oracle = FunctionOracle<Double>(parameterCount: 2, isDeterministic: true) { x, g, _ in
        let isInside = abs(x[0]) < 2 && abs(x[1]) < 2
        for i in 0..<2 { g[i] = isInside ? 0.25 * x[i] : .nan }
        return isInside ? 0.125 * (x[0] * x[0] + x[1] * x[1]) : .infinity
      }
      var method = MultidimensionalBacktracking<Double>(shape: shape, initial: 64)
      var x = [1.0, 0]
      method.begin(at: x)
      method.step(&x, &oracle)
      // The box (16, 16) becomes (16/3, 16). The ellipsoid's A, 1/256, becomes 9/16 · 1/256 +
      // 7/16 · 9/256, with l = 9; along one axis the rate is half of its root's reciprocal.
      let rate = shape == .box ? 8.0 / 3 : 8 * 2.0.squareRoot() / 3
      #expect(relativeDifference(x, [1 - rate / 4, 0]) < 1e-14)
      let other = shape == .box ? 8.0 : 0
      #expect(relativeDifference(method.learningRate, (rate + other) / 2) < 1e-14)
      #expect(oracle.counts.gradients == 6 && oracle.counts.losses == 0)
    }
  }
}
