internal import Hypergradient
internal import PortableMath

/// f_t(x) = Σ ½hᵢxᵢ² + ¼xᵢ⁴ + c (xᵢ xᵢ₊₁)² + ⟨b_t, x⟩ with its exact Hessian-vector products, and
/// another b for every (step, draw).
struct SmoothOracle: Oracle {
  let parameterCount: Int
  var step = 0
  var counts = EvaluationCounts()
  /// The draws of the gradients that were asked for, in order.
  var draws: [Int] = []
  /// The points at which gradients were asked for.
  var points: [[Double]] = []
  let noise: Double
  var isDeterministic: Bool { noise == 0 }
  /// What the next answers are replaced by.
  var faults = Faults()
  struct Faults {
    var gradient: Double?
    var product: Double?
    var validation: Double?
  }
  private let storage: Storage

  init(_ count: Int = 5, noise: Double = 0.3) {
    parameterCount = count
    self.noise = noise
    storage = Storage(count)
  }

  private final class Storage {
    let answer: UnsafeMutablePointer<Double>
    init(_ count: Int) { answer = .allocate(capacity: count) }
    deinit { answer.deallocate() }
  }

  static let coupling = 0.35
  private func curvature(_ i: Int) -> Double { 0.4 + 0.3 * Double(i) }

  private func shift(_ draw: Int) -> [Double] {
    var stream = RandomStream(RandomKey("tests.smooth", draw), step: step)
    return (0..<parameterCount).map { _ in noise * stream.normal() }
  }

  func value(_ x: [Double], draw: Int) -> Double {
    let b = shift(draw)
    var sum = 0.0
    for i in x.indices {
      sum += 0.5 * curvature(i) * x[i] * x[i] + 0.25 * x[i] * x[i] * x[i] * x[i] + b[i] * x[i]
      if i + 1 < x.count { sum += Self.coupling * x[i] * x[i] * x[i + 1] * x[i + 1] }
    }
    return sum
  }

  func gradient(_ x: [Double], draw: Int) -> [Double] {
    let b = shift(draw)
    return x.indices.map { i in
      var neighbours = 0.0
      if i > 0 { neighbours += x[i - 1] * x[i - 1] }
      if i + 1 < x.count { neighbours += x[i + 1] * x[i + 1] }
      return curvature(i) * x[i] + x[i] * x[i] * x[i] + b[i]
        + 2 * Self.coupling * x[i] * neighbours
    }
  }

  func product(_ x: [Double], _ v: [Double]) -> [Double] {
    x.indices.map { i in
      var sum = (curvature(i) + 3 * x[i] * x[i]) * v[i]
      for j in [i - 1, i + 1] where x.indices.contains(j) {
        sum += 2 * Self.coupling * (x[j] * x[j] * v[i] + 2 * x[i] * x[j] * v[j])
      }
      return sum
    }
  }

  private func array(_ pointer: UnsafePointer<Double>) -> [Double] {
    (0..<parameterCount).map { pointer[$0] }
  }

  private func answer(_ values: [Double], _ fault: Double?) -> UnsafePointer<Double> {
    storage.answer.initialize(from: values.map { fault ?? $0 }, count: values.count)
    return UnsafePointer(storage.answer)
  }

  mutating func evaluate(
    at point: UnsafePointer<Double>, draw: Int
  ) -> (loss: Double, gradient: UnsafePointer<Double>) {
    counts.gradients += 1
    draws.append(draw)
    let x = array(point)
    points.append(x)
    let fault = draw == 0 ? faults.gradient : faults.validation
    return (fault ?? value(x, draw: draw), answer(gradient(x, draw: draw), fault))
  }

  mutating func loss(at point: UnsafePointer<Double>, draw: Int) -> Double {
    counts.losses += 1
    return value(array(point), draw: draw)
  }

  mutating func hessianVectorProduct(
    at point: UnsafePointer<Double>, _ vector: UnsafePointer<Double>, draw: Int
  ) -> UnsafePointer<Double> {
    counts.hessianVectorProducts += 1
    return answer(product(array(point), array(vector)), faults.product)
  }
}

/// The derivative of a vector of functions at x: central differences of step h and 2h, extrapolated.
func derivative(at x: Double, step h: Double, of f: (Double) -> [Double]) -> [Double] {
  let (a, b, c, d) = (f(x + h), f(x - h), f(x + 2 * h), f(x - 2 * h))
  return a.indices.map { (8 * (a[$0] - b[$0]) - (c[$0] - d[$0])) / (12 * h) }
}

/// The largest difference of two vectors over the largest element of the second.
func relativeDifference(_ a: [Double], _ b: [Double]) -> Double {
  let scale = b.map(abs).max() ?? 0
  return zip(a, b).map { abs($0 - $1) }.max()! / scale
}
