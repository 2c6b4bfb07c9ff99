internal import Hypergradient
internal import Testing

/// The objective of ``SmoothOracle`` for tests that write a method's equations out over arrays of
/// Double: f_t and ∇f_t of the current step, and an oracle of either type of parameters that gives
/// the same answers.
final class PlainObjective {
  var step = 0 { didSet { smooth.step = step } }
  private var smooth: SmoothOracle

  init(_ count: Int, noise: Double) { smooth = SmoothOracle(count, noise: noise) }

  /// f_t, the draw that a plain optimizer would see.
  func value(_ x: [Double]) -> Double { smooth.value(x, draw: 0) }

  /// ∇f_t.
  func gradient(_ x: [Double]) -> [Double] { smooth.gradient(x, draw: 0) }

  func oracle<Scalar: ParameterScalar>(of _: Scalar.Type) -> FunctionOracle<Scalar> {
    FunctionOracle(
      parameterCount: smooth.parameterCount, isDeterministic: smooth.isDeterministic
    ) { [self] point, gradient, draw in
      let x = point.map { Double($0) }
      for (i, g) in smooth.gradient(x, draw: draw).enumerated() { gradient[i] = Scalar(g) }
      return smooth.value(x, draw: draw)
    }
  }
}

/// Sums and a rule in plain arithmetic.
enum Plain {
  static func dot(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }

  static func norm(_ a: [Double]) -> Double { dot(a, a).squareRoot() }

  static func difference(_ a: [Double], _ b: [Double]) -> [Double] {
    zip(a, b).map { $0 - $1 }
  }

  /// u of gradient descent.
  static func gradientDescent(_ g: [Double]) -> [Double] { g }

  /// m̂/(√v̂ + ε) with β₁ = 0.9, β₂ = 0.999, ε = 1e-8.
  struct Adam {
    private var m: [Double] = []
    private var v: [Double] = []
    private var powers = (1.0, 1.0)

    mutating func direction(_ g: [Double]) -> [Double] {
      if m.isEmpty { (m, v) = (g.map { _ in 0 }, g.map { _ in 0 }) }
      powers = (powers.0 * 0.9, powers.1 * 0.999)
      return g.indices.map { i in
        m[i] = 0.9 * m[i] + 0.1 * g[i]
        v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i]
        return m[i] / (1 - powers.0) / ((v[i] / (1 - powers.1)).squareRoot() + 1e-8)
      }
    }
  }
}

/// Steps of a method beside steps in plain arithmetic: the parameters and the rate agree after each.
///
/// - Parameters:
///   - groups: of the parameters; one if `nil`.
///   - tolerance: of the largest parameter, and of the rate.
///   - plain: makes one step of w on f_t, and returns the rate.
func expectSteps<Method: TrainingMethod>(
  of method: Method, from start: [Double], groups: [Range<Int>]? = nil, steps: Int, noise: Double,
  tolerance: Double, sourceLocation: SourceLocation = #_sourceLocation,
  equal plain: (_ w: inout [Double], _ f: PlainObjective) -> Double
) {
  let objective = PlainObjective(start.count, noise: noise)
  var oracle = objective.oracle(of: Method.Scalar.self)
  var method = method
  var x = start.map { Method.Scalar($0) }
  var w = start
  x.withUnsafeBufferPointer { method.begin(at: $0, groups: groups ?? [0..<$0.count]) }
  for step in 0..<steps {
    objective.step = step
    method.step(&x, &oracle)
    let rate = plain(&w, objective)
    #expect(
      relativeDifference(x.map { Double($0) }, w) <= tolerance, "parameters, step \(step)",
      sourceLocation: sourceLocation)
    #expect(
      relativeDifference(method.learningRate, rate) <= tolerance, "rate, step \(step)",
      sourceLocation: sourceLocation)
  }
}

/// Steps of a method on one parameter whose gradients are given, whatever the point is, with a loss
/// of 0: the parameter and the rate after each.
func stepsOnScript<Method: TrainingMethod<Double>>(
  of method: Method, from start: Double, gradients: [Double]
) -> [(parameter: Double, rate: Double)] {
  var next = 0
  var oracle = FunctionOracle<Double>(parameterCount: 1) { _, gradient, _ in
    gradient[0] = gradients[next]
    return 0
  }
  var method = method
  var x = [start]
  method.begin(at: x)
  return gradients.indices.map { index in
    next = index
    method.step(&x, &oracle)
    return (x[0], method.learningRate)
  }
}

/// An oracle of ½ Σ hᵢ xᵢ².
func quadratic(_ h: [Double]) -> FunctionOracle<Double> {
  FunctionOracle(parameterCount: h.count, isDeterministic: true) { x, gradient, _ in
    var sum = 0.0
    for i in h.indices {
      gradient[i] = h[i] * x[i]
      sum += 0.5 * h[i] * x[i] * x[i]
    }
    return sum
  }
}
