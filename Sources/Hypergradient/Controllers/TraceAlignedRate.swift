internal import HypergradientRecipes
internal import PortableMath

/// A rate that needs no tuning: it follows the cosine between the gradient and a trace of the
/// directions of many steps.
///
/// With g the gradient, u the directions, T the trace, ρ = ⟨u_{t−1}, g_t⟩/⟨u_{t−1}, g_{t−1}⟩ (the
/// cosine c_t where that denominator is not positive), x = t/steps, and b the logarithm of the rate,
/// at first ln(α₀/100):
///
///     trace         T_t = (1 − 1/τ) T_{t−1} + u_t,  τ = max(25, t/2)
///     cosines       c_t = cos(u_{t−1}, g_t), c̄ ← 0.8 c̄ + 0.2 c_t;  L_t = cos(T_{t−1}, g_t)
///     rejection     ‖g_t‖ > 4 ḡ and ln‖g_t‖ > m + 2 s and c_t < −0.2: the last step is taken again
///                   with f times its rate, f = 1/(1 − ρ) within 0.01…½;  b += ln f, to no less
///                   than φ
///                   else ḡ ← 0.9 ḡ + 0.1 ‖g_t‖;  m and s the mean and deviation of ln‖g‖ over 50 steps
///     mean square   V += (1 − V)/τ,  W += (L_t² − W)/τ
///     set point     z = (L_t/√(W/V) within ±3, + ½ − x)/τ; past x = ½ only below zero
///     coherence     until then, q = min(c_t, L_t, c̄, ‖g_t‖/ḡ) > 0.1: z += (25/τ)(q − 0.1)
///     lengths       M_t = max(M_{t−1}, ‖u_{t−1}‖): z −= ln(M_t/M_{t−1})
///     noise         D_t = ½η_{t−1}⟨u_{t−1}, g_{t−1}⟩, D′_t = ½η_{t−1}⟨u_{t−1}, g_t⟩: the first time that
///                   |f_t − f_{t−1} + D_t + D′_t| > ¼(|D_t| + |D′_t|): z −= ln 2
///     update        b += z within −1…0.3
///     annealing     η_t = e^b · (x < ½ ? 1 : ½(1 + cos(2π(x − ½))))
///     loss guard    see ``LossGuard``: θ goes back to the best; b = min(b, b_best), and from there
///                   b −= √(25/τ) ln 4, to no less than φ
///     floor         φ = min(b, b̄ − 3.4·25/τ),  b̄ the mean of b over max(100, τ) steps
///
/// At a good rate the gradient is on average orthogonal to the sum of the last directions, even where
/// the noise of consecutive gradients is correlated: L, not c, is followed. The set point begins
/// greedy and ends cautious. Where gradients agree from step to step there is no noise to average, and
/// the rate grows at once, by less as the window grows, and by no more than the share of their mean
/// length that gradients still have: where they shorten from step to step, it is not too low. Where
/// directions lengthen from step to step, as at first under momentum or where gradients grow, a rate
/// that grew as well would overshoot before any gradient tells; so b gives back what directions have
/// become longer than all before them, as the rule makes them: a factor on the rate, such as a
/// warm-up's, is not counted.
///
/// The slopes at both ends of a step foretell what it changes the loss by, −D − D′, up to the third
/// order in η (the trapezoid rule), while the noise of minibatches heeds no slope. Where gradients are
/// exact, the rate may be the one that is best along the first direction; where they are noisy, or
/// steps so long that slopes do not tell, it is halved, once.
///
/// A gradient may be long without the last step's fault, as near interpolation, where the norms of
/// minibatch gradients have heavy tails. So it rejects only where it is long among the last ones, too.
/// As the window grows, b grows by less a step, and a return to the best takes less from it; and so do
/// rejections: however many of both there are, and however long the run, what they cut is less than 20
/// of b, less than 3 after 200 steps. False ones do not make the rate collapse.
///
/// A gradient of zero tells nothing, as of a minibatch without a signal: it is no step of the averages
/// or of the guard. Where the last direction is zero, the trace stands for it.
///
/// The rate climbs from its start where gradients agree, by e^0.3 a step at most. Where gradients
/// can be asked for at points of one's own, ``HypergradientStartUp`` finds a start at once, and a share
/// of it is the default that the tables are about:
/// `startUp(rule, rate: traceAligned(initial: rate, steps: T), share: 0.75, trials: .galloping)`.
///
/// The numbers are the defaults of the initialiser; none needs tuning. Each part can be switched off,
/// which is how the ablations are made: the rejection by a large `rejectAbove`, its second condition by
/// `rejectSpread: 0`, the floor by `mostCut: 1e300`, the window's growth by `windowGrowth: 0`,
/// the coherent part by `coherence: 1`, what lengths take by `lengthening: 0`, what noise takes by
/// `noiseRetreat: 1`, the annealing by `decayFrom: 1`, the trace by `following: .lastDirection`, the
/// loss guard by `restoring: .never`. Without this guard and with `noiseRetreat: 1` no loss is read.
///
/// A gradient or an alignment that is not finite is discarded: the last step is taken again with a
/// hundredth of its rate, and b falls by ln 100, or, where there is none, this one is skipped; an
/// optimizer counts no step t for it. Cosines that are not finite are zero. η is positive before step
/// `steps`, and 0 from then on. Three vectors are kept: the last direction, the trace, and the best
/// parameters (two where ``restoring`` is `.never`).
///
/// > Source: none: a result of this project, in progress. What its tables confirm, with ablations, and
/// > where it fails: Documentation/DefaultController.md. That the best rate of a noisy problem makes the
/// > gradient orthogonal to past directions is an old idea: C. Kesten, Accelerated stochastic
/// > approximation (1958), with signs of consecutive differences; the hypergradient over several steps
/// > of A. G. Baydin et al. (ICLR 2018), section 3, and of IDBD (R. S. Sutton, 1992) are relatives.
public struct TraceAlignedRate: LearningRateController {
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
    /// Nothing.
    case never
  }

  /// α₀, any guess: the rate begins at `start` of it.
  public let initial: Double
  /// The horizon, in steps.
  public let steps: Int
  // What each constant is, and its range, the recipe says.
  public let start: Double
  public let opposition, rejectAbove, rejectSpread, mostCut: Double
  public let window, windowGrowth: Double
  public let setPoint, coherence, lengthening, noiseRetreat, decayFrom: Double
  public let following: Followed
  public let restoring: Restoring
  public let tolerance, restoreRetreat: Double
  public private(set) var learningRate: Double
  /// Gradients or alignments that were not finite.
  public private(set) var discardedGradients = 0

  /// b.
  private var logRate: Double
  /// b̄, and of how many steps it is.
  private var meanLogRate: Double
  private var rateCount = 0
  /// ḡ; `nil` before the first gradient.
  private var meanNorm: Double?
  /// m, s² and how many norms they are of.
  private var meanLogNorm = 0.0
  private var logNormVariance = 0.0
  private var normCount = 0
  private var tau: Double
  /// c̄.
  private var meanCosine = 0.0
  /// M; `nil` before the first direction.
  private var longest: Double?
  /// f_{t−1}; `nil` before the first loss.
  private var lastLoss: Double?
  private var isNoisy = false
  /// V and W.
  private var weight = 0.0
  private var meanSquare = 0.0
  private var lossGuard = LossGuard()
  /// Whether the last decision was made at the best parameters.
  private var isBest = false

  public init(
    initial: Double, steps: Int, start: Double = 0.01, opposition: Double = 0.2,
    rejectAbove: Double = 4, rejectSpread: Double = 2, mostCut: Double = 3.4,
    window: Double = 25, windowGrowth: Double = 0.5, setPoint: Double = 0.5,
    coherence: Double = 0.1, lengthening: Double = 1, noiseRetreat: Double = 2,
    decayFrom: Double = 0.5, following: Followed = .trace, restoring: Restoring = .best,
    tolerance: Double = 0.5, restoreRetreat: Double = 4
  ) {
    Recipe<any LearningRateController>.traceAligned.check(
      initial, steps, start, opposition, rejectAbove, rejectSpread, mostCut, window, windowGrowth,
      setPoint, coherence, lengthening, noiseRetreat, decayFrom, following, restoring, tolerance,
      restoreRetreat)
    (self.initial, self.steps, self.start) = (initial, steps, start)
    (self.opposition, self.rejectAbove) = (opposition, rejectAbove)
    (self.rejectSpread, self.mostCut) = (rejectSpread, mostCut)
    (self.window, self.windowGrowth) = (window, windowGrowth)
    (self.setPoint, self.coherence) = (setPoint, coherence)
    (self.lengthening, self.noiseRetreat) = (lengthening, noiseRetreat)
    self.decayFrom = decayFrom
    (self.following, self.restoring) = (following, restoring)
    (self.tolerance, self.restoreRetreat) = (tolerance, restoreRetreat)
    logRate = Self.within(Portable.log(initial) + Portable.log(start))
    meanLogRate = logRate
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
      signals: readsLoss ? own.union([.loss]) : own, alwaysSteps: false, keepsBest: restores,
      isBest: isBest, traceDecay: 1 - 1 / tau)
  }

  public mutating func decide(_ signals: StepSignals) -> StepDecision {
    let elapsed = min(1, Double(signals.step) / Double(steps))
    tau = max(window, windowGrowth * Double(signals.step))
    let norm = signals.gradientNorm
    if norm == 0, !readsLoss || signals.loss.isFinite {
      isBest = false
      return step(signals, elapsed)
    }
    if restoring == .best {
      let verdict = lossGuard.judge(
        signals.loss, logRate: logRate, tolerance: tolerance, window: tau)
      isBest = verdict == .best
      if verdict == .lost { return restore(elapsed) }
    }
    let hasLast = signals.previousDirectionNorm != 0
    // An alignment past the numbers is none of a bad gradient where its cosine is known.
    guard norm.isFinite, signals.alignment.isFinite || !signals.exactCosines[0].isNaN else {
      discardedGradients += 1
      return hasLast ? retake(Self.discardFactor) : .skip
    }
    if hasLast || signals.traceNorm != 0 {
      let L = cosine(
        signals.traceAlignment, norm, signals.traceNorm, exact: signals.exactCosines[1])
      let c =
        hasLast
        ? cosine(
          signals.alignment, norm, signals.previousDirectionNorm, exact: signals.exactCosines[0])
        : L
      if hasLast, c < -opposition, isLong(norm) {
        return retake(rejection(signals, c), to: floor)
      }
      follow(
        c, following == .trace ? L : c, norm, length: signals.previousLength,
        noise: retreat(from: signals), elapsed)
    }
    note(norm)
    return step(signals, elapsed)
  }

  private mutating func step(_ signals: StepSignals, _ elapsed: Double) -> StepDecision {
    if readsLoss { lastLoss = signals.loss.isFinite ? signals.loss : nil }
    learningRate = rate(elapsed)
    return .step(learningRate)
  }

  /// Takes over a bound's rate, which stands for e^b times the annealing of the last step.
  public mutating func project(learningRate rate: Double) {
    if learningRate > 0, rate > 0 {
      let moved = Portable.log(rate) - Portable.log(learningRate)
      logRate = Self.within(logRate + moved)
      if rateCount == 0 { meanLogRate = logRate }
    }
    learningRate = rate
  }

  // MARK: The equations

  /// Whether a gradient is long: in itself, and among the last ones.
  private func isLong(_ norm: Double) -> Bool {
    guard let meanNorm, norm > rejectAbove * meanNorm else { return false }
    return Portable.log(norm) > meanLogNorm + rejectSpread * logNormVariance.squareRoot()
  }

  /// ḡ, m and s take in the norm of a gradient that is not rejected.
  private mutating func note(_ norm: Double) {
    let mean = meanNorm ?? norm
    meanNorm = mean + Self.normWeight * (norm - mean)
    guard norm > 0 else { return }
    normCount = min(normCount + 1, Self.normSteps)
    let share = 1 / Double(normCount)
    let surprise = Portable.log(norm) - meanLogNorm
    meanLogNorm += share * surprise
    logNormVariance += share * ((1 - share) * surprise * surprise - logNormVariance)
  }

  /// f, by which a linear model of the gradient along u_{t−1} says that the step was too long.
  private func rejection(_ signals: StepSignals, _ c: Double) -> Double {
    let slope = signals.previousDirectionAlignment
    let quotient = signals.alignment / slope
    let ratio = slope > 0 && quotient.isFinite ? quotient : c
    let factor = 1 / (1 - ratio)
    return factor.isFinite ? min(max(factor, Self.discardFactor), 0.5) : Self.discardFactor
  }

  private mutating func follow(
    _ c: Double, _ L: Double, _ norm: Double, length: Double, noise: Double, _ elapsed: Double
  ) {
    weight += (1 - weight) / tau
    meanSquare += (L * L - meanSquare) / tau
    meanCosine += Self.cosineWeight * (c - meanCosine)
    let root = (meanSquare / weight).squareRoot()
    let relative = root > 0 ? min(max(L / root, -3), 3) : 0
    var z = (relative + setPoint * (1 - 2 * elapsed)) / tau
    if elapsed > 0.5 {
      z = min(z, 0)
    } else {
      z += window / tau * max(0, min(c, L, meanCosine, shareOfMean(norm)) - coherence)
    }
    z -= lengthening * growth(of: length) + noise
    logRate = Self.within(logRate + min(max(z, -1), 0.3))
    rateCount = min(rateCount + 1, max(Self.rateSteps, Int(min(tau, 1e15))))
    meanLogRate += (logRate - meanLogRate) / Double(rateCount)
  }

  /// ‖g‖/ḡ.
  private func shareOfMean(_ norm: Double) -> Double {
    guard let meanNorm, meanNorm > 0 else { return 1 }
    return norm / meanNorm
  }

  /// ln(M_t/M_{t−1}); of the quotient, so that a factor of 2 on all directions changes no bit.
  private mutating func growth(of length: Double) -> Double {
    guard length > 0, length.isFinite else { return 0 }
    let before = longest ?? length
    longest = max(before, length)
    return length > before ? Portable.log(min(length / before, .greatestFiniteMagnitude)) : 0
  }

  /// ln 2 at the first step at which the loss does not change as slopes foretell, else 0.
  private mutating func retreat(from signals: StepSignals) -> Double {
    guard noiseRetreat > 1, !isNoisy, let lastLoss else { return 0 }
    let before = 0.5 * learningRate * signals.previousDirectionAlignment
    let after = 0.5 * learningRate * signals.alignment
    let foretold = abs(before) + abs(after)
    let error = abs(signals.loss - lastLoss + before + after)
    // Slopes past the numbers foretell nothing.
    guard foretold > 0, foretold.isFinite, error.isFinite else { return 0 }
    isNoisy = error > Self.toleratedError * foretold
    return isNoisy ? Portable.log(noiseRetreat) : 0
  }

  /// η, after annealing.
  private func rate(_ elapsed: Double) -> Double {
    if elapsed < decayFrom { return Portable.exp(logRate) }
    let share = (elapsed - decayFrom) / (1 - decayFrom)
    return Portable.exp(logRate) * (0.5 * (1 + Portable.cos(.pi * min(1, share))))
  }

  /// The last step again with a share of its rate; e^b is multiplied with it, not the annealed rate.
  ///
  /// - Parameter floor: b stays above; nowhere where the step was at fault without a doubt.
  private mutating func retake(
    _ factor: Double, to floor: Double = -.infinity
  ) -> StepDecision {
    logRate = Self.within(max(logRate + Portable.log(factor), floor))
    learningRate *= factor
    return .retake(learningRate)
  }

  private var readsLoss: Bool { restoring == .best || noiseRetreat > 1 }

  /// φ.
  private var floor: Double { min(logRate, meanLogRate - mostCut * window / tau) }

  private mutating func restore(_ elapsed: Double) -> StepDecision {
    logRate = min(logRate, lossGuard.bestLogRate)
    let cut = (window / tau).squareRoot() * Portable.log(restoreRetreat)
    logRate = Self.within(max(logRate - cut, floor))
    lossGuard.begin()
    meanCosine = 0
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
  /// The share of what slopes foretell that the loss may miss it by.
  private static let toleratedError = 0.25
  /// Norms that m and s are of, and the least number of steps of b's mean.
  private static let normSteps = 50
  private static let rateSteps = 100
}

