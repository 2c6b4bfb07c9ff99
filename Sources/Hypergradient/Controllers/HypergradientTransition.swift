internal import PortableMath

/// A transition from the learned rate to a fixed one:
///
///     γ_t = δ(t) α_t + (1 − δ(t)) α_∞,    δ(t) = t^(−p),  t = 1, 2, …
///
/// For p > 1 it keeps the convergence of gradient descent with α_∞ (t δ(t) → 0).
///
/// > Source: A. G. Baydin et al., Online Learning Rate Adaptation with Hypergradient Descent (2018),
/// > section 5.1, Theorem 5.1.
public struct HypergradientTransition: Sendable, Codable, Equatable {
  /// α_∞, at least 0.
  public let final: Double
  /// p, greater than 0.
  public let power: Double

  /// - Precondition: `final` is finite and at least 0, `power` finite and greater than 0.
  public init(to final: Double, power: Double = 2) {
    precondition(final.isFinite && final >= 0, "the final rate is \(final), not at least 0")
    precondition(power.isFinite && power > 0, "the power is \(power), not greater than 0")
    self.final = final
    self.power = power
  }

  @usableFromInline func rate(_ alpha: Double, step: Int) -> Double {
    let delta = Portable.pow(Double(step + 1), -power)
    return delta * alpha + (1 - delta) * final
  }
}
