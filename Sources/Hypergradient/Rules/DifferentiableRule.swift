public import HypergradientRecipes

/// A rule whose direction has a derivative by its hyperparameters, so that they can be learned; see
/// ``HyperparameterTower``.
///
///     ∂u_t/∂h      through step t alone: g_t, θ and the state of step t − 1 are constants
///
/// > Source: K. Chandra, A. Xie, J. Ragan-Kelley and E. Meijer, Gradient Descent: The Ultimate
/// > Optimizer (NeurIPS 2022), where it is found by automatic differentiation; here it is by hand.
public protocol DifferentiableRule<Scalar>: AdjustableRule {
  /// What is learned where nothing is said: decay rates, in the order of the initialiser.
  static var learnable: [WritableKeyPath<Self, Double>] { get }

  /// The state vectors that stand under a root, which has no derivative at 0: each may begin at a
  /// small positive number instead.
  static var squares: [Int] { get }

  /// Writes ∂u_t/∂h of one strip into its direction.
  ///
  /// Called before ``UpdateRule/begin(_:)`` and ``UpdateRule/direction(_:_:)``: the state and the
  /// scalars are those that step t − 1 left, and are not changed. Where a root is 0, so is its
  /// derivative.
  func derivative(
    by hyperparameter: Hyperparameter<Self>, _ strip: Strip<Scalar>, _ step: RuleStep)
}

extension DifferentiableRule {
  public static var squares: [Int] { [] }

  /// Stops the program: there is no derivative by this hyperparameter.
  func noDerivative(by hyperparameter: Hyperparameter<Self>) -> Never {
    stop("\(Self.self) has no derivative by '\(hyperparameter.label)'")
  }
}

extension GradientDescent: DifferentiableRule {
  public static var learnable: [WritableKeyPath<Self, Double>] { [] }

  public func derivative(
    by hyperparameter: Hyperparameter<Self>, _ strip: Strip<Scalar>, _ step: RuleStep
  ) { noDerivative(by: hyperparameter) }
}

extension HeavyBall: DifferentiableRule {
  public static var learnable: [WritableKeyPath<Self, Double>] { [\.momentum] }

  /// ∂u/∂μ = v_{t−1}; ∂u/∂d = −g_t, and 0 at the first step.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func derivative(
    by hyperparameter: Hyperparameter<Self>, _ strip: Strip<Scalar>, _ step: RuleStep
  ) {
    let v = strip.state(0)
    switch hyperparameter.path {
    case \Self.momentum:
      for i in 0..<strip.count { strip.direction[i] = v[i] }
    case \Self.dampening:
      for i in 0..<strip.count {
        strip.direction[i] = step.index == 0 ? 0 : -strip.gradient[i]
      }
    default: noDerivative(by: hyperparameter)
    }
  }
}

extension Nesterov: DifferentiableRule {
  public static var learnable: [WritableKeyPath<Self, Double>] { [\.momentum] }

  /// u = g + μ (μ v_{t−1} + g), so that ∂u/∂μ = 2 μ v_{t−1} + g.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func derivative(
    by hyperparameter: Hyperparameter<Self>, _ strip: Strip<Scalar>, _ step: RuleStep
  ) {
    let twoMu = Scalar.nearest(to: 2 * momentum)
    let v = strip.state(0)
    for i in 0..<strip.count { strip.direction[i] = twoMu * v[i] + strip.gradient[i] }
  }
}

extension AdaGrad: DifferentiableRule {
  public static var learnable: [WritableKeyPath<Self, Double>] { [] }
  public static var squares: [Int] { [0] }

  /// ∂u/∂ε = −g / (√G + ε)². G₀ has none: G_{t−1} is a constant.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func derivative(
    by hyperparameter: Hyperparameter<Self>, _ strip: Strip<Scalar>, _ step: RuleStep
  ) {
    let epsilon = Scalar.nearest(to: epsilon)
    let sum = strip.state(0)
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      let root = (sum[i] + g * g).squareRoot()
      let below = root + epsilon
      strip.direction[i] = root > 0 ? -(g / below) / below : 0
    }
  }
}

extension RMSProp: DifferentiableRule {
  public static var learnable: [WritableKeyPath<Self, Double>] { [\.decay] }
  public static var squares: [Int] { [0] }

  /// With s = √v_t: ∂u/∂ρ = −g (v_{t−1} − g²) / (2 s (s + ε)²), ∂u/∂ε = −g / (s + ε)².
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func derivative(
    by hyperparameter: Hyperparameter<Self>, _ strip: Strip<Scalar>, _ step: RuleStep
  ) {
    let (rho, rest) = (Scalar.nearest(to: decay), Scalar.nearest(to: 1 - decay))
    let epsilon = Scalar.nearest(to: epsilon)
    let isByDecay = hyperparameter.path == \Self.decay
    let v = strip.state(0)
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      let s = (rho * v[i] + rest * (g * g)).squareRoot()
      let byEpsilon = -(g / (s + epsilon)) / (s + epsilon)
      let slope = isByDecay ? byEpsilon * ((v[i] - g * g) / (2 * s)) : byEpsilon
      strip.direction[i] = s > 0 ? slope : 0
    }
  }
}
