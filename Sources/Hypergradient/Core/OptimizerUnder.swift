internal import HypergradientRecipes

extension Optimizer {
  /// The rule as it is now, with a copy of its state, under another controller; this optimizer stays
  /// as it is.
  ///
  /// The direction, the trace and the best parameters are not taken over: they belong to the
  /// controller that asked for them.
  ///
  /// ```swift
  /// let trained = Optimizer(Adam<Float>(), ConstantRate(1e-3), parameterCount: 2)
  /// var other = trained.under(ConstantRate(1e-4))
  /// ```
  ///
  /// - Complexity: O(`parameterCount`).
  public func under<Other: LearningRateController>(_ controller: Other) -> Optimizer<Rule, Other> {
    let wanted = Optimizer<Rule, Other>.Wanted(controller)
    return Optimizer<Rule, Other>(
      host.copied(keepsDirection: wanted.direction, ownVectors: wanted.ownVectors), controller,
      objective, wanted)
  }
}

extension RuleState {
  /// The rule with its state in memory of its own, for an owner that keeps other vectors.
  func copied(keepsDirection: Bool, ownVectors: Int) -> RuleState {
    var copy = RuleState(rule, count: count, keepsDirection: keepsDirection, ownVectors: ownVectors)
    copy.steps = steps
    copy.threads = threads
    for index in 0..<layout.scalarCount { copy.memory.scalars()[index] = memory.scalars()[index] }
    for index in 0..<layout.stateVectorCount {
      _ = copy.stateVector(index).update(fromContentsOf: stateVector(index))
    }
    return copy
  }
}
