internal import HypergradientRecipes
public import Hypergradient
internal import PortableMath

/// Policy gradient on a linear-quadratic regulator: the gain K of the policy u = −K x that minimises
/// the cost of regulating a known linear system.
///
///     f(K) = E Σ_{t≥0} ‖x_t‖² + ρ‖u_t‖²,   x_{t+1} = A x_t + B u_t,   x₀ standard normal
///          = tr P,   P = I + ρKᵀK + (A − BK)ᵀ P (A − BK)
///     ∇f(K) = 2 ((ρI + BᵀPB) K − BᵀPA) Σ,   Σ = E x₀x₀ᵀ + (A − BK) Σ (A − BK)ᵀ
///
/// K is controls × states, row-major. A step sees `batch` states x₀ in place of the expectation, and
/// the exact cost and gradient from there. A is a rotation times a diagonal matrix whose elements
/// are evenly spaced up to `memory`, so that K = 0 stabilises; B has normal elements over √states.
/// The start has normal elements of standard deviation 0.05. The function is not convex, yet has no
/// stationary point but the optimum; a gain that does not stabilise has an infinite cost, and a
/// gradient that is not a number. f* comes from Riccati's equation, by Newton's iteration to
/// rounding. Difficulty grows with `memory`.
///
/// | parameter | range | default | meaning |
/// |---|---|---|---|
/// | `states` | 1…50 | 4 | elements of x |
/// | `controls` | 1…50 | 2 | elements of u |
/// | `memory` | [0.1, 0.99] | 0.95 | spectral norm of A |
/// | `effort` | [0.001, 10³] | 1 | ρ, the price of controls |
/// | `batch` | 1…10⁴ | 8 | initial states a step |
/// | `precision` | double, single | double | of parameters and gradients; in a text |
/// | `instance` | any | 1 | names system and start; initial states by instance and seed |
///
/// > Source: M. Fazel, R. Ge, S. Kakade and M. Mesbahi, Global convergence of policy gradient methods
/// > for the linear quadratic regulator (2018), lemma 1. Newton's iteration: G. Hewer, An iterative
/// > technique for the computation of the steady state gains for the discrete optimal regulator
/// > (1971).
public struct LinearQuadraticRegulator: BenchmarkTask {
  public let start: [Double]
  public let reference: ReferenceValue
  public let batch: Int
  public let effort: Double
  package let dynamics: SmallMatrix
  package let actuation: SmallMatrix
  private let instance: Int

  public init(
    states: Int = 4, controls: Int = 2, memory: Double = 0.95, effort: Double = 1, batch: Int = 8,
    instance: Int = 1
  ) {
    Recipe.linearQuadraticRegulator.check(
      states, controls, memory, effort, batch, Precision.double)
    let name = "linearQuadraticRegulator"
    let rotation = HaarRotation.matrix(
      dimension: states, key: RandomKey(name + ".rotation", instance))
    dynamics = SmallMatrix(
      states, states,
      rotation.enumerated().map {
        $0.element * memory * Double($0.offset % states + 1) / Double(states)
      })
    var system = RandomStream(RandomKey(name + ".actuation", instance))
    actuation = SmallMatrix(
      states, controls,
      system.normals(states * controls).map { $0 / Double(states).squareRoot() })
    self.effort = effort
    self.batch = batch
    self.instance = instance
    var stream = RandomStream(RandomKey(name + ".start", instance))
    start = stream.normals(states * controls).map { 0.05 * $0 }
    var gain = SmallMatrix(controls, states, [Double](repeating: 0, count: controls * states))
    var value = SmallMatrix.identity(states)
    // Quadratic convergence from a gain that stabilises: what follows the last digit changes nothing.
    for _ in 0..<40 {
      let closed = dynamics - actuation * gain
      guard let next = SmallMatrix.lyapunov(closed, Self.price(gain, effort)) else { break }
      value = next
      gain = Self.curvature(actuation, value, effort)
        .solve(actuation.transposed * value * dynamics)
    }
    let closed = dynamics - actuation * gain
    value = SmallMatrix.lyapunov(closed, Self.price(gain, effort)) ?? value
    reference = ReferenceValue(value.trace, .certified, minimiser: gain.elements)
  }

