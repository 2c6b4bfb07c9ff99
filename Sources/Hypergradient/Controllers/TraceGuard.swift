package import HypergradientRecipes

/// A controller that is shown the alignment of the gradient with a trace of directions, in place of
/// the last direction alone: a guard against learning from the noise of neighbouring steps.
///
///     T_t = d_t T_{t−1} + u_t        d_t = 1 − 1/max(least, share·t),  t = 1, 2, …
///     base sees ⟨T_{t−1}, g_t⟩ for ⟨u_{t−1}, g_t⟩, and ‖T_{t−1}‖ for ‖u_{t−1}‖
///
/// ⟨T, g⟩ is −∂f/∂η of one rate that the last max(least, share·t) steps share, leaving out what an
/// earlier step changes in later gradients. With gradient noise, the alignment with the last
/// direction alone is below zero on average at every stable rate once θ wanders about a minimum, so
/// that hypergradient descent by itself has no rate at which it rests; and noise that is correlated
/// from step to step drives the rate up or down whatever the loss does. A trace that grows with the
/// run sees progress that is small beside the noise of a step, and averages correlation away where it
/// lasts for a short part of the window.
///
/// It repairs the early loss of the rate under white noise and noise that alternates, and noise with
/// correlation ½. It does not repair correlation over many steps (0.9); ``IndependentAlignment`` does,
/// and the two together. Studies/StationarityGuard has the measured table. In the additive form the
/// alignment is as many times larger as the window has steps: β must be smaller.
///
/// - Precondition of its use: the base does not read the trace itself.
///
/// > Source: the trace without its Hessian term as in A. Sharifnassab, S. Salehkaleybar and R. Sutton,
/// > MetaOptimize (2025); the window that grows with the step is this package's.
public struct TraceGuard<Base: LearningRateController>: LearningRateController {
  public private(set) var base: Base
  /// The window's part of the steps so far.
  public let share: Double
  /// The window in steps at the start.
  public let least: Double
  /// d_t.
  public private(set) var traceDecay: Double

  /// - Precondition: `base` does not need the trace.
  public init(_ base: Base, share: Double = 0.5, atLeast least: Double = 25) {
    Recipe<Modifier<any LearningRateController>>.guardedByTrace.check(share, least)
    if let fault = Self.fault(base) { stop(fault) }
    (self.base, self.share, self.least) = (base, share, least)
    traceDecay = 0
  }

  /// Why a controller can't be guarded.
  static func fault(_ base: Base) -> String? {
    base.requirements.signals.containsTrace
      ? "'guardedByTrace' is for a controller that reads no trace itself" : nil
  }

  public var requirements: ControllerRequirements {
    var own = base.requirements
    if own.signals.remove(.alignment) { own.signals.insert(.traceAlignment) }
    if own.signals.remove(.previousDirectionNorm) { own.signals.insert(.traceNorm) }
    own.traceDecay = traceDecay
    return own
  }

  public var learningRate: Double { base.learningRate }
  public var takesRate: Bool { base.takesRate }

  public mutating func decide(_ signals: StepSignals) -> StepDecision {
    traceDecay = 1 - 1 / max(least, share * Double(signals.step + 1))
    return base.decide(signals.withTraceAsDirection())
  }

  public mutating func project(learningRate: Double) { base.project(learningRate: learningRate) }
  public mutating func begin(learningRate: Double) { base.begin(learningRate: learningRate) }
  public mutating func hold(learningRate: Double) { base.hold(learningRate: learningRate) }
}

extension StepSignals {
  /// The trace's signals under the last direction's names.
  fileprivate func withTraceAsDirection() -> StepSignals {
    var copy = self
    copy.presence.remove(.alignment)
    copy.presence.remove(.previousDirectionNorm)
    if presence.contains(.traceAlignment) { copy[.alignment] = traceAlignment }
    copy.exactCosines[0] = exactCosines[1]
    if presence.contains(.traceNorm) { copy[.previousDirectionNorm] = traceNorm }
    return copy
  }
}

extension LearningRateController {
  /// This controller on a trace of directions over the last `share` of the run, at least `least` steps.
  public func guardedByTrace(share: Double = 0.5, atLeast least: Double = 25) -> TraceGuard<Self> {
    TraceGuard(self, share: share, atLeast: least)
  }
}

extension Recipe where Product == Modifier<any LearningRateController> {
  package static let guardedByTrace = Recipe(
    "guardedByTrace",
    { (share: Double, least: Double) in
      Modifier(refusing: { base in
        func open<C: LearningRateController>(
          _ base: C
        ) -> Result<any LearningRateController, Refusal> {
          TraceGuard<C>.fault(base).map { .failure(Refusal($0)) }
            ?? .success(base.guardedByTrace(share: share, atLeast: least))
        }
        return open(base)
      })
    },
    .number(
      "share", in: .excluding(0, through: 1), default: 0.5, "the trace's part of the steps so far"),
    .number("atLeast", in: .atLeast(1), default: 25, unit: "steps", "the trace at the start"),
    summary: "a controller on a long trace of directions: less misled by gradient noise",
    examples: [
      "hypergradient(initial: 0.1, hyperLearningRate: 0.05, form: .multiplicative)"
        + ".guardedByTrace()",
      "hypergradient(initial: 0.1, hyperLearningRate: 0.01).scaled(by: linearWarmup(over: 20))"
        + ".guardedByTrace(share: 0.2, atLeast: 3)",
    ],
    compared: [
      .init(
        "hypergradient(initial: rate, hyperLearningRate: 0.05, "
          + "form: .multiplicative).guardedByTrace()", as: "hypergradient-guarded")
    ])
}

extension TraceGuard {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    base = try state.value(.base)
    share = try state.number(.share)
    least = try state.number(.least)
    traceDecay = try state.number(.traceDecay, in: .between(0, 1))
    try state.check(
      Self.fault(base)
        ?? Recipe<Modifier<any LearningRateController>>.guardedByTrace.fault(of: share, least))
  }
}
