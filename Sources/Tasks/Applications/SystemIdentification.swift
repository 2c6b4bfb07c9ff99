internal import HypergradientRecipes
public import Hypergradient
internal import Kernels
internal import PortableMath
internal import Vectors

/// The matrices of a linear system from one record of its motion:
/// f(A, B) = 1/(2T) Σ ‖x_{t+1} − A x_t − B u_t‖², by minibatches of times.
///
/// θ is the matrix (A B), states × (states + controls), row-major. The record begins at x₀ = 0 and
/// follows x_{t+1} = A° x_t + B° u_t + σ·n, with standard normal controls u and noise n; A° is a
/// rotation times a diagonal matrix whose elements are evenly spaced up to `memory`, and B° has
/// normal elements over √controls. So the regressors are correlated, the more the longer the
/// system's memory. The start is (A° B°) plus standard normal numbers. The function is convex; f* is
/// certified by Cholesky's factorisation with refinement. Difficulty grows with `noise`.
///
/// | parameter | range | default | meaning |
/// |---|---|---|---|
/// | `states` | 1…100 | 6 | elements of x |
/// | `controls` | 1…100 | 2 | elements of u |
/// | `memory` | [0.1, 0.99] | 0.9 | spectral norm of A° |
/// | `noise` | [0.001, 10³] | 0.1 | σ, standard deviation |
/// | `length` | 4·(`states` + `controls`)…10⁵ | 512 | T |
/// | `batch` | 1…T | 16 | times a step |
/// | `precision` | double, single | double | of parameters and gradients; in a text |
/// | `instance` | any | 1 | names system, record and start; the order by instance and seed |
///
/// > Source: L. Ljung, System identification: theory for the user (1999), section 7.3, for the
/// > one-step prediction error.
public struct SystemIdentification: ExampleTask {
  public let start: [Double]
  public let reference: ReferenceValue
  let order: ExampleOrder
  private let states: Int
  /// States and controls.
  private let width: Int
  /// x_t and u_t, then x_{t+1}: length × (width + states).
  private let rows: [Double]
  private let minimiser: [Double]
  /// Σ z zᵀ / T of z = (x_t, u_t).
  private let moment: [Double]

  public init(
    states: Int = 6, controls: Int = 2, memory: Double = 0.9, noise: Double = 0.1,
    length: Int = 512, batch: Int = 16, instance: Int = 1
  ) {
    Recipe.systemIdentification.check(
      states, controls, memory, noise, length, batch, Precision.double)
    let name = "systemIdentification"
    let n = states
    let width = states + controls
    let rotation = HaarRotation.matrix(
      dimension: n, key: RandomKey(name + ".rotation", instance))
    var system = RandomStream(RandomKey(name + ".controls", instance))
    var truth: [Double] = []
    for i in 0..<n {
      truth += (0..<n).map { rotation[i * n + $0] * memory * Double($0 + 1) / Double(n) }
      truth += system.normals(controls).map { $0 / Double(controls).squareRoot() }
    }
    var motion = RandomStream(RandomKey(name + ".record", instance))
    var rows: [Double] = []
    rows.reserveCapacity(length * (width + n))
    var state = [Double](repeating: 0, count: n)
    for _ in 0..<length {
      let regressor = state + motion.normals(controls)
      for i in 0..<n {
        state[i] =
          Arrays.dot(Array(truth[i * width..<(i + 1) * width]), regressor)
          + noise * motion.normal()
      }
      rows += regressor + state
    }
    self.states = n
    self.width = width
    self.rows = rows
    order = ExampleOrder(examples: length, batch: batch, name: name + ".order", instance: instance)
    let stride = width + n
    var moment = [Double](repeating: 0, count: width * width)
    hg_matmul_f64(
      true, false, width, width, length, rows, stride, rows, stride, &moment, width, false)
    moment = moment.map { $0 / Double(length) }
    let factor = Cholesky(moment, dimension: width)
    var minimiser = truth
    var residuals: [Double] = []
    // From the true matrices one solve suffices; the second removes its rounding.
    for pass in 0..<3 {
      residuals = [Double](repeating: 0, count: length * n)
      hg_matmul_f64(
        false, true, length, n, width, rows, stride, minimiser, width, &residuals, n, false)
      for t in 0..<length {
        for i in 0..<n { residuals[t * n + i] -= rows[t * stride + width + i] }
      }
      if pass == 2 { break }
      var slope = [Double](repeating: 0, count: n * width)
      hg_matmul_f64(
        true, false, n, width, length, residuals, n, rows, stride, &slope, width, false)
      for i in 0..<n {
        let correction = factor.solve(
          slope[i * width..<(i + 1) * width].map { $0 / Double(length) })
        for j in 0..<width { minimiser[i * width + j] -= correction[j] }
      }
    }
    reference = ReferenceValue(
      BlockSums.dot(residuals, residuals, count: residuals.count) / Double(2 * length), .certified,
      minimiser: minimiser)
    self.minimiser = minimiser
    self.moment = moment
    var stream = RandomStream(RandomKey(name + ".start", instance))
    start = truth.map { $0 + stream.normal() }
  }

