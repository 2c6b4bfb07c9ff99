internal import Foundation
internal import Hypergradient
internal import Testing

/// What goes on training can be stored, and goes on from there with the same bits.
@Suite struct OverflowedStateTests {
  /// Whichever of a step's questions gets a bad answer: after every step that leaves the parameters
  /// finite, the state is read as it was.
  @Test(arguments: MethodFixtures.texts, [Double.nan, .infinity, 1e200])
  func everyFiniteStepCanBeStored(_ text: String, _ fault: Double) throws {
    func check<M: TrainingMethod>(_ made: M) {
      /// Whether the step asked so many questions.
      func isAsked(_ question: Int, ofStep bad: Int) -> Bool {
        var (method, theta) = (made, [M.Scalar](repeating: 1, count: 3))
        var (step, asked) = (0, 0)
        let answer = M.Scalar(
          fault.isFinite && M.Scalar.self == Float.self ? fault.squareRoot().squareRoot() : fault)
        var oracle = FunctionOracle<M.Scalar>(parameterCount: 3) { x, g, _ in
          for i in x.indices { g[i] = M.Scalar(i + 1) * x[i] }
          if step == bad {
            if asked == question { g[1] = answer }
            asked += 1
          }
          return x.reduce(0) { $0 + Double($1) * Double($1) }
        }
        method.begin(at: theta)
        while step < bad + 3 {
          method.step(&theta, &oracle)
          guard theta.allSatisfy(\.isFinite) else { break }
          do {
            let bytes = try StateForm.bytes { try method.encode(to: $0) }
            method = try M(from: StateForm.decoder(of: bytes))
            #expect(try StateForm.bytes { try method.encode(to: $0) } == bytes, "\(text)")
            _ = try JSONEncoder().encode(method)
          } catch {
            Issue.record("\(text), \(fault) at question \(question) of step \(bad): \(error)")
          }
          step += 1
        }
        return asked > question
      }
      for bad in [0, 4] { _ = (0..<9).prefix { isAsked($0, ofStep: bad) } }
    }
    let pair = try MethodFixtures.method(text)
    check(pair.double)
    check(pair.float)
  }

  /// One finite gradient whose square overflows in Float.
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

  /// First gradients next to nothing are no reason to lose the parameters; but a search for a rate finds
  /// one as long as they are short.
  @Test(
    arguments: MethodFixtures.texts.filter { !$0.hasPrefix("startUp") } + [
      "dog(initialDistance: 1e-3, epsilon: 0)", "dowg(initialDistance: 1e-3, epsilon: 0)",
    ])
  func smallestGradients(_ text: String) throws {
    func check<M: TrainingMethod>(_ made: M) {
      var (method, theta) = (made, [M.Scalar](repeating: 1, count: 3))
      var step = 0
      var oracle = FunctionOracle<M.Scalar>(parameterCount: 3) { x, g, _ in
        let size = step < 2 ? 3 * M.Scalar.leastNonzeroMagnitude : 1
        for i in x.indices { g[i] = size * x[i] }
        return x.reduce(0) { $0 + Double(size) * Double($1) * Double($1) / 2 }
      }
      method.begin(at: theta)
      while step < 6 {
        method.step(&theta, &oracle)
        #expect(theta.allSatisfy(\.isFinite) && method.learningRate.isFinite, "\(text), \(step)")
        step += 1
      }
    }
    let pair = try MethodFixtures.method(text)
    check(pair.double)
    check(pair.float)
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
