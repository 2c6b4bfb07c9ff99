public import HypergradientRecipes
internal import Kernels

/// Delta-bar-delta: a rate for every coordinate, which grows by addition while the gradient agrees
/// with its past, and shrinks by a factor when it turns against it.
///
///     ε_t = ε_{t−1} + κ          if δ̄_{t−1} g_t > 0
///     ε_t = (1 − φ) ε_{t−1}      if δ̄_{t−1} g_t < 0
///     u_t = ε_t g_t
///     δ̄_t = (1 − ϑ) g_t + ϑ δ̄_{t−1}
///
/// The classic is the learning rate 1; a controller's rate multiplies all. Made for full batches: the
/// noise of small ones turns signs. Nothing bounds ε.
///
/// A gradient that is not finite stays in δ̄ for good; ``UpdateRule/guarded()`` skips its step.
///
/// > Source: R. A. Jacobs, Increased Rates of Convergence Through Learning Rate Adaptation (1988),
/// > eq. 5 and the rule after it (from secondary descriptions). The constants depend on the problem;
/// > ϑ = 0.7 is the paper's usual one, the other defaults are this library's.
public struct DeltaBarDelta<Scalar: ParameterScalar>: UpdateRule, Equatable {
  /// ε_0.
  public let initialRate: Double
  /// κ, φ and ϑ.
  public var increase, decrease, decay: Double

  public init(
    initialRate: Double = 0.1, increase: Double = 0.01, decrease: Double = 0.1, decay: Double = 0.7
  ) {
    (self.initialRate, self.increase) = (initialRate, increase)
    (self.decrease, self.decay) = (decrease, decay)
    checkDeclared()
  }

  /// ε and δ̄.
  public var requirements: RuleRequirements { RuleRequirements(stateVectors: [initialRate, 0]) }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let (kappa, shrunk) = (Scalar.nearest(to: increase), Scalar.nearest(to: 1 - decrease))
    let (theta, rest) = (Scalar.nearest(to: decay), Scalar.nearest(to: 1 - decay))
    let (rate, bar) = (strip.state(0), strip.state(1))
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      let agreement = sign(bar[i]) * sign(g)
      rate[i] = agreement > 0 ? rate[i] + kappa : agreement < 0 ? shrunk * rate[i] : rate[i]
      bar[i] = rest * g + theta * bar[i]
      strip.direction[i] = rate[i] * g
    }
  }

  public func kernel(_ step: RuleStep) -> RuleKernel? {
    RuleKernel(.deltaBarDelta, increase, 1 - decrease, decay, 1 - decay)
  }
}

extension DeltaBarDelta: AdjustableRule, Declared {
  public static var recipe: Recipe<DeltaBarDelta> {
    Recipe(
      "deltaBarDelta", DeltaBarDelta.init(initialRate:increase:decrease:decay:),
      .coordinateRate(\.initialRate, default: 0.1),
      .number(
        "increase", \.increase, in: .atLeast(0), default: 0.01, unit: "learning rate",
        "added while the signs agree"),
      .number(
        "decrease", \.decrease, in: .between(0, 1), default: 0.1,
        "share taken off when they do not"),
      .decay(\.decay, default: 0.7, "decay of the gradients' mean"),
      summary: "a rate for every coordinate by the signs of gradients (Jacobs 1988); full batches",
      // Long steps, so that signs turn within a few.
      examples: ["deltaBarDelta(initialRate: 4, increase: 0.5, decrease: 0.4, decay: 0.5)"],
      compared: ["deltaBarDelta(initialRate: rate, increase: rate/10) + constant(1)"],
      standard: { DeltaBarDelta() })
  }
}
