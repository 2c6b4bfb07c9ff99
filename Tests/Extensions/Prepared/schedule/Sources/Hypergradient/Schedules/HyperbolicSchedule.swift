public import HypergradientRecipes

/// s(t) = α₀ / (1 + (t/T)²).
public struct HyperbolicSchedule: Schedule, Declared, Equatable {
  public let initial, scale: Double

  public init(from initial: Double = 1, over scale: Double) {
    (self.initial, self.scale) = (initial, scale)
    checkDeclared()
  }

  public func callAsFunction(_ step: Double) -> Double {
    ScheduleRequirements.step(step)
    let x = step / scale
    return initial / (1 + x * x)
  }

  public static let recipe = Recipe(
    "hyperbolic", HyperbolicSchedule.init(from:over:),
    .initialRate(\.initial), .horizon(\.scale),
    summary: "α₀/(1 + (t/T)²)", examples: ["hyperbolic(from: 0.1, over: 9)"],
    compared: [.init("scheduled(hyperbolic(from: rate, over: steps/4))", as: "hyperbolic")],
    standard: { HyperbolicSchedule(over: 9) })
}
