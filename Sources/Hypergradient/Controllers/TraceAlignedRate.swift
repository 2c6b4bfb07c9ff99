internal import HypergradientRecipes
internal import PortableMath

/// A rate that needs no tuning: from any start it ramps up until the gradients object, then follows
/// the cosine between the gradient and a trace of the directions of many steps.
///
/// With g the gradient, u the directions, T the trace, ρ = ⟨u_{t−1}, g_t⟩/⟨u_{t−1}, g_{t−1}⟩ (the
/// cosine c_t where that denominator is not positive), x = t/steps, b the logarithm of the rate and t₀
/// the step at which the ramp ended:
///
///     window        τ = max(25, ½(t − t₀)) · (1 − κ), at least 5;  κ = (c̄ − ½)₊/½
///     trace         T_t = (1 − 1/τ) T_{t−1} + u_t
///     cosines       c_t = cos(u_{t−1}, g_t), c̄ ← 0.8 c̄ + 0.2 c_t;  L_t = cos(T_{t−1}, g_t)
///     rejection     ‖g_t‖ > 4 ḡ and c_t < −0.2: the last step is taken again with f times its rate,
///                   f = 1/(1 − ρ) within 0.01…0.5;  b += ln f;  else ḡ ← 0.9 ḡ + 0.1 ‖g_t‖
///     ramp          from b = ln(α₀/100): b += ln 2 while c_t > −0.2; at the end b −= ln 4
///     mean square   V += (1 − V)/τ,  W += (L_t² − W)/τ
///     set point     z = (1.5/τ) (L_t/√(W/V) within ±3, + 0.8 − 1.2 x)
///     coherence     q = min(c_t, L_t, c̄) > 0.3: z += 0.4 (q − 0.3)/0.7
///     update        b += z within −1…0.3; past x = ½ the set point's part only where it is below zero
///     annealing     η_t = e^b · (x < ½ ? 1 : ½(1 + cos(2π(x − ½))))
///     loss guard    see ``LossGuard``: θ goes back to the best; b = min(b, b_best) − ln 4
///
/// At a good rate the gradient is on average orthogonal to the sum of the last directions, even where
/// the noise of consecutive gradients is correlated: L, not c, is followed. The set point begins
/// greedy and ends cautious. Where gradients agree from step to step there is no noise to average, so
/// the window is short and the rate may grow even while annealing. The numbers are the defaults of the
/// initialiser; none needs tuning. Each part can be switched off, which is how the ablations are made:
/// the rejection by a large `rejectAbove`, the window's growth by `windowGrowth: 0`, its shortening by
/// `shorteningAbove: 1`, the coherent part by `coherentGrowth: 0`, the annealing by `decayFrom: 1`, the
/// trace by `following: .lastDirection`, the loss guard by `restoring: .never`.
///
/// A gradient or an alignment that is not finite is discarded: the last step is taken again with a
/// hundredth of its rate, or, where there is none, this one is skipped. Cosines that are not finite are
/// zero. η is positive before step `steps`, and 0 from then on. Three vectors are kept: the last
/// direction, the trace, and the best parameters (two where ``restoring`` is `.never`).
///
/// > Source: none: a result of this project, in progress. What its tables confirm, with ablations, and
/// > where it fails: Documentation/DefaultController.md. That the best rate of a noisy problem makes the
/// > gradient orthogonal to past directions is an old idea: C. Kesten, Accelerated stochastic
/// > approximation (1958), with signs of consecutive differences; the hypergradient over several steps
/// > of A. G. Baydin et al. (ICLR 2018), section 3, and of IDBD (R. S. Sutton, 1992) are relatives.
public struct TraceAlignedRate: LearningRateController {
  /// When coherent gradients may raise the rate past half of the steps.
  public enum LateGrowth: String, Sendable, Codable, CaseIterable {
    case coherent
    case never
  }

  /// What the gradient is compared with.
  public enum Followed: String, Sendable, Codable, CaseIterable {
    /// The trace of the directions.
    case trace
    /// u_{t−1}: L = c.
    case lastDirection
  }

