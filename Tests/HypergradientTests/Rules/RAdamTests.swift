internal import Foundation
internal import Hypergradient
internal import PortableMath
internal import Testing

@Suite struct RAdamTests {
  private static let gradients = [1.0, -2, 0.5, 3, 3, -1, 2, 1]

  /// The paper's algorithm with the powers written out; ε as the code has it.
  @Test(arguments: [4, 5.0]) func equationsByHand(_ threshold: Double) {
    let (beta1, beta2, epsilon) = (0.9, 0.99, 1e-3)
    let infinite = 2 / (1 - beta2) - 1
    var (m, v, rectified) = (0.0, 0.0, 0)
    let expected = Self.gradients.enumerated().map { step, g in
      let t = Double(step + 1)
      m = beta1 * m + (1 - beta1) * g
      v = beta2 * v + (1 - beta2) * g * g
      let mean = m / (1 - Portable.pow(beta1, t))
      let power = Portable.pow(beta2, t)
      let rho = infinite - 2 * t * power / (1 - power)
      if rho <= threshold { return mean }
      rectified += 1
      let r = ((rho - 4) * (rho - 2) * infinite / ((infinite - 4) * (infinite - 2) * rho))
        .squareRoot()
      return mean * r * (1 - power).squareRoot() / (v.squareRoot() + epsilon)
    }
    #expect(rectified == (threshold == 4 ? 4 : 3))
    let rule = RAdam<Double>(
      beta1: beta1, beta2: beta2, epsilon: epsilon, threshold: threshold)
    #expect(agree(directions(rule, Self.gradients), expected, to: 1e-11))
  }

  /// With β₂ at most 0.6, ρ_∞ is at most 4: momentum alone, for ever.
  @Test func aShortMemoryIsNeverRectified() {
    let u = directions(RAdam<Double>(beta1: 0, beta2: 0.6), Self.gradients + Self.gradients)
    #expect(u == Self.gradients + Self.gradients)
  }
}
