internal import Hypergradient

/// u of each step, for a rule that does not look at θ.
func directions<R: UpdateRule<Double>>(
  _ rule: R, on objective: Objective = .plain, _ gradients: [[Double]], losses: [Double]? = nil
) -> [[Double]] {
  var optimizer = Optimizer(
    rule, ConstantRate(1), on: objective, parameterCount: gradients[0].count)
  return gradients.enumerated().map { step, gradient in
    // From zero, a step of rate 1 lands on −u.
    var theta = gradient.map { _ in 0.0 }
    optimizer.step(&theta, gradient: gradient, loss: losses?[step])
    return theta.map { 0 - $0 }
  }
}

/// The same for one parameter.
func directions<R: UpdateRule<Double>>(
  _ rule: R, _ gradients: [Double], losses: [Double]? = nil
) -> [Double] {
  directions(rule, gradients.map { [$0] }, losses: losses).map { $0[0] }
}

/// Whether two lists agree to `tolerance` relative to the second, element by element.
func agree(_ a: [Double], _ b: [Double], to tolerance: Double = 1e-14) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance * abs($1) }
}
