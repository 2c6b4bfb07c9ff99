internal import HypergradientRecipes
public import Hypergradient
internal import PortableMath

/// Policy gradient on a chain of states: in each the policy steps right with probability σ(θ_s), else
/// left; at either end the step away from the chain stays, and is rewarded, 1 at the right end and
/// `lure` at the left.
///
///     f(θ) = mean over s of V*(s) − V(s; θ),   V(s; θ) = E Σ_{t≥0} γᵗ r_t from s
///
/// A step sees `batch` drawn states in place of the mean over all, and the exact values and gradient
/// from there; values solve a tridiagonal system. The best policy runs to the better end:
/// V*(s) = max(γ^{S−1−s}, lure·γ^s)/(1 − γ). So f ≥ 0, a bound that is approached as the
/// probabilities become certain, and that no θ reaches. The start has normal elements of standard
/// deviation 0.5. Difficulty grows with `states`: where the right end is far, a policy that has
/// learned to stay at the left is slow to unlearn it.
///
/// | parameter | range | default | meaning |
/// |---|---|---|---|
/// | `states` | 2…1000 | 10 | S, the chain's length |
/// | `discount` | [0, 0.99] | 0.9 | γ |
/// | `lure` | [0, 1] | 0.2 | the reward at the left end |
/// | `batch` | 1…10⁴ | 4 | first states a step |
/// | `precision` | double, single | double | of parameters and gradients; in a text |
/// | `instance` | any | 1 | names the start; first states by instance and seed |
///
/// > Source: R. S. Sutton, D. McAllester, S. Singh and Y. Mansour, Policy gradient methods for
/// > reinforcement learning with function approximation (1999), theorem 1, with exact values.
public struct ChainPolicy: BenchmarkTask {
  public let start: [Double]
  public let discount: Double
  public let lure: Double
  public let batch: Int
  /// V*, the value of each state under the best policy.
  public let bestValues: [Double]
  private let instance: Int

  public init(
    states: Int = 10, discount: Double = 0.9, lure: Double = 0.2, batch: Int = 4, instance: Int = 1
  ) {
    Recipe.chainPolicy.check(states, discount, lure, batch, Precision.double)
    self.discount = discount
    self.lure = lure
    self.batch = batch
    self.instance = instance
    var powers = [1.0]
    for _ in 1..<states { powers.append(powers[powers.count - 1] * discount) }
    bestValues = (0..<states).map {
      max(powers[states - 1 - $0], lure * powers[$0]) / (1 - discount)
    }
    var stream = RandomStream(RandomKey("chainPolicy.start", instance))
    start = stream.normals(states).map { 0.5 * $0 }
  }

  public var dimension: Int { start.count }
  public var reference: ReferenceValue { ReferenceValue(0, .lowerBound) }
  public var scratchCount: Int { 5 * dimension }

  /// The first states of each step, as labels.
  public func draws(seed: Int, steps: Range<Int>) -> Draws<Double> {
    let key = RandomKey("chainPolicy.first", instance, seed)
    var labels: [Int32] = []
    labels.reserveCapacity(steps.count * batch)
    for step in steps {
      var stream = RandomStream(key, step: step)
      for _ in 0..<batch { labels.append(Int32(stream.integer(below: dimension))) }
    }
    return Draws(steps: steps, labelsPerStep: batch, labels: labels)
  }

  /// The mean shortfall from first states with the given weights, which sum to 1; writes its
  /// gradient. The weights lie in the first `dimension` elements of `scratch`, which are used up.
  private func evaluate(
    _ theta: UnsafePointer<Double>, into gradient: UnsafeMutablePointer<Double>?,
    scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    let n = dimension
    let weights = scratch
    let right = weights + n
    let values = right + n
    let visits = values + n
    let pivots = visits + n
    for s in 0..<n { right[s] = Sigmoid.value(theta[s]) }
    for s in 0..<n { values[s] = 0 }
    values[0] += (1 - right[0]) * lure
    values[n - 1] += right[n - 1]
    // (I − γP) V = r, eliminated from the left; P is tridiagonal.
    for s in 0..<n {
      var pivot = 1.0
      if s == 0 { pivot -= discount * (1 - right[0]) }
      if s == n - 1 { pivot -= discount * right[n - 1] }
      if s > 0 {
        let factor = discount * (1 - right[s]) / pivots[s - 1]
        pivot -= factor * discount * right[s - 1]
        values[s] += factor * values[s - 1]
      }
      pivots[s] = pivot
    }
    for s in stride(from: n - 1, through: 0, by: -1) {
      if s < n - 1 { values[s] += discount * right[s] * values[s + 1] }
      values[s] /= pivots[s]
    }
    var shortfall = 0.0
    for s in 0..<n { shortfall += weights[s] * (bestValues[s] - values[s]) }
    guard let gradient else { return shortfall }
    // (I − γPᵀ) d = w: how often each state is visited, discounted. The same pivots serve.
    for s in 0..<n {
      visits[s] = weights[s]
      if s > 0 { visits[s] += discount * right[s - 1] / pivots[s - 1] * visits[s - 1] }
    }
    for s in stride(from: n - 1, through: 0, by: -1) {
      if s < n - 1 { visits[s] += discount * (1 - right[s + 1]) * visits[s + 1] }
      visits[s] /= pivots[s]
    }
    for s in 0..<n {
      let goRight = s == n - 1 ? 1 + discount * values[s] : discount * values[s + 1]
      let goLeft = s == 0 ? lure + discount * values[s] : discount * values[s - 1]
      gradient[s] = -visits[s] * right[s] * (1 - right[s]) * (goRight - goLeft)
    }
    return shortfall
  }

  public func gradient(
    at theta: UnsafePointer<Double>, step: Int, draws: Draws<Double>,
    into gradient: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    for s in 0..<dimension { scratch[s] = 0 }
    let first = (step - draws.steps.lowerBound) * batch
    for slot in 0..<batch { scratch[Int(draws.labels[first + slot])] += 1 / Double(batch) }
    return evaluate(theta, into: gradient, scratch: scratch)
  }

  public func loss(
    at theta: UnsafePointer<Double>, step: Int, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    for s in 0..<dimension { scratch[s] = 1 / Double(dimension) }
    return evaluate(theta, into: nil, scratch: scratch)
  }

  public func exactGradient(
    at theta: UnsafePointer<Double>, step: Int, into gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) {
    for s in 0..<dimension { scratch[s] = 1 / Double(dimension) }
    _ = evaluate(theta, into: gradient, scratch: scratch)
  }
}

extension Recipe where Product == TaskMaker {
  static let chainPolicy = Recipe(
    "chainPolicy",
    { (states: Int, discount: Double, lure: Double, batch: Int, kind: Precision) in
      TaskMaker {
        kind.task(
          ChainPolicy(
            states: states, discount: discount, lure: lure, batch: batch, instance: $0.instance))
      }
    },
    .count("states", in: .between(2, 1000), default: 10, "of the chain"),
    .number("discount", in: .between(0, 0.99), default: 0.9, "a step"),
    .number("lure", in: .between(0, 1), default: 0.2, "the reward at the left end"),
    .count("batch", in: .between(1, 1e4), default: 4, "first states a step"), .precision,
    summary: "policy gradient on a chain of states, with its exact values",
    examples: ["chainPolicy(states: 5, batch: 3)"],
    standard: { TaskMaker { ChainPolicy(instance: $0.instance) } })
}
