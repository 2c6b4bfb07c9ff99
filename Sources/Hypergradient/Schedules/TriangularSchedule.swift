package import HypergradientRecipes
internal import PortableMath

/// Cyclical learning rates: up a line and down another, again and again,
///
///     s(t) = low + (high − low) aₜ Λ(t)      Λ from 0 to 1 over r steps and back over f steps
///
/// with the amplitude a of one of three policies (``Amplitude``). It has no horizon.
///
/// > Source: L. N. Smith, Cyclical Learning Rates for Training Neural Networks (2017), section 3;
/// > rise and fall of different lengths as in PyTorch's `CyclicLR`.
public struct TriangularSchedule: Schedule, Equatable {
  /// How the height of the cycles changes.
  public enum Amplitude: Sendable, Codable, Equatable {
    /// 1: "triangular".
    case constant
    /// 2^(−i) in cycle i, from 0: "triangular2".
    case halving
    /// γᵗ, changing at every step: "exp_range".
    case decaying(by: Double)
  }

  /// low ≤ high.
  public let low, high: Double
  /// r and f.
  public let rise, fall: Double
  public let amplitude: Amplitude

  /// - Parameter fall: as long as the rise unless given.
  public init(
    from low: Double, to high: Double, rise: Double, fall: Double? = nil,
    amplitude: Amplitude = .constant
  ) {
    let factor = if case .decaying(let factor) = amplitude { factor } else { 1.0 }
    Recipe.expRange.check(low, high, rise, fall, factor)
    (self.low, self.high) = (low, high)
    (self.rise, self.fall, self.amplitude) = (rise, fall ?? rise, amplitude)
  }

  public func callAsFunction(_ step: Double) -> Double {
    ScheduleRequirements.step(step)
    let length = saturated(rise + fall)
    let (cycle, place) = Rounding.cycle(step, every: length)
    let height =
      Rounding.isSame(place, rise)
      ? 1 : place < rise ? place / rise : min(max((length - place) / fall, 0), 1)
    let share: Double
    switch amplitude {
    case .constant: share = height
    case .halving:
      // Past 1100 cycles the amplitude is zero.
      share = height * wholePower(0.5, min(cycle, 1100))
    case .decaying(let factor): share = height * Portable.pow(factor, step)
    }
    return low + (high - low) * share
  }
}

extension Schedule where Self == TriangularSchedule {
  /// Up a line and down another, again and again; see ``TriangularSchedule``.
  public static func triangular(
    from low: Double, to high: Double, rise: Double, fall: Double? = nil,
    amplitude: TriangularSchedule.Amplitude = .constant
  ) -> Self {
    Self(from: low, to: high, rise: rise, fall: fall, amplitude: amplitude)
  }
}

extension Schedule where Self == TriangularSchedule {
  /// Cycles of two lines, each half as high as the one before; see ``TriangularSchedule``.
  public static func triangular2(
    from low: Double, to high: Double, rise: Double, fall: Double? = nil
  ) -> Self {
    Self(from: low, to: high, rise: rise, fall: fall, amplitude: .halving)
  }

  /// Cycles of two lines whose height decays as γᵗ; see ``TriangularSchedule``.
  public static func expRange(
    from low: Double, to high: Double, rise: Double, fall: Double? = nil, factor: Double
  ) -> Self {
    Self(
      from: low, to: high, rise: rise, fall: fall, amplitude: .decaying(by: factor))
  }
}

extension Recipe where Product == any Schedule {
  package static let triangular = Recipe(
    "triangular", { TriangularSchedule(from: $0, to: $1, rise: $2, fall: $3) },
    .low, .high, .rise, .fall, unless: { low, high, _, _ in fault(low, high) },
    summary:
      "cycles of two lines, from low to high and back: low + (high − low) Λ(t), Λ from 0 to 1 over "
      + "r steps and back over f",
    examples: ["triangular(from: 0.1, to: 1, rise: 4)"],
    standard: { TriangularSchedule(from: 0.1, to: 1, rise: 4) })

  package static let triangular2 = Recipe(
    "triangular2",
    { TriangularSchedule(from: $0, to: $1, rise: $2, fall: $3, amplitude: .halving) },
    .low, .high, .rise, .fall, unless: { low, high, _, _ in fault(low, high) },
    summary:
      "cycles of two lines, each half as high as the one before: low + (high − low) Λ(t)/2ⁱ in "
      + "cycle i = 0, 1, …",
    examples: ["triangular2(from: 0.1, to: 1, rise: 4, fall: 2)"],
    standard: { TriangularSchedule(from: 0.1, to: 1, rise: 4, amplitude: .halving) })

  package static let expRange = Recipe(
    "expRange",
    { TriangularSchedule(from: $0, to: $1, rise: $2, fall: $3, amplitude: .decaying(by: $4)) },
    .low, .high, .rise, .fall,
    .number("factor", in: .excluding(0, through: 1), "γ, what a step multiplies by"),
    unless: { low, high, _, _, _ in fault(low, high) },
    summary: "cycles of two lines whose height decays: low + (high − low) γᵗ Λ(t)",
    examples: ["expRange(from: 0.1, to: 1, rise: 4, factor: 0.9)"],
    standard: { TriangularSchedule(from: 0.1, to: 1, rise: 4, amplitude: .decaying(by: 0.9)) })

  private static func fault(_ low: Double, _ high: Double) -> String? {
    low <= high ? nil : "a cycle is to rise: from \(short(low)) to \(short(high)) it falls"
  }
}

extension Parameter where Value == Double {
  fileprivate static var low: Parameter {
    .number("from", in: .atLeast(0), unit: "learning rate", "the low value")
  }
  fileprivate static var high: Parameter {
    .number("to", in: .atLeast(0), unit: "learning rate", "the high value")
  }
  fileprivate static var rise: Parameter {
    .number("rise", in: .above(0), unit: "steps", "steps from low to high")
  }
}

extension Parameter where Value == Double? {
  fileprivate static var fall: Parameter {
    .number("fall", orNone: .above(0), unit: "steps", "steps back; as many as up unless given")
  }
}

extension TriangularSchedule {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    low = try state.number(.low)
    high = try state.number(.high)
    rise = try state.number(.rise)
    fall = try state.number(.fall)
    amplitude = try state.value(.amplitude)
    let factor = if case .decaying(let factor) = amplitude { factor } else { 1.0 }
    try state.check(Recipe.expRange.fault(of: low, high, rise, Optional(fall), factor))
  }
}
