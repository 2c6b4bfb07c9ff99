internal import HypergradientRecipes

/// What the controllers of a cohort see at one step: a value a run, where the controllers need it.
struct LaneSignals {
  var step: Int
  var epoch: Double?
  var losses: UnsafePointer<Double>?
  var alignments: UnsafePointer<Double>?
  var gradientNorms: UnsafePointer<Double>?
  var directionNorms: UnsafePointer<Double>?
  /// cos(u, g) where the others do not give it, else NaN; `nil` where they do for all runs.
  var exactCosines: UnsafePointer<Double>?

  @inline(__always)
  func of(_ run: Int) -> StepSignals {
    var signals = StepSignals(
      step: step, epoch: epoch, loss: losses?[run], alignment: alignments?[run],
      gradientNorm: gradientNorms?[run], previousDirectionNorm: directionNorms?[run])
    if let exactCosines { signals.exactCosines[0] = exactCosines[run] }
    return signals
  }
}

enum LaneDecisions {
  /// Decides for every run that is not retired; the rates of retired ones are zero.
  @specialized(where Controller == ConstantRate)
  @specialized(where Controller == Plateau)
  @specialized(where Controller == HypergradientDescent<GradientDescent<Double>, ConstantRate>)
  static func decide<Controller: LearningRateController>(
    _ controllers: UnsafeMutablePointer<Controller>, isActive: UnsafePointer<Bool>, count: Int,
    _ signals: LaneSignals, rates: UnsafeMutablePointer<Double>
  ) {
    for run in 0..<count {
      guard isActive[run] else {
        rates[run] = 0
        continue
      }
      guard case .step(let rate) = controllers[run].decide(signals.of(run)) else {
        stop("a controller that says alwaysSteps did not decide to step")
      }
      rates[run] = rate
    }
  }

  /// The controller of the common form.
  typealias Additive = HypergradientDescent<GradientDescent<Double>, ConstantRate>

  /// Whether a controller decides from the alignment alone.
  static func isAdditive<Controller: LearningRateController>(_ controller: Controller) -> Bool {
    (controller as? Additive)?.isPlain ?? false
  }

  /// The same as ``decide(_:isActive:count:_:rates:)`` for controllers that all are.
  static func decideAdditively(
    _ controllers: UnsafeMutableRawPointer, isActive: UnsafePointer<Bool>, count: Int,
    alignments: UnsafePointer<Double>, rates: UnsafeMutablePointer<Double>
  ) {
    let controllers = controllers.assumingMemoryBound(to: Additive.self)
    for run in 0..<count {
      rates[run] = isActive[run] ? controllers[run].decide(alignment: alignments[run]) : 0
    }
  }
}
