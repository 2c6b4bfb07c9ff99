package import Hypergradient

extension Training {
  /// The method, or the optimizer of a rule times a controller as one.
  package func method(parameterCount: Int) -> MethodPair {
    switch self {
    case .method(let pair): return pair
    case .pair(let rule, let controller):
      func make<R: UpdateRule, C: LearningRateController>(
        _ rule: R, _ controller: C
      ) -> any TrainingMethod<R.Scalar> {
        Optimizer(rule, controller, parameterCount: parameterCount)
      }
      func open<Scalar>(_ rule: any UpdateRule<Scalar>) -> any TrainingMethod<Scalar> {
        make(rule, controller)
      }
      return MethodPair(open(rule.float), open(rule.double))
    }
  }
}
