internal import Experiments
internal import Hypergradient
internal import PortableMath
internal import Records
internal import Tasks

/// Whole sweeps, every controller a run, advanced together in lanes. The goals are those of the full
/// size: a small sweep is mostly its random numbers.
enum SweepContests {
  static func all(_ setting: Setting) -> [Contest] {
    let diagonal = "eigenvalues on the diagonal"
    let rotated = "rotated as in the suites: each gradient is a product with a 100×100 matrix"
    return [
      quadratic(setting, "noisy quadratic, Float", precision: 32, isRotated: false, diagonal) {
        finalLosses(DiagonalQuadratic<Float>(), $0, threads: $1)
      },
      quadratic(setting, "noisy quadratic, Double", precision: 64, isRotated: false, diagonal) {
        finalLosses(DiagonalQuadratic<Double>(), $0, threads: $1)
      },
      quadratic(setting, "rotated noisy quadratic, Double", precision: 64, isRotated: true, rotated)
      {
        finalLosses(NoisyQuadratic(), $0, threads: $1)
      },
      network(setting, "Float", precision: 32, networkTask.single),
      network(setting, "Double", precision: 64, networkTask),
    ]
  }

  // MARK: Noisy quadratics

  /// Starting rates × hyper-learning-rates × seeds.
  struct Grid: Sendable {
    var side: Int
    var seeds: Int
    var steps = 1000
  }

  private static func quadratic(
    _ setting: Setting, _ name: String, precision: Int, isRotated: Bool, _ remark: String,
    _ run: @escaping @Sendable (_ grid: Grid, _ threads: Int) -> Void
  ) -> Contest {
    let grid = setting.isQuick ? Grid(side: 5, seeds: 2) : Grid(side: 25, seeds: 10)
    return Contest(
      "\(name), d = 100, 1000 steps SGD-HD, \(grid.side)×\(grid.side)×\(grid.seeds) runs",
      part: "sweeps",
      ours: setting.ours { threads in
        { count in for _ in 0..<count { run(grid, threads) } }
      },
      peers: peers(
        setting, "quadratic", goal: isRotated || setting.isQuick ? nil : .timesAsFast(30),
        precision: precision,
        [
          "dimension": .integer(100), "steps": .integer(1000), "rates": .integer(grid.side),
          "betas": .integer(grid.side), "seeds": .integer(grid.seeds), "rotated": .flag(isRotated),
        ]), remark: remark)
  }

  /// SGD-HD from rates in 10⁻⁴…1 with hyper-learning-rates in 10⁻⁶…10⁻¹.
  static func finalLosses<T: LaneTask>(_ task: T, _ grid: Grid, threads: Int) {
    let controllers = rates(-4, 0, grid.side).flatMap { rate in
      rates(-6, -1, grid.side).map {
        HypergradientDescent(initial: rate, hyperLearningRate: $0)
      }
    }
    let losses = Sweep.finalLosses(
      GradientDescent<T.Scalar>(), controllers, on: task, seeds: Array(1...grid.seeds),
      steps: grid.steps, jobs: threads)
    precondition(losses.count == grid.seeds, "a seed is missing")
  }

  // MARK: A network

  private static func network<T: LaneTask>(
    _ setting: Setting, _ name: String, precision: Int, _ task: T
  ) -> Contest {
    let count = setting.isQuick ? 33 : 165
    return Contest(
      "MLP 10-32-1 tanh, \(name), batch 32, 1000 steps SGD, \(count) rates", part: "sweeps",
      ours: setting.ours { threads in
        { repeats in
          for _ in 0..<repeats {
            try networkLosses(task, rates: count, steps: 1000, threads: threads)
          }
        }
      },
      peers: peers(
        setting, "network", goal: setting.isQuick ? nil : .timesAsFast(3), precision: precision,
        [
          "inputs": .integer(10), "hidden": .integer(32), "batch": .integer(32),
          "examples": .integer(256), "rates": .integer(count), "steps": .integer(1000),
        ]))
  }

  static var networkTask: TeacherStudent {
    TeacherStudent(inputs: 10, hidden: 32, examples: 256, batch: 32)
  }

  /// Threads share out the rates.
  static func networkLosses<T: LaneTask>(
    _ task: T, rates count: Int, steps: Int, threads: Int
  ) throws {
    let controllers = rates(-3, 1, count).map { ConstantRate($0) }
    let share = (count + threads - 1) / threads
    let portions = stride(from: 0, to: count, by: share).map {
      Array(controllers[$0..<min(count, $0 + share)])
    }
    let losses = try Workers.map(portions, jobs: threads) { controllers in
      Sweep.finalLosses(
        GradientDescent<T.Scalar>(), controllers, on: task, seeds: [1], steps: steps)
    }
    precondition(losses.count == portions.count, "a portion is missing")
  }

  // MARK: Both

  /// 10^low…10^high, `count` of them.
  private static func rates(_ low: Double, _ high: Double, _ count: Int) -> [Double] {
    (0..<count).map {
      Portable.pow(10, low + (high - low) * Double($0) / Double(max(1, count - 1)))
    }
  }

  private static func peers(
    _ setting: Setting, _ row: String, goal: Goal?, precision: Int,
    _ parameters: [String: PeerValue]
  ) -> [Contender] {
    guard let library = setting.peers else { return [] }
    return [
      library.contender(
        "JAX jit(vmap(scan)), float\(precision)", .init(.jax), row: row, goal: goal,
        parameters.merging(["precision": .integer(precision)]) { $1 })
    ]
  }
}
