import HypergradientBenchmark

/// α_t = 1 + a sin(2π t/T), the factor of a rate that goes up and down once.
struct SineSchedule: Schedule, Declared, Equatable {
  let period, amplitude: Double

  init(over period: Double, amplitude: Double = 0.5) {
    (self.period, self.amplitude) = (period, amplitude)
    checkDeclared()
  }

  func callAsFunction(_ step: Double) -> Double {
    1 + amplitude * Portable.sin(2 * .pi * step.truncatingRemainder(dividingBy: period) / period)
  }

  static let recipe = Recipe(
    "sine", SineSchedule.init(over:amplitude:),
    .number("over", \.period, in: .above(0), unit: "steps", "T"),
    .number("amplitude", \.amplitude, in: .from(0, below: 1), default: 0.5, "a"),
    summary: "up and down once in T steps", examples: ["sine(over: 50)"],
    standard: { SineSchedule(over: 50) })
}
