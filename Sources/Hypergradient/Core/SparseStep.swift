internal import HypergradientRecipes

// Gradients of which all elements but a few are zero.

extension Optimizer {
  /// One step along a gradient of which all elements but a few are zero.
  ///
  /// Exact for every rule: the bits are those of a step with the zeros written out, since a rule with
  /// momentum, a mean or a decay also moves what has a zero gradient.
  ///
  /// - Parameters:
  ///   - indices: of the elements, in any order; those that stand twice are added, in their order.
  ///   - values: their gradients.
  /// - Precondition: there are as many values as indices, each below `parameterCount`.
  /// - Complexity: O(`parameterCount`).
  @discardableResult
  public mutating func step(
    _ parameters: inout [Scalar], indices: [Int], values: [Scalar], loss: Double? = nil,
    epoch: Double? = nil
  ) -> StepDecision {
    step(
      &parameters, gradient: scattered(indices, values, count: parameterCount), loss: loss,
      epoch: epoch)
  }
}

extension AnyOptimizer {
  /// One step along a gradient of which all elements but a few are zero; see
  /// ``Optimizer/step(_:indices:values:loss:epoch:)``.
  @discardableResult
  public mutating func step(
    _ parameters: inout [Scalar], indices: [Int], values: [Scalar], loss: Double? = nil,
    epoch: Double? = nil
  ) -> StepDecision {
    step(
      &parameters, gradient: scattered(indices, values, count: parameterCount), loss: loss,
      epoch: epoch)
  }
}

private func scattered<Scalar: ParameterScalar>(
  _ indices: [Int], _ values: [Scalar], count: Int
) -> [Scalar] {
  require(
    indices.count == values.count,
    "a sparse gradient has \(values.count) values at \(indices.count) indices")
  var gradient = [Scalar](repeating: 0, count: count)
  for (index, value) in zip(indices, values) {
    require(
      gradient.indices.contains(index), "a sparse gradient's index \(index) is not below \(count)")
    gradient[index] += value
  }
  return gradient
}