  /// What happens when the gain is lost.
  public enum Restoring: String, Sendable, Codable, CaseIterable {
    /// The best parameters are restored; they are one vector more.
    case best
    /// Nothing: the loss is not looked at.
    case never
  }

  /// α₀, any guess: the ramp begins at `start` of it.
  public let initial: Double
  /// The horizon, in steps.
  public let steps: Int
  // What each constant is, and its range, the recipe says.
  public let start, rampFactor, rampRetreat, opposition, rejectAbove: Double
  public let window, windowGrowth, shortestWindow, shorteningAbove: Double
  public let gain, setPoint, setPointDrop, coherentGrowth, coherence: Double
  public let lateGrowth: LateGrowth
  public let decayFrom: Double
  public let following: Followed
  public let restoring: Restoring
  public let tolerance, restoreRetreat: Double
  public private(set) var learningRate: Double
  /// Gradients or alignments that were not finite.
  public private(set) var discardedGradients = 0

  /// b.
  private var logRate: Double
  /// ḡ; `nil` before the first gradient.
  private var meanNorm: Double?
  /// t₀; `nil` while the ramp lasts.
  private var rampEnd: Int?
  private var tau: Double
  /// c̄.
  private var meanCosine = 0.0
  /// V and W.
  private var weight = 0.0
  private var meanSquare = 0.0
  private var lossGuard = LossGuard()
  /// Whether the last decision was made at the best parameters.
  private var isBest = false

  public init(
    initial: Double, steps: Int, start: Double = 0.01, rampFactor: Double = 2,
    rampRetreat: Double = 4, opposition: Double = 0.2, rejectAbove: Double = 4,
    window: Double = 25, windowGrowth: Double = 0.5, shortestWindow: Double = 5,
    shorteningAbove: Double = 0.5, gain: Double = 1.5, setPoint: Double = 0.8,
    setPointDrop: Double = 1.2, coherentGrowth: Double = 0.4, coherence: Double = 0.3,
    lateGrowth: LateGrowth = .coherent, decayFrom: Double = 0.5, following: Followed = .trace,
    restoring: Restoring = .best, tolerance: Double = 0.5, restoreRetreat: Double = 4
  ) {
    Recipe<any LearningRateController>.traceAligned.check(
      initial, steps, start, rampFactor, rampRetreat, opposition, rejectAbove, window, windowGrowth,
      shortestWindow, shorteningAbove, gain, setPoint, setPointDrop, coherentGrowth, coherence,
      lateGrowth, decayFrom, following, restoring, tolerance, restoreRetreat)
    (self.initial, self.steps, self.start) = (initial, steps, start)
    (self.rampFactor, self.rampRetreat) = (rampFactor, rampRetreat)
    (self.opposition, self.rejectAbove) = (opposition, rejectAbove)
    (self.window, self.windowGrowth) = (window, windowGrowth)
    (self.shortestWindow, self.shorteningAbove) = (shortestWindow, shorteningAbove)
    (self.gain, self.setPoint, self.setPointDrop) = (gain, setPoint, setPointDrop)
    (self.coherentGrowth, self.coherence) = (coherentGrowth, coherence)
    (self.lateGrowth, self.decayFrom) = (lateGrowth, decayFrom)
    (self.following, self.restoring) = (following, restoring)
    (self.tolerance, self.restoreRetreat) = (tolerance, restoreRetreat)
    logRate = Self.within(Portable.log(initial) + Portable.log(start))
    learningRate = Portable.exp(logRate)
    tau = window
  }

  public var requirements: ControllerRequirements {
    let own: StepSignals.Needs = [
      .alignment, .gradientNorm, .previousDirectionNorm, .previousDirectionAlignment,
      .traceAlignment, .traceNorm,
    ]
    let restores = restoring == .best
    return ControllerRequirements(
      signals: restores ? own.union([.loss]) : own, alwaysSteps: false, keepsBest: restores,
      isBest: isBest, traceDecay: 1 - 1 / tau)
  }

