internal import HypergradientRecipes
public import Hypergradient
public import _Differentiation

/// How many parameters a model has.
///
/// - Precondition: it is made of `Scalar`, arrays and structs of such.
public func parameterCount<Model: Differentiable, Scalar: ParameterScalar>(
  of model: Model, as _: Scalar.Type
) -> Int {
  parameters(of: model, as: Scalar.self).count
}

/// The parameters of a model, in the order of its stored properties; what is `@noDerivative` is none.
public func parameters<Model: Differentiable, Scalar: ParameterScalar>(
  of model: Model, as _: Scalar.Type
) -> [Scalar] {
  var row: [Scalar] = []
  ModelNumbers<Model, Scalar>.known().read(model, &row)
  return row
}

/// The elements of a gradient, in the order of the model's parameters; zeros for an array that took no
/// part, whose tangent vector is empty.
public func elements<Model: Differentiable, Scalar: ParameterScalar>(
  of gradient: Model.TangentVector, for model: Model, as _: Scalar.Type
) -> [Scalar] {
  var row: [Scalar] = []
  ModelNumbers<Model, Scalar>.known().readTangent(gradient, model, &row)
  return row
}

/// Writes parameters into a model.
///
/// - Precondition: there are as many as the model has.
public func write<Model: Differentiable, Scalar: ParameterScalar>(
  _ parameters: [Scalar], into model: inout Model
) {
  let count = parameterCount(of: model, as: Scalar.self)
  require(parameters.count == count, "\(parameters.count) parameters for a model of \(count)")
  writeRow(parameters, into: &model)
}

private func writeRow<Model: Differentiable, Scalar: ParameterScalar>(
  _ row: [Scalar], into model: inout Model
) {
  var place = 0
  row.withUnsafeBufferPointer { row in
    guard let base = row.baseAddress else { return }
    ModelNumbers<Model, Scalar>.known().write(&model, base, &place)
  }
}

extension Optimizer {
  /// For a model's parameters.
  ///
  /// - Parameter objective: what is minimised; f itself by default.
  public init(
    _ rule: Rule, _ controller: Controller, on objective: Objective = .plain,
    for model: some Differentiable
  ) {
    self.init(
      rule, controller, on: objective,
      parameterCount: DifferentiableModels.parameterCount(of: model, as: Scalar.self))
  }

  /// One step of a model: of its numbers, its arrays and its structs of such, in the order of its stored
  /// properties.
  ///
  /// ```swift
  /// import DifferentiableModels
  /// import _Differentiation
  ///
  /// struct Line: Differentiable {
  ///   var slope = 0.0
  ///   var height = 0.0
  /// }
  /// var line = Line()
  /// let controller = HypergradientDescent(initial: 0.01, hyperLearningRate: 1e-4)
  /// var optimizer = Optimizer(GradientDescent<Double>(), controller, for: line)
  /// for _ in 0..<100 {
  ///   let (loss, gradient) = valueWithGradient(at: line) { line in
  ///     (line.slope + line.height - 3) * (line.slope + line.height - 3)
  ///   }
  ///   optimizer.update(&line, along: gradient, loss: loss)
  /// }
  /// ```
  ///
  /// The bits are those of ``Optimizer/step(_:gradient:loss:epoch:)`` on the numbers in a row.
  ///
  /// - Parameters:
  ///   - model: changed in place.
  ///   - gradient: ∇f at the model; an array that took no part, whose tangent vector is empty, has zeros.
  ///   - loss: the minibatch loss, for a controller or a rule that needs it.
  ///   - epoch: epochs begun, a fraction inside one, for a schedule in epochs.
  /// - Complexity: O(n), with two rows of n numbers and two passes over them beside the step.
  /// - Precondition: the model has `parameterCount` parameters, all of type `Scalar`.
  @discardableResult
  public mutating func update<Model: Differentiable>(
    _ model: inout Model, along gradient: Model.TangentVector, loss: Double? = nil,
    epoch: Double? = nil
  ) -> StepDecision {
    var row = parameters(of: model, as: Scalar.self)
    let decision = step(
      &row, gradient: elements(of: gradient, for: model, as: Scalar.self), loss: loss, epoch: epoch)
    writeRow(row, into: &model)
    return decision
  }
}

extension AnyOptimizer {
  /// One step of a model; see ``Optimizer/update(_:along:loss:epoch:)``.
  @discardableResult
  public mutating func update<Model: Differentiable>(
    _ model: inout Model, along gradient: Model.TangentVector, loss: Double? = nil,
    epoch: Double? = nil
  ) -> StepDecision {
    var row = parameters(of: model, as: Scalar.self)
    let decision = step(
      &row, gradient: elements(of: gradient, for: model, as: Scalar.self), loss: loss, epoch: epoch)
    writeRow(row, into: &model)
    return decision
  }
}
