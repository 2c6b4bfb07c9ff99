import Hypergradient
import PortableMath
import Tasks
import Testing

struct ChainPolicyTests {
  /// No policy of certain steps has a higher value in any state, and one has the best in all: every
  /// one of the 2^S is looked at.
  @Test(arguments: [0, 0.2, 0.9, 1], [0, 0.5, 0.9])
  func bestValuesAreTheBest(_ lure: Double, _ discount: Double) {
    let states = 6
    let task = ChainPolicy(states: states, discount: discount, lure: lure)
    var least = [Double](repeating: .infinity, count: states)
    for policy in 0..<(1 << states) {
      let values = (0..<states).map { first in
        var (place, weight, value) = (first, 1.0, 0.0)
        for _ in 0..<400 {
          if policy >> place & 1 == 1 {
            if place == states - 1 { value += weight } else { place += 1 }
          } else if place == 0 {
            value += weight * lure
          } else {
            place -= 1
          }
          weight *= discount
        }
        return value
      }
      for s in 0..<states { least[s] = min(least[s], task.bestValues[s] - values[s]) }
    }
    #expect(least.allSatisfy { $0.magnitude < 1e-12 }, "\(least)")
  }

  /// The loss is that of iterating V = r + γPV.
  @Test(arguments: [2, 3, 10], [1, 2]) func lossIsThatOfIteration(_ states: Int, _ instance: Int) {
    let task = ChainPolicy(states: states, instance: instance)
    let right = task.start.map { 1 / (1 + Portable.exp(-$0)) }
    var values = [Double](repeating: 0, count: states)
    for _ in 0..<1000 {
      values = (0..<states).map { s in
        let goRight = s == states - 1 ? 1 + 0.9 * values[s] : 0.9 * values[s + 1]
        let goLeft = s == 0 ? 0.2 + 0.9 * values[s] : 0.9 * values[s - 1]
        return right[s] * goRight + (1 - right[s]) * goLeft
      }
    }
    let shortfall = (task.bestValues.reduce(0, +) - values.reduce(0, +)) / Double(states)
    #expect((task.loss(at: task.start) / shortfall - 1).magnitude < 1e-12)
  }
}