  public var dimension: Int { states * width }
  public var scratchCount: Int {
    max(2 * dimension, order.batches.batch * (width + 2 * states))
  }

  func evaluate(
    _ theta: UnsafePointer<Double>, examples: UnsafePointer<Int32>, count: Int,
    per divisor: Double, into gradient: UnsafeMutablePointer<Double>?, adding: Bool,
    scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    let (n, stride) = (states, width + states)
    let z = scratch
    let errors = z + count * stride
    hg_gather_rows_f64(1, z, rows, examples, count, stride)
    for t in 0..<count {
      for i in 0..<n { errors[t * n + i] = -z[t * stride + width + i] }
    }
    hg_matmul_f64(false, true, count, n, width, z, stride, theta, width, errors, n, true)
    let sum = 0.5 * BlockSums.dot(errors, errors, count: count * n)
    guard let gradient else { return sum }
    let share = 1 / divisor
    for i in 0..<(count * n) { errors[i] *= share }
    hg_matmul_f64(
      true, false, n, width, count, errors, n, z, stride, gradient, width, adding)
    return sum
  }

  /// f* + ½ tr((θ−θ*) M (θ−θ*)ᵀ) with M the regressors' second moment, which loses no digits near θ*.
  public func loss(
    at theta: UnsafePointer<Double>, step: Int, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    let product = scratch + dimension
    exactGradient(at: theta, step: step, into: product, scratch: scratch)
    return reference.value + 0.5 * BlockSums.dot(scratch, product, count: dimension)
  }

  public func exactGradient(
    at theta: UnsafePointer<Double>, step: Int, into gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) {
    for i in 0..<dimension { scratch[i] = theta[i] - minimiser[i] }
    hg_matmul_f64(
      false, false, states, width, width, scratch, width, moment, width, gradient, width, false)
  }
}

extension SystemIdentification {
  /// What is wrong with these sizes together.
  fileprivate static func fault(regressors: Int, length: Int, batch: Int) -> String? {
    if length < 4 * regressors {
      return "\(length) times are fewer than 4 for each of \(regressors) regressors"
    }
    return Minibatches.fault(examples: length, batch: batch)
  }
}

extension Recipe where Product == TaskMaker {
  static let systemIdentification = Recipe(
    "systemIdentification",
    {
      (
        states: Int, controls: Int, memory: Double, noise: Double, length: Int, batch: Int,
        kind: Precision
      ) in
      TaskMaker {
        kind.task(
          SystemIdentification(
            states: states, controls: controls, memory: memory, noise: noise, length: length,
            batch: batch, instance: $0.instance))
      }
    },
    .count("states", in: .between(1, 100), default: 6, "of the system"),
    .count("controls", in: .between(1, 100), default: 2, "of the system"),
    .number("memory", in: .between(0.1, 0.99), default: 0.9, "spectral norm of the dynamics"),
    .number("noise", in: .between(0.001, 1000), default: 0.1, "standard deviation"),
    .count("length", in: .between(8, 1e5), default: 512, "times recorded"), .batch, .precision,
    unless: { states, controls, _, _, length, batch, _ in
      SystemIdentification.fault(regressors: states + controls, length: length, batch: batch)
    },
    summary: "the matrices of a linear system from one record, by one-step prediction",
    examples: ["systemIdentification(states: 3, controls: 1, length: 64, batch: 8)"],
    standard: { TaskMaker { SystemIdentification(instance: $0.instance) } })
}
