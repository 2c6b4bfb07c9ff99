public import HypergradientRecipes

/// Gradient descent with online scaling: P learned from a feedback on the step it would take.
///
///     y = x − P g
///     ratio:            h = (f(y) − z)/(f(x) − z)       ∂h/∂P = −g(y) gᵀ / (f(x) − z)
///     hypergradient:    h = (f(y) − f(x))/‖g‖²          ∂h/∂P = −g(y) gᵀ / ‖g‖²
///     gradient norm:    h = ‖g(y)‖/‖g‖                  ∂h/∂P = −∇²f(y) g(y) gᵀ / (‖g‖ ‖g(y)‖)
///     P ← P − η ∂h/∂P, or with AdaGrad's sum of squares below
///
/// P is a number, diagonal or a whole matrix, and begins at `initial` times the identity. z is a lower
/// bound of the loss: where none is known z = f₀ − 0.1, and where f falls below z,
/// z = f − min(0.01·(z − f), 1). With `isMonotone`, x moves only where f(y) < f(x), and P is learned
/// all the same: a null step. With `lookAheadCurvature` the point y is followed by y − g(y)/L, and x
/// moves there where that is better; ``OSGMBest`` has the look-ahead with momentum.
///
/// **Which sample.** f(x) and g are of draw 0. What is asked at y, the feedback's gradient and the
/// loss that decides on a null step (at x, too), is of the same draw, or with `sample`
/// `.independent` of draw 1: on one's own minibatch P is taught to fit its noise. In one dimension,
/// with f_A = A x²/2 and A drawn anew, independent samples teach P the value 1/E[A] by the ratio (z =
/// 0) and E[1/A] by the hypergradient. The second may be too long to be stable; then null steps are
/// what keeps x from growing.
///
/// One loss and gradient a step for a deterministic objective, two for another, at x and y, one loss
/// more to look ahead, one at x for null steps on an independent sample, and a Hessian-vector product
/// for the gradient norm. A trial that is not finite is a null step, and halves P.
///
/// > Source: W. Gao, Y.-C. Chu, Y. Ye and M. Udell, Gradient Methods with Online Scaling (2024) and
/// > its part II (2025); constants of z as in the authors' published code. Deviation: with the
/// > gradient norm that code takes a step that lowers the norm, here it is the loss as with the
/// > others. The independent sample is that of a later paper on the stochastic form (arXiv
/// > 2609.11751), which was not read itself; the values above are exact and tested.
public struct OSGM<Scalar: ParameterScalar>: TrainingMethod {
  /// What P is.
  public enum Scaling: String, Sendable, Codable, CaseIterable {
    case scalar, diagonal, matrix
  }
  /// What P is learned from.
  public enum Feedback: String, Sendable, Codable, CaseIterable {
    case ratio, hypergradient, gradientNorm
  }
  /// What the trial is judged on.
  public enum Sample: String, Sendable, Codable, CaseIterable {
    /// The draw of the step's gradient.
    case same
    /// Another.
    case independent
  }
  /// How P is learned.
  public enum Learner: String, Sendable, Codable, CaseIterable {
    case gradientDescent, adaGrad
  }

  public let scaling: Scaling
  public let feedback: Feedback
  public let learner: Learner
  /// η ≥ 0.
  public let scalingRate: Double
  public let initial: Double
  public let isMonotone: Bool
  public let sample: Sample
  /// L, for the look-ahead; `nil` for none.
  public let lookAheadCurvature: Double?
  public private(set) var nullSteps = 0
  /// The mean of P's diagonal.
  public private(set) var learningRate: Double
  public private(set) var stepCounts = StepCounts()

  /// P: one number, a diagonal, or a matrix row by row.
  public private(set) var p: [Scalar] = []

  private var dimension = 0
  private var squares: [Scalar] = []
  private var gradient: [Scalar] = []
  private var loss: Double?
  private var bound: Double?
  @Scratch private var trial: [Scalar] = []
  private var above: [Scalar] = []

