public import HypergradientRecipes

/// Multidimensional backtracking: a rate for every coordinate, found by cutting planes from
/// hypergradients.
///
///     accept x − P g where f(x − P g) ≤ f(x) − ½ ⟨g, P g⟩; else cut the set of preconditioners by
///     u = max((½ g² − g₊·g) / (f − f₊ − ⟨g₊, P g⟩), 0)   coordinate by coordinate, and try again
///
///     box:        b ← 1 / max(1/b, u)                                P = b / d
///     ellipsoid:  l = ⟨u², A⁻¹⟩,  λ = (l/d)(d − 1)/(l − 1)
///                 A ← λ A + (1 − λ) u²        P = A⁻¹ g² / (‖√A⁻¹ g²‖ √(2d))
///
/// b and A are diagonal, the first box has b = d·`initial`, the first ellipsoid A⁻¹ = 2d·`initial`²: the
/// largest rate of a coordinate is `initial` for the one, and in the other where the others are 0. f₊
/// and g₊ are of the trial, on the same draw: each trial costs one evaluation, at most
/// `maximumTrials` a step, after which x stays. Made for deterministic convex problems. An answer
/// that is not finite at a trial halves the set; at x it is discarded.
///
/// > Source: F. Kunstner, V. Sanches Portella, M. Schmidt and N. Harvey, Searching for Optimal
/// > Per-Coordinate Step-sizes with Multidimensional Backtracking (NeurIPS 2023), and the authors'
/// > published code for u.
public struct MultidimensionalBacktracking<Scalar: ParameterScalar>: TrainingMethod {
  /// The shape of the set of preconditioners.
  public enum Shape: String, Sendable, Codable, CaseIterable {
    case box, ellipsoid
  }

  public let shape: Shape
  /// The largest rate of every coordinate at the start.
  public let initial: Double
  public let maximumTrials: Int
  /// The mean rate of the coordinates at the last accepted step.
  public private(set) var learningRate: Double
  public private(set) var stepCounts = StepCounts()
  /// b, or A⁻¹.
  private var extent: [Double] = []
  private var rates: [Double] = []
  @Scratch private var gradient: [Double] = []
  @Scratch private var trial: [Scalar] = []

  public init(
    shape: Shape = .box, initial: Double = 1, maximumTrials: Int = 50
  ) {
    Self.recipe.check(shape, initial, maximumTrials)
    self.shape = shape
    self.initial = initial
    self.maximumTrials = maximumTrials
    learningRate = initial
  }

  /// The set, the rates and the gradient, in Double.
  public var memoryVectors: Int { 3 }

  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    let d = Double(parameters.count)
    let first = shape == .box ? d * initial : 2 * d * initial * initial
    extent = [Double](repeating: first, count: parameters.count)
    rates = [Double](repeating: 0, count: parameters.count)
    gradient = rates
    trial = [Scalar](repeating: 0, count: parameters.count)
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    expectCount(parameters, extent.count)
    let x = parameters.baseAddress!
    let (f, g) = oracle.evaluate(at: UnsafePointer(x), draw: 0)
    let norm = VectorLoops.norm(g, count: parameters.count)
    guard f.isFinite, VectorLoops.isFinite(g, count: parameters.count), norm > 0 else {
      return stepCounts.skip()
    }
    note(g)
    for _ in 0..<maximumTrials {
      makeRates()
      let decrease = propose(x)
      let (reached, above) = trial.withUnsafeBufferPointer {
        oracle.evaluate(at: $0.baseAddress!, draw: 0)
      }
      if reached <= f - 0.5 * decrease {
        trial.withUnsafeBufferPointer { x.update(from: $0.baseAddress!, count: $0.count) }
        learningRate = rates.reduce(0, +) / Double(rates.count)
        return
      }
      cut(f - reached, above)
    }
    stepCounts.skip()
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private mutating func note(_ g: UnsafePointer<Scalar>) {
    for i in gradient.indices { gradient[i] = Double(g[i]) }
  }

