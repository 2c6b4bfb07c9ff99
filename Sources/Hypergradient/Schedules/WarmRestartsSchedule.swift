public import HypergradientRecipes
internal import PortableMath

/// Cosine annealing with warm restarts, SGDR: cycle i lasts T₀ mⁱ, and
///
///     s(t) = α_T + (α₀ − α_T) aⁱ (1 + cos(πx)) / 2      x ∈ [0, 1) the share of the cycle gone
///
/// The step at which a cycle would end, or one within some units in the last place of it, is the first
/// of the next, so α_T is approached and not reached, as in PyTorch. a shrinks what lies above the floor from cycle to cycle (Keras' `m_mul`).
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
    if growth == 1 {
      let (cycle, place) = Rounding.cycle(step, every: firstCycle)
      return (cycle, place / firstCycle)
    }
    let time = saturated(step / firstCycle)
    // The logarithm may miss the cycle by a few.
    let grown = time * (growth - 1)
    let logarithm =
      grown.isFinite ? Portable.log1p(grown) : Portable.log(time) + Portable.log(growth - 1)
    var cycle = Int(min((logarithm / Portable.log(growth)).rounded(.down), 4e18))
    for _ in 0..<8 where cycle > 0 && !isBegun(cycle, at: time) { cycle -= 1 }
    for _ in 0..<8 where isBegun(cycle + 1, at: time) { cycle += 1 }
    let (begin, length) = placeOfCycle(cycle)
    // Where a cycle's length is past the largest number it has just begun.
    let share = (time - begin) / length
    let hasJustBegun = time - begin <= slack(cycle, begin) || !share.isFinite
    return (Double(cycle), hasJustBegun ? 0 : min(share, 1))
  }

  /// Cycle i begins at 1 + m + … + m^(i−1) and lasts mⁱ, in units of T₀; by doubling, without a
  /// difference that would cancel.
  private func placeOfCycle(_ cycle: Int) -> (begin: Double, length: Double) {
    var (begin, length) = (0.0, 1.0)
    var bit = 63 - cycle.leadingZeroBitCount
    while bit >= 0 {
      begin = begin * length + begin
      length *= length
      if cycle >> bit & 1 == 1 {
        begin += length
        length *= growth
      }
      bit -= 1
    }
    return (begin, length)
  }

  private func isBegun(_ cycle: Int, at time: Double) -> Bool {
    let begin = placeOfCycle(cycle).begin
    return time >= begin - slack(cycle, begin)
  }

  /// How far a computed beginning may lie from the one that was meant: each cycle adds the rounding of
  /// m, which is seldom exact.
  private func slack(_ cycle: Int, _ begin: Double) -> Double {
    min(Rounding.slack + Double(cycle) * 4 * Double.ulpOfOne, 1e-6) * begin
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
    summary:
      "cosine cycles that begin again: α_T + (α₀ − α_T) aⁱ (1 + cos(πx))/2, x the share that is "
      + "gone of cycle i = 0, 1, …, which lasts T₀mⁱ steps",
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
  ) -> Self {
    Self(from: initial, to: final, every: firstCycle, growth: growth, decay: decay)
  }
}
