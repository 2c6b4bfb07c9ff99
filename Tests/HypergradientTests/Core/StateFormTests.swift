internal import Hypergradient
internal import HypergradientCatalogue
internal import Testing

/// States as bytes.
@Suite struct StateFormTests {
  /// Whatever a method has learned, in either precision, is read as it was written.
  @Test(arguments: Catalogue.standard.double.methods.flatMap(\.texts))
  func methodsAreReadAsTheyWere(_ text: String) throws {
    func check<S: ParameterScalar>(_: S.Type) throws {
      guard case .method(let made) = try Catalogue.standard.method(text, for: S.self) else {
        return
      }
      func open<M: TrainingMethod<S>>(_ made: M) throws {
        var (method, theta) = (made, [S](repeating: 1, count: 3))
        method.begin(at: theta)
        var oracle = FunctionOracle<S>(parameterCount: 3) { x, gradient, _ in
          var loss = 0.0
          for i in 0..<3 {
            gradient[i] = S(i + 1) * x[i]
            loss += Double(i + 1) * Double(x[i]) * Double(x[i]) / 2
          }
          return loss
        }
        for _ in 0..<5 { method.step(&theta, &oracle) }
        let bytes = try StateForm.bytes { try method.encode(to: $0) }
        var read = try M(from: StateForm.decoder(of: bytes))
        #expect(try StateForm.bytes { try read.encode(to: $0) } == bytes)
        var other = theta
        method.step(&theta, &oracle)
        read.step(&other, &oracle)
        #expect(theta == other)
      }
      try open(made)
    }
    try check(Double.self)
    try check(Float.self)
  }

  /// The same state has the same bytes, in whatever order it names its parts.
  @Test func partsAreInOrder() throws {
    enum Key: String, CodingKey, CaseIterable { case a, b, c }
    func bytes(_ keys: [Key]) throws -> [UInt8] {
      try StateForm.bytes {
        var container = $0.container(keyedBy: Key.self)
        for key in keys { try container.encode(key.rawValue, forKey: key) }
      }
    }
    #expect(try bytes([.c, .a, .b]) == bytes([.a, .b, .c]))
  }

  @Test func vectorsAreRunsOfBits() throws {
    func count(_ x: some Encodable) throws -> Int {
      try StateForm.bytes { try [x].encode(to: $0) }.count
    }
    #expect(
      try count([Float](repeating: .pi, count: 90)) - count([Float](repeating: 0, count: 80)) == 80)
    #expect(try count([Double](repeating: .pi, count: 90)) - count([0.5]) == 89 * 8)
  }
}
