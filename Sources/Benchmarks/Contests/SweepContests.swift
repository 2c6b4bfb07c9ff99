internal import Experiments
internal import PortableMath

/// Whole sweeps, run by the cohorts that a comparison uses.
enum SweepContests {
  static func all(_ setting: Setting) -> [Contest] {
    [rotatedQuadratic(setting), network(setting)]
  }

  /// 10^low…10^high, `count` rates.
  static func rates(_ low: Double, _ high: Double, _ count: Int) -> [Double] {
    (0..<count).map {
      Portable.pow(10, low + (high - low) * Double($0) / Double(max(1, count - 1)))
    }
  }

  /// The suites' task: every gradient is a product with a dense matrix.
  private static func rotatedQuadratic(_ setting: Setting) -> Contest {
    let side = setting.isQuick ? 5 : 25
    let seeds = setting.isQuick ? 2 : 10
    return Contest(
      "noisy quadratic as in the suites (rotated, Double), \(side)×\(side)×\(seeds) runs",
      part: "sweeps",
      ours: setting.ours { threads in
        let sweep = try quadraticSweep(side: side, seeds: seeds, steps: 1000)
        return { count in
          for _ in 0..<count { _ = try sweep.run(jobs: threads) }
        }
      },
      peers: precisions(setting, "quadratic", goal: nil) { precision in
        [
          "dimension": .integer(100), "steps": .integer(1000), "rates": .integer(side),
          "betas": .integer(side), "seeds": .integer(seeds), "rotated": .flag(true),
          "precision": .integer(precision),
        ]
      }, remark: "d = 100, 1000 steps of SGD-HD; each gradient a 100×100 product")
  }

  static func quadraticSweep(side: Int, seeds: Int, steps: Int) throws -> Sweep {
    let controllers = rates(-4, 0, side).flatMap { rate in
      rates(-6, -1, side).map { "hypergradient(initial: \(rate), hyperLearningRate: \($0))" }
    }
    return try Sweep(
      task: "noisyQuadratic(dimension: 100)", rule: "sgd", controllers: controllers, steps: steps,
      seeds: Array(1...seeds))
  }

  private static func network(_ setting: Setting) -> Contest {
    let count = setting.isQuick ? 33 : 165
    return Contest(
      "MLP 10-32-1 tanh, batch 32, \(count) rates × 1000 steps (Double)", part: "sweeps",
      ours: setting.ours { threads in
        let sweep = try networkSweep(
          rates: count, steps: 1000, portion: (count + threads - 1) / threads)
        return { count in
          for _ in 0..<count { _ = try sweep.run(jobs: threads) }
        }
      },
      peers: precisions(setting, "network", goal: .timesAsFast(3)) { precision in
        [
          "inputs": .integer(10), "hidden": .integer(32), "batch": .integer(32),
          "examples": .integer(256), "rates": .integer(count), "steps": .integer(1000),
          "precision": .integer(precision),
        ]
      }, remark: "SGD")
  }

  static func networkSweep(rates count: Int, steps: Int, portion: Int) throws -> Sweep {
    try Sweep(
      task: "teacherStudent(inputs: 10, hidden: 32, examples: 256, batch: 32)", rule: "sgd",
      controllers: rates(-3, 1, count).map { "constant(\($0))" }, steps: steps, seeds: [1],
      portion: portion)
  }

  /// JAX in single and in double precision.
  static func precisions(
    _ setting: Setting, _ row: String, goal: Goal?,
    _ parameters: (_ precision: Int) -> [String: PeerValue]
  ) -> [Contender] {
    guard let library = setting.peers else { return [] }
    return [32, 64].map { precision in
      library.contender(
        "JAX jit(vmap(scan)), float\(precision)", .init(.jax), row: row, goal: goal,
        parameters(precision))
    }
  }
}
