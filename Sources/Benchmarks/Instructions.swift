internal import Tasks

/// Small workloads whose instructions are counted: a count does not depend on how busy a machine is.
public enum Instructions {
  /// The workloads' names.
  public static var names: [String] { workloads.map(\.name) }

  private struct Workload: Sendable {
    var name: String
    /// Sets up, and returns a function that does so many steps.
    var prepare: @Sendable () throws -> (_ steps: Int) throws -> Void
  }

  private static let workloads: [Workload] = [
    Workload(name: "sgd-step-1e2") { StepContests.operation(.sgd, 100, 1) },
    Workload(name: "sgd-hd-step-1e2") { StepContests.operation(.sgdHD, 100, 1) },
    Workload(name: "sgd-hd-step-1e4") { StepContests.operation(.sgdHD, 10_000, 1) },
    Workload(name: "adam-step-1e4") { StepContests.operation(.adam, 10_000, 1) },
    Workload(name: "adam-hd-step-1e2") { StepContests.operation(.adamHD, 100, 1) },
    Workload(name: "adam-hd-step-1e4") { StepContests.operation(.adamHD, 10_000, 1) },
    // A step of these is one of all the runs together.
    Workload(name: "quadratic-sweep") {
      let task = NoisyQuadratic()
      return {
        SweepContests.finalLosses(task, .init(side: 4, seeds: 1, steps: $0), threads: 1)
      }
    },
    Workload(name: "diagonal-sweep") {
      let task = DiagonalQuadratic<Float>()
      return {
        SweepContests.finalLosses(task, .init(side: 4, seeds: 1, steps: $0), threads: 1)
      }
    },
    Workload(name: "network-sweep") {
      let task = SweepContests.networkTask
      return { try SweepContests.networkLosses(task, rates: 16, steps: $0, threads: 1) }
    },
    Workload(name: "sgemm-128x64x256") {
      ProductContests.operation(
        .init(m: 128, n: 64, k: 256, kind: "NT", share: 1), threads: 1)
    },
    Workload(name: "tanh-1024") {
      let operation = ElementaryContests.operation(.tanh, ElementaryContests.Function.tanh.ours)
      return { operation(1024 * $0) }
    },
  ]

  /// Does so many steps of a workload, once; to be run under a tool that counts instructions.
  ///
  /// - Throws: ``BenchmarkError`` for an unknown name.
  public static func run(_ name: String, steps: Int) throws {
    guard let workload = workloads.first(where: { $0.name == name }) else {
      throw BenchmarkError(
        "no workload named '\(name)'; they are \(names.joined(separator: ", "))")
    }
    try workload.prepare()(steps)
  }
}
