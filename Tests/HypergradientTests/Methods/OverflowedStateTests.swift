internal import Foundation
internal import Hypergradient
internal import Testing

/// One finite gradient whose square overflows in Float: what goes on training can be stored, and goes
/// on from there with the same bits.
@Suite struct OverflowedStateTests {
  @Test(arguments: MethodFixtures.texts) func whatGoesOnCanBeStored(_ text: String) throws {
    func check<M: TrainingMethod>(_ made: M) throws {
      var (method, theta) = (made, [M.Scalar](repeating: 1, count: MethodFixtures.count))
      var step = 0
      var oracle = FunctionOracle<M.Scalar>(parameterCount: theta.count) { x, g, _ in
        var loss = 0.0
        for i in x.indices {
          g[i] = x[i]
          loss += Double(x[i]) * Double(x[i]) / 2
        }
        if step == 5 { g[0] = 3e19 }
        if step == 7 { g[1] = .nan }
        return loss
      }
      method.begin(at: theta)
      for k in 0..<9 {
        step = k
        method.step(&theta, &oracle)
        guard theta.allSatisfy(\.isFinite) else { return }
      }
      var (stored, there) = (
        try JSONDecoder().decode(M.self, from: try JSONEncoder().encode(method)), theta
      )
      for k in 9..<14 {
        step = k
        method.step(&theta, &oracle)
        stored.step(&there, &oracle)
        #expect(theta.elementsEqual(there) { $0 == $1 || ($0.isNaN && $1.isNaN) }, "\(text), \(k)")
      }
    }
    try check(try MethodFixtures.method(text).float)
  }

  /// A norm past the numbers, of a finite gradient, is a step that is skipped.
  @Test(arguments: [DoG<Double>.Weighting.plain, .byDistance]) func aNormPastTheNumbers(
    _ weighting: DoG<Double>.Weighting
  ) {
    var (method, theta, step) = (DoG<Double>(weighting: weighting), [0.0, 0.0], 0)
    var oracle = FunctionOracle<Double>(parameterCount: 2) { x, g, _ in
      for i in x.indices { g[i] = step == 0 ? 1.5e308 : 1 + x[i] }
      return 1
    }
    method.begin(at: theta)
    for k in 0..<30 {
      step = k
      method.step(&theta, &oracle)
      if k == 0 { #expect(theta == [0, 0]) }
    }
    #expect(method.stepCounts.skipped == 1 && theta[0] < 0 && theta[0].isFinite)
  }
}
