import PortableMath
import Testing

@testable import Experiments

/// The reference from the levels of a grid.
@Suite struct ReferenceChoiceTests {
  private func choice(_ levels: [Double], decades: Double) -> ReferenceChoice? {
    ReferenceChoice(
      levels.enumerated().map { index, level in
        RateLevels(rate: Portable.pow(10, Double(index) * decades), levels: [level])
      })
  }

  /// An eighth of a decade apart, as the grid of suites nearly is, a lucky rate between bad ones is not
  /// the best; half a decade apart no rate has neighbours.
  @Test func neighboursCount() throws {
    let levels = [0.5, 1e-4, 0.4, 0.1, 0.09, 0.08, 0.3]
    let fine = try #require(choice(levels, decades: 1.0 / 8))
    #expect(fine.target == 0.09 && fine.best == 4...5)
    #expect(fine.rate == Portable.pow(10, 0.5))
    let coarse = try #require(choice(levels, decades: 0.5))
    #expect(coarse.target == 1e-4 && coarse.best == 1...1)
  }

  /// Within a factor of 1.6: a fifth of a decade, 1.58, is near, and a quarter of one, 1.78, is not.
  @Test func neighboursAreNear() throws {
    let levels = [0.5, 0.01, 0.5, 0.2, 0.1, 0.2, 0.3]
    #expect(try #require(choice(levels, decades: 0.2)).target == 0.2)
    #expect(try #require(choice(levels, decades: 0.25)).target == 0.01)
  }

  /// A neighbour that diverged counts: at the edge of what is stable no rate is the reference.
  @Test func neighboursThatDivergeCount() throws {
    let found = try #require(
      choice([0.4, 0.3, 0.2, 0.1, .infinity, .infinity], decades: 1.0 / 8))
    #expect(found.target == 0.2 && found.best == 2...3)
    #expect(choice([.infinity, .infinity, 0.1, .infinity, .infinity], decades: 1.0 / 8) == nil)
  }
}
