import Hypergradient
import PortableMath
import Testing

import Tasks

struct LinearQuadraticRegulatorTests {
  /// With one state Riccati's equation p = 1 + a²p − a²b²p²/(ρ + b²p) is quadratic:
  /// b²p² + (ρ − ρa² − b²)p − ρ = 0.
  @Test(arguments: [0.001, 0.1, 1, 1000], [1, 2, 3])
  func oneStateInClosedForm(_ effort: Double, _ instance: Int) {
    let task = LinearQuadraticRegulator(
      states: 1, controls: 1, effort: effort, instance: instance)
    let (a, b) = (task.dynamics.elements[0], task.actuation.elements[0])
    let (square, linear) = (b * b, effort - effort * a * a - b * b)
    let p = (-linear + (linear * linear + 4 * square * effort).squareRoot()) / (2 * square)
    #expect((task.reference.value / p - 1).magnitude < 1e-9)
    let gain = a * b * p / (effort + square * p)
    #expect((task.reference.minimiser![0] - gain).magnitude < 1e-9)
  }

  /// The cost is what simulating the closed loop from each unit vector costs.
  @Test(arguments: [1, 2, 3]) func costIsThatOfSimulation(_ instance: Int) {
    let task = LinearQuadraticRegulator(instance: instance)
    for gain in [task.start, task.reference.minimiser!] {
      var cost = 0.0
      for axis in 0..<4 {
        var x = [Double](repeating: 0, count: 4)
        x[axis] = 1
        for _ in 0..<3000 {
          let u = product(gain, x).map { -$0 }
          cost += norm(x) * norm(x) + norm(u) * norm(u)
          x = zip(product(task.dynamics.elements, x), product(task.actuation.elements, u))
            .map { $0 + $1 }
        }
      }
      #expect((task.loss(at: gain) / cost - 1).magnitude < 1e-10)
    }
  }

  /// A matrix, row-major, times a vector.
  private func product(_ matrix: [Double], _ vector: [Double]) -> [Double] {
    stride(from: 0, to: matrix.count, by: vector.count).map { first in
      var sum = 0.0
      for j in vector.indices { sum += matrix[first + j] * vector[j] }
      return sum
    }
  }

  /// Dynamic programming over a growing horizon ends at the same gain.
  @Test(arguments: [1, 2, 3]) func valueIterationAgrees(_ instance: Int) {
    let task = LinearQuadraticRegulator(states: 5, controls: 3, instance: instance)
    let (a, b) = (task.dynamics, task.actuation)
    var value = SmallMatrix.identity(5)
    for _ in 0..<2000 {
      let gain = (SmallMatrix.identity(3) + b.transposed * value * b)
        .solve(b.transposed * value * a)
      value = SmallMatrix.identity(5) + a.transposed * value * (a - b * gain)
    }
    #expect((task.reference.value / value.trace - 1).magnitude < 1e-11)
  }

  @Test func unstableGainsCostInfinitely() {
    let task = LinearQuadraticRegulator(states: 1, controls: 1)
    let (a, b) = (task.dynamics.elements[0], task.actuation.elements[0])
    #expect(task.loss(at: [(a - 0.999) / b]).isFinite)
    for radius in [1.0, -1.001, 1e10, -1e300] {
      #expect(task.loss(at: [(a - radius) / b]) == .infinity)
    }
    #expect(task.exactGradient(at: [(a - 2) / b])[0].isNaN)
  }
}
