internal import HypergradientRecipes

/// A lower bound of the loss that MoMo's models are cut at, kept or learned.
///
/// It is learned by the formulas of the authors' code: before a step, where the model lies below
/// the bound, the bound becomes half the model's height; after it, the bound becomes the value that
/// the step would have reached by the model.
///
/// > Source: F. Schaipp et al., MoMo: Momentum Models for Adaptive Learning Rates (ICML 2024),
/// > section 4.2 and its code.
struct LossBound: Sendable, Codable {
  /// No bound falls below it.
  let least: Double
  let adapts: Bool
  private(set) var value: Double

  init(_ least: Double, adapts: Bool) {
    self.least = least
    self.adapts = adapts
    value = least
  }

  /// The bound that a step is to take: as it is, or half of the model's height over weight.
  ///
  /// - Parameters:
  ///   - height: f̄ + ⟨d, x⟩ − γ.
  ///   - weight: ρ, by which the averages fall short of averages.
  func cut(height: Double, weight: Double) -> Double {
    adapts && height < weight * value ? max(height / (2 * weight), least) : value
  }

  /// After a step of rate τ: (height − ½ τ ‖d‖²)/ρ.
  mutating func learn(height: Double, rate: Double, square: Double, weight: Double) {
    let next = (height - rate * square / 2) / weight
    if adapts, next.isFinite { value = max(next, least) }
  }
}

extension LossBound {
  init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    least = try state.number(.least)
    adapts = try state.value(.adapts)
    value = try state.number(.value, in: .atLeast(least))
  }
}
