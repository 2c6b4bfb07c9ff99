internal import Hypergradient
internal import HypergradientCatalogue
internal import PortableMath

/// What the laws of methods run over: the texts of each method of the catalogue.
enum MethodFixtures {
  static let texts =
    Catalogue.standard.double.methods.flatMap(\.texts)
    + Catalogue.standard.double.methodModifiers.flatMap(\.texts)

  static func method(_ text: String) throws -> MethodPair {
    func method<S: ParameterScalar>(_: S.Type) throws -> any TrainingMethod<S> {
      guard case .method(let method) = try Catalogue.standard.method(text, for: S.self) else {
        preconditionFailure("'\(text)' is not a method")
      }
      return method
    }
    return MethodPair(float: try method(Float.self), double: try method(Double.self))
  }

  static let count = 24

  /// An oracle of the laws' objective with noise by (step, draw); `step` is advanced by the caller.
  final class Clock {
    var step = 0
    /// Replaces the loss and every gradient element, where it returns a value.
    var fault: (Int) -> Double? = { _ in nil }
  }

  static func oracle<Scalar: ParameterScalar>(
    _ clock: Clock, noise: Double = 0.01, _: Scalar.Type
  ) -> FunctionOracle<Scalar> {
    FunctionOracle(parameterCount: count) { point, gradient, draw in
      var stream = RandomStream(RandomKey("tests.methods", draw), step: clock.step)
      let exact = LawFixtures.gradient(Array(point))
      var loss = LawFixtures.objective(point.map { Double($0) }, penalty: 0)
      for i in 0..<count {
        let shift = noise * stream.normal()
        gradient[i] = exact[i] + Scalar(shift)
        loss += shift * Double(point[i])
      }
      if let fault = clock.fault(clock.step) {
        for i in 0..<count { gradient[i] = Scalar(fault) }
        return fault
      }
      return loss
    }
  }

  /// Parameters after each step.
  static func trajectory<M: TrainingMethod>(
    _ method: inout M, from theta: inout [M.Scalar], steps: Range<Int>, clock: Clock = Clock()
  ) -> [[M.Scalar]] {
    var oracle = oracle(clock, M.Scalar.self)
    return steps.map { step in
      clock.step = step
      method.step(&theta, &oracle)
      return theta
    }
  }
}
