internal import Hypergradient
internal import PortableMath
internal import Testing

/// MetaOptimize with Lion as the meta-update and the Hessian left out of the trace, in plain arrays.
///
/// Sharifnassab, Salehkaleybar and Sutton (2025). Their code comes in three forms, which differ in
/// small things; here Lion's sign is of the average of before, and the trace holds all that the rule
/// moved, as in the programs of their experiments, and the new α moves the step that it was learned at,
/// as in their JAX form.
@Suite struct MetaOptimizeTests {
  private static let start = [0.9, -1.1, 0.6, 1.3, -0.4]

  private struct Recursion {
    let (kappa, discount): (Double, Double)
    let bounds: ClosedRange<Double>
    let groups: [Range<Int>]
    /// α and Lion's average of every group.
    var alpha: [Double]
    var average: [Double]
    var h = [Double](repeating: 0, count: 5)
    /// How often the average outvoted the meta-gradient, and a bound held.
    var (outvoted, held) = (0, 0)

    init(
      initial: Double, kappa: Double, discount: Double, within bounds: ClosedRange<Double>,
      groups: [Range<Int>]
    ) {
      (self.kappa, self.discount, self.bounds, self.groups) = (kappa, discount, bounds, groups)
      alpha = groups.map { _ in initial }
      average = groups.map { _ in 0 }
    }

    mutating func step(
      _ x: inout [Double], _ f: PlainObjective, _ direction: ([Double]) -> [Double]
    ) -> Double {
      let g = f.gradient(x)
      let u = direction(g)
      for (k, group) in groups.enumerated() {
        // The meta-gradient is −p; α moves by a factor, since b = log α moves by ±κ.
        let p = group.reduce(0) { $0 + h[$1] * g[$1] }
        let vote = 0.9 * average[k] + 0.1 * p
        if vote * p < 0 { outvoted += 1 }
        if vote > 0 { alpha[k] *= Portable.exp(kappa) }
        if vote < 0 { alpha[k] /= Portable.exp(kappa) }
        if !bounds.contains(alpha[k]) { held += 1 }
        alpha[k] = min(max(alpha[k], bounds.lowerBound), bounds.upperBound)
        average[k] = 0.99 * average[k] + 0.01 * p
        for i in group {
          x[i] -= alpha[k] * u[i]
          h[i] = discount * h[i] + alpha[k] * u[i]
        }
      }
      return alpha[0]
    }
  }

