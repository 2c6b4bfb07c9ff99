internal import Hypergradient
internal import HypergradientCatalogue
internal import HypergradientRecipes
internal import Testing

/// ∂u/∂h, written by hand for each rule, against central differences of the rule's own direction:
/// the step is taken twice from the same state, with h a little larger and a little smaller.
@Suite struct DirectionDerivativeTests {
  private static let count = 5

  /// A rule's state between steps.
  private struct State {
    var vectors: [Double]
    var scalars: [Double]
  }

  private static let gradients: [[Double]] = [
    [1, -0.5, 0.25, 2, 1e-3], [0.5, 0.25, -0.75, 1.5, -2e-3], [-0.25, 1, 0.5, -1, 5e-4],
    [0.75, -1.5, 1.25, 0.5, 1e-3], [0.125, 0.5, -0.5, 0.25, -1e-3], [-2, 0.5, 1, 0.5, 3e-3],
  ]

  private func start<R: DifferentiableRule>(_ rule: R) -> State where R.Scalar == Double {
    State(
      vectors: rule.requirements.stateVectors.flatMap {
        [Double](repeating: $0, count: Self.count)
      }, scalars: rule.requirements.scalars)
  }

  /// Calls the rule on one strip that is the whole vector.
  private func call<R: DifferentiableRule>(
    _ rule: R, _ state: inout State, step index: Int,
    _ body: (R, Strip<Double>, RuleStep) -> Void
  ) -> [Double] where R.Scalar == Double {
    var u = [Double](repeating: 0, count: Self.count)
    let theta = [Double](repeating: 1, count: Self.count)
    // One element more, so that there is a base address.
    state.vectors.append(0)
    defer { state.vectors.removeLast() }
    Self.gradients[index].withUnsafeBufferPointer { g in
      theta.withUnsafeBufferPointer { theta in
        u.withUnsafeMutableBufferPointer { u in
          state.vectors.withUnsafeMutableBufferPointer { vectors in
            state.scalars.withUnsafeMutableBufferPointer { scalars in
              body(
                rule,
                Strip(
                  count: Self.count, gradient: g.baseAddress!, parameters: theta.baseAddress!,
                  direction: u.baseAddress!, state: vectors.baseAddress!, stride: Self.count,
                  stateVectors: rule.requirements.stateVectors.count),
                RuleStep(index: index, gradientNorm: .nan, scalars: RuleScalars(scalars)))
            }
          }
        }
      }
    }
    return u
  }

  private func direction<R: DifferentiableRule>(
    _ rule: R, _ state: inout State, step index: Int
  ) -> [Double] where R.Scalar == Double {
    call(rule, &state, step: index) { rule, strip, step in
      rule.begin(step)
      rule.direction(strip, step)
    }
  }

  /// Richardson's extrapolation of two central differences: O(h⁴).
  private func slope<R: DifferentiableRule>(
    _ rule: R, _ path: WritableKeyPath<R, Double>, _ state: State, step index: Int, _ h: Double
  ) -> [Double] where R.Scalar == Double {
    func central(_ h: Double) -> [Double] {
      func end(_ value: Double) -> [Double] {
        var (moved, copy) = (rule, state)
        moved[keyPath: path] = value
        return direction(moved, &copy, step: index)
      }
      let value = rule[keyPath: path]
      return zip(end(value + h), end(value - h)).map { ($0 - $1) / (2 * h) }
    }
    return zip(central(h), central(h / 2)).map { (4 * $1 - $0) / 3 }
  }

  /// Those of the rules that differentiate themselves: of some with other arguments than their recipes'
  /// examples, and of every other.
  static let texts =
    chosen
    + LawFixtures.rules.filter { text in
      let name = text.prefix { $0 != "(" && $0 != "." }
      let rule = try? LawFixtures.rule(text).rule
      return rule is any DifferentiableRule<Double>
        && !chosen.contains { $0.prefix { $0 != "(" } == name }
    }

