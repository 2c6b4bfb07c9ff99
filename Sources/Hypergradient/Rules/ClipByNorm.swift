public import HypergradientRecipes
public import Kernels

/// Clipping by global norm, before another rule: u = g · min(1, c / ‖∇f‖).
///
/// `ClipByNorm(1).then(Adam())` is PyTorch's `clip_grad_norm_` before the step, but for the 10⁻⁶ that
/// PyTorch adds to the norm. It changes u only:
/// the gradient in the alignment stays the unclipped one. The norm is that of ∇f, without the
/// penalty, and is not shared with a rule before it: put it first. A penalty's part of the gradient
/// shrinks with the rest; PyTorch's `weight_decay`, which does not, is a `WeightDecay` after it. Where
/// the norm is not finite, u is not finite either.
///
/// > Source: R. Pascanu, T. Mikolov and Y. Bengio, On the difficulty of training recurrent neural
/// > networks (2013), Algorithm 1.
public struct ClipByNorm<Scalar: ParameterScalar>: UpdateRule, Equatable {
  /// c.
  public var maximum: Double

  public init(_ maximum: Double) {
    self.maximum = maximum
    checkDeclared()
  }

  public var requirements: RuleRequirements { RuleRequirements(facts: .gradientNorm) }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let factor = step.gradientNorm <= maximum ? 1 : Scalar(maximum / step.gradientNorm)
    for i in 0..<strip.count { strip.direction[i] = strip.gradient[i] * factor }
  }

  @inlinable public func kernel(_ step: RuleStep) -> RuleKernel? {
    RuleKernel(.scaled, step.gradientNorm <= maximum ? 1 : maximum / step.gradientNorm)
  }
}

extension ClipByNorm: AdjustableRule, Declared {
  public static var recipe: Recipe<ClipByNorm> {
    Recipe(
      "clipByNorm", ClipByNorm.init(_:),
      .number("_", \.maximum, in: .above(0), unit: "gradient", "the largest norm"),
      summary: "the gradient clipped to a norm; before a rule: clipByNorm(1).then(adam)",
      examples: ["clipByNorm(0.5)"], compared: ["clipByNorm(1)"], standard: { ClipByNorm(0.5) })
  }

  public static var hyperparameters: [Hyperparameter<ClipByNorm>] {
    hyperparameters(naming: "maximum")
  }
}
