internal import Foundation
internal import Hypergradient
internal import PortableMath
internal import Testing

@Suite struct AdaBeliefTests {
  /// A constant gradient in closed form: g − m_t = β₁ᵗ g, so that
  /// s_t = (1 − β₂) g² Σ β₂^(t−i) β₁^(2i) + ε Σ β₂^(t−i).
  @Test func aConstantGradient() {
    let (beta1, beta2, epsilon, g) = (0.8, 0.9, 1e-3, 2.0)
    let expected = (1...12).map { t in
      let s = (1...t).reduce(0.0) { sum, i in
        let kept = Portable.pow(beta2, Double(t - i))
        return sum + kept * ((1 - beta2) * g * g * Portable.pow(beta1, 2 * Double(i)) + epsilon)
      }
      return g / ((s / (1 - Portable.pow(beta2, Double(t)))).squareRoot() + epsilon)
    }
    let rule = AdaBelief<Double>(beta1: beta1, beta2: beta2, epsilon: epsilon)
    let u = directions(rule, [Double](repeating: g, count: 12))
    #expect(agree(u, expected, to: 1e-12))
  }
}
