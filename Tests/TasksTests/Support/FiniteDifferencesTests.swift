import Hypergradient
import Tasks
import Testing

struct FiniteDifferencesTests {
  /// Σ xᵢ⁴/4, with gradient xᵢ³.
  private func quartic<Scalar: ParameterScalar>(_ x: [Scalar]) -> Double {
    x.reduce(0.0) { $0 + Double($1 * $1 * $1 * $1) / 4 }
  }

  @Test func rightGradientAgrees() {
    let x = [1.0, -2, 0.5, 3]
    let error = FiniteDifferences.disagreement(
      of: quartic, gradient: x.map { $0 * $0 * $0 }, at: x, along: [1, 0.5, -1, 0.25])
    #expect(error < 1e-9)
    let single: [Float] = [1, -2, 0.5, 3]
    let singleError = FiniteDifferences.disagreement(
      of: quartic, gradient: single.map { $0 * $0 * $0 }, at: single, along: [1, 0.5, -1, 0.25])
    #expect(singleError < 1e-3)
  }

  @Test func wrongGradientDisagrees() {
    let x = [1.0, -2, 0.5, 3]
    var wrong = x.map { $0 * $0 * $0 }
    wrong[1] *= 1 + 1e-4
    let error = FiniteDifferences.disagreement(
      of: quartic, gradient: wrong, at: x, along: [1, 0.5, -1, 0.25])
    #expect(error > 1e-6)
    let undefined = FiniteDifferences.disagreement(
      of: quartic, gradient: [.nan, 0, 0, 0], at: x, along: [1, 0, 0, 0])
    #expect(undefined == .infinity)
    let zero = FiniteDifferences.disagreement(
      of: quartic, gradient: [0, 0, 0, 0], at: x, along: [1, 0, 0, 0])
    #expect(zero == .infinity)
  }
}
