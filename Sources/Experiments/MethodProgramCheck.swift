internal import ExternalPrograms
internal import Hypergradient
internal import HypergradientCatalogue
internal import Tasks

/// What is looked at before a comparison with a method that is a program: it is begun twice, and takes
/// its first steps on the task twice with the same bits, unless it says that it does not.
extension RunPlan {
  /// - Returns: the command, and whether the program repeats itself; `nil` for any other method.
  /// - Throws: ``SpecError``, and the failure of the program.
  func checkProgram<T: BenchmarkTask>(
    on task: T, seed: Int, horizon: Int
  ) throws -> (command: String, isRepeatable: Bool)? {
    let made = try method.made(for: T.Scalar.self, parameterCount: task.dimension)
    guard case .method(let method) = made, let command = method.program?.command else {
      return nil
    }
    func open<M: TrainingMethod<T.Scalar>>(_ method: M) throws -> Bool {
      let (isRepeatable, first) = try firstSteps(of: method, on: task, seed: seed, horizon)
      if isRepeatable {
        let (_, again) = try firstSteps(of: method, on: task, seed: seed, horizon)
        if let step = first.indices.first(where: { first[$0] != again[$0] }) {
          throw ExternalFailure(
            command,
            "was asked for step \(step) twice, in two processes, and answered differently: random "
              + "numbers are to be keyed by the hello's seed, or the hello to say "
              + "\"repeatable\": false")
        }
      }
      return isRepeatable
    }
    return (command, try open(method))
  }

  /// Whether the program says that it repeats itself, and the parameters and the rate after each of its
  /// first steps, in a process of their own that ends with them.
  private func firstSteps<T: BenchmarkTask, M: TrainingMethod<T.Scalar>>(
    of known: M, on task: T, seed: Int, _ horizon: Int
  ) throws -> (isRepeatable: Bool, states: [[UInt64]]) {
    var method = known
    var theta = task.start
    theta.withUnsafeBufferPointer { method.begin(at: $0, groups: task.parameterGroups) }
    var oracle = TaskOracle(task: task, seed: seed, horizon: horizon)
    var states: [[UInt64]] = []
    for step in 0..<min(3, horizon) {
      oracle.begin(step: step)
      method.step(&theta, &oracle)
      try task.checkForFailure()
      if let failure = method.program?.failure { throw failure }
      states.append((theta.map { Double($0) } + [method.learningRate]).map(\.bitPattern))
    }
    return (method.program?.isRepeatable ?? true, states)
  }
}
