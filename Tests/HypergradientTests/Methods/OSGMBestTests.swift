internal import Hypergradient
internal import Testing

@Suite struct OSGMBestTests {
  private static let start = [0.9, -1.1, 0.6]

  private static func square(_ a: [Double]) -> Double { a.reduce(0) { $0 + $1 * $1 } }

  /// The equations in plain arrays, null steps among them.
  @Test(arguments: [30.0, 8, 1.2])
  func equationsByHand(_ curvature: Double) {
    var oracle = SmoothOracle(3, noise: 0)
    var method = OSGMBest<Double>(curvature: curvature)
    var x = Self.start
    method.begin(at: x)
    var (w, before) = (x, x)
    var (p, beta, nulls) = ([0.0, 0.0, 0.0], 0.95, 0)
    let tau = curvature * curvature / 2
    for step in 0..<60 {
      method.step(&x, &oracle)
      let g = oracle.gradient(w, draw: 0)
      let d = w.indices.map { w[$0] - before[$0] }
      let y = w.indices.map { w[$0] - p[$0] * g[$0] + beta * d[$0] }
      let above = oracle.gradient(y, draw: 0)
      let scale = Self.square(g) + tau / 2 * Self.square(d)
      let ahead = w.indices.map { y[$0] - above[$0] / curvature }
      for i in p.indices {
        p[i] = min(max(p[i] + above[i] * g[i] / scale / curvature, 0), 1e5 / curvature)
      }
      let across = w.indices.reduce(0) { $0 + above[$1] * d[$1] }
      beta = min(max(beta - min(1, curvature) * across / scale, 0), 0.9995)
      before = w
      if oracle.value(ahead, draw: 0) <= oracle.value(w, draw: 0) {
        w = ahead
      } else {
        nulls += 1
      }
      let largest = w.map(abs).max()!
      guard largest > 1e-6 else { break }
      #expect(relativeDifference(x, w) < 1e-7, "step \(step)")
      #expect(relativeDifference(method.p, p) < 1e-6, "step \(step)")
      #expect(abs(method.momentum - beta) < 1e-6, "step \(step)")
      #expect(method.nullSteps == nulls)
    }
    #expect(nulls > 0)
    #expect(beta != 0.95 && oracle.value(w, draw: 0) < 0.01 * oracle.value(Self.start, draw: 0))
  }

  /// One learning step is −η times the derivative of h = (f(x − Pg + βd) − f(x))/D, by differences.
  @Test func feedbackAgainstDifferences() {
    let curvature = 8.0
    var oracle = SmoothOracle(3, noise: 0)
    var method = OSGMBest<Double>(
      curvature: curvature, scalingRate: 0.02, momentumRate: 0.03)
    var (x, before) = (Self.start, Self.start)
    method.begin(at: x)
    var compared = 0
    for _ in 0..<12 {
      let (at, p, beta) = (x, method.p, method.momentum)
      let d = x.indices.map { x[$0] - before[$0] }
      method.step(&x, &oracle)
      before = at
      // Where there is a move, and nothing was projected.
      guard Self.square(d) > 0, method.p.min()! > 0, method.momentum > 0 else { continue }
      compared += 1
      let g = oracle.gradient(at, draw: 0)
      let scale = Self.square(g) + curvature * curvature / 4 * Self.square(d)
      func h(_ p: [Double], _ beta: Double) -> Double {
        let y = at.indices.map { at[$0] - p[$0] * g[$0] + beta * d[$0] }
        return (oracle.value(y, draw: 0) - oracle.value(at, draw: 0)) / scale
      }
      let byScaling = p.indices.map { k in
        derivative(at: p[k], step: 1e-3) { value in
          var moved = p
          moved[k] = value
          return [h(moved, beta)]
        }[0]
      }
      let byMomentum = derivative(at: beta, step: 1e-3) { [h(p, $0)] }[0]
      #expect(relativeDifference(p.indices.map { (p[$0] - method.p[$0]) / 0.02 }, byScaling) < 1e-8)
      #expect(abs((beta - method.momentum) / 0.03 - byMomentum) < 1e-8 * abs(byMomentum))
    }
    #expect(compared > 3)
  }

  /// Two gradients a step where the objective is deterministic, three where it is not; never a loss.
  @Test func evaluations() {
    for noise in [0.0, 0.1] {
      var oracle = SmoothOracle(3, noise: noise)
      var method = OSGMBest<Double>(curvature: 8)
      var x = Self.start
      method.begin(at: x)
      for step in 0..<10 {
        oracle.step = step
        method.step(&x, &oracle)
      }
      #expect(oracle.counts.gradients == (noise == 0 ? 21 : 30))
      #expect(oracle.counts.losses == 0 && oracle.counts.hessianVectorProducts == 0)
    }
  }
}
