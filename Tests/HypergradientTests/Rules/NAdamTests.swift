internal import Foundation
internal import Hypergradient
internal import PortableMath
internal import Testing

@Suite struct NAdamTests {
  private static let gradients = [1.0, -2, 0.5, 3, 3]

  /// The paper's equations with the products written out.
  @Test func equationsByHand() {
    let (beta1, beta2, epsilon, psi) = (0.9, 0.99, 1e-3, 0.1)
    func mu(_ t: Int) -> Double { beta1 * (1 - 0.5 * Portable.pow(0.96, psi * Double(t))) }
    var (m, v) = (0.0, 0.0)
    let expected = Self.gradients.enumerated().map { step, g in
      let t = step + 1
      m = mu(t) * m + (1 - mu(t)) * g
      v = beta2 * v + (1 - beta2) * g * g
      let product = (1...t).map(mu).reduce(1, *)
      let mean =
        mu(t + 1) * m / (1 - product * mu(t + 1)) + (1 - mu(t)) * g / (1 - product)
      return mean / ((v / (1 - Portable.pow(beta2, Double(t)))).squareRoot() + epsilon)
    }
    let rule = NAdam<Double>(
      beta1: beta1, beta2: beta2, epsilon: epsilon, momentumDecay: psi)
    #expect(agree(directions(rule, Self.gradients), expected, to: 1e-13))
  }

  /// The corrections of the paper's form sum to one: a constant gradient's mean is not biased. That
  /// of PyTorch's form is.
  @Test func aConstantGradientIsNotBiased() {
    let (g, psi) = (0.5, 0.25)
    func mu(_ t: Int) -> Double { 0.9 * (1 - 0.5 * Portable.pow(0.96, psi * Double(t))) }
    func mean(_ form: NAdam<Double>.Form) -> [Double] {
      directions(
        NAdam(beta2: 0, epsilon: 0, momentumDecay: psi, form: form),
        [Double](repeating: g, count: 20))
    }
    // m_t = (1 − ∏_{i≤t} μ_i) g, so that u = (1 − μ_t)/(1 − P_t) + μ_{t+1}(1 − P_t)/(1 − P_{t+1}).
    var product = 1.0
    let expected = (1...20).map { t in
      product *= mu(t)
      return (1 - mu(t)) / (1 - product) + mu(t + 1) * (1 - product) / (1 - product * mu(t + 1))
    }
    #expect(agree(mean(.paper), expected, to: 1e-12))
    #expect(!agree(mean(.pyTorch), expected, to: 1e-3))
  }
}
