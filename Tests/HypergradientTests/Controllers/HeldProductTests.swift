internal import Hypergradient
internal import HypergradientCatalogue
internal import Testing

/// A bound around a product holds the product; the factor that learns gives back what it has moved past
/// the bound itself, and nothing of what a schedule did.
@Suite struct HeldProductTests {
  private static func rates(
    _ text: String, _ steps: Int, alignment: (Int) -> Double = { _ in 0 }
  ) throws -> [Double] {
    var control = try Catalogue.standard.controller(SpecText(text))
    return (0..<steps).map {
      control.learningRate(
        for: StepSignals(
          step: $0, alignment: alignment($0), gradientNorm: 1, previousDirectionNorm: 1))
    }
  }

  private static let bases = [
    "constant(0.1)", "hypergradient(initial: 0.1, hyperLearningRate: 0)",
    "plateau(initial: 0.1, reduce: by(0.5, after: 5), watching: metric)",
    "constant(0.1).times(plateau(initial: 1, reduce: by(0.5, after: 5), watching: metric))",
  ]
  private static let wrappers = ["", ".frozen(after: 100000)", ".clamped(to: 0...1e9)"]

  /// max(bound, warm-up·0.1) at each step, and 0.1 after it.
  @Test(arguments: bases, wrappers) func aFloorUnderAWarmUp(_ base: String, _ wrapper: String)
    throws
  {
    var control = try Catalogue.standard.controller(
      SpecText("\(base).warmedUp(over: 1000)\(wrapper).clamped(to: 1e-3...10)"))
    for step in 0..<1500 {
      let rate = control.learningRate(
        for: StepSignals(
          step: step, metric: nil, alignment: 0, gradientNorm: 1, previousDirectionNorm: 1))
      let wanted = max(1e-3, 0.1 * min(1, Double(step + 1) / 1000))
      #expect(relativeDifference(rate, wanted) < 1e-12, "step \(step)")
    }
  }

  @Test func aFloorUnderACosineLeavesTheRestartAsItWas() throws {
    let rates = try Self.rates(
      "hypergradient(initial: 0.1, hyperLearningRate: 0)"
        + ".scaled(by: cosine(over: 600, past: .restart)).clamped(to: 1e-4...10)", 1001)
    #expect(rates[0] == 0.1 && rates[599] == 1e-4 && relativeDifference(rates[600], 0.1) < 1e-12)
  }

  /// A growth limit catches up with a warm-up, as with a schedule.
  @Test func aGrowthLimitCatchesUp() throws {
    let rates = try Self.rates(
      "hypergradient(initial: 0.1, hyperLearningRate: 0).warmedUp(over: 10).limitedGrowth(to: 1.05)",
      200)
    #expect(relativeDifference(rates[0], 0.01) < 1e-12)
    #expect(relativeDifference(rates[9], 0.01 * 1.5513282159785) < 1e-9)
    #expect(relativeDifference(rates[199], 0.1) < 1e-12)
  }

  /// What hypergradient descent itself moves past a bound is given back: it turns at once.
  @Test func aLearnerDoesNotWindUp() throws {
    let rates = try Self.rates(
      "hypergradient(initial: 0.1, hyperLearningRate: 0.05).warmedUp(over: 5).clamped(to: 0...0.2)",
      60, alignment: { $0 < 40 ? 1 : -1 })
    #expect(rates[39] == 0.2)
    #expect(relativeDifference(rates[40], 0.15) < 1e-12)
  }
}
