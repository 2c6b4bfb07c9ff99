/// DoG and DoWG: the rate is the largest distance from the start over a sum of gradients.
///
///     r_t = max(r_{t−1}, ‖x_t − x₀‖)      r₀ = ρ·(1 + ‖x₀‖)
///     η_t = r_t / √(Σ_{i≤t} ‖g_i‖² + ε)                     DoG
///     η_t = r_t² / √(Σ_{i≤t} r_i² ‖g_i‖² + ε)               DoWG
///     x_{t+1} = x_t − η_t · g_t
///
/// With `byGroup` every group of the parameters (a layer) has its own r, sums and η: LDoG. With
/// `averaging` the parameters hold the polynomial-decay average with γ = 8,
/// x̄_t = x̄_{t−1} + (1 + γ)/(t + γ)·(x_t − x̄_{t−1}), which the paper evaluates; gradients are still
/// taken at x_t, one more vector. Units: ρ is relative, so the method has no rate in units of its own.
/// A gradient that is not finite is discarded.
///
/// > Source: M. Ivgi, O. Hinder and Y. Carmon, DoG is SGD's Best Friend: A Parameter-Free Dynamic
/// > Step Size Schedule (ICML 2023); A. Khaled, K. Mishchenko and C. Jin, DoWG Unleashed: An
/// > Efficient Universal Parameter-Free Gradient Descent Method (NeurIPS 2023), Algorithm 1.
/// > Deviation: DoWG begins with the same relative r₀ as DoG.
public struct DistanceOverGradients<Scalar: ParameterScalar>: TrainingMethod {
  /// Which sum stands below.
  public enum Weighting: String, Sendable, Codable, CaseIterable {
    /// Σ‖g‖²: DoG.
    case plain
    /// Σ r²‖g‖²: DoWG.
    case byDistance
  }

  public let weighting: Weighting
  /// ρ > 0.
  public let initialDistance: Double
  public let epsilon: Double
  public let byGroup: Bool
  public let averaging: Bool
  /// η_t; of the first group, where there are several.
  public private(set) var learningRate = 0.0
  private var stepCount = 0
  private var groups: [Range<Int>] = []
  /// r and the sum, by group.
  private var distances: [Double] = []
  private var sums: [Double] = []
  private var origin: [Scalar] = []
  /// x_t, where the parameters hold the average.
  private var iterate: [Scalar] = []

  /// - Precondition: `initialDistance` is positive and `epsilon` at least 0.
  public init(
    weighting: Weighting = .plain, initialDistance: Double = 1e-6, epsilon: Double = 1e-8,
    byGroup: Bool = false, averaging: Bool = false
  ) {
    precondition(
      initialDistance > 0 && initialDistance.isFinite,
      "initialDistance is \(initialDistance), not greater than 0")
    precondition(epsilon >= 0 && epsilon.isFinite, "epsilon is \(epsilon), not at least 0")
    self.weighting = weighting
    self.initialDistance = initialDistance
    self.epsilon = epsilon
    self.byGroup = byGroup
    self.averaging = averaging
  }

  public var memoryVectors: Int { averaging ? 2 : 1 }

  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    self.groups = byGroup ? groups : [0..<parameters.count]
    origin = Array(parameters)
    iterate = averaging ? origin : []
    sums = self.groups.map { _ in 0 }
    distances = self.groups.map { group in
      let x = parameters.baseAddress! + group.lowerBound
      return initialDistance * (1 + VectorLoops.dot(x, x, count: group.count).squareRoot())
    }
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    if averaging {
      var x = iterate
      x.withUnsafeMutableBufferPointer { x in move(x.baseAddress!, &oracle) }
      iterate = x
      let weight = Scalar.nearest(to: 9 / (Double(stepCount) + 8))
      VectorLoops.approach(parameters.baseAddress!, iterate, weight)
    } else {
      move(parameters.baseAddress!, &oracle)
    }
  }

  private mutating func move<O: Oracle<Scalar>>(
    _ x: UnsafeMutablePointer<Scalar>, _ oracle: inout O
  ) {
    let (_, g) = oracle.evaluate(at: UnsafePointer(x), draw: 0)
    guard VectorLoops.dot(g, g, count: origin.count).isFinite else { return }
    stepCount += 1
    for (k, group) in groups.enumerated() {
      let (x, g) = (x + group.lowerBound, g + group.lowerBound)
      let travelled = origin.withUnsafeBufferPointer {
        VectorLoops.squaredDistance(x, $0.baseAddress! + group.lowerBound, group.count)
      }
      let r = max(distances[k], travelled.squareRoot())
      guard r.isFinite else { continue }
      distances[k] = r
      let square = VectorLoops.dot(g, g, count: group.count)
      sums[k] += weighting == .plain ? square : r * r * square
      let eta = (weighting == .plain ? r : r * r) / (sums[k] + epsilon).squareRoot()
      guard eta.isFinite else { continue }
      if k == 0 { learningRate = eta }
      VectorLoops.move(x, by: eta, along: g, count: group.count)
    }
  }
}

extension Recipe where Product == MethodPair {
  /// `dog()`.
  static let dog = Recipe(
    "dog", distanceParameters + [byGroupParameter],
    summary: "distance over gradients (Ivgi et al. 2023); byGroup: LDoG"
  ) { arguments in distanceOverGradients(arguments, .plain, byGroup: arguments.choice("byGroup")) }

  /// `dowg()`.
  static let dowg = Recipe(
    "dowg", distanceParameters,
    summary: "distance over weighted gradients (Khaled et al. 2023)"
  ) { arguments in distanceOverGradients(arguments, .byDistance, byGroup: "no") }

  private static var distanceParameters: [Parameter] {
    [
      Parameter(
        "initialDistance", .number(.above(0)), default: "1e-6",
        "first distance from the start, relative to 1 + ‖x₀‖"),
      Parameter(
        "epsilon", .number(.atLeast(0)), default: "1e-8", unit: "gradient²", "added to the sum"),
      Parameter(
        "averaging", .choice(["no", "yes"]), default: ".no",
        "whether the result is the polynomial-decay average"),
    ]
  }
  private static var byGroupParameter: Parameter {
    Parameter(
      "byGroup", .choice(["no", "yes"]), default: ".no", "whether every layer has its own rate")
  }
}

private func distanceOverGradients(
  _ arguments: Arguments, _ weighting: DistanceOverGradients<Double>.Weighting, byGroup: String
) -> MethodPair {
  func make<Scalar>(_: Scalar.Type) -> DistanceOverGradients<Scalar> {
    DistanceOverGradients<Scalar>(
      weighting: .init(rawValue: weighting.rawValue)!,
      initialDistance: arguments.number("initialDistance"), epsilon: arguments.number("epsilon"),
      byGroup: byGroup == "yes", averaging: arguments.choice("averaging") == "yes")
  }
  return MethodPair(make(Float.self), make(Double.self))
}
