internal import Records
internal import Statistics

/// What came of the runs of one task, rule and method.
struct MethodRuns: Sendable {
  /// What a run may be.
  enum Trait: Int, CaseIterable {
    /// ``robust``.
    case reached
    /// At or below it at some evaluated step.
    case passed
    case diverged, nonFinite, escaped, worse
    case moved
    /// With a step at a rate below zero.
    case negative
  }

  /// What a run is that reached the rule's target, in words for readers.
  static let robust = "at or below the target throughout the last 5\u{a0}% of a run"

  struct RateRuns: Sendable {
    let index: Int
    /// `nil`, as the starting rate, of a method that has none.
    let exponent: Double?
    let startingRate: Double?
    let count: Int
    let reached: Int
    /// Of log₁₀ of the final gap.
    let logGap: Quartiles
  }

  struct Tuned: Sendable {
    enum Edge: String { case inside = "", low, high }
    let index: Int
    /// `nil`, as the rate, of a method that has no starting rate.
    let exponent: Double?
    let rate: Double?
    /// Whether the grid ends there, so that a better rate may lie outside.
    let edge: Edge
    /// On the seeds that are reported.
    let runs: [ScoredRun]
  }

  var count = 0
  /// By ``Trait``.
  var counts = [Int](repeating: 0, count: Trait.allCases.count)
  /// By seed, ascending: the share of starting rates that reach the target.
  var reachedBySeed: [Double] = []
  /// By starting rate, ascending.
  var rates: [RateRuns] = []
  /// At the starting rate with the least median final gap on the tuning seeds.
  var tuned: Tuned?
  /// The most that a run paid, in gradient evaluations.
  var mostCost = 0.0
  /// Some run paid for losses beyond its gradients.
  var paysForLosses = false
  /// Some run asked for Hessian-vector products.
  var asksForCurvature = false
  var hasHeldOutScores = false
  /// Some run has a share of held-out examples that it classified rightly.
  var hasAccuracies = false
  var fingerprint = Fingerprint()

  /// The share of runs with a trait; `nil` without runs.
  func share(_ trait: Trait) -> Double? {
    count == 0 ? nil : Double(counts[trait.rawValue]) / Double(count)
  }

  /// Whether these are runs of a method without a starting rate.
  var haveNoStart: Bool { !rates.isEmpty && rates.allSatisfy { $0.startingRate == nil } }
}

extension RunRecord {
  var shownGap: Double { finalGap.isNaN ? .infinity : max(finalGap, Self.leastGap) }
  var logGap: Double { decimalLog(shownGap) }
  var hasHeldOutScore: Bool { testLoss != nil || bestTestAccuracy != nil }
}
