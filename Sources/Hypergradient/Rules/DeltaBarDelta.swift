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
/// > Source: R. A. Jacobs, Increased Rates of Convergence Through Learning Rate Adaptation (1988),
/// > eq. 5 and the rule after it (from secondary descriptions). The constants depend on the problem;
/// > ϑ = 0.7 is the paper's usual one, the other defaults are this library's.
public struct DeltaBarDelta<Scalar: ParameterScalar>: UpdateRule, Equatable {
  /// ε_0; greater than 0.
  public let initialRate: Double
  /// κ; at least 0.
  public var increase: Double
  /// φ ∈ [0, 1].
  public var decrease: Double
  /// ϑ ∈ [0, 1).
  public var decay: Double

  /// - Precondition: each is in its range.
  public init(
    initialRate: Double = 0.1, increase: Double = 0.01, decrease: Double = 0.1, decay: Double = 0.7
  ) {
    Domain.above(0).check(initialRate, "initialRate")
    self.initialRate = initialRate
    self.increase = increase
    self.decrease = decrease
    self.decay = decay
    checkHyperparameters()
  }

  public var stateVectorCount: Int { 2 }

  public func initialValue(ofStateVector index: Int) -> Scalar {
    index == 0 ? Scalar.nearest(to: initialRate) : 0
  }

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
}

extension DeltaBarDelta: AdjustableRule {
  public enum Hyperparameter: String, CaseIterable, Sendable, Codable {
    case increase, decrease, decay
  }

  public static func domain(of hyperparameter: Hyperparameter) -> Domain {
    switch hyperparameter {
    case .increase: .atLeast(0)
    case .decrease: .between(0, 1)
    case .decay: .from(0, below: 1)
    }
  }

  public subscript(hyperparameter: Hyperparameter) -> Double {
    get {
      switch hyperparameter {
      case .increase: increase
      case .decrease: decrease
      case .decay: decay
      }
    }
    set {
      switch hyperparameter {
      case .increase: increase = newValue
      case .decrease: decrease = newValue
      case .decay: decay = newValue
      }
    }
  }
}

extension Recipe where Product == RulePair {
  static let deltaBarDelta = Recipe(
    "deltaBarDelta",
    [
      Parameter(
        "initialRate", .number(.above(0)), default: "0.1", unit: "learning rate",
        "first rate of every coordinate"),
      Parameter(
        "increase", .number(.atLeast(0)), default: "0.01", unit: "learning rate",
        "added while the signs agree"),
      Parameter(
        "decrease", .number(.between(0, 1)), default: "0.1", "share taken off when they do not"),
      Parameter(
        "decay", .number(.from(0, below: 1)), default: "0.7", "decay of the gradients' mean"),
    ], summary: "a rate for every coordinate by the signs of gradients (Jacobs 1988); full batches"
  ) { arguments in
    func make<S: ParameterScalar>() -> DeltaBarDelta<S> {
      DeltaBarDelta(
        initialRate: arguments.number("initialRate"), increase: arguments.number("increase"),
        decrease: arguments.number("decrease"), decay: arguments.number("decay"))
    }
    return RulePair(make() as DeltaBarDelta<Float>, make() as DeltaBarDelta<Double>)
  }
}
