package import HypergradientRecipes

/// L4: the rate that would bring the linearised loss a fraction of the way to its least value so far.
///
///     l ← min(l, f_t)                       l₀ = ¾ f₀
///     η_t = α (f_t − γ l) / (⟨u_t, g_t⟩ + ε)
///     l ← (1 + 1/τ) l
///
/// α = 0.15 is the fraction, γ = 0.9 the target's share of the least loss, τ = 1000 steps how slowly
/// it is forgotten. Losses are not negative. A rate below zero is 0. Where a signal or the rate is
/// not finite the last rate is kept.
///
/// > Source: M. Rolínek and G. Martius, L4: Practical loss-based stepsize adaptation for deep learning
/// > (NeurIPS 2018), Algorithm 1, with the constants of the authors' code. Deviation: g_t is this step's
/// > gradient; their L4Adam and L4Mom have the bias-corrected average of gradients in ⟨u_t, ·⟩ (decay
/// > 0.9), and their Adam has ε = 10⁻⁴.
public struct L4: LearningRateController {
  /// α, γ, τ and ε.
  public let fraction, target, memory, epsilon: Double
  /// Steps whose signals or rate were not finite.
  public private(set) var heldSteps = 0
  public private(set) var learningRate = 0.0
  private var least: Double?

  public init(
    fraction: Double = 0.15, target: Double = 0.9, memory: Double = 1000, epsilon: Double = 1e-12
  ) {
    Recipe<any LearningRateController>.l4.check(fraction, target, memory, epsilon)
    (self.fraction, self.target) = (fraction, target)
    (self.memory, self.epsilon) = (memory, epsilon)
  }

  public var requirements: ControllerRequirements {
    ControllerRequirements(signals: [.loss, .directionAlignment])
  }

  public mutating func decide(_ signals: StepSignals) -> StepDecision {
    let (loss, slope) = (signals.loss, signals.directionAlignment)
    guard loss.isFinite, slope.isFinite else {
      heldSteps += 1
      return .step(learningRate)
    }
    let reached = min(least ?? 0.75 * loss, loss)
    let rate = fraction * (loss - target * reached) / (slope + epsilon)
    let next = reached * (1 + 1 / memory)
    least = next.isFinite ? next : reached
    if rate.isFinite { learningRate = max(0, rate) } else { heldSteps += 1 }
    return .step(learningRate)
  }
}

extension Recipe where Product == any LearningRateController {
  package static let l4 = Recipe(
    "l4", L4.init(fraction:target:memory:epsilon:),
    .number("fraction", in: .above(0), default: 0.15, "share of the way to the target a step"),
    .number("target", in: .between(0, 1), default: 0.9, "the target's share of the least loss"),
    .number(
      "memory", in: .above(0), default: 1000, unit: "steps",
      "how slowly the least loss is forgotten"),
    .number(
      "epsilon", in: .above(0), default: 1e-12, unit: "loss/learning rate", "added to ⟨u, g⟩"),
    summary: "the rate that brings the linearised loss to a target (Rolínek and Martius 2018)",
    examples: ["l4()", "l4(fraction: 0.2, target: 0.5, memory: 50, epsilon: 1e-6)"],
    standard: { L4() })
}

extension L4 {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    fraction = try state.number(.fraction)
    target = try state.number(.target)
    memory = try state.number(.memory)
    epsilon = try state.number(.epsilon)
    heldSteps = try state.count(.heldSteps)
    learningRate = try state.number(.learningRate, in: .atLeast(0))
    least = try state.numberOrNone(.least)
    try state.check(
      Recipe<any LearningRateController>.l4.fault(of: fraction, target, memory, epsilon))
  }
}
