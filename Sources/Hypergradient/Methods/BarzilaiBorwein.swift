public import HypergradientRecipes

/// The two-point rates of Barzilai and Borwein:
///
///     s = x_t − x_{t−1}      y = g_t − g_{t−1}
///     λ_t = ⟨s, s⟩ / ⟨s, y⟩      long
///     λ_t = ⟨s, y⟩ / ⟨y, y⟩      short
///     x_{t+1} = x_t − λ_t g_t
///
/// Where ⟨s, y⟩ is not positive the last rate is kept; rates are held within `bounds`. There is no
/// line search: the method is not monotone, and outside strongly convex quadratics it may diverge.
/// A gradient that is not finite is discarded.
///
/// > Source: J. Barzilai and J. M. Borwein, Two-Point Step Size Gradient Methods (1988), eqs. 5–6.
public struct BarzilaiBorwein<Scalar: ParameterScalar>: TrainingMethod {
  /// Which of the two rates.
  public enum Form: String, Sendable, Codable, CaseIterable {
    case long, short
  }

  public let form: Form
  public let bounds: ClosedRange<Double>
  /// λ_t.
  public private(set) var learningRate: Double
  public private(set) var stepCounts = StepCounts()
  private var memory = GradientMemory<Scalar>()

  public init(
    initial: Double = 1e-3, form: Form = .long, within bounds: ClosedRange<Double> = 1e-10...1e10
  ) {
    Self.recipe.check(initial, form, bounds)
    self.form = form
    self.bounds = bounds
    learningRate = initial
  }

  public var memoryVectors: Int { 2 }

  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    memory.begin(count: parameters.count)
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    expectCount(parameters, memory.count)
    let x = parameters.baseAddress!
    guard let (_, g) = oracle.finiteGradient(at: x) else { return stepCounts.skip() }
    if memory.isFilled {
      let sums = memory.products(x, g)
      let rate = (form == .long ? sums.ss / sums.sy : sums.sy / sums.yy).scaled(by: sums.exponent)
      if sums.sy > 0, rate.isFinite {
        learningRate = bounds.nearest(to: rate)
      }
    }
    learningRate = oracle.heldRate(learningRate, of: 0)
    memory.store(UnsafePointer(x), g)
    VectorLoops.move(x, by: learningRate, along: g, count: parameters.count)
  }
}

extension BarzilaiBorwein: HasRecipe {
  /// `barzilaiBorwein(initial: 1e-3)`.
  public static var recipe: Recipe<BarzilaiBorwein> {
    Recipe(
      "barzilaiBorwein", BarzilaiBorwein.init(initial:form:within:),
      .number("initial", in: .above(0), default: 1e-3, unit: "learning rate", "the first rate"),
      .choice("form", default: .long, "⟨s,s⟩/⟨s,y⟩ or ⟨s,y⟩/⟨y,y⟩"),
      .range("within", default: 1e-10...1e10, unit: "learning rate", "bounds of the rate"),
      unless: { initial, _, bounds in faultOfPositive(bounds, initial) },
      summary: "two-point rates (Barzilai and Borwein 1988), without a line search",
      examples: [
        "barzilaiBorwein(initial: 0.01)",
        "barzilaiBorwein(initial: 0.01, form: .short)",
      ], compared: ["barzilaiBorwein(initial: rate, within: 1e-20...1e20)"],
      standard: { BarzilaiBorwein() })
  }
}

/// Why bounds of a rate that is to stay above 0 can't be; `nil` where they can.
func faultOfPositive(_ bounds: ClosedRange<Double>, _ initial: Double) -> String? {
  bounds.lowerBound > 0 && bounds.upperBound.isFinite && bounds.contains(initial)
    ? nil : "'within' is to be positive and finite and to hold 'initial'"
}

/// The same for a rate that may be 0.
func faultOfBounds(_ bounds: ClosedRange<Double>, _ initial: Double) -> String? {
  bounds.lowerBound >= 0 && bounds.upperBound.isFinite && bounds.contains(initial)
    ? nil : "'within' is to be finite, not negative, and to hold 'initial'"
}

extension BarzilaiBorwein {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    form = try state.value(.form)
    bounds = try state.value(.bounds)
    learningRate = try state.number(.learningRate)
    stepCounts = try state.value(.stepCounts)
    memory = try state.value(.memory)
    try state.check(Self.recipe.fault(of: learningRate, form, bounds))
  }
}
