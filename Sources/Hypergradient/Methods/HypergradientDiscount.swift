internal import HypergradientRecipes
internal import PortableMath

/// μ of a forward-mode hypergradient: how much of the past counts.
public enum HypergradientDiscount: Sendable, Codable, Equatable {
  /// One number in [0, 1]: 0 for the last step alone, 1 for the whole run.
  case fixed(Double)
  /// MARTHE's, from c₀ = μ₀ = 0:
  ///
  ///     z_t = clip(η_{t+1} / ⟨∇E(θ_{t+1}), g_t⟩, 0, 1)
  ///     c_{t+1} = c_t·sign(μ_t) + μ_t        μ_{t+1} = z_t^{1/(c_{t+1} + 1)}
  ///
  /// c adds up the μ of the steps since it was last 0; the longer that is, the nearer to 1 is μ. Where
  /// the gradients disagree or are orthogonal, μ = 0. z compares a rate with a squared gradient, so
  /// it depends on the scale of the loss.
  ///
  /// > Source: the published code of M. Donini, L. Franceschi, O. Majumder, M. Pontil and P. Frasconi,
  /// > MARTHE: Scheduling the Learning Rate Via Online Hypergradients (2020); the paper's text of it
  /// > was not compared. There μ₀ = −1 stands for "automatic", which gives c₂ = 0 as here.
  case automatic

  /// The number, where it is fixed.
  var fixed: Double? { if case .fixed(let mu) = self { mu } else { nil } }
}

/// μ_t and c_t.
struct DiscountState: Sendable, Codable {
  let kind: HypergradientDiscount
  private(set) var value: Double
  private var past = 0.0

  /// - Precondition: a fixed μ is in [0, 1].
  init(_ kind: HypergradientDiscount) {
    self.kind = kind
    switch kind {
    case .fixed(let mu):
      require(mu >= 0 && mu <= 1, "the discount is \(mu), not in [0, 1]")
      value = mu
    case .automatic: value = 0
    }
  }

  /// μ_{t+1} from ⟨∇E(θ_{t+1}), g_t⟩.
  mutating func learn(rate: Double, alignment: Double) {
    guard kind == .automatic else { return }
    let z = alignment > 0 ? min(max(rate / alignment, 0), 1) : 0
    past = (value > 0 ? past : 0) + value
    value = Portable.pow(z, 1 / (past + 1))
  }
}

extension DiscountState {
  init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    kind = try state.value(.kind)
    value = try state.number(.value, in: .between(0, 1))
    past = try state.number(.past, in: .atLeast(0))
    try state.expect(kind.fixed ?? value == value, .value, "the discount is not the fixed one")
  }
}
