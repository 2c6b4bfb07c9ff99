internal import Foundation
internal import Hypergradient
internal import HypergradientCatalogue
internal import PortableMath
internal import Testing

/// Shamir and Zhang (2013), section 4: x̄_t = x̄_{t−1} + (p + 1)/(t + p)·(x_t − x̄_{t−1}).
@Suite struct AveragedTests {
  /// The points of gradient descent at 0.3 on x²/2 from 2, and their averages.
  @Test(arguments: [0.0, 1, 8]) func byHand(_ power: Double) {
    var oracle = quadratic([1])
    var method = Averaged(DescentAtARate(rate: 0.3), power: power)
    var x = [2.0]
    method.begin(at: x)
    var (point, sum, weights) = (2.0, 0.0, 0.0)
    for t in 1...20 {
      method.step(&x, &oracle)
      point -= 0.3 * point
      // The weight of point s is Γ(s + p)/Γ(s): 1 for p = 0, s for p = 1.
      let weight = (0..<Int(power)).reduce(1.0) { $0 * Double(t + $1) }
      sum += weight * point
      weights += weight
      #expect(relativeDifference(x[0], sum / weights) < 1e-14)
    }
  }

  /// Noise at a fixed rate: the mean square of the average is below that of the points.
  @Test func noiseAveragesOut() {
    func meanSquare<M: TrainingMethod<Double>>(_ made: M) -> Double {
      var (method, x, step) = (made, [Double](repeating: 1, count: 50), 0)
      var oracle = FunctionOracle<Double>(parameterCount: 50) { x, g, _ in
        var stream = RandomStream(RandomKey("tests.averaged"), step: step)
        for i in x.indices { g[i] = x[i] + stream.normal() }
        return 0
      }
      method.begin(at: x)
      for _ in 0..<400 {
        method.step(&x, &oracle)
        step += 1
      }
      return x.reduce(0) { $0 + $1 * $1 } / 50
    }
    let points = meanSquare(DescentAtARate(rate: 0.5))
    // η/(2 − η) of unit noise at the points; of about 44 correlated points a tenth and less is left.
    #expect(0.2 < points && points < 0.5)
    #expect(meanSquare(Averaged(DescentAtARate(rate: 0.5))) < 0.1 * points)
  }

  @Test func skippedStepsDoNotCount() {
    var isBad = false
    var oracle = FunctionOracle<Double>(parameterCount: 1) { x, g, _ in
      g[0] = isBad ? .nan : x[0]
      return x[0] * x[0] / 2
    }
    var (method, x) = (Averaged(DoG<Double>()), [1.0])
    var (other, y) = (method, x)
    method.begin(at: x)
    other.begin(at: y)
    for step in 0..<12 {
      isBad = step % 3 == 1
      method.step(&x, &oracle)
      guard !isBad else { continue }
      other.step(&y, &oracle)
      #expect(x == y)
    }
    #expect(method.stepCounts.skipped == 4)
  }

  /// The text without a horizon is what Swift's initialiser makes.
  @Test func theDefaultWithoutAHorizon() throws {
    let text = Untuned.textWithoutHorizon("adam", initial: "1e-3")
    guard case .method(let read) = try Catalogue.standard.method(text, for: Double.self) else {
      Issue.record("no method: \(text)")
      return
    }
    let made: any TrainingMethod<Double> = Averaged(Adam<Double>(), initial: 1e-3)
    func coded(_ method: any TrainingMethod<Double>) throws -> Data {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      return try encoder.encode(method)
    }
    #expect(try coded(made) == coded(read))
  }

  @Test(arguments: ["-1", "1e9", "0/0"]) func wrongPowersAreRefused(_ power: String) throws {
    let fault = try #require(throws: SpecError.self) {
      try Catalogue.standard.method("dog().averaged(power: \(power))", for: Double.self)
    }
    #expect("\(fault)".contains("power"))
  }
}

/// x −= η ∇f(x).
private struct DescentAtARate: TrainingMethod {
  typealias Scalar = Double
  let rate: Double
  var memoryVectors: Int { 0 }
  var learningRate: Double { rate }
  var stepCounts: StepCounts { StepCounts() }
  func begin(at parameters: UnsafeBufferPointer<Double>, groups: [Range<Int>]) {}
  func step<O: Oracle<Double>>(_ x: UnsafeMutableBufferPointer<Double>, _ oracle: inout O) {
    let (_, g) = oracle.evaluate(at: UnsafePointer(x.baseAddress!), draw: 0)
    for i in x.indices { x[i] -= rate * g[i] }
  }
}
