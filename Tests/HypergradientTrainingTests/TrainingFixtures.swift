import Hypergradient
import HypergradientCatalogue
import HypergradientTraining
import PortableMath

/// A noisy bowl with epochs of 5 batches and a validation loss: ½Σ(i + 1)/2·(xᵢ − shift)², the shift
/// drawn anew for each batch.
struct NoisyBowl<Scalar: ParameterScalar>: TrainingProblem {
  var parameterCount = 6
  var batchesPerEpoch: Int? = 5
  var hasValidation = true
  var noise = 0.1
  /// Batches whose gradient and loss are replaced.
  var faults: [Int: Double] = [:]

  var start: [Scalar] { (0..<parameterCount).map { Scalar(1 + $0 % 3) } }

  private func value(
    _ point: UnsafeBufferPointer<Scalar>, _ shift: (Int) -> Double,
    _ write: (Int, Double) -> Void = { _, _ in }
  ) -> Double {
    var loss = 0.0
    for i in 0..<parameterCount {
      let distance = Double(point[i]) - shift(i)
      write(i, Double(i + 1) / 2 * distance)
      loss += Double(i + 1) / 4 * distance * distance
    }
    return loss
  }

  mutating func gradient(
    at point: UnsafeBufferPointer<Scalar>, batch: Int, draw: Int,
    into gradient: UnsafeMutableBufferPointer<Scalar>
  ) -> Double {
    var stream = RandomStream(RandomKey("tests.trainer", draw), step: batch)
    let shifts = (0..<parameterCount).map { _ in noise * stream.normal() }
    let loss = value(point, { shifts[$0] }) { gradient[$0] = Scalar($1) }
    guard let fault = faults[batch] else { return loss }
    for i in 0..<parameterCount { gradient[i] = Scalar(fault) }
    return fault
  }

  mutating func validation(at point: UnsafeBufferPointer<Scalar>) -> ValidationScore? {
    guard hasValidation else { return nil }
    let loss = value(point, { _ in 0 })
    return ValidationScore(loss: loss, accuracy: 1 / (1 + loss))
  }
}

enum TrainingTexts {
  /// Every controller of the catalogue, under a rule with state.
  static let pairs = Catalogue.standard.controllers.flatMap(\.texts).map { "adam + \($0)" }
  static let methods = Catalogue.standard.double.methods.flatMap(\.texts)

  /// `nil` for a rule and a controller.
  static func method(_ text: String) throws -> (any TrainingMethod<Double>)? {
    guard case .method(let method) = try Catalogue.standard.method(text, for: Double.self) else {
      return nil
    }
    return method
  }

  static func trainer<S: ParameterScalar>(
    _ text: String, _: S.Type, options: TrainingOptions = TrainingOptions()
  ) throws -> Trainer<NoisyBowl<S>> {
    let problem = NoisyBowl<S>()
    switch try Catalogue.standard.method(text, for: S.self, variables: ["steps": 100]) {
    case .pair(_, let controller):
      var options = options
      if controller.requirements.metricDirection == .maximize { options.metric = .accuracy }
      return try Trainer(
        problem, from: problem.start,
        with: AnyOptimizer(
          text, parameterCount: problem.parameterCount, variables: ["steps": 100]),
        options: options)
    case .method(let method):
      return try Trainer(
        problem, from: problem.start, method: method, parts: [0..<2, 2..<6], options: options)
    }
  }
}
