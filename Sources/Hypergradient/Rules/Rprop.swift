public import HypergradientRecipes
internal import Kernels

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
  /// η⁻ and η⁺.
  public var decrease, increase: Double
  /// Δ_min...Δ_max.
  public let bounds: ClosedRange<Double>
  public let variant: Variant

  public init(
    initialStep: Double = 0.01, decrease: Double = 0.5, increase: Double = 1.2,
    within bounds: ClosedRange<Double> = 1e-6...50, variant: Variant = .improvedMinus
  ) {
    Self.recipe.check(initialStep, decrease, increase, bounds, variant)
    (self.initialStep, self.decrease, self.increase) = (initialStep, decrease, increase)
    (self.bounds, self.variant) = (bounds, variant)
  }

  /// The last gradient and the sizes; f_{t−1} and f_t, one that is not a number counts as the
  /// largest.
  public var requirements: RuleRequirements {
    RuleRequirements(
      stateVectors: [0, initialStep],
      scalars: [.greatestFiniteMagnitude, .greatestFiniteMagnitude],
      facts: variant == .improvedPlus ? .loss : [])
  }

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
    let change = afterChange(step)
    let (onward, back) = (Scalar.nearest(to: change.onward), Scalar.nearest(to: change.back))
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

  public func kernel(_ step: RuleStep) -> RuleKernel? {
    let (onward, back) = afterChange(step)
    return RuleKernel(
      .rprop, increase, decrease, bounds.lowerBound, bounds.upperBound, onward, back)
  }

  /// At a change of sign: how much of sign(g)·Δ is made, and of the last direction taken back.
  private func afterChange(_ step: RuleStep) -> (onward: Double, back: Double) {
    let rose = step.scalars[1] > step.scalars[0]
    return (
      variant == .minus ? 1 : 0, variant == .plus || variant == .improvedPlus && rose ? 1 : 0
    )
  }
}

extension Rprop: AdjustableRule, Declared {
  public static var recipe: Recipe<Rprop> {
    Recipe(
      "rprop", Rprop.init(initialStep:decrease:increase:within:variant:),
      .number(
        "initialStep", \.initialStep, in: .above(0), default: 0.01, unit: "parameters",
        "first step of every coordinate"),
      .number(
        "decrease", \.decrease, in: .strictlyBetween(0, 1), default: 0.5,
        "factor where a gradient changes its sign"),
      .number(
        "increase", \.increase, in: .atLeast(1), default: 1.2, "factor where it keeps its sign"),
      .range("within", \.bounds, default: 1e-6...50, unit: "parameters", "bounds of the steps"),
      .choice(
        "variant", \.variant, default: .improvedMinus,
        "plus takes the last step back; improvedPlus if the loss rose"),
      unless: { initialStep, _, _, bounds, _ in
        bounds.lowerBound > 0 && bounds.upperBound.isFinite && bounds.contains(initialStep)
          ? nil : "'within' is to be positive and finite and to hold 'initialStep'"
      },
      summary: "steps by the sign of the gradient, a size for every coordinate; full batches",
      // Long steps, so that signs turn within a few.
      examples: [
        "rprop(initialStep: 4)", "rprop(initialStep: 4, variant: .plus)",
        "rprop(initialStep: 20, variant: .improvedPlus)",
        "rprop(initialStep: 4, decrease: 0.4, increase: 1.5, within: 1...6, variant: .minus)",
      ], compared: ["rprop(initialStep: rate, within: 1e-20...1e6) + constant(1)"],
      standard: { Rprop() })
  }
}
