/// Rprop, resilient propagation: every coordinate takes steps of its own size along the sign of its
/// gradient, whatever the gradient's size.
///
///     s = g̃_{t−1} g_t
///     Δ_t = min(η⁺ Δ_{t−1}, Δ_max)    if s > 0        u_t = sign(g_t) Δ_t
///     Δ_t = max(η⁻ Δ_{t−1}, Δ_min)    if s < 0        u_t by the variant
///     Δ_t = Δ_{t−1}                   if s = 0        u_t = sign(g_t) Δ_t
///
/// g̃_t = g_t, but for a change of sign (s < 0), where the variants differ:
///
/// | variant | u_t | g̃_t |
/// |---|---|---|
/// | ``Variant/minus`` | sign(g_t) Δ_t | g_t |
/// | ``Variant/improvedMinus`` | 0 | 0 |
/// | ``Variant/plus``, with backtracking | −u_{t−1} | 0 |
/// | ``Variant/improvedPlus`` | −u_{t−1} if f_t > f_{t−1}, else 0 | 0 |
///
/// The classic is the learning rate 1. Backtracking takes back the *direction* of the last step,
/// which is sign(g̃_{t−1}) Δ_{t−1} and needs no vector of its own: where the rate changes from
/// η_{t−1} to η_t, what is taken back is η_t/η_{t−1} of the last step, and what other rules added
/// (weight decay) stays. For full batches: it breaks with small ones, where signs are noise.
///
/// > Source: M. Riedmiller and H. Braun, A Direct Adaptive Method for Faster Backpropagation Learning:
/// > The RPROP Algorithm (1993), `plus`; M. Riedmiller (1994), `minus`; C. Igel and M. Hüsken,
/// > Empirical Evaluation of the Improved Rprop Learning Algorithms (2003), the names and the improved
/// > variants (from memory; `improvedMinus` agrees with PyTorch's `Rprop`, whose lr is Δ_0).
public struct Rprop<Scalar: ParameterScalar>: UpdateRule, Equatable {
  /// What happens where a gradient changes its sign.
  public enum Variant: String, Sendable, Codable, CaseIterable {
    case plus, minus, improvedPlus, improvedMinus
  }

  /// Δ_0.
  public let initialStep: Double
  /// η⁻ ∈ (0, 1).
  public var decrease: Double
  /// η⁺; at least 1.
  public var increase: Double
  /// Δ_min...Δ_max.
  public let bounds: ClosedRange<Double>
  public let variant: Variant

  /// - Precondition: each is in its range; the bounds are positive, finite and hold `initialStep`.
  public init(
    initialStep: Double = 0.01, decrease: Double = 0.5, increase: Double = 1.2,
    within bounds: ClosedRange<Double> = 1e-6...50, variant: Variant = .improvedMinus
  ) {
    precondition(
      bounds.lowerBound > 0 && bounds.upperBound.isFinite,
      "the bounds \(bounds) are not positive and finite")
    precondition(bounds.contains(initialStep), "initialStep is \(initialStep), outside \(bounds)")
    self.initialStep = initialStep
    self.decrease = decrease
    self.increase = increase
    self.bounds = bounds
    self.variant = variant
    checkHyperparameters()
  }

  /// The last gradient and the sizes.
  public var stateVectorCount: Int { 2 }

  public func initialValue(ofStateVector index: Int) -> Scalar {
    index == 1 ? Scalar.nearest(to: initialStep) : 0
  }

  public var needs: RuleNeeds { variant == .improvedPlus ? .loss : [] }

  /// f_{t−1} and f_t; one that is not a number counts as the largest.
  public var initialScalars: [Double] {
    [.greatestFiniteMagnitude, .greatestFiniteMagnitude]
  }
  public var scalarCount: Int { 2 }

  public func begin(_ step: RuleStep) {
    step.scalars[0] = step.scalars[1]
    step.scalars[1] = step.loss.isFinite ? step.loss : .greatestFiniteMagnitude
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let (more, less) = (Scalar.nearest(to: increase), Scalar.nearest(to: decrease))
    let smallest = Scalar.nearest(to: bounds.lowerBound)
    let largest = Scalar.nearest(to: bounds.upperBound)
    // At a change of sign: how much of sign(g)·Δ is made, and of the last direction taken back.
    let onward: Scalar = variant == .minus ? 1 : 0
    let rose = step.scalars[1] > step.scalars[0]
    let back: Scalar = variant == .plus || variant == .improvedPlus && rose ? 1 : 0
    let (last, size) = (strip.state(0), strip.state(1))
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      let (now, before) = (sign(g), sign(last[i]))
      let agreement = now * before
      let old = size[i]
      let grown = min(old * more, largest)
      let shrunk = max(old * less, smallest)
      size[i] = agreement > 0 ? grown : agreement < 0 ? shrunk : old
      last[i] = agreement < 0 ? onward * g : g
      strip.direction[i] =
        agreement < 0 ? onward * now * size[i] - back * before * old : now * size[i]
    }
  }
}

extension Rprop: AdjustableRule {
  public enum Hyperparameter: String, CaseIterable, Sendable, Codable { case decrease, increase }

  public static func domain(of hyperparameter: Hyperparameter) -> Domain {
    hyperparameter == .decrease ? .strictlyBetween(0, 1) : .atLeast(1)
  }

  public subscript(hyperparameter: Hyperparameter) -> Double {
    get { hyperparameter == .decrease ? decrease : increase }
    set {
      switch hyperparameter {
      case .decrease: decrease = newValue
      case .increase: increase = newValue
      }
    }
  }
}

extension Recipe where Product == RulePair {
  static let rprop = Recipe(
    "rprop",
    [
      Parameter(
        "initialStep", .number(.above(0)), default: "0.01", unit: "parameter",
        "first step of every coordinate"),
      Parameter(
        "decrease", .number(.strictlyBetween(0, 1)), default: "0.5",
        "factor where a gradient changes its sign"),
      Parameter(
        "increase", .number(.atLeast(1)), default: "1.2", "factor where it keeps its sign"),
      Parameter("within", .range, default: "1e-6...50", unit: "parameter", "bounds of the steps"),
      Parameter(
        "variant", .choice(["plus", "minus", "improvedPlus", "improvedMinus"]),
        default: ".improvedMinus", "plus takes the last step back; improvedPlus if the loss rose"),
    ], summary: "steps by the sign of the gradient, a size for every coordinate; full batches"
  ) { arguments throws(SpecError) in
    let (initialStep, bounds) = (arguments.number("initialStep"), arguments.range("within"))
    guard bounds.lowerBound > 0, bounds.upperBound.isFinite, bounds.contains(initialStep) else {
      throw arguments.error("'within' is to be positive and finite and to hold 'initialStep'")
    }
    return RulePair(Rprop<Float>(arguments), Rprop<Double>(arguments))
  }
}

extension Rprop {
  fileprivate init(_ arguments: Arguments) {
    self.init(
      initialStep: arguments.number("initialStep"), decrease: arguments.number("decrease"),
      increase: arguments.number("increase"), within: arguments.range("within"),
      variant: Variant(rawValue: arguments.choice("variant"))!)
  }
}
