internal import PortableMath

/// A rate that a range test suggests, by name; each is a function of the curve alone.
public enum RateSuggestion: String, Sendable, Codable, CaseIterable {
  case largest, smallest, steepest, valley, minimumOverTen, slide

  /// What it is, in one sentence.
  public var definition: String {
    switch self {
    case .largest:
      "the last rate before the smoothed loss turns: at its minimum, or as far beyond as it stays "
        + "within one standard error"
    case .smallest:
      "a quarter of the largest, the low end of a decay or a cycle (a third is usual, too)"
    case .steepest:
      "where d loss / d ln rate of the smoothed loss is least, up to its turn and with the smoothing "
        + "that shows the fall best"
    case .valley:
      "the middle of the longest decreasing subsequence of the smoothed loss, as in fastai"
    case .minimumOverTen: "a tenth of the rate with the least smoothed loss, as in fastai"
    case .slide:
      "the low end of an interval of 15 rates slid down from the end while its slopes differ, as in "
        + "fastai, by more than 0.005 of the fall a rate"
    }
  }

  /// A rate, or why there is none.
  public enum Outcome: Sendable, Equatable, CustomStringConvertible {
    case rate(Double)
    case none(String)

    public var rate: Double? { if case .rate(let rate) = self { rate } else { nil } }
    public var reason: String? { if case .none(let reason) = self { reason } else { nil } }
    public var description: String {
      switch self {
      case .rate(let rate): "\(rate)"
      case .none(let reason): "none: \(reason)"
      }
    }
  }
}

extension RateCurve {
  /// Rates that a curve has at least if anything is read off it.
  public static let fewestRates = 10

  /// One suggestion.
  ///
  /// There is none where the curve says nothing: with fewer than ``fewestRates`` rates, and where the
  /// fall of the losses, from the mean c of those that the noise is taken from, is not above what noise
  /// makes of a flat curve,
  ///
  ///     c − min s ≤ (4 + √(2 ln m))·e + r        m = 1 + n·(1 − β)/(1 + β)
  ///
  /// with each of β = 0.8, 0.9 and 0.95 (or the one that is given; without noise, 0). e is the standard
  /// error of the difference, m about the number of averages that are independent of each other, whose
  /// least lies √(2 ln m) deviations low, and r what rounding may do. Of normal or exponential noise
  /// or Student's t with 3 degrees alone, one curve in a hundred or fewer falls that much; of noise that
  /// is skewed downwards, with few rates, three.
  public func suggestion(_ kind: RateSuggestion) -> RateSuggestion.Outcome {
    let reading = Reading(self)
    return reading.silence.map { .none($0) } ?? reading.outcome(kind)
  }

  /// All of them.
  public var suggestions: [(kind: RateSuggestion, outcome: RateSuggestion.Outcome)] {
    let reading = Reading(self)
    return RateSuggestion.allCases.map { kind in
      (kind, reading.silence.map { .none($0) } ?? reading.outcome(kind))
    }
  }

  /// A curve as suggestions read it.
  private struct Reading {
    let rates: [Double]
    /// s after the step at each rate.
    let losses: [Double]
    let smoothing: Smoothing
    let curve: RateCurve
    /// The place of the last rate before the curve turns.
    let turn: Int

    init(_ curve: RateCurve) {
      self.curve = curve
      rates = curve.rates
      smoothing = curve.smoothing
      losses = Array(smoothing.values.dropFirst())
      let least = smoothing.leastIndex
      var turn = least
      while turn + 1 < smoothing.values.count,
        smoothing.values[turn + 1] - smoothing.values[least]
          <= curve.noise * smoothing.deviations[turn + 1]
      {
        turn += 1
      }
      self.turn = turn - 1
    }

    /// Why nothing can be read off the curve.
    var silence: String? {
      guard curve.initialLoss.isFinite else {
        return "the loss is \(curve.initialLoss) before the first step"
      }
      guard rates.count >= RateCurve.fewestRates else {
        let reach = curve.failedRate ?? rates.last
        let few = "\(rates.count) rates, fewer than \(RateCurve.fewestRates)"
        return curve.end == .largestRate
          ? "too few points: \(few)"
          : "the loss diverges after \(few): begin below \(short(reach ?? .nan))"
      }
      let (fall, needed) = curve.clearestFall
      guard fall > curve.rounding else {
        return curve.end == .largestRate
          ? "the loss does not fall at any rate"
          : "the loss only rises: begin below \(short(rates[0]))"
      }
      guard fall > needed + curve.rounding else {
        return
          "the fall of the loss, \(short(fall)), is within its noise, \(short(needed)); more rates, or "
          + "larger batches, show smaller ones"
      }
      return nil
    }

    /// Why the turn is not in the curve.
    private var isOpen: String? {
      guard curve.end == .largestRate, turn == rates.count - 1 else { return nil }
      return "the loss has not turned at the largest rate, \(short(rates[turn])): test larger ones"
    }

    func outcome(_ kind: RateSuggestion) -> RateSuggestion.Outcome {
      switch kind {
      case .largest: return isOpen.map { .none($0) } ?? .rate(rates[turn])
      case .smallest: return isOpen.map { .none($0) } ?? .rate(rates[turn] / 4)
      case .minimumOverTen:
        return isOpen.map { .none($0) } ?? .rate(RateFormulas.minimumOverTen(rates, losses))
      case .steepest:
        // Slopes need more smoothing than levels; and beyond the turn a curve may be jagged.
        let smoothing = curve.clearestSmoothing
        let losses = Array(smoothing.values.dropFirst())
        let upToTurn = min(rates.count, turn + 2)
        let place = RateFormulas.steepestIndex(
          Array(rates[..<upToTurn]), Array(losses[..<upToTurn]))
        if place == 0 || place == rates.count - 1 {
          let (end, way) = place == 0 ? ("smallest", "smaller") : ("largest", "larger")
          return .none("the loss falls fastest at the \(end) rate: test \(way) ones")
        }
        if place + 1 < rates.count,
          losses[place - 1] - losses[place + 1] <= smoothing.dropOfNoise(curve.noise),
          curve.noise > 0
        {
          return .none("no place is steeper than noise makes one: more rates show more")
        }
        return .rate(rates[place])
      case .valley: return .rate(RateFormulas.valley(rates, losses))
      case .slide:
        guard rates.count > 15 else { return .none("too few points: 15 rates make no interval") }
        // A threshold in loss a rate; fastai's, for losses that fall by about 1.
        let threshold = 0.005 * smoothing.fall
        guard let rate = RateFormulas.slide(rates, losses, threshold: threshold) else {
          return .none("the slopes at the ends of the last interval do not differ")
        }
        return .rate(rate)
      }
    }

    /// A number for a sentence: three digits.
    private func short(_ value: Double) -> String {
      RateFormulas.short(value)
    }
  }
}
