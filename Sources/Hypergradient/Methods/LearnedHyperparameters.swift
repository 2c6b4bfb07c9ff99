/// A rule whose learning rate and hyperparameters are trained by gradient descent, by an optimizer
/// whose own may be trained in turn: towers of any height.
///
///     h ∈ {α, β₁, β₂, μ, …}                          x the number that stands for h, h = h(x)
///     ∂f/∂α = −⟨g_t, u_{t−1}⟩                        through the last step alone: g, m and v of the
///     ∂f/∂h = −α_{t−1} ⟨g_t, ∂u_{t−1}/∂h⟩            step before it are constants
///     x_t = above(x_{t−1}, ∂f/∂h · dh/dx)            first the level above, which first calls its own
///     θ_t = θ_{t−1} − α_t u_t                        with the new hyperparameters
///
/// All hyperparameters of a level are trained together, by one optimizer: a level of this kind, a
/// plain ``Optimizer``, or nothing (``FixedHyperparameters``, the top). At the first step the
/// hypergradients are 0. With α alone, trained by gradient descent at a fixed rate, it is
/// ``HypergradientDescent`` over the same rule, bit for bit.
///
/// - Decay rates (betas, momentum, dampening) are trained as x with h = (tanh x + 1)/2, or as they
///   are (`decayForm`), and stay in [2⁻²⁰, 1 − 2⁻²⁰]; ε as its logarithm to base 10, in [1e-30, 1e30].
///   α is trained as it is, or as its root (`rateForm: .square`, the published code's for RMSProp,
///   where α = 0 is never left again), and stays within `bounds`.
/// - Vectors that stand under a root (v, AdaGrad's G) begin at `initialSquare`, since a root has no
///   derivative at 0; with 0 the derivative there is taken to be 0, which holds where g = 0.
/// - A hypergradient that is not finite, or an update that is not, leaves all hyperparameters of the
///   level as they were, and is counted in ``heldSteps``. A gradient that is not finite is discarded.
/// - Memory: the rule's vectors, u, and one vector more for each learned hyperparameter but α. The
///   levels above keep a few numbers.
///
/// > Source: K. Chandra, A. Xie, J. Ragan-Kelley and E. Meijer, Gradient Descent: The Ultimate
/// > Optimizer (NeurIPS 2022), and its published code. Deviations: α is not negative unless `bounds`
/// > allow it; decay rates have the margin above; AdaGrad's and RMSProp's ε stands outside the root, and
/// > Adam's corrections are those of ``Adam``, see there for their derivative.
public struct LearnedHyperparameters<Rule: DifferentiableRule, Above: HyperparameterOptimizer>:
  Sendable, Codable
{
  public typealias Scalar = Rule.Scalar

  /// The rule, with its present hyperparameters.
  public private(set) var rule: Rule
  /// What is learned beside α.
  public let learning: [Rule.Hyperparameter]
  public let rateForm: HyperparameterForm
  /// α stays within.
  public let bounds: ClosedRange<Double>
  public let initialSquare: Double
  /// The optimizer of α and the others.
  public private(set) var above: Above
  /// α_t.
  public private(set) var learningRate: Double
  /// ∂f/∂x of the last step: α's, then those of ``learning`` in order.
  public private(set) var hypergradients: [Double]
  /// Steps at which a hypergradient or an update was not finite.
  public private(set) var heldSteps = 0

  private let forms: [HyperparameterForm]
  private let limits: [ClosedRange<Double>]
  /// x, α's first.
  private var values: [Double]
  /// What the level above moves before it is taken over.
  private var trial: [Double]
  private var count = 0
  private var stepCount = 0
  private var scalars: [Double]
  private var state: [Scalar] = []
  /// u, then ∂u/∂h in the order of ``learning``.
  private var kept: [Scalar] = []

  /// - Parameters:
  ///   - initial: α₀, within `bounds`; greater than 0 where `rateForm` is `.square`.
  ///   - learning: the hyperparameters that are learned beside α; the rule's decay rates by default.
  ///   - rateForm: `.plain` or `.square`.
  ///   - decayForm: `.tanh` or `.plain`.
  ///   - initialSquare: the first value of vectors under a root, where the rule's own is smaller.
  /// - Precondition: the rule has no penalty and asks for no sum over the gradient; what is learned
  ///   begins within its limits.
  public init(
    _ rule: Rule, initial: Double, learning: [Rule.Hyperparameter] = Rule.learnable,
    rateForm: HyperparameterForm = .plain, decayForm: HyperparameterForm = .tanh,
    within bounds: ClosedRange<Double> = 0...Double.greatestFiniteMagnitude,
    initialSquare: Double = 1e-8, by above: Above
  ) {
    precondition(rule.penalty == 0, "a penalty belongs to the objective that the oracle evaluates")
    precondition(rule.needs.isEmpty, "a rule in a tower can't ask for sums over the gradient")
    precondition(rateForm == .plain || rateForm == .square, "rateForm is \(rateForm)")
    precondition(decayForm == .plain || decayForm == .tanh, "decayForm is \(decayForm)")
    precondition(
      bounds.lowerBound.isFinite && bounds.upperBound.isFinite, "the bounds \(bounds) are infinite")
    precondition(bounds.contains(initial), "initial is \(initial), outside \(bounds)")
    precondition(
      rateForm == .plain || (bounds.lowerBound >= 0 && initial > 0),
      "a rate that is a square begins above 0, within bounds of at least 0")
    precondition(
      initialSquare >= 0 && initialSquare.isFinite,
      "initialSquare is \(initialSquare), not at least 0")
    self.rule = rule
    self.learning = learning
    self.rateForm = rateForm
    self.bounds = bounds
    self.initialSquare = initialSquare
    self.above = above
    learningRate = initial
    scalars = rule.initialScalars
    forms =
      [rateForm]
      + learning.map {
        let form = Rule.domain(of: $0).learnableForm
        return form == .tanh ? decayForm : form
      }
    limits = [bounds] + learning.map { Rule.domain(of: $0).learnableBounds }
    values = []
    trial = []
    hypergradients = [Double](repeating: 0, count: forms.count)
    for (j, h) in ([initial] + learning.map { rule[$0] }).enumerated() {
      precondition(
        limits[j].contains(h), "a learned hyperparameter is \(h), outside \(limits[j])")
      values.append(forms[j].parameter(h))
    }
    trial = values
  }

  /// Vectors kept between steps, each as long as the parameters.
  public var memoryVectors: Int {
    rule.stateVectorCount + (above.learns ? 1 + learning.count : 0)
  }

  mutating func prepare(count: Int) {
    self.count = count
    kept = [Scalar](repeating: 0, count: (1 + learning.count) * count)
    state = []
    for index in 0..<rule.stateVectorCount {
      let own = rule.initialValue(ofStateVector: index)
      let first = Rule.squares.contains(index) ? max(own, Scalar.nearest(to: initialSquare)) : own
      state.append(contentsOf: repeatElement(first, count: count))
    }
    above.begin(count: forms.count)
  }

  /// One step: first the hyperparameters, then θ.
  mutating func advance(_ theta: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>) {
    if above.learns { learn(g) }
    move(theta, g)
  }

  private mutating func learn(_ g: UnsafePointer<Scalar>) {
    if stepCount > 0 {
      kept.withUnsafeBufferPointer { kept in
        for j in forms.indices {
          let product = VectorLoops.dot(kept.baseAddress! + j * count, g, count: count)
          let byValue = j == 0 ? -product : -learningRate * product
          hypergradients[j] = byValue * forms[j].slope(values[j])
        }
      }
    }
    guard hypergradients.allSatisfy(\.isFinite) else {
      heldSteps += 1
      return
    }
    var next: [Double] = []
    swap(&next, &trial)
    for j in next.indices { next[j] = values[j] }
    next.withUnsafeMutableBufferPointer { next in
      hypergradients.withUnsafeBufferPointer { above.step(next, gradient: $0) }
    }
    if next.allSatisfy(\.isFinite) {
      for j in next.indices { take(next[j], j) }
    } else {
      heldSteps += 1
    }
    swap(&next, &trial)
  }

  /// The value of a hyperparameter from the number that stands for it; both are projected.
  private mutating func take(_ x: Double, _ j: Int) {
    let h = forms[j].value(x)
    let inside = min(max(h, limits[j].lowerBound), limits[j].upperBound)
    values[j] = inside == h ? x : forms[j].parameter(inside)
    if j == 0 { learningRate = inside } else { rule[learning[j - 1]] = inside }
  }

  private mutating func move(_ theta: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>) {
    let (rule, learning, rate, count) = (rule, learning, learningRate, count)
    let learns = above.learns
    scalars.withUnsafeMutableBufferPointer { scalars in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: 1) { none in
        let step = RuleStep(
          index: stepCount, gradientNorm: .nan, scalars: scalars.baseAddress ?? none.baseAddress!)
        state.withUnsafeMutableBufferPointer { state in
          kept.withUnsafeMutableBufferPointer { kept in
            let u = kept.baseAddress!
            func strip(_ direction: UnsafeMutablePointer<Scalar>) -> Strip<Scalar> {
              Strip(
                count: count, gradient: g, parameters: UnsafePointer(theta), direction: direction,
                state: state.baseAddress ?? u, stride: count)
            }
            if learns {
              for (j, h) in learning.enumerated() {
                rule.derivative(by: h, strip(u + (1 + j) * count), step)
              }
            }
            rule.begin(step)
            let move = StripMove(parameters: theta, rate: rate, keepsDirection: true)
            if !rule.accelerated(strip(u), step, moving: move) {
              rule.direction(strip(u), step)
              move.move(along: UnsafePointer(u), count: count, threads: 1)
            }
          }
        }
      }
    }
    stepCount += 1
  }
}

extension LearnedHyperparameters: TrainingMethod {
  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    prepare(count: parameters.count)
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    let theta = parameters.baseAddress!
    let (_, g) = oracle.evaluate(at: UnsafePointer(theta), draw: 0)
    guard VectorLoops.dot(g, g, count: parameters.count).isFinite else { return }
    advance(theta, g)
  }
}

extension LearnedHyperparameters: HyperparameterOptimizer where Rule.Scalar == Double {
  public var learns: Bool { true }

  public mutating func begin(count: Int) { prepare(count: count) }

  public mutating func step(
    _ values: UnsafeMutableBufferPointer<Double>, gradient: UnsafeBufferPointer<Double>
  ) {
    advance(values.baseAddress!, gradient.baseAddress!)
  }
}
