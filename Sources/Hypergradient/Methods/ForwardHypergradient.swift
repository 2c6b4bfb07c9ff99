/// The rate by forward-mode hypergradients: RTHO, MARTHE, and hypergradient descent between them.
///
///     u_t from the rule and g_t = ∇f(θ_t)       θ_{t+1} = θ_t − η_t u_t
///     Z_{t+1} = μ_t (Z_t − η_t u̇_t) − u_t       for gradient descent μ_t (I − η_t H_t) Z_t − g_t
///     h_t = ⟨∇E(θ_{t+1}), Z_{t+1}⟩
///     η_{t+1} = Π[η_t − β_t h_t]                 β_{t+1} = max(0, β_t + α h_t η_{t+1})
///
/// Z estimates dθ/dη, by the rule's tangent (``DifferentiableRule``), and Π projects on `bounds`. μ = 0
/// is hypergradient descent on ∇E, μ = 1 RTHO, an automatic μ MARTHE (``HypergradientDiscount``). With μ = 0, E = f and one draw, η_{t+1} here is the
/// rate that ``HypergradientDescent`` finds at its step t + 1 from ⟨u_t, g_{t+1}⟩ and uses there: the
/// same rates and parameters, but that this method knows η_{t+1} one step sooner.
///
/// E is the oracle's loss of draw 1, where the training steps have draw 0: an independent sample of
/// the same step, not a held-out set, unless the oracle answers draw 1 from one. With `clip`, the
/// elements of g, of H·Z and of ∇E are brought within ±clip, before anything else.
///
/// Two gradients a step, and a Hessian-vector product where μ > 0 and Z is not 0. A gradient g that
/// is not finite is discarded with its step; a ∇E or an h that is not finite leaves rate, β and μ as
/// they are (``heldSteps`` counts both); a Z that is not finite begins again at 0
/// (``tangentRestarts``).
///
/// > Source: L. Franceschi, M. Donini, P. Frasconi and M. Pontil, Forward and Reverse Gradient-Based
/// > Hyperparameter Optimization (2017), section 3.3, RTHO; M. Donini, L. Franceschi, O. Majumder,
/// > M. Pontil and P. Frasconi, MARTHE: Scheduling the Learning Rate Via Online Hypergradients
/// > (2020). The rules of μ, of β, of the clipping and the defaults are those of the authors'
/// > published code; the paper's text of them was not compared. Deviations from that code: the
/// > recursion uses the current rate, not the initial one; the rate is never negative; Adam's tangent
/// > is its derivative; the first step of Adam and of momentum counts.
public struct ForwardHypergradient<Rule: DifferentiableRule>: TrainingMethod {
  public typealias Scalar = Rule.Scalar

  /// α ≥ 0.
  public let hyperHyperLearningRate: Double
  public let bounds: ClosedRange<Double>
  public let clip: Double?
  /// η_t, the rate that the last step applied.
  public private(set) var learningRate: Double
  /// η_{t+1}.
  public private(set) var nextLearningRate: Double
  /// β.
  public private(set) var hyperLearningRate: Double
  /// μ.
  public var discount: Double { discounting.value }
  /// h of the last step that had one.
  public private(set) var hypergradient = 0.0
  /// Steps whose gradient, validation gradient or product was not finite.
  public private(set) var heldSteps = 0
  /// How often Z was not finite.
  public private(set) var tangentRestarts = 0
  /// Z.
  public var tangent: [Scalar] { rateTangent.value }

  private var discounting: DiscountState
  private var direction: DirectionMaker<Rule>
  private var rateTangent = RateTangent<Scalar>()
  private var gradient: [Scalar] = []
  private var validation: [Scalar] = []

  /// - Precondition: `initial` is within `bounds`, which are finite and not negative; a fixed μ is in
  ///   [0, 1]; the others are in their ranges.
  public init(
    _ rule: Rule, initial: Double, hyperLearningRate: Double,
    discount: HypergradientDiscount = .fixed(1),
    hyperHyperLearningRate: Double = 0, within bounds: ClosedRange<Double> = 0...1e6,
    clip: Double? = nil
  ) {
    precondition(
      bounds.lowerBound >= 0 && bounds.upperBound.isFinite,
      "the bounds \(bounds) are not finite or negative")
    precondition(bounds.contains(initial), "initial is \(initial), outside \(bounds)")
    precondition(
      hyperLearningRate >= 0 && hyperLearningRate.isFinite,
      "hyperLearningRate is \(hyperLearningRate), not at least 0")
    precondition(
      hyperHyperLearningRate >= 0 && hyperHyperLearningRate.isFinite,
      "hyperHyperLearningRate is \(hyperHyperLearningRate), not at least 0")
    precondition(clip.map { $0 > 0 && $0.isFinite } ?? true, "clip is not greater than 0")
    discounting = DiscountState(discount)
    self.hyperLearningRate = hyperLearningRate
    self.hyperHyperLearningRate = hyperHyperLearningRate
    self.bounds = bounds
    self.clip = clip
    learningRate = initial
    nextLearningRate = initial
    direction = DirectionMaker(rule)
  }

  /// The rule's state and its tangents, and Z.
  public var memoryVectors: Int { 2 * direction.memoryVectors + 1 }

  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    direction.begin(parameterCount: parameters.count)
    rateTangent.begin(count: parameters.count, stateVectors: direction.memoryVectors)
    gradient = [Scalar](repeating: 0, count: parameters.count)
    validation = gradient
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    let x = parameters.baseAddress!
    let (loss, g) = oracle.evaluate(at: UnsafePointer(x), draw: 0)
    guard VectorLoops.dot(g, g, count: parameters.count).isFinite else {
      heldSteps += 1
      return
    }
    VectorLoops.copy(g, clippedTo: clip, into: &gradient)
    if discount > 0 {
      rateTangent.differentiateGradient(at: UnsafePointer(x), clip: clip, &oracle)
    }
    let kept = gradient
    kept.withUnsafeBufferPointer { _ = direction.make(x, $0.baseAddress!, loss: loss) }
    let rate = nextLearningRate
    if !rateTangent.advance(direction, gradient: gradient, rate: rate, discount: discount) {
      tangentRestarts += 1
    }
    direction.apply(x, rate: rate)
    learningRate = rate
    learn(UnsafePointer(x), &oracle)
  }

  /// η_{t+1}, β_{t+1} and μ_{t+1} from the gradient of E at θ_{t+1}.
  private mutating func learn<O: Oracle<Scalar>>(_ x: UnsafePointer<Scalar>, _ oracle: inout O) {
    let (_, above) = oracle.evaluate(at: x, draw: 1)
    VectorLoops.copy(above, clippedTo: clip, into: &validation)
    let h = VectorLoops.dot(validation, rateTangent.value)
    guard h.isFinite, VectorLoops.isFinite(validation) else {
      heldSteps += 1
      return
    }
    hypergradient = h
    let next = learningRate - hyperLearningRate * h
    nextLearningRate = min(max(next, bounds.lowerBound), bounds.upperBound)
    let hyper = hyperLearningRate + hyperHyperLearningRate * h * nextLearningRate
    if hyper.isFinite { hyperLearningRate = max(hyper, 0) }
    discounting.learn(
      rate: nextLearningRate, alignment: VectorLoops.dot(validation, gradient))
  }
}
