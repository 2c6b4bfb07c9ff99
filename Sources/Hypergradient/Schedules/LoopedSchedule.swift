package import HypergradientRecipes
internal import PortableMath

/// A schedule that begins again after every P steps: s(t) = base(t mod P).
///
/// A step within some units in the last place of a multiple of P begins again. Any schedule can be
/// looped; one with a horizon has `past: .restart` for its own.
public struct LoopedSchedule<Base: Schedule>: Schedule {
  public let base: Base
  /// P.
  public let period: Double

  public init(_ base: Base, every period: Double) {
    Recipe.looped.check(period)
    (self.base, self.period) = (base, period)
  }

  public func callAsFunction(_ step: Double) -> Double {
    ScheduleRequirements.step(step)
    return base(Rounding.cycle(step, every: Rounding.whole(period)).place)
  }

  public var lastStep: Double { endsBefore(period, base) ? base.lastStep : .infinity }
}

extension LoopedSchedule: Equatable where Base: Equatable {}

extension Schedule {
  /// This schedule, begun again after every `period` steps.
  public func looped(every period: Double) -> LoopedSchedule<Self> {
    LoopedSchedule(self, every: period)
  }
}

extension Recipe where Product == Modifier<any Schedule> {
  /// `….looped(every: 50)`.
  package static let looped = Recipe(
    "looped",
    { (period: Double) in
      Modifier { base in
        func open<S: Schedule>(_ base: S) -> any Schedule { base.looped(every: period) }
        return open(base)
      }
    },
    .number("every", in: .above(0), unit: "steps", "the period"),
    summary: "a schedule that begins again after every period: s(t mod P)",
    examples: ["cosine(over: 9).looped(every: 3)"])
}

extension LoopedSchedule {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    base = try state.value(.base)
    period = try state.number(.period)
    try state.check(Recipe.looped.fault(of: period))
  }
}
