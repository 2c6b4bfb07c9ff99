internal import StationarityGuard
internal import Testing

/// The study's runs and tables against sums over the curvatures h = 1/i, i = 1…100.
@Suite struct GuardTests {
  private static let curvatures = (1...100).map { 1 / Double($0) }

  private func sum(_ term: (Double) -> Double) -> Double {
    Self.curvatures.reduce(0) { $0 + term($1) }
  }

  private func isClose(_ a: Double, _ b: Double, _ tolerance: Double = 1e-11) -> Bool {
    (a - b).magnitude <= tolerance * b.magnitude
  }

  /// One step at the rate a: E f = ½ Σ h((1 − ah)² + a²σ²h), least at Σh²/(Σh³ + σ²Σh²).
  @Test(arguments: [0, 0.01, 1.0]) func theBestRateOfOneStep(_ variance: Double) {
    let cell = Cell(noiseVariance: variance, correlation: 0, steps: 1)
    let squares = sum { $0 * $0 }
    let rate = squares / (sum { $0 * $0 * $0 } + variance * squares)
    let loss =
      sum { h in
        let kept = 1 - rate * h
        return h * (kept * kept + rate * rate * variance * h)
      } / 2
    let found = cell.bestConstant()
    #expect(isClose(found.scale, rate, 1e-6) && isClose(found.loss, loss))
    // The cosine's first rate is its whole one.
    #expect(isClose(cell.bestCosine.scale, rate, 1e-6) && isClose(cell.bestCosine.loss, loss))
  }

  /// Two steps at the rate a: x₂ = (1 − ah)²x₀ − a(1 − ah)ξ₀ − aξ₁, where E ξ₀ξ₁ = ρσ²h.
  @Test(arguments: [0, 0.5, 0.9, -0.5]) func theBestRateOfTwoStepsUnderCorrelation(_ rho: Double) {
    let variance = 0.3
    func loss(_ a: Double) -> Double {
      sum { h in
        let kept = 1 - a * h
        let noise = a * a * variance * h * (kept * kept + 1 + 2 * rho * kept)
        return h * (kept * kept * kept * kept + noise)
      } / 2
    }
    let cell = Cell(noiseVariance: variance, correlation: rho, steps: 2)
    let found = cell.bestConstant()
    #expect(isClose(found.loss, loss(found.scale)))
    #expect(found.loss < loss(found.scale * 1.01) && found.loss < loss(found.scale / 1.01))
    let half = Cell(noiseVariance: variance, correlation: rho, steps: 1)
    #expect(half.bestConstant(times: 2) == found)
  }

  /// Six steps without noise, in the coordinates of the curvatures, from x = ±1.
  private struct Walk {
    var rate: Double
    var (x, u, trace) = (curvatures.map { _ in 1.0 }, [Double](), [Double]())

    /// - Parameters:
    ///   - isTraced: whether the rate learns from T ← 0.96 T + u in place of u; 0.96 is the trace's
    ///     decay in the first fifty steps.
    ///   - due: the steps in which it learns.
    ///   - next: the rate after ⟨u, g⟩, or ⟨T, g⟩, and its cosine.
    init(
      from initial: Double, isTraced: Bool = false, due: (Int) -> Bool = { _ in true },
      _ next: (_ rate: Double, _ alignment: Double, _ cosine: Double) -> Double
    ) {
      rate = initial
      func dot(_ a: [Double], _ b: [Double]) -> Double {
        zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
      }
      for step in 0..<6 {
        let g = zip(curvatures, x).map { $0 * $1 }
        if step > 0, due(step) {
          let along = isTraced ? trace : u
          let alignment = dot(along, g)
          rate = next(
            rate, alignment, alignment / (dot(along, along) * dot(g, g)).squareRoot())
        }
        x = zip(x, g).map { $0 - rate * $1 }
        u = g
        trace = step == 0 ? g : zip(trace, g).map { 0.96 * $0 + $1 }
      }
    }

