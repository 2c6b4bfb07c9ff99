internal import HypergradientRecipes

/// The default that needs no tuning, as the tables have it.
package enum Untuned {
  static let share = 0.75
  static let trials = StartUpTrials.galloping

  /// Stands for a horizon that is not known: no run is as long.
  static let noHorizon = 1_000_000_000_000
  static let setPointWithoutHorizon = 0.25

  /// Its text over a rule and a guess of the rate, for `steps` steps.
  package static func text(
    _ rule: String = "rule", initial: String = "rate", steps: String = "steps"
  ) -> String {
    text(rule, rate: "initial: \(initial), steps: \(steps)")
  }

  /// The same for a run whose number of steps is not known.
  package static func textWithoutHorizon(
    _ rule: String = "rule", initial: String = "rate"
  ) -> String {
    text(
      rule,
      rate: "initial: \(initial), steps: \(short(Double(noHorizon))), "
        + "setPoint: \(short(setPointWithoutHorizon))") + ".averaged()"
  }

  private static func text(_ rule: String, rate arguments: String) -> String {
    "startUp(\(rule), rate: traceAligned(\(arguments)), share: \(short(share)), "
      + "trials: .\(trials.rawValue))"
  }
}

extension HypergradientStartUp where Controller == TraceAlignedRate {
  /// The default that needs no tuning: a search, then ``TraceAlignedRate``, with the constants that the
  /// tables are about.
  ///
  ///     startUp(rule, rate: traceAligned(initial: α₀, steps: T), share: 0.75, trials: .galloping)
  ///
  /// - Parameters:
  ///   - initial: α₀ > 0, any guess; it may be wrong by many decades.
  ///   - steps: T, the horizon, at least 1.
  public init(_ rule: Rule, initial: Double, steps: Int) {
    self.init(
      rule, rate: TraceAlignedRate(initial: initial, steps: steps), share: Untuned.share,
      trials: Untuned.trials)
  }
}

extension Averaged {
  /// The default that needs no tuning, where the number of steps is not known: nothing is annealed,
  /// the points are averaged.
  ///
  ///     startUp(rule, rate: traceAligned(initial: α₀, steps: 1e12, setPoint: 0.25),
  ///         share: 0.75, trials: .galloping).averaged()
  ///
  /// - Parameter initial: α₀ > 0, any guess; it may be wrong by many decades.
  public init<Rule: UpdateRule>(_ rule: Rule, initial: Double)
  where Base == HypergradientStartUp<Rule, TraceAlignedRate> {
    self.init(
      HypergradientStartUp(
        rule,
        rate: TraceAlignedRate(
          initial: initial, steps: Untuned.noHorizon, setPoint: Untuned.setPointWithoutHorizon),
        share: Untuned.share, trials: Untuned.trials))
  }
}