  /// I + ρKᵀK.
  private static func price(_ gain: SmallMatrix, _ effort: Double) -> SmallMatrix {
    .identity(gain.columns) + effort * (gain.transposed * gain)
  }

  /// ρI + BᵀPB.
  private static func curvature(
    _ actuation: SmallMatrix, _ value: SmallMatrix, _ effort: Double
  ) -> SmallMatrix {
    .identity(actuation.columns, times: effort) + actuation.transposed * value * actuation
  }

  public var dimension: Int { start.count }
  public var scratchCount: Int { 0 }
  private var states: Int { dynamics.rows }

  /// The initial states of each step, batch × states.
  public func draws(seed: Int, steps: Range<Int>) -> Draws<Double> {
    let key = RandomKey("linearQuadraticRegulator.initial", instance, seed)
    var values: [Double] = []
    values.reserveCapacity(steps.count * batch * states)
    for step in steps {
      var stream = RandomStream(key, step: step)
      values += stream.normals(batch * states)
    }
    return Draws(steps: steps, valuesPerStep: batch * states, values: values)
  }

  /// The cost from initial states of that second moment; writes its gradient.
  private func evaluate(
    _ theta: UnsafePointer<Double>, moment: SmallMatrix,
    into gradient: UnsafeMutablePointer<Double>?
  ) -> Double {
    let gain = SmallMatrix(
      actuation.columns, states, Array(UnsafeBufferPointer(start: theta, count: dimension)))
    let closed = dynamics - actuation * gain
    guard let value = SmallMatrix.lyapunov(closed, Self.price(gain, effort)) else {
      gradient?.update(repeating: .nan, count: dimension)
      return .infinity
    }
    if let gradient {
      let slope =
        Self.curvature(actuation, value, effort) * gain
        - actuation.transposed * value * dynamics
      if let visits = SmallMatrix.lyapunov(closed.transposed, moment) {
        let product = 2 * (slope * visits)
        for i in 0..<dimension { gradient[i] = product.elements[i] }
      } else {
        gradient.update(repeating: .nan, count: dimension)
      }
    }
    return (value * moment).trace
  }

  public func gradient(
    at theta: UnsafePointer<Double>, step: Int, draws: Draws<Double>,
    into gradient: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    draws.withValues(of: step) { values in
      let initial = SmallMatrix(
        batch, states, Array(UnsafeBufferPointer(start: values, count: batch * states)))
      let moment = (1 / Double(batch)) * (initial.transposed * initial)
      return evaluate(theta, moment: moment, into: gradient)
    }
  }

  public func loss(
    at theta: UnsafePointer<Double>, step: Int, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    evaluate(theta, moment: .identity(states), into: nil)
  }

  public func exactGradient(
    at theta: UnsafePointer<Double>, step: Int, into gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) {
    _ = evaluate(theta, moment: .identity(states), into: gradient)
  }
}

extension Recipe where Product == TaskMaker {
  static let linearQuadraticRegulator = Recipe(
    "linearQuadraticRegulator",
    {
      (states: Int, controls: Int, memory: Double, effort: Double, batch: Int, kind: Precision) in
      TaskMaker {
        kind.task(
          LinearQuadraticRegulator(
            states: states, controls: controls, memory: memory, effort: effort, batch: batch,
            instance: $0.instance))
      }
    },
    .count("states", in: .between(1, 50), default: 4, "of the system"),
    .count("controls", in: .between(1, 50), default: 2, "of the system"),
    .number("memory", in: .between(0.1, 0.99), default: 0.95, "spectral norm of the dynamics"),
    .number("effort", in: .between(0.001, 1000), default: 1, "the price of controls"),
    .count("batch", in: .between(1, 1e4), default: 8, "initial states a step"), .precision,
    summary: "policy gradient on a linear-quadratic regulator, with Riccati's optimum",
    examples: ["linearQuadraticRegulator(states: 3, controls: 1)"],
    standard: { TaskMaker { LinearQuadraticRegulator(instance: $0.instance) } })
}