  /// The point to try; by how much the loss falls to the first order.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private mutating func propose(_ x: UnsafePointer<Scalar>) -> Double {
    var decrease = 0.0
    for i in rates.indices {
      trial[i] = x[i] - Scalar.nearest(to: rates[i] * gradient[i])
      decrease += rates[i] * gradient[i] * gradient[i]
    }
    return decrease
  }

  /// P of the set.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private mutating func makeRates() {
    let d = Double(extent.count)
    switch shape {
    case .box:
      for i in rates.indices { rates[i] = extent[i] / d }
    case .ellipsoid:
      var square = 0.0
      // The rates do not depend on the gradient's size: one whose fourth power is no number is scaled.
      let e = Norms.exponent(gradient.count) { gradient[$0] } ?? 0
      let unit = abs(e) > 200 ? 1.0.scaled(by: min(max(-e, -1000), 1000)) : 1
      for i in rates.indices {
        let g2 = (unit * gradient[i]) * (unit * gradient[i])
        rates[i] = extent[i] * g2
        square += extent[i] * g2 * g2
      }
      let scale = (2 * d * square).squareRoot()
      for i in rates.indices { rates[i] = scale > 0 ? rates[i] / scale : 0 }
    }
  }

  /// Cuts the set where the trial's hypergradient points; halves it where the cut says nothing.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private mutating func cut(_ difference: Double, _ above: UnsafePointer<Scalar>) {
    // Not negative where f is convex.
    var below = difference
    for i in gradient.indices { below -= Double(above[i]) * rates[i] * gradient[i] }
    var normal = [Double](repeating: 0, count: gradient.count)
    var isUseful = below.isFinite && below > 0
    for i in gradient.indices where isUseful {
      let g = gradient[i]
      let u =
        Norms.isSafe(g * g)
        ? (0.5 * g * g - Double(above[i]) * g) / below
        : (0.5 * g - Double(above[i])) * (g / below)
      if !u.isFinite { isUseful = false }
      normal[i] = max(u, 0)
    }
    switch shape {
    case .box:
      for i in extent.indices {
        extent[i] = isUseful ? 1 / max(1 / extent[i], normal[i]) : extent[i] / 2
      }
    case .ellipsoid:
      let d = Double(extent.count)
      var l = 0.0
      for i in extent.indices { l += normal[i] * normal[i] * extent[i] }
      guard isUseful, l > 1, l.isFinite, d > 1 else {
        for i in extent.indices { extent[i] /= 4 }
        return
      }
      let weight = l / d * (d - 1) / (l - 1)
      for i in extent.indices {
        extent[i] = 1 / (weight / extent[i] + (1 - weight) * normal[i] * normal[i])
      }
    }
  }
}

extension MultidimensionalBacktracking: HasRecipe {
  /// `multidimensionalBacktracking(shape: .box, initial: 1)`.
  public static var recipe: Recipe<MultidimensionalBacktracking> {
    Recipe(
      "multidimensionalBacktracking",
      MultidimensionalBacktracking.init(shape:initial:maximumTrials:),
      .choice("shape", default: .box, "of the set of preconditioners"),
      .number(
        "initial", in: .above(0), default: 1, unit: "learning rate",
        "the largest rate of every coordinate at the start"),
      .count("maximumTrials", in: .between(1, 1e9), default: 50, "trials in a step"),
      summary: "a backtracking search of a rate for every coordinate (Kunstner et al. 2023)",
      examples: [
        "multidimensionalBacktracking(shape: .box, initial: 1)",
        "multidimensionalBacktracking(shape: .ellipsoid, initial: 1)",
      ],
      compared: [
        .init("multidimensionalBacktracking(initial: rate)", as: "backtracking-box"),
        .init(
          "multidimensionalBacktracking(shape: .ellipsoid, "
            + "initial: rate)", as: "backtracking-ellipsoid"),
      ], standard: { MultidimensionalBacktracking() })
  }
}

extension MultidimensionalBacktracking {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    shape = try state.value(.shape)
    initial = try state.number(.initial)
    maximumTrials = try state.count(.maximumTrials)
    learningRate = try state.number(.learningRate, in: .atLeast(0))
    stepCounts = try state.value(.stepCounts)
    extent = try state.numbers(.extent, in: .atLeast(0))
    rates = try state.numbers(.rates, count: extent.count, in: .atLeast(0))
    gradient = [Double](repeating: 0, count: extent.count)
    trial = [Scalar](repeating: 0, count: extent.count)
    try state.check(Self.recipe.fault(of: shape, initial, maximumTrials))
  }
}
