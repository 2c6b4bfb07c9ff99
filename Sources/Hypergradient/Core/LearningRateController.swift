internal import HypergradientRecipes

/// Turns a few scalars into a learning rate; never sees a vector.
///
/// η is always finite and, unless the controller was asked for an unbounded form, not negative.
public protocol LearningRateController: Sendable, Codable {
  /// What ``decide(_:)`` asks of a trainer; read again after each decision.
  var requirements: ControllerRequirements { get }

  /// The rate decided last; before the first step, the initial one.
  var learningRate: Double { get }

  /// Decides about this step. Call it once a step, before the parameters move.
  mutating func decide(_ signals: StepSignals) -> StepDecision

  /// Takes over a rate that a bound around this controller put in place of its own, so that its
  /// state does not stick outside the bound.
  mutating func project(learningRate: Double)

  /// Takes over a rate that was found for it before its first step, as by ``HypergradientStartUp``. A
  /// product gives it to the factor that learns as it is, and its schedule begins there: a warm-up ends
  /// at the rate that was found. As ``project(learningRate:)`` for a controller that is no product.
  mutating func begin(learningRate: Double)

  /// Told of a rate that a bound around this controller put in place of the one that it has just
  /// decided: what its own state moved past the bound in this decision is taken back, and no more.
  /// Where something else made the product leave the bound, such as a schedule, nothing is; as
  /// ``project(learningRate:)`` for a controller that is no product.
  mutating func hold(learningRate: Double)

  /// Whether it goes on from a rate that it is given by ``project(learningRate:)``, as no schedule does.
  /// By default that is tried with another rate, on a copy; a controller around another one hands it on.
  var takesRate: Bool { get }
}

/// What a controller asks of a trainer: one value, which a controller around another one hands on.
public struct ControllerRequirements: Sendable, Equatable {
  /// The signals that a decision reads.
  public var signals: StepSignals.Needs
  /// Whether every decision is a step, never a skip, a retake or a restoration.
  public var alwaysSteps: Bool
  /// Whether it may decide to retake, so that u_{t−1} is kept even where no signal of it is needed.
  public var keepsDirection: Bool
  /// Whether it may decide to restore, so that a copy of the best parameters is kept.
  public var keepsBest: Bool
  /// After a decision: whether the parameters that it was made at are the best so far. They are
  /// copied before the step.
  public var isBest: Bool
  /// d of the trace T_t = d·T_{t−1} + u_t that the trace's signals are of, in [0, 1]; after a
  /// decision, for the step decided.
  public var traceDecay: Double
  /// The last step and the last epoch that it has a rate for: infinite, unless a schedule ends with an
  /// error.
  public var lastStep, lastEpoch: Double
  /// Whether runs under such controllers may advance together, see ``OptimizerCohort``, where every
  /// decision is a step and no signal stands in the way.
  public var joinsLanes: Bool
  /// Which way the metric is to go that it watches; `nil` where it watches none, or takes any.
  public var metricDirection: Plateau.Direction?
  /// What its rate was clamped to; `nil` for nothing.
  public var bounds: ClosedRange<Double>?

  public init(
    signals: StepSignals.Needs = [], alwaysSteps: Bool = true, keepsDirection: Bool = false,
    keepsBest: Bool = false, isBest: Bool = false, traceDecay: Double = 0,
    lastStep: Double = .infinity, lastEpoch: Double = .infinity, joinsLanes: Bool = true,
    metricDirection: Plateau.Direction? = nil, bounds: ClosedRange<Double>? = nil
  ) {
    self.signals = signals
    self.alwaysSteps = alwaysSteps
    self.keepsDirection = keepsDirection
    self.keepsBest = keepsBest
    self.isBest = isBest
    self.traceDecay = traceDecay
    self.lastStep = lastStep
    self.lastEpoch = lastEpoch
    self.joinsLanes = joinsLanes
    self.metricDirection = metricDirection
    self.bounds = bounds
  }

  /// With other signals.
  public func with(signals: StepSignals.Needs) -> ControllerRequirements {
    var copy = self
    copy.signals = signals
    return copy
  }

  /// With what a schedule of the rate reads, and where it ends. A product has no bounds.
  func limited(by schedule: ControllerRequirements) -> ControllerRequirements {
    var copy = self
    copy.signals.formUnion(schedule.signals)
    copy.lastStep = min(lastStep, schedule.lastStep)
    copy.lastEpoch = min(lastEpoch, schedule.lastEpoch)
    copy.bounds = nil
    return copy
  }

