internal import Hypergradient

/// One of the paper's optimizers, with the settings of its MNIST logistic regression.
public struct Method: Sendable {
  public let name: String
  let rule: any UpdateRule<Float>
  let controller: any LearningRateController

  /// Whether its learning rate moves.
  var isAdaptive: Bool { !(controller is ConstantRate) }

  /// α₀.
  private static let initial = 1e-3
  /// The loss with the penalty (λ/2)‖θ‖².
  static let objective = Objective.penalized(by: 1e-4)

  /// The six methods of the paper, then its multiplicative rule (eq. 8) over two of them.
  public static let all = [
    Method("SGD", GradientDescent(), ConstantRate(initial)),
    Method("SGDN", Nesterov(momentum: 0.9), ConstantRate(initial)),
    Method("Adam", Adam(), ConstantRate(initial)),
    Method("SGD-HD", GradientDescent(), hypergradient(1e-3)),
    Method("SGDN-HD", Nesterov(momentum: 0.9), hypergradient(1e-3)),
    Method("Adam-HD", Adam(epsilonPlace: .onUncorrectedRoot), hypergradient(1e-7)),
    Method("SGD-HD multiplicative", GradientDescent(), hypergradient(0.05, .multiplicative)),
    Method("Adam-HD multiplicative", Adam(), hypergradient(0.05, .multiplicative)),
  ]

  private init(
    _ name: String, _ rule: some UpdateRule<Float>, _ controller: any LearningRateController
  ) {
    self.name = name
    self.rule = rule
    self.controller = controller
  }

  /// α without bounds, as in the paper.
  private static func hypergradient(
    _ beta: Double, _ form: HypergradientForm = .additive
  ) -> some LearningRateController {
    HypergradientDescent(
      initial: initial, hyperLearningRate: beta, form: form,
      within: HypergradientDescent<GradientDescent<Double>, ConstantRate>.unbounded)
  }
}
