public import HypergradientRecipes
internal import PortableMath

/// Cosine annealing with warm restarts, SGDR: cycle i lasts T₀ mⁱ, and
///
///     s(t) = α_T + (α₀ − α_T) aⁱ (1 + cos(πx)) / 2      x ∈ [0, 1) the share of the cycle gone
///
/// The step at which a cycle would end is the first of the next, so α_T is approached and not
/// reached, as in PyTorch. a shrinks what lies above the floor from cycle to cycle (Keras' `m_mul`).
/// It has no horizon.
///
/// > Source: I. Loshchilov and F. Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts
/// > (2017), eq. 5; the factor a is Keras' `CosineDecayRestarts`.
public struct WarmRestartsSchedule: Schedule, Declared, Equatable {
  /// α₀ and α_T.
  public let initial, final: Double
  /// T₀, m and a.
  public let firstCycle, growth, decay: Double

  public init(
    from initial: Double = 1, to final: Double = 0, every firstCycle: Double, growth: Double = 1,
    decay: Double = 1
  ) {
    (self.initial, self.final) = (initial, final)
    (self.firstCycle, self.growth, self.decay) = (firstCycle, growth, decay)
    checkDeclared()
  }

  public func callAsFunction(_ step: Double) -> Double {
    ScheduleRequirements.step(step)
    let (cycle, share) = place(step)
    let amplitude = decay == 1 ? 1 : wholePower(decay, cycle)
    return final + (initial - final) * amplitude * cosineShare(share)
  }

  /// The cycle's number, from 0, and the share of it that has gone.
  private func place(_ step: Double) -> (cycle: Double, share: Double) {
    let time = saturated(step / firstCycle)
    if growth == 1 {
      return (time.rounded(.down), step.truncatingRemainder(dividingBy: firstCycle) / firstCycle)
    }
    // Cycle i begins at (mⁱ − 1)/(m − 1) in units of T₀; the logarithm may miss it by one.
    func beginning(_ cycle: Double) -> Double { (wholePower(growth, cycle) - 1) / (growth - 1) }
    var cycle = (Portable.log1p(time * (growth - 1)) / Portable.log(growth)).rounded(.down)
    if cycle > 0 && beginning(cycle) > time {
      cycle -= 1
    } else if beginning(cycle + 1) <= time {
      cycle += 1
    }
    let share = (time - beginning(cycle)) / wholePower(growth, cycle)
    // Where a cycle's length is past the largest number it has just begun.
    return (cycle, share.isFinite ? min(max(share, 0), 1) : 0)
  }

  public static let recipe = Recipe(
    "warmRestarts", WarmRestartsSchedule.init(from:to:every:growth:decay:),
    .initialRate(\.initial), .finalRate(\.final),
    .number("every", \.firstCycle, in: .above(0), unit: "steps", "the length of the first cycle"),
    .number(
      "growth", \.growth, in: .atLeast(1), default: 1, "what a cycle's length grows by"),
    .number(
      "decay", \.decay, in: .excluding(0, through: 1), default: 1,
      "what the height above the floor shrinks by from cycle to cycle"),
    summary: "cosine cycles that begin again: T₀, T₀m, T₀m², … steps",
    examples: [
      "warmRestarts(every: 4)",
      "warmRestarts(from: 0.1, to: 0.01, every: 3, growth: 2, decay: 0.5)",
    ], standard: { WarmRestartsSchedule(every: 4) })
}

/// xⁿ for a whole n ≥ 0 by squaring: exact where the powers of x are.
func wholePower(_ x: Double, _ n: Double) -> Double {
  var (result, square, rest) = (1.0, x, min(n, 0x1p62))
  while rest >= 1 {
    let half = (rest / 2).rounded(.down)
    if rest - 2 * half == 1 { result *= square }
    square *= square
    rest = half
  }
  return result
}

extension Schedule where Self == WarmRestartsSchedule {
  /// Cosine cycles of T₀, T₀m, T₀m², … steps; see ``WarmRestartsSchedule``.
  public static func warmRestarts(
    from initial: Double = 1, to final: Double = 0, every firstCycle: Double, growth: Double = 1,
    decay: Double = 1
  ) -> WarmRestartsSchedule {
    WarmRestartsSchedule(from: initial, to: final, every: firstCycle, growth: growth, decay: decay)
  }
}
