extension Plateau {
  /// How PyTorch's threshold is applied.
  public enum ThresholdMode: String, Sendable, Codable, CaseIterable {
    /// best·(1 ∓ threshold), which has the wrong sign where the best is negative.
    case relative
    /// best ∓ threshold.
    case absolute
  }

  /// PyTorch's `ReduceLROnPlateau`, to the bit, with its names and defaults.
  ///
  /// What differs from the contract: a reduction falls on bad observation number `patience` + 1;
  /// the relative threshold multiplies best; best begins as the worst infinity and may become the
  /// good one, after which nothing is better; a rate below `minimum` is left alone, and so is one
  /// that would change by `eps` or less, though that counts as an action.
  ///
  /// > Source: PyTorch 2.13, `torch.optim.lr_scheduler.ReduceLROnPlateau`, one parameter group.
  ///
  /// - Precondition: `factor` is in [0, 1), the others are finite and at least 0.
  public static func pyTorch(
    initial: Double, factor: Double = 0.1, patience: Int = 10, threshold: Double = 1e-4,
    thresholdMode: ThresholdMode = .relative, mode: Direction = .minimize, cooldown: Int = 0,
    minimum: Double = 0, eps: Double = 1e-8, watching source: Source = .metric
  ) -> Plateau {
    precondition(patience >= 0, "the patience is \(patience), not at least 0")
    precondition(
      minimum >= 0 && minimum.isFinite, "minimum is \(minimum), not a finite number of at least 0")
    precondition(eps >= 0 && eps.isFinite, "eps is \(eps), not a finite number of at least 0")
    return Plateau(
      initial: initial, reduce: .by(factor, after: patience + 1), increase: nil,
      within: 0...Double.greatestFiniteMagnitude,
      comparing: Comparison(
        thresholdMode == .relative ? .multiple(threshold) : .absolute(threshold), mode,
        candidates: .comparable),
      cooldown: cooldown, bestDuringCooldown: .moves, watching: source,
      compatibility: Compatibility(minimum: minimum, smallestChange: eps))
  }

  /// Keras' `ReduceLROnPlateau`, to the bit of its single-precision rate, with its defaults.
  ///
  /// What differs from the contract: patience 0 is patience 1; a cooldown of c ignores c − 1
  /// observations, since the one that ends it counts; the first observation is best even if it is
  /// NaN, after which nothing is better; a rate at or below `minimum` is left alone, and the run of
  /// bad observations then goes on. The margin is absolute, and the rate is stored as a Float.
  ///
  /// > Source: Keras 3.15, `keras.callbacks.ReduceLROnPlateau`; `mode` is given, never guessed.
  ///
  /// - Precondition: `factor` is in [0, 1), the others are finite and at least 0, and the rate is
  ///   within Float's range.
  public static func keras(
    initial: Double, factor: Double = 0.1, patience: Int = 10, minDelta: Double = 1e-4,
    mode: Direction = .minimize, cooldown: Int = 0, minimum: Double = 0,
    watching source: Source = .metric
  ) -> Plateau {
    let largest = Double(Float.greatestFiniteMagnitude)
    precondition(patience >= 0, "the patience is \(patience), not at least 0")
    precondition(cooldown >= 0, "the cooldown is \(cooldown), not at least 0")
    precondition(
      minimum >= 0 && minimum <= largest, "minimum is \(minimum), not in 0...\(largest)")
    return Plateau(
      initial: initial, reduce: .by(factor, after: max(patience, 1)), increase: nil,
      within: 0...largest,
      comparing: Comparison(.absolute(minDelta), mode, candidates: .first),
      cooldown: max(cooldown - 1, 0), bestDuringCooldown: .moves, watching: source,
      compatibility: Compatibility(
        minimum: minimum, idleAction: .keepsCounting, isSinglePrecision: true))
  }

  /// Optax' `contrib.reduce_on_plateau`, with its names and defaults: `initial` is the rate that its
  /// scale, which begins at 1, multiplies.
  ///
  /// What differs from the contract: the relative margin multiplies best, and the absolute one is taken
  /// off it; best begins as infinity and may become −infinity, after which nothing is better. An
  /// observation is the mean of `accumulationSize` values. Not followed: a `patience` of 0, with which
  /// the library reduces at every improvement and never at a plateau, and a `minScale` above 1, with
  /// which it raises the rate; each is an error here. The rate is a Double, where theirs is a Float32.
  ///
  /// > Source: Optax 0.2.8, `optax.contrib.reduce_on_plateau`.
  ///
  /// - Parameter accumulationSize: values in an observation; for losses only, since a metric comes
  ///   once in a while by itself.
  /// - Precondition: `factor` is in (0, 1), `patience` and `accumulationSize` at least 1, `minScale` in
  ///   [0, 1], the others finite and at least 0.
  public static func optax(
    initial: Double, factor: Double = 0.1, patience: Int = 10, rtol: Double = 1e-4,
    atol: Double = 0, cooldown: Int = 0, accumulationSize: Int = 1, minScale: Double = 0
  ) -> Plateau {
    precondition(factor > 0 && factor < 1, "the factor is \(factor), not in (0, 1)")
    precondition(minScale >= 0 && minScale <= 1, "minScale is \(minScale), not in [0, 1]")
    return Plateau(
      initial: initial, reduce: .by(factor, after: patience), increase: nil,
      within: 0...Double.greatestFiniteMagnitude,
      comparing: Comparison(.both(rtol, atol), .minimize, candidates: .comparable),
      cooldown: cooldown, bestDuringCooldown: .moves,
      watching: .loss(averagedOver: accumulationSize),
      compatibility: Compatibility(minimum: initial * minScale))
  }

  /// fastai's `ReduceLROnPlateau`, with its names and defaults; its `factor` divides.
  ///
  /// What differs from the contract: patience 0 is patience 1; best begins as the worst infinity and may
  /// become the good one, after which nothing is better. Not followed: a rate below `minLr` is raised
  /// to it there, and left alone here. 1/`factor` is rounded once more than there.
  ///
  /// > Source: fastai 2, `fastai.callback.tracker.ReduceLROnPlateau`; best begins anew with each fit.
  ///
  /// - Precondition: `factor` is greater than 1, the others are finite and at least 0.
  public static func fastai(
    initial: Double, factor: Double = 10, patience: Int = 1, minDelta: Double = 0,
    mode: Direction = .minimize, minLr: Double = 0, watching source: Source = .metric
  ) -> Plateau {
    precondition(factor > 1 && factor.isFinite, "the factor is \(factor), not greater than 1")
    precondition(patience >= 0, "the patience is \(patience), not at least 0")
    precondition(minLr >= 0 && minLr.isFinite, "minLr is \(minLr), not at least 0")
    return Plateau(
      initial: initial, reduce: .by(1 / factor, after: max(patience, 1)), increase: nil,
      within: 0...Double.greatestFiniteMagnitude,
      comparing: Comparison(.absolute(minDelta), mode, candidates: .comparable), cooldown: 0,
      bestDuringCooldown: .moves, watching: source, compatibility: Compatibility(minimum: minLr))
  }
}
