internal import Experiments
internal import Hypergradient
internal import HypergradientCatalogue
internal import PortableMath
internal import Records
internal import Tasks
internal import Testing

/// The distance that a parameter-free method estimates, in the trace of one run.
@Suite struct DistanceTraceTests {
  private func trace(_ method: String) throws -> RunTrace {
    try SingleTraining.run(
      SingleTraining.Request(
        task: "ellipsoid(dimension: 6)", method: method, seed: 1, steps: 60, epochs: 1, data: nil,
        evaluations: 20)
    ) { _, _ in }.trace
  }

  /// What the method itself says after as many steps, and before the first.
  @Test(
    arguments: [
      "dog(initialDistance: 1e-3)", "dog(byGroup: .yes)", "dowg()", "dAdaptSGD()", "dAdaptAdam()",
      "prodigy()", "mechanic(adam)", "prodigy().limitedGrowth(to: 1.1).clamped(to: 0...0.01)",
      "mechanic(sgd).frozen(after: 9)",
    ]) func itIsTheMethodsOwn(_ text: String) throws
  {
    let trace = try trace(text)
    let distances = try #require(trace.distances)
    #expect(distances.count == trace.steps.count)
    guard case .method(let made) = try Catalogue.standard.method(text, for: Double.self) else {
      preconditionFailure("'\(text)' is not a method")
    }
    let task =
      try TaskFactory(data: nil).make("ellipsoid(dimension: 6)", instance: 1, horizon: 60)
      as! any BenchmarkTask<Double>
    let own = Self.distances(made, task, steps: 60)
    #expect(distances == trace.steps.map { own[$0] })
    #expect(
      zip(distances, distances.dropFirst()).allSatisfy { $0 <= $1 } || text.hasPrefix("mechanic"))
    #expect(distances.last! > distances.first!)
    let lines = SingleTraining.csv(trace).split(separator: "\n")
    #expect(lines[0] == "step,gap,loss,learningRate,distance")
    for (i, line) in lines.dropFirst().enumerated() {
      #expect(Double(line.split(separator: ",")[4]) == distances[i])
      #expect(line.split(separator: ",")[3] == trace.learningRates[i].spelled)
    }
  }

  /// Before the first step and after each, told again.
  private static func distances(
    _ made: any TrainingMethod<Double>, _ task: any BenchmarkTask<Double>, steps: Int
  ) -> [Double?] {
    func open<T: BenchmarkTask<Double>, M: TrainingMethod<Double>>(
      _ task: T, _ made: M
    ) -> [Double?] {
      var (method, theta, time) = (made, task.start, 0)
      var oracle = FunctionOracle<Double>(parameterCount: task.dimension) { point, gradient, _ in
        let (loss, g) = task.gradient(
          at: Array(point), step: time, draws: task.draws(seed: 1, steps: time..<time + 1))
        for i in g.indices { gradient[i] = g[i] }
        return loss
      }
      theta.withUnsafeBufferPointer { method.begin(at: $0, groups: task.parameterGroups) }
      var distances = [method.distanceEstimate]
      for step in 0..<steps {
        time = step
        method.step(&theta, &oracle)
        distances.append(method.distanceEstimate)
      }
      return distances
    }
    return open(task, made)
  }

  /// No column where there is no estimate.
  @Test(arguments: ["sgd + constant(0.1)", "cocob()", "armijo(sgd, initial: 1)"])
  func thereIsNone(_ text: String) throws {
    let trace = try trace(text)
    #expect(trace.distances == nil)
    #expect(SingleTraining.csv(trace).hasPrefix("step,gap,loss,learningRate\n"))
  }

  /// The rates of the trace are those that were applied; before the first step there is none.
  @Test func theRatesAreThoseApplied() throws {
    let rates = try trace("prodigy(initialDistance: 0.01).clamped(to: 0.001...0.004)").learningRates
    #expect(rates[0].isNaN && Set(rates).count > 2)
    #expect(rates.dropFirst().allSatisfy { (0.001...0.004).contains($0) })
  }
}
