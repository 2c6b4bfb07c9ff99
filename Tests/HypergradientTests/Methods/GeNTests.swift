internal import Hypergradient
internal import Testing

@Suite struct GeNTests {
  /// On ½hx² every parabola's minimum is 1/h: η goes there, by at most a factor of 2 a parabola
  /// before the smoothing.
  @Test func goesToTheNewtonRate() {
    var oracle = quadratic([4])
    var method = GeN(GradientDescent<Double>(), initial: 0.01, every: 2, smoothing: 0.5)
    var x = [1.0]
    method.begin(at: x)
    var (rate, number) = (0.01, 0)
    for step in 1...12 {
      method.step(&x, &oracle)
      if step % 2 == 0 {
        rate = 0.5 * rate + 0.5 * min(max(0.25, rate / 2), 2 * rate)
        number += 1
      }
      #expect(relativeDifference(method.learningRate, rate) < 1e-9, "\(step)")
    }
    #expect(oracle.counts.losses == 2 * number && oracle.counts.gradients == 12)
  }

  /// The parabola is along the rule's direction: of Adam's first, (1, −1), slope 2 + 3 and
  /// curvature 4.
  @Test func alongTheDirectionOfTheRule() {
    var oracle = quadratic([1, 3])
    var method = GeN(Adam<Double>(epsilon: 0), initial: 1, every: 1, smoothing: 0)
    var x = [2.0, -1]
    method.begin(at: x)
    method.step(&x, &oracle)
    #expect(relativeDifference(method.learningRate, 1.25) < 1e-12)
    #expect(relativeDifference(x, [0.75, 0.25]) < 1e-12)
  }

  @Test func aParabolaWithoutAMinimumLeavesTheRate() {
    var oracle = quadratic([-1])
    var method = GeN(GradientDescent<Double>(), initial: 0.125, every: 1)
    var x = [1.0]
    method.begin(at: x)
    method.step(&x, &oracle)
    #expect(method.learningRate == 0.125 && x == [1.125])
  }
}