  public mutating func decide(_ signals: StepSignals) -> StepDecision {
    let elapsed = min(1, Double(signals.step) / Double(steps))
    tau = window(at: signals.step)
    if restoring == .best {
      let verdict = lossGuard.judge(signals.loss, logRate: logRate, tolerance: tolerance)
      isBest = verdict == .best
      if verdict == .lost { return restore(signals.step, elapsed) }
    }
    let norm = signals.gradientNorm
    let hasDirection = signals.previousDirectionNorm != 0
    // An alignment past the numbers is none of a bad gradient where its cosine is known.
    guard norm.isFinite, signals.alignment.isFinite || !signals.exactCosines[0].isNaN else {
      discardedGradients += 1
      return hasDirection ? retake(Self.discardFactor, at: signals.step) : .skip
    }
    let mean = meanNorm ?? norm
    meanNorm = mean
    if hasDirection {
      let c = cosine(
        signals.alignment, norm, signals.previousDirectionNorm, exact: signals.exactCosines[0])
      if norm > rejectAbove * mean, c < -opposition {
        return retake(rejection(signals, c), at: signals.step)
      }
      meanNorm = mean + Self.normWeight * (norm - mean)
      if rampEnd == nil {
        ramp(c, at: signals.step)
      } else {
        let isTrace = following == .trace
        follow(
          c,
          isTrace
            ? cosine(
              signals.traceAlignment, norm, signals.traceNorm, exact: signals.exactCosines[1]) : c,
          elapsed)
      }
    }
    learningRate = rate(elapsed)
    return .step(learningRate)
  }

  /// Takes over a bound's rate, which stands for e^b times the annealing of the last step.
  public mutating func project(learningRate rate: Double) {
    if learningRate > 0, rate > 0 {
      logRate = Self.within(logRate + Portable.log(rate) - Portable.log(learningRate))
    }
    learningRate = rate
  }

  // MARK: The equations

  /// τ.
  private func window(at step: Int) -> Double {
    let grown = windowGrowth * Double(step - (rampEnd ?? 0))
    let plain = max(window, grown)
    guard rampEnd != nil, meanCosine > shorteningAbove else { return plain }
    let excess = (meanCosine - shorteningAbove) / (1 - shorteningAbove)
    return max(shortestWindow, plain * (1 - min(1, excess)))
  }

  /// f, by which a linear model of the gradient along u_{t−1} says that the step was too long.
  private func rejection(_ signals: StepSignals, _ c: Double) -> Double {
    let slope = signals.previousDirectionAlignment
    let quotient = signals.alignment / slope
    let ratio = slope > 0 && quotient.isFinite ? quotient : c
    let factor = 1 / (1 - ratio)
    return factor.isFinite ? min(max(factor, Self.discardFactor), 0.5) : Self.discardFactor
  }

  private mutating func ramp(_ c: Double, at step: Int) {
    if c > -opposition {
      logRate = Self.within(logRate + Portable.log(rampFactor))
    } else {
      logRate = Self.within(logRate - Portable.log(rampRetreat))
      rampEnd = step
    }
  }

  private mutating func follow(_ c: Double, _ L: Double, _ elapsed: Double) {
    weight += (1 - weight) / tau
    meanSquare += (L * L - meanSquare) / tau
    meanCosine += Self.cosineWeight * (c - meanCosine)
    let root = (meanSquare / weight).squareRoot()
    let relative = root > 0 ? min(max(L / root, -3), 3) : 0
    let goal = setPoint - setPointDrop * elapsed
    var z = gain / tau * (relative + goal)
    let isLate = elapsed > 0.5
    if isLate { z = min(z, 0) }
    let q = min(c, L, meanCosine)
    if q > coherence, !isLate || lateGrowth == .coherent {
      z += coherentGrowth * (q - coherence) / (1 - coherence)
    }
    logRate = Self.within(logRate + min(max(z, -1), 0.3))
  }