  private static let chosen = [
    "sgd", "heavyBall(momentum: 0.8, dampening: 0.25)", "nesterov(momentum: 0.7)",
    "adagrad(epsilon: 0.01)", "adagrad(initialAccumulator: 0.1, epsilon: 0.01)",
    "rmsprop(decay: 0.9, epsilon: 0.01)", "adam(beta1: 0.8, beta2: 0.9, epsilon: 0.01)",
    "adam(epsilon: 1e-3)",
    "adam(beta1: 0.7, beta2: 0.95, epsilon: 0.01, epsilonPlace: .onUncorrectedRoot)",
  ]

  @Test(arguments: texts) func derivativesAreThoseOfTheDirection(_ text: String) throws {
    func check<R: DifferentiableRule>(_ rule: R) where R.Scalar == Double {
      var state = start(rule)
      for index in Self.gradients.indices {
        for hyperparameter in R.hyperparameters {
          let name = hyperparameter.label
          var unchanged = state
          let derivative = call(rule, &unchanged, step: index) { rule, strip, step in
            rule.derivative(by: hyperparameter, strip, step)
          }
          #expect(unchanged.vectors == state.vectors && unchanged.scalars == state.scalars)
          // ε and 1 − β₂ are small: steps in proportion.
          let value = rule[keyPath: hyperparameter.path]
          let size = min(value, abs(1 - value))
          let expected = slope(rule, hyperparameter.path, state, step: index, 2e-3 * size)
          let largest = expected.map(abs).max()!
          for (a, b) in zip(derivative, expected) {
            #expect(
              abs(a - b) <= 1e-8 * max(abs(b), 1e-3 * largest, 1e-6),
              "\(text), \(name), step \(index): \(a), \(b)")
          }
        }
        _ = direction(rule, &state, step: index)
      }
      for hyperparameter in R.hyperparameters {
        let last = call(rule, &state, step: Self.gradients.count - 1) { rule, strip, step in
          rule.derivative(by: hyperparameter, strip, step)
        }
        #expect(
          last.contains { abs($0) > 1e-6 },
          "\(text), \(hyperparameter.label): the check would hold for 0")
      }
    }
    guard let rule = try LawFixtures.rule(text).rule as? any DifferentiableRule<Double> else {
      Issue.record("\(text) has no derivatives")
      return
    }
    check(rule)
  }

  /// What is learned where nothing is said is found among the hyperparameters by its key path.
  @Test(arguments: texts) func whatIsLearnedIsAHyperparameter(_ text: String) throws {
    func check<R: DifferentiableRule>(_ rule: R) {
      let paths = R.hyperparameters.map(\.path)
      #expect(Set(paths).count == paths.count)
      for path in R.learnable { #expect(paths.contains(path), "\(text), \(path)") }
    }
    let rule = try #require(
      try LawFixtures.rule(text).rule as? any DifferentiableRule<Double>)
    check(rule)
  }

  /// Where g and the state are 0, u is 0 whatever the hyperparameters, and so is its derivative.
  @Test(arguments: texts) func derivativesAtZeroAreZero(_ text: String) throws {
    func check<R: DifferentiableRule>(_ rule: R) where R.Scalar == Double {
      let zeros = [Double](repeating: 0, count: 2)
      var rule = rule
      for epsilon in R.hyperparameters where epsilon.label == "epsilon" {
        rule[keyPath: epsilon.path] = 0
      }
      for hyperparameter in R.hyperparameters {
        var (u, state, scalars) = ([Double](repeating: .nan, count: 2), zeros + zeros, [1.0, 1])
        zeros.withUnsafeBufferPointer { g in
          u.withUnsafeMutableBufferPointer { u in
            state.withUnsafeMutableBufferPointer { state in
              scalars.withUnsafeMutableBufferPointer { scalars in
                rule.derivative(
                  by: hyperparameter,
                  Strip(
                    count: 2, gradient: g.baseAddress!, parameters: g.baseAddress!,
                    direction: u.baseAddress!, state: state.baseAddress!, stride: 2,
                    stateVectors: 2),
                  RuleStep(index: 0, gradientNorm: .nan, scalars: RuleScalars(scalars)))
              }
            }
          }
        }
        #expect(u == zeros, "\(text), \(hyperparameter.label)")
      }
    }
    guard let rule = try LawFixtures.rule(text).rule as? any DifferentiableRule<Double> else {
      return
    }
    check(rule)
  }
}