    var loss: Double { zip(curvatures, x).reduce(0) { $0 + $1.0 * $1.1 * $1.1 } / 2 }
  }

  /// What each guard of the study does in six steps from 0.1 where there is no noise. Another draw is
  /// then the same gradient, and the gate's window is not full.
  private static func walk(_ name: String) -> Walk? {
    func multiplicative(_ beta: Double, isTraced: Bool = false) -> Walk {
      Walk(from: 0.1, isTraced: isTraced) { rate, _, cosine in rate * (1 + beta * cosine) }
    }
    switch name {
    case "multiplicative, β 0.02", "independent draw, β 0.02": return multiplicative(0.02)
    case "additive, β 0.01":
      return Walk(from: 0.1) { rate, alignment, _ in rate + 0.01 * alignment }
    case "gate, 50 steps, 2 errors, β 0.02": return Walk(from: 0.1) { rate, _, _ in rate }
    case "trace, β 0.02": return multiplicative(0.02, isTraced: true)
    case "trace, β 0.05", "both, β 0.05": return multiplicative(0.05, isTraced: true)
    case "independent draw every 4, β 0.08":
      return Walk(from: 0.1, due: { $0 % 4 == 0 }) { rate, _, cosine in rate * (1 + 0.08 * cosine) }
    default: return nil
    }
  }

  @Test func sixStepsWithoutNoiseAreThoseOfTheEquations() throws {
    let cell = Cell(noiseVariance: 0, correlation: 0, steps: 6)
    #expect(Guard.all.count == 8 && Set(Guard.all.map(\.name)).count == 8)
    for each in Guard.all {
      let expected = try #require(Self.walk(each.name), "\(each.name)")
      let found = each.result(in: cell, from: 0.1, instances: 101...101, best: 0.5)
      #expect(isClose(found.rate, expected.rate), "\(each.name): \(found), \(expected.rate)")
      #expect(isClose(found.ratio, expected.loss / 0.5), "\(each.name): \(found)")
    }
  }

  /// Instances differ under noise, and the result is the median of each number.
  @Test func theMedianIsOfTheInstances() throws {
    let cell = Cell(noiseVariance: 1, correlation: 0.5, steps: 20)
    for each in Guard.all {
      func result(_ instances: ClosedRange<Int>) -> (ratio: Double, rate: Double) {
        each.result(in: cell, from: 0.1, instances: instances, best: 1)
      }
      let alone = (101...103).map { result($0...$0) }
      let together = result(101...103)
      #expect(together.ratio == alone.map(\.ratio).sorted()[1], "\(each.name)")
      #expect(together.rate == alone.map(\.rate).sorted()[1], "\(each.name)")
      #expect(Set(alone.map(\.ratio)).count == 3, "\(each.name)")
    }
  }

  /// One step without noise at 0.5: every guard takes that rate. Σh² = 1.63498…, Σh³ = 1.20201…; the
  /// best rate is their ratio. The numbers are of two digits, computed by hand.
  @Test func theTablesOfOneStep() {
    var lines: [String] = []
    GuardTables(
      cells: [Cell(noiseVariance: 0, correlation: 0, steps: 1)], guards: Array(Guard.all[..<2]),
      starts: [0.5], instances: 101...102
    ).forEachLine { lines.append($0) }
    #expect(
      lines == [
        "Expected losses and rates of the best constant, and of others over it:\n",
        "| | σ² 0.0, ρ 0.0, T 1 |", "|---|---|", "| constant | 1.5 (1.4) |",
        "| constant, 2T steps | 0.76 |", "| cosine | 1 |",
        "\nFrom α₀ = 0.5: median loss over it (median rate at the end), 2 instances\n",
        "| guard | gradients | σ² 0.0, ρ 0.0, T 1 |", "|---|---|---|",
        "| multiplicative, β 0.02 | 1.0 | 1.3 (0.5) |", "| additive, β 0.01 | 1.0 | 1.3 (0.5) |",
      ])
  }
}