extension TraceAlignedRate {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    initial = try state.number(.initial)
    steps = try state.count(.steps, through: .max)
    start = try state.number(.start)
    opposition = try state.number(.opposition)
    rejectAbove = try state.number(.rejectAbove)
    rejectSpread = try state.number(.rejectSpread)
    mostCut = try state.number(.mostCut)
    window = try state.number(.window)
    windowGrowth = try state.number(.windowGrowth)
    setPoint = try state.number(.setPoint)
    coherence = try state.number(.coherence)
    lengthening = try state.number(.lengthening)
    noiseRetreat = try state.number(.noiseRetreat)
    decayFrom = try state.number(.decayFrom)
    following = try state.value(.following)
    restoring = try state.value(.restoring)
    tolerance = try state.number(.tolerance)
    restoreRetreat = try state.number(.restoreRetreat)
    learningRate = try state.number(.learningRate, in: .atLeast(0))
    discardedGradients = try state.count(.discardedGradients)
    logRate = try state.number(.logRate, in: .between(-600, 690))
    meanLogRate = try state.number(.meanLogRate, in: .between(-600, 690))
    rateCount = try state.count(.rateCount)
    meanNorm = try state.numberOrNone(.meanNorm, in: .atLeast(0))
    meanLogNorm = try state.number(.meanLogNorm)
    logNormVariance = try state.number(.logNormVariance, in: .atLeast(0))
    normCount = try state.count(.normCount, through: Self.normSteps)
    tau = try state.number(.tau, in: .atLeast(1))
    meanCosine = try state.number(.meanCosine, in: .between(-1, 1))
    longest = try state.numberOrNone(.longest, in: .above(0))
    lastLoss = try state.numberOrNone(.lastLoss)
    isNoisy = try state.value(.isNoisy)
    weight = try state.number(.weight, in: .between(0, 1))
    meanSquare = try state.number(.meanSquare, in: .between(0, 1))
    lossGuard = try state.value(.lossGuard)
    isBest = try state.value(.isBest)
    try state.check(
      Recipe<any LearningRateController>.traceAligned.fault(
        of: initial, steps, start, opposition, rejectAbove, rejectSpread, mostCut, window,
        windowGrowth, setPoint, coherence, lengthening, noiseRetreat, decayFrom, following,
        restoring, tolerance, restoreRetreat))
  }
}