  public init(
    scaling: Scaling = .diagonal, feedback: Feedback = .hypergradient,
    learner: Learner = .adaGrad, scalingRate: Double, initial: Double = 0,
    monotone isMonotone: Bool = true, lowerBound: Double? = nil, lookAheadCurvature: Double? = nil,
    sample: Sample = .same
  ) {
    Self.recipe.check(
      scaling, feedback, learner, scalingRate, initial, isMonotone, lowerBound,
      lookAheadCurvature, sample)
    self.scaling = scaling
    self.feedback = feedback
    self.learner = learner
    self.scalingRate = scalingRate
    self.initial = initial
    self.isMonotone = isMonotone
    self.sample = sample
    self.lookAheadCurvature = lookAheadCurvature
    bound = lowerBound
    learningRate = initial
  }

  /// P and its sum of squares, and the gradient; a matrix counts as the dimension.
  public var memoryVectors: Int {
    let sums = learner == .adaGrad ? 2 : 1
    return switch scaling {
    case .scalar: 1
    case .diagonal: 1 + sums
    case .matrix: 1 + sums * max(1, dimension)
    }
  }

  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    dimension = parameters.count
    let first = Scalar.nearest(to: initial)
    switch scaling {
    case .scalar: p = [first]
    case .diagonal: p = [Scalar](repeating: first, count: dimension)
    case .matrix:
      p = [Scalar](repeating: 0, count: dimension * dimension)
      for i in 0..<dimension { p[i * dimension + i] = first }
    }
    squares = [Scalar](repeating: 0, count: learner == .adaGrad ? p.count : 0)
    gradient = [Scalar](repeating: 0, count: dimension)
    trial = gradient
    above = gradient
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    expectCount(parameters, dimension)
    let x = parameters.baseAddress!
    if loss == nil || !oracle.isDeterministic {
      let (f, g) = oracle.evaluate(at: UnsafePointer(x), draw: 0)
      guard f.isFinite, VectorLoops.isFinite(g, count: dimension) else {
        return stepCounts.skip()
      }
      loss = f
      VectorLoops.copy(g, into: &gradient)
    }
    guard let f = loss else { return stepCounts.skip() }
    let norm = gradient.withUnsafeBufferPointer {
      VectorLoops.norm($0.baseAddress!, count: dimension)
    }
    guard norm > 0 else { return stepCounts.skip() }
    propose(x)
    let draw = sample == .same ? 0 : 1
    var (reached, g) = trial.withUnsafeBufferPointer {
      oracle.evaluate(at: $0.baseAddress!, draw: draw)
    }
    let newNorm = VectorLoops.norm(g, count: dimension)
    guard reached.isFinite, newNorm.isFinite else {
      VectorLoops.halve(&p)
      nullSteps += 1
      return stepCounts.skip()
    }
    VectorLoops.copy(g, into: &above)
    var scale: Double
    switch feedback {
    case .ratio: scale = f - lowerBound(f)
    case .hypergradient: scale = norm * norm
    case .gradientNorm:
      scale = norm * newNorm
      g = trial.withUnsafeBufferPointer { trial in
        above.withUnsafeBufferPointer {
          oracle.hessianVectorProduct(at: trial.baseAddress!, $0.baseAddress!, draw: draw)
        }
      }
    }
    let product =
      feedback == .gradientNorm ? norm * VectorLoops.norm(g, count: dimension) : scale
    // Where a product of lengths is past the numbers, each divides its own vector.
    let isPast = [scale, product].contains {
      !Norms.isSafe($0) || !Scalar.nearest(to: $0).isNormal
    }
    if feedback == .ratio || !isPast {
      if scale > 0, scale.isFinite { learn(g, scale) }
    } else if newNorm > 0 {
      learn(g, scale, lengths: (feedback == .gradientNorm ? newNorm : norm, norm))
    }
    if let curvature = lookAheadCurvature {
      lookAhead(curvature, &reached, draw, &oracle)
    }
    let here = draw > 0 && isMonotone ? oracle.loss(at: UnsafePointer(x), draw: draw) : f
    finish(x, here, reached, moved: lookAheadCurvature != nil)
  }

  /// z.
  private mutating func lowerBound(_ f: Double) -> Double {
    var z = bound ?? f - 0.1
    if f <= z { z = f - max(min(0.01 * (z - f), 1), 1e-12) }
    bound = z
    return z
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private mutating func propose(_ x: UnsafeMutablePointer<Scalar>) {
    switch scaling {
    case .scalar: for i in 0..<dimension { trial[i] = x[i] - p[0] * gradient[i] }
    case .diagonal: for i in 0..<dimension { trial[i] = x[i] - p[i] * gradient[i] }
    case .matrix:
      for i in 0..<dimension {
        var sum: Scalar = 0
        for j in 0..<dimension { sum += p[i * dimension + j] * gradient[j] }
        trial[i] = x[i] - sum
      }
    }
  }

  /// P −= η·∂h/∂P with ∂h/∂P = −v gᵀ / scale.
  ///
  /// - Parameter lengths: what v and g are divided by, where `scale` is no number.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private mutating func learn(
    _ v: UnsafePointer<Scalar>, _ scale: Double, lengths: (Double, Double)? = nil
  ) {
    let (g, divisor) = (gradient, Scalar.nearest(to: scale))
    func slope(_ v: Scalar, _ g: Scalar) -> Scalar {
      guard let lengths else { return -v * g / divisor }
      return Scalar.nearest(to: -(Double(v) / lengths.0) * (Double(g) / lengths.1))
    }
    switch scaling {
    case .scalar:
      let along = g.withUnsafeBufferPointer { g in
        guard let lengths else {
          return VectorLoops.dot(v, g.baseAddress!, count: dimension) / scale
        }
        return Norms.scaled(dimension, { Double(v[$0]) }, { Double(g[$0]) }).map {
          ($0.sum / lengths.0.scaled(by: -$0.exponent / 2)
            / lengths.1.scaled(by: $0.exponent / 2 - $0.exponent))
        } ?? 0
      }
      Self.update(&p, &squares, 0..<1, scalingRate) { _ in Scalar.nearest(to: -along) }
    case .diagonal:
      g.withUnsafeBufferPointer { g in
        Self.update(&p, &squares, 0..<dimension, scalingRate) { slope(v[$0], g[$0]) }
      }
    case .matrix:
      g.withUnsafeBufferPointer { g in
        for i in 0..<dimension {
          let row = i * dimension
          Self.update(&p, &squares, row..<row + dimension, scalingRate) { slope(v[i], g[$0 - row]) }
        }
      }
    }
    var trace = 0.0
    let stride = scaling == .matrix ? dimension + 1 : 1
    for i in Swift.stride(from: 0, to: p.count, by: stride) { trace += Double(p[i]) }
    learningRate = trace / Double(scaling == .scalar ? 1 : dimension)
  }

  /// P −= η·h at the indices, h divided by its root sum of squares where these are kept.
  @inline(__always)
  private static func update(
    _ p: inout [Scalar], _ squares: inout [Scalar], _ indices: Range<Int>, _ rate: Double,
    _ h: (_ index: Int) -> Scalar
  ) {
    let rate = Scalar.nearest(to: rate)
    p.withUnsafeMutableBufferPointer { p in
      squares.withUnsafeMutableBufferPointer { squares in
        for i in indices {
          let h = h(i)
          // A product past the numbers says nothing.
          guard h.isFinite else { continue }
          guard squares.count > 0 else {
            p[i] -= rate * h
            continue
          }
          squares[i] += h * h
          let root = squares[i].squareRoot()
          if root > 0 { p[i] -= rate * h / root }
        }
      }
    }
  }

  /// y ← y − g(y)/L where that is lower.
  private mutating func lookAhead<O: Oracle<Scalar>>(
    _ curvature: Double, _ reached: inout Double, _ draw: Int, _ oracle: inout O
  ) {
    var further = trial
    further.withUnsafeMutableBufferPointer { further in
      VectorLoops.add(
        -Scalar.nearest(to: 1 / curvature), above, to: further.baseAddress!, further.count)
    }
    let value = further.withUnsafeBufferPointer { oracle.loss(at: $0.baseAddress!, draw: draw) }
    if value < reached {
      reached = value
      trial = further
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private mutating func finish(
    _ x: UnsafeMutablePointer<Scalar>, _ f: Double, _ reached: Double, moved: Bool
  ) {
    guard reached < f || !isMonotone else {
      nullSteps += 1
      return stepCounts.skip()
    }
    trial.withUnsafeBufferPointer { x.update(from: $0.baseAddress!, count: $0.count) }
    swap(&gradient, &above)
    // The look-ahead point's gradient was not asked for.
    loss = moved ? nil : reached
  }
}

extension OSGM: HasRecipe {
  /// `osgm(scalingRate: 0.1)`.
  public static var recipe: Recipe<OSGM> {
    Recipe(
      "osgm",
      OSGM.init(
        scaling:feedback:learner:scalingRate:initial:monotone:lowerBound:lookAheadCurvature:sample:),
      .choice("scaling", default: .diagonal, "what is learned"),
      .choice("feedback", default: .hypergradient, "what it is learned from"),
      .choice("learner", default: .adaGrad, "how it is learned"),
      .number(
        "scalingRate", in: .atLeast(0),
        unit: "learning rate, or its square (.gradientDescent by .ratio or .gradientNorm)",
        "η, the rate of the scaling"),
      .number(
        "initial", in: .atLeast(0), default: 0, unit: "learning rate",
        "the scaling at the start"),
      .flag("monotone", default: true, "whether a step that does not lower the loss is not taken"),
      .number("lowerBound", orNone: .any, unit: "loss", "z of the ratio feedback"),
      .number(
        "lookAheadCurvature", orNone: .above(0), unit: "1/learning rate",
        "L of a gradient step that follows the trial"),
      .choice(
        "sample", default: .same, "whether the trial is judged on the gradient's own sample"),
      summary: "gradient descent with online scaling and null steps (Gao et al. 2024)",
      examples: [
        "osgm(scalingRate: 0.1)",
        "osgm(scaling: .scalar, scalingRate: 0.1, monotone: .no)",
        "osgm(scaling: .matrix, scalingRate: 0.02, learner: .gradientDescent, "
          + "initial: 0.05)",
        "osgm(feedback: .ratio, scalingRate: 0.1, lowerBound: -1)",
        "osgm(feedback: .gradientNorm, scalingRate: 0.1)",
        "osgm(scalingRate: 0.1, lookAheadCurvature: 4)",
        "osgm(scalingRate: 0.1, sample: .independent)",
      ],
      compared: [
        "osgm(scalingRate: rate)",
        .init("osgm(feedback: .ratio, scalingRate: rate, lowerBound: 0)", as: "osgm-ratio"),
      ], standard: { OSGM(scalingRate: 0.1) })
  }
}

extension OSGM {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    scaling = try state.value(.scaling)
    feedback = try state.value(.feedback)
    learner = try state.value(.learner)
    scalingRate = try state.number(.scalingRate)
    initial = try state.number(.initial)
    isMonotone = try state.value(.isMonotone)
    sample = try state.value(.sample)
    lookAheadCurvature = try state.numberOrNone(.lookAheadCurvature)
    nullSteps = try state.count(.nullSteps)
    learningRate = try state.number(.learningRate)
    stepCounts = try state.value(.stepCounts)
    gradient = try state.vector(.gradient)
    dimension = gradient.count
    try state.expect(
      try state.count(.dimension) == dimension, .dimension, "the dimension is that of 'gradient'")
    trial = gradient
    above = try state.vector(.above, count: dimension)
    let elements =
      switch scaling {
      case .scalar: min(dimension, 1)
      case .diagonal: dimension
      case .matrix: dimension * dimension
      }
    p = try state.vector(.p, count: elements)
    squares = try state.squares(.squares, count: learner == .adaGrad ? elements : 0)
    loss = try state.numberOrNone(.loss)
    bound = try state.numberOrNone(.bound)
    try state.check(
      Self.recipe.fault(
        of: scaling, feedback, learner, scalingRate, initial, isMonotone, bound, lookAheadCurvature,
        sample))
  }
}
