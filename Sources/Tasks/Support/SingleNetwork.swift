public import Hypergradient

/// A network of Doubles in Float throughout: examples, parameters, activations and gradients; sums over
/// examples stay in Double.
///
/// Where another network made the targets, they are its outputs in Float, so that it still reaches the
/// reference.
public struct SingleNetwork: LaneTask, DerivedTask {
  let base: NetworkProblem<Float>

  init(_ problem: NetworkProblem<Double>) {
    func single(_ numbers: [Double]) -> [Float] { numbers.map { Float($0) } }
    let inputs = single(problem.inputs)
    let teacher = problem.reference.minimiser.map(single)
    base = NetworkProblem(
      network: problem.network, loss: problem.kind, inputs: inputs,
      targets: teacher.map {
        problem.network.outputs($0, rows: inputs, portion: problem.batches.batch)
      } ?? single(problem.targets),
      batches: problem.batches, start: single(problem.start),
      reference: ReferenceValue(
        problem.reference.value, problem.reference.kind,
        minimiser: teacher?.map { Double($0) }))
  }
}

extension Precision {
  /// A network in this precision.
  func network<Task: DerivedTask>(
    _ task: Task
  ) -> any BenchmarkTask where Task.Base == NetworkProblem<Double> {
    self == .double ? task : SingleNetwork(task.base)
  }
}