  @Test(arguments: [0.0, 0.3], [1, 0.9])
  func recursionOverGradientDescent(_ noise: Double, _ discount: Double) {
    var plain = Recursion(
      initial: 0.05, kappa: 0.1, discount: discount, within: 0.02...0.3, groups: [0..<5])
    expectSteps(
      of: MetaOptimize(
        GradientDescent<Double>(), initial: 0.05, metaRate: 0.1, discount: discount,
        within: 0.02...0.3),
      from: Self.start, steps: 60, noise: noise, tolerance: 1e-12
    ) { plain.step(&$0, $1, Plain.gradientDescent) }
    if noise > 0 { #expect(plain.outvoted > 0) }
  }

  /// The trace holds all of the direction, Adam's momentum in it.
  @Test(arguments: [0.0, 0.3]) func recursionOverAdam(_ noise: Double) {
    var adam = Plain.Adam()
    var plain = Recursion(
      initial: 0.05, kappa: 0.05, discount: 0.9, within: 1e-12...1e6, groups: [0..<5])
    expectSteps(
      of: MetaOptimize(Adam<Double>(), initial: 0.05, metaRate: 0.05, discount: 0.9),
      from: Self.start, steps: 40, noise: noise, tolerance: 1e-12
    ) { plain.step(&$0, $1) { adam.direction($0) } }
  }

  /// Every group has an α, an average and an inner product of its own.
  @Test func recursionByGroup() {
    let groups = [0..<1, 1..<4, 4..<5]
    var plain = Recursion(
      initial: 0.1, kappa: 0.2, discount: 0.8, within: 0.05...0.25, groups: groups)
    expectSteps(
      of: MetaOptimize(
        GradientDescent<Double>(), initial: 0.1, metaRate: 0.2, discount: 0.8,
        within: 0.05...0.25, byGroup: true),
      from: Self.start, groups: groups, steps: 40, noise: 0.5, tolerance: 1e-12
    ) { plain.step(&$0, $1, Plain.gradientDescent) }
    #expect(plain.outvoted > 0 && plain.held > 0)
    #expect(Set(plain.alpha).count == 3)
  }

  /// Gradients (1, 1) and (1, −2) with α₀ = 1/2: the inner products are 1/2 and −1. Together they
  /// vote down, apart one up and one down.
  @Test(arguments: [false, true]) func oneVoteOrOneOfEveryGroup(_ byGroup: Bool) {
    var second = 1.0
    var oracle = FunctionOracle<Double>(parameterCount: 2) { _, gradient, _ in
      gradient[0] = 1
      gradient[1] = second
      return 0
    }
    var method = MetaOptimize(
      GradientDescent<Double>(), initial: 0.5, metaRate: 0.25, byGroup: byGroup)
    var x = [0.0, 0]
    x.withUnsafeBufferPointer { method.begin(at: $0, groups: [0..<1, 1..<2]) }
    method.step(&x, &oracle)
    #expect(relativeDifference(x, [-0.5, -0.5]) < 1e-15)
    second = -2
    method.step(&x, &oracle)
    let (up, down) = (0.5 * Portable.exp(0.25), 0.5 / Portable.exp(0.25))
    let first = byGroup ? up : down
    #expect(relativeDifference(method.learningRate, first) < 1e-14)
    #expect(relativeDifference(x, [-0.5 - first, -0.5 + 2 * down]) < 1e-14)
  }

  @Test func recursionInFloat() {
    var adam = Plain.Adam()
    var plain = Recursion(
      initial: 0.05, kappa: 0.05, discount: 0.9, within: 1e-12...1e6, groups: [0..<5])
    expectSteps(
      of: MetaOptimize(Adam<Float>(), initial: 0.05, metaRate: 0.05, discount: 0.9),
      from: Self.start, steps: 12, noise: 0.3, tolerance: 1e-4
    ) { plain.step(&$0, $1) { adam.direction($0) } }
  }

  /// ½x² from 1 with α₀ = 1/2: no vote at the first step, since the trace is empty; then up by e^κ.
  @Test func twoStepsByHand() {
    var oracle = quadratic([1])
    var method = MetaOptimize(GradientDescent<Double>(), initial: 0.5, metaRate: 0.25)
    var x = [1.0]
    method.begin(at: x)
    method.step(&x, &oracle)
    #expect(relativeDifference(x, [0.5]) < 1e-15)
    method.step(&x, &oracle)
    let alpha = 0.5 * Portable.exp(0.25)
    #expect(relativeDifference(method.learningRate, alpha) < 1e-15)
    #expect(relativeDifference(x, [0.5 * (1 - alpha)]) < 1e-15)
  }

  /// Gradients of 1 and 1 leave the average 0.01 and the trace 1 + e^κ. The average then outvotes
  /// meta-gradients down to p = −0.09; and after one of zero, when it is 0.0099, down to −0.0891.
  @Test func votes() {
    let kappa = 0.5
    let up = Portable.exp(kappa)
    let trace = 1 + up
    func lastRates(_ tail: [Double]) -> (before: Double, after: Double) {
      let rates = stepsOnScript(
        of: MetaOptimize(GradientDescent<Double>(), initial: 1, metaRate: kappa), from: 0,
        gradients: [1, 1] + tail
      ).map(\.rate)
      return (rates[rates.count - 2], rates[rates.count - 1])
    }
    for (p, isUp) in [(-0.0899, true), (-0.0901, false)] {
      let (before, after) = lastRates([p / trace])
      #expect(relativeDifference(before, up) < 1e-14)
      #expect(relativeDifference(after, isUp ? before * up : before / up) < 1e-14, "p = \(p)")
    }
    // A gradient of zero leaves the trace as it is, and the average alone votes.
    for (p, isUp) in [(-0.0890, true), (-0.0892, false)] {
      let (before, after) = lastRates([0, p / trace])
      #expect(relativeDifference(before, up * up) < 1e-14)
      #expect(relativeDifference(after, isUp ? before * up : before / up) < 1e-14, "p = \(p)")
    }
  }
}
