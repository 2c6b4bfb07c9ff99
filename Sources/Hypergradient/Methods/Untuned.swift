internal import HypergradientRecipes

/// The default that needs no tuning, as the tables have it.
package enum Untuned {
  static let share = 0.75
  static let trials = StartUpTrials.galloping

  /// Its text over a rule and a guess of the rate, for `steps` steps.
  package static func text(
    _ rule: String = "rule", initial: String = "rate", steps: String = "steps"
  ) -> String {
    "startUp(\(rule), rate: traceAligned(initial: \(initial), steps: \(steps)), "
      + "share: \(short(share)), trials: .\(trials.rawValue))"
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