  /// Those of two controllers that both decide. Their product has no bounds.
  ///
  /// - Precondition: at most one has a trace, at most one keeps the best parameters, and they watch no
  ///   metric in opposite directions.
  public func joined(with other: ControllerRequirements) -> ControllerRequirements {
    ControllerRequirements(
      signals: signals.union(other.signals), alwaysSteps: alwaysSteps && other.alwaysSteps,
      keepsDirection: keepsDirection || other.keepsDirection,
      keepsBest: keepsBest || other.keepsBest, isBest: isBest || other.isBest,
      traceDecay: signals.containsTrace ? traceDecay : other.traceDecay,
      lastStep: min(lastStep, other.lastStep), lastEpoch: min(lastEpoch, other.lastEpoch),
      joinsLanes: joinsLanes && other.joinsLanes,
      metricDirection: metricDirection ?? other.metricDirection)
  }

  /// Why it can't watch a metric that is to go this way, in words that follow who watches; `nil` where
  /// it can.
  package func fault(watching metric: String, toward direction: Plateau.Direction) -> String? {
    guard let metricDirection, metricDirection != direction else { return nil }
    let (its, own) = direction == .maximize ? ("fall", "rise") : ("rise", "fall")
    return "watches a metric that is to \(its), and the \(metric) is to \(own): give it the other "
      + "direction"
  }

  /// That a schedule has no rate any more for the step after so many, or in this epoch, in words; `nil`
  /// where it has one.
  package func end(afterSteps steps: Int, epoch: Double?) -> String? {
    if Double(steps) > lastStep { return "the schedule ends at step \(short(lastStep))" }
    guard let epoch, signals.contains(.epoch), epoch > lastEpoch else { return nil }
    return "the schedule ends at epoch \(short(lastEpoch))"
  }

  /// Whether a decision may be to retake or to restore.
  var mayTakeBack: Bool {
    !alwaysSteps && (keepsDirection || keepsBest || signals.containsDirection)
  }

  /// Why no controller can ask for that; `nil` where it can.
  var fault: String? {
    // The rule has moved to make the direction.
    signals.containsNewDirection && !alwaysSteps
      ? "looks at the direction that is to be taken, and may then skip it or take a step back" : nil
  }
}

extension LearningRateController {
  /// The signals that ``decide(_:)`` reads.
  public var needs: StepSignals.Needs { requirements.signals }

  /// The learning rate of this step, for trainers whose controllers always step.
  ///
  /// - Precondition: the decision is a step.
  public mutating func learningRate(for signals: StepSignals) -> Double {
    guard case .step(let learningRate) = decide(signals) else {
      stop("this controller may skip, retake or restore: call decide(_:) and handle each case")
    }
    return learningRate
  }

  public mutating func project(learningRate: Double) {}
  public mutating func begin(learningRate: Double) { project(learningRate: learningRate) }
  public mutating func hold(learningRate: Double) { project(learningRate: learningRate) }

  public var takesRate: Bool {
    let others = learningRate == 0 ? [1] : [learningRate / 2, 2 * learningRate]
    return others.contains { rate in
      var copy = self
      copy.project(learningRate: rate)
      return copy.learningRate != learningRate
    }
  }

  /// `hold` for the factor that learns, of a product with another one: it may have moved from `before`.
  mutating func hold(_ wanted: Double, movedFrom before: Double) {
    let now = learningRate
    if wanted < now, now > before {
      hold(learningRate: max(before, wanted))
    } else if wanted > now, now < before {
      hold(learningRate: min(before, wanted))
    }
  }
}

/// What a controller decides about one step.
public enum StepDecision: Sendable, Equatable {
  /// θ_t = θ_{t−1} − η·u_t.
  case step(Double)
  /// θ and the rule's state stay, this gradient is discarded; not for a controller that needs the
  /// new direction, since the rule has moved to make it.
  case skip
  /// The last step again with another rate: θ += (η_{t−1} − η)·u_{t−1}, or nothing where there is no
  /// last step; this gradient is discarded. Only for a controller that keeps the direction, or needs
  /// a signal of u_{t−1}.
  case retake(Double)
  /// θ becomes the copy of the best parameters, or stays where there is none yet; this gradient is
  /// discarded and the rule's state stays. There is no last direction any more: the next alignment is
  /// zero. The number is the rate from here on. Only for a controller that keeps the best.
  case restore(Double)

  /// Whether a step of a schedule's has passed. A gradient that is discarded counts as one, but not
  /// where a number about it is not finite.
  package func counts(isFinite: Bool) -> Bool {
    if case .step = self { true } else { isFinite }
  }

  /// The decision with its rate changed.
  func mapRate(_ change: (Double) -> Double) -> StepDecision {
    switch self {
    case .step(let rate): .step(change(rate))
    case .skip: .skip
    case .retake(let rate): .retake(change(rate))
    case .restore(let rate): .restore(change(rate))
    }
  }
}
