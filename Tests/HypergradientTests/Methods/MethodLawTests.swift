internal import Foundation
internal import Hypergradient
internal import HypergradientCatalogue
internal import Testing

/// What holds for every method that is not a rule times a controller.
@Suite struct MethodLawTests {
  @Test(arguments: MethodFixtures.texts)
  func theLossFalls(_ text: String) throws {
    func check<M: TrainingMethod<Double>>(_ made: M) {
      var method = made
      var theta = LawFixtures.start(MethodFixtures.count, Double.self)
      let before = LawFixtures.objective(theta, penalty: 0)
      method.begin(at: theta)
      _ = MethodFixtures.trajectory(&method, from: &theta, steps: 0..<400)
      let after = LawFixtures.objective(theta, penalty: 0)
      #expect(after < 0.9 * before, "\(text): \(before) → \(after)")
    }
    check(try MethodFixtures.method(text).double)
  }

  @Test(arguments: MethodFixtures.texts)
  func aCopyAndAStoredStateGoOnWithTheSameBits(_ text: String) throws {
    func check<M: TrainingMethod>(_ made: M) throws {
      var method = made
      var theta = LawFixtures.start(MethodFixtures.count, M.Scalar.self)
      method.begin(at: theta)
      _ = MethodFixtures.trajectory(&method, from: &theta, steps: 0..<17)
      var copy = method
      var stored = try JSONDecoder().decode(M.self, from: try JSONEncoder().encode(method))
      var (theta2, theta3) = (theta, theta)
      let expected = MethodFixtures.trajectory(&method, from: &theta, steps: 17..<40)
      #expect(MethodFixtures.trajectory(&copy, from: &theta2, steps: 17..<40) == expected)
      #expect(MethodFixtures.trajectory(&stored, from: &theta3, steps: 17..<40) == expected)
    }
    let pair = try MethodFixtures.method(text)
    try check(pair.double)
    try check(pair.float)
  }

  /// A bad answer of the oracle leaves finite parameters and a finite rate, and training goes on.
  @Test(arguments: MethodFixtures.texts, [Double.nan, .infinity, -.infinity])
  func badAnswersAreSurvived(_ text: String, _ fault: Double) throws {
    func check<M: TrainingMethod>(_ made: M) {
      var method = made
      var theta = LawFixtures.start(MethodFixtures.count, M.Scalar.self)
      method.begin(at: theta)
      let clock = MethodFixtures.Clock()
      clock.fault = { $0 < 100 && $0 % 7 == 3 || $0 == 0 ? fault : nil }
      let before = LawFixtures.objective(theta.map { Double($0) }, penalty: 0)
      let points = MethodFixtures.trajectory(&method, from: &theta, steps: 0..<500, clock: clock)
      #expect(points.allSatisfy { $0.allSatisfy(\.isFinite) }, "\(text) with \(fault)")
      #expect(method.learningRate.isFinite)
      let after = LawFixtures.objective(theta.map { Double($0) }, penalty: 0)
      #expect(after < 0.9 * before, "\(text) with \(fault): \(before) → \(after)")
    }
    let pair = try MethodFixtures.method(text)
    check(pair.double)
    check(pair.float)
  }

  @Test func methodsDifferFromEachOther() throws {
    var seen: [[Double]: String] = [:]
    for text in MethodFixtures.texts {
      func run<M: TrainingMethod<Double>>(_ made: M) -> [Double] {
        var method = made
        var theta = LawFixtures.start(MethodFixtures.count, Double.self)
        method.begin(at: theta)
        return MethodFixtures.trajectory(&method, from: &theta, steps: 0..<60).last!
      }
      let end = run(try MethodFixtures.method(text).double)
      #expect(seen[end] == nil, "\(text) never differs from \(seen[end] ?? "")")
      seen[end] = text
    }
  }

  @Test(arguments: MethodFixtures.texts)
  func floatStaysNearDouble(_ text: String) throws {
    func run<M: TrainingMethod>(_ made: M) -> [Double] {
      var method = made
      var theta = LawFixtures.start(MethodFixtures.count, M.Scalar.self)
      method.begin(at: theta)
      return MethodFixtures.trajectory(&method, from: &theta, steps: 0..<12).last!
        .map { Double($0) }
    }
    let pair = try MethodFixtures.method(text)
    let (single, double) = (run(pair.float), run(pair.double))
    for (a, b) in zip(single, double) { #expect(abs(a - b) <= 1e-3, "\(text): \(a), \(b)") }
  }
}