  /// η, after annealing.
  private func rate(_ elapsed: Double) -> Double {
    if elapsed < decayFrom { return Portable.exp(logRate) }
    let share = (elapsed - decayFrom) / (1 - decayFrom)
    return Portable.exp(logRate) * (0.5 * (1 + Portable.cos(.pi * min(1, share))))
  }

  /// The last step again with a share of its rate; the share goes into b, not the annealed rate.
  private mutating func retake(_ factor: Double, at step: Int) -> StepDecision {
    logRate = Self.within(logRate + Portable.log(factor))
    learningRate *= factor
    if rampEnd == nil { rampEnd = step }
    return .retake(learningRate)
  }

  private mutating func restore(_ step: Int, _ elapsed: Double) -> StepDecision {
    let best = min(logRate, lossGuard.bestLogRate)
    logRate = Self.within(best - Portable.log(restoreRetreat))
    lossGuard.begin()
    meanCosine = 0
    if rampEnd == nil { rampEnd = step }
    learningRate = rate(elapsed)
    return .restore(learningRate)
  }

  /// Zero where a vector is zero or the numbers give none.
  private func cosine(_ product: Double, _ a: Double, _ b: Double, exact: Double) -> Double {
    let value = a == 0 || b == 0 || exact.isNaN ? product / a / b : exact
    return value.isFinite ? min(max(value, -1), 1) : 0
  }

  /// e^b and its annealed forms are above zero and finite.
  private static func within(_ logRate: Double) -> Double { min(max(logRate, -600), 690) }

  /// The share of its rate that a step keeps whose gradient was not finite; the least of any retake.
  private static let discardFactor = 0.01
  /// Weights of the newest in ḡ and c̄.
  private static let normWeight = 0.1
  private static let cosineWeight = 0.2
}

extension TraceAlignedRate {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    initial = try state.number(.initial)
    steps = try state.count(.steps, through: .max)
    start = try state.number(.start)
    rampFactor = try state.number(.rampFactor)
    rampRetreat = try state.number(.rampRetreat)
    opposition = try state.number(.opposition)
    rejectAbove = try state.number(.rejectAbove)
    window = try state.number(.window)
    windowGrowth = try state.number(.windowGrowth)
    shortestWindow = try state.number(.shortestWindow)
    shorteningAbove = try state.number(.shorteningAbove)
    gain = try state.number(.gain)
    setPoint = try state.number(.setPoint)
    setPointDrop = try state.number(.setPointDrop)
    coherentGrowth = try state.number(.coherentGrowth)
    coherence = try state.number(.coherence)
    lateGrowth = try state.value(.lateGrowth)
    decayFrom = try state.number(.decayFrom)
    following = try state.value(.following)
    restoring = try state.value(.restoring)
    tolerance = try state.number(.tolerance)
    restoreRetreat = try state.number(.restoreRetreat)
    learningRate = try state.number(.learningRate, in: .atLeast(0))
    discardedGradients = try state.count(.discardedGradients)
    logRate = try state.number(.logRate, in: .between(-600, 690))
    meanNorm = try state.numberOrNone(.meanNorm, in: .atLeast(0))
    rampEnd = try state.countOrNone(.rampEnd)
    tau = try state.number(.tau, in: .atLeast(1))
    meanCosine = try state.number(.meanCosine, in: .between(-1, 1))
    weight = try state.number(.weight, in: .between(0, 1))
    meanSquare = try state.number(.meanSquare, in: .between(0, 1))
    lossGuard = try state.value(.lossGuard)
    isBest = try state.value(.isBest)
    try state.check(
      Recipe<any LearningRateController>.traceAligned.fault(
        of: initial, steps, start, rampFactor, rampRetreat, opposition, rejectAbove, window,
        windowGrowth, shortestWindow, shorteningAbove, gain, setPoint, setPointDrop, coherentGrowth,
        coherence, lateGrowth, decayFrom, following, restoring, tolerance, restoreRetreat))
  }
}
