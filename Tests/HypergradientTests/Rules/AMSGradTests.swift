internal import Foundation
internal import Hypergradient
internal import Testing

@Suite struct AMSGradTests {
  /// The paper's equations, without corrections; v falls after the second step and w does not.
  @Test func withoutCorrectionsByHand() {
    let (beta1, beta2, epsilon) = (0.5, 0.75, 0.125)
    var (m, v, w) = (0.0, 0.0, 0.0)
    let gradients = [1.0, -4, 0.5, 0.25]
    let expected = gradients.map { g in
      m = beta1 * m + (1 - beta1) * g
      v = beta2 * v + (1 - beta2) * g * g
      w = max(w, v)
      return m / (w.squareRoot() + epsilon)
    }
    #expect(v < w)
    let rule = AMSGrad<Double>(
      beta1: beta1, beta2: beta2, epsilon: epsilon, biasCorrection: .none)
    #expect(agree(directions(rule, gradients), expected))
  }

  /// While v grows, it is Adam.
  @Test func itIsAdamAsLongAsTheMeanSquareGrows() {
    let gradients = [1.0, -2, 4, 8]
    #expect(
      directions(AMSGrad<Double>(), gradients) == directions(Adam<Double>(), gradients))
    #expect(
      directions(AMSGrad<Double>(beta2: 0.5), [4, 0, 0])
        != directions(Adam<Double>(beta2: 0.5), [4, 0, 0]))
  }
}
