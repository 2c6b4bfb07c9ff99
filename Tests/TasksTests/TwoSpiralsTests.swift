import Hypergradient
import Tasks
import Testing

struct TwoSpiralsTests {
  private let task = TwoSpirals(turns: 1.5, hidden: 4, examples: 32, batch: 16, instance: 1)

  @Test func classesMirrorEachOther() {
    // An epoch's draws hold each point once: x's, y's, labels.
    let draws = task.draws(seed: 1, steps: 0..<2)
    var points: [[Double]] = []
    for step in 0..<2 {
      for slot in 0..<16 {
        points.append((0..<3).map { draws.values[step * 48 + $0 * 16 + slot] })
      }
    }
    #expect(points.filter { $0[2] == 1 }.count == 16)
    for point in points {
      #expect(points.contains([-point[0], -point[1], -point[2]]))
    }
    let radii = points.filter { $0[2] == 1 }.map { norm([$0[0], $0[1]]) }.sorted()
    for (i, radius) in radii.enumerated() {
      #expect((radius - 2 * Double(i + 1) / 16).magnitude < 1e-14)
    }
  }

  @Test func zeroOutputIsUndecided() {
    let zero = [Double](repeating: 0, count: task.dimension)
    #expect((task.loss(at: zero) - 0.6931471805599453).magnitude < 1e-14)
    #expect(task.reference == ReferenceValue(0, .lowerBound))
  }
}
