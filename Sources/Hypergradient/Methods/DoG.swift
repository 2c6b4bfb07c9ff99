package import HypergradientRecipes

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
public struct DoG<Scalar: ParameterScalar>: TrainingMethod {
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
  public private(set) var stepCounts = StepCounts()
  /// r_t, the largest distance from the start so far, in the unit of the parameters; of the first
  /// group, where there are several; `nil` before the method is begun.
  public var distanceEstimate: Double? { distances.first }
  private var stepCount = 0
  private var groups: [Range<Int>] = []
  /// r and the sum, by group.
  private var distances: [Double] = []
  private var sums: [SquareSum] = []
  private var origin: [Scalar] = []
  /// x_t, where the parameters hold the average.
  private var iterate: [Scalar] = []

  public init(
    weighting: Weighting = .plain, initialDistance: Double = 1e-6, epsilon: Double = 1e-8,
    byGroup: Bool = false, averaging: Bool = false
  ) {
    Recipe<any TrainingMethod<Scalar>>.dog().check(initialDistance, epsilon, averaging, byGroup)
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
    sums = self.groups.map { _ in SquareSum() }
    distances = self.groups.map { group in
      let x = parameters.baseAddress! + group.lowerBound
      return initialDistance * (1 + VectorLoops.norm(x, count: group.count))
    }
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    expectCount(parameters, origin.count)
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
    guard let (_, g) = oracle.finiteGradient(at: x) else { return stepCounts.skip() }
    stepCount += 1
    var hasMoved = false
    for (k, group) in groups.enumerated() {
      let (x, g) = (x + group.lowerBound, g + group.lowerBound)
      let travelled = origin.withUnsafeBufferPointer {
        VectorLoops.distance(x, $0.baseAddress! + group.lowerBound, group.count)
      }
      let r = max(distances[k], travelled)
      guard r.isFinite else { continue }
      distances[k] = r
      let square = VectorLoops.dot(g, g, count: group.count)
      let norm =
        Norms.isSafe(square) ? square.squareRoot() : VectorLoops.norm(g, count: group.count)
      // A sum with a norm past the numbers would be infinite for good.
      guard norm.isFinite else { continue }
      let isPlain = weighting == .plain
      sums[k].add(isPlain ? norm : r * norm, square: isPlain ? square : r * r * square)
      let root = sums[k].root(adding: epsilon)
      let wanted = isPlain ? r / root : Norms.isSafe(r * r) ? r * r / root : r * (r / root)
      guard Scalar.nearest(to: wanted).isFinite else { continue }
      let eta = oracle.heldRate(wanted, of: k)
      if k == 0 { learningRate = eta }
      VectorLoops.move(x, by: eta, along: g, count: group.count)
      hasMoved = true
    }
    if !hasMoved { stepCounts.skip() }
  }
}

extension Recipe {
  /// `dog()`.
  package static func dog<S: ParameterScalar>() -> Recipe where Product == any TrainingMethod<S> {
    Recipe(
      "dog",
      { (distance: Double, epsilon: Double, averaging: Bool, byGroup: Bool) in
        DoG<S>(
          initialDistance: distance, epsilon: epsilon, byGroup: byGroup, averaging: averaging)
      },
      .distanceShare, .distanceEpsilon(unit: "gradient²"), .averaging, .byGroup,
      summary: "distance over gradients (Ivgi et al. 2023); byGroup: LDoG",
      examples: [
        "dog(initialDistance: 1e-3)",
        "dog(initialDistance: 1e-3, averaging: .yes)",
      ],
      compared: [
        "dog()", .init("dog(averaging: .yes)", as: "dog-averaging"),
        .init("dog(byGroup: .yes)", as: "ldog"),
      ], standard: { DoG<S>() })
  }

  /// `dowg()`.
  package static func dowg<S: ParameterScalar>() -> Recipe where Product == any TrainingMethod<S> {
    Recipe(
      "dowg",
      { (distance: Double, epsilon: Double, averaging: Bool) in
        DoG<S>(
          weighting: .byDistance, initialDistance: distance, epsilon: epsilon,
          averaging: averaging)
      },
      .distanceShare, .distanceEpsilon(unit: "loss²"), .averaging,
      summary: "distance over weighted gradients (Khaled et al. 2023)",
      examples: [
        "dowg(initialDistance: 1e-3)"
      ], standard: { DoG<S>(weighting: .byDistance) })
  }
}

extension Parameter where Value == Double {
  fileprivate static var distanceShare: Parameter {
    .number(
      "initialDistance", in: .above(0), default: 1e-6,
      "first distance from the start, relative to 1 + ‖x₀‖")
  }
  fileprivate static func distanceEpsilon(unit: String) -> Parameter {
    .number("epsilon", in: .atLeast(0), default: 1e-8, unit: unit, "added to the sum")
  }
}

extension Parameter where Value == Bool {
  fileprivate static var averaging: Parameter {
    .flag("averaging", default: false, "whether the result is the polynomial-decay average")
  }
  static var byGroup: Parameter {
    .flag("byGroup", default: false, "whether every layer has its own rate")
  }
}

extension DoG {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    weighting = try state.value(.weighting)
    initialDistance = try state.number(.initialDistance)
    epsilon = try state.number(.epsilon)
    byGroup = try state.value(.byGroup)
    averaging = try state.value(.averaging)
    learningRate = try state.number(.learningRate, in: .atLeast(0))
    stepCounts = try state.value(.stepCounts)
    stepCount = try state.count(.stepCount)
    origin = try state.vector(.origin)
    iterate = try state.vector(.iterate, count: averaging ? origin.count : 0)
    groups = try state.groups(.groups, covering: origin.count)
    try state.expect(byGroup || groups.count <= 1, .groups, "there is one group, not several")
    distances = try state.numbers(.distances, count: groups.count, in: .atLeast(0))
    sums = try state.value(.sums)
    try state.expect(
      sums.count == groups.count, .sums, "\(sums.count) sums of \(groups.count) groups")
    try state.check(
      Recipe<any TrainingMethod<Scalar>>.dog().fault(
        of: initialDistance, epsilon, averaging, byGroup))
  }
}
