internal import HypergradientRecipes

/// Tells from noisy losses whether what was gained has been lost.
///
///     ℓ̄ += max(1/n, 0.2) (ℓ_t − ℓ̄)
///     σ² += max(1/(n−1), 0.05) ((ℓ_t − ℓ̄_{t−1})² − σ²)       from n = 2
///     best    s = ℓ̄ + 2σ is at most the least s so far
///     lost    ℓ̄ − least > ½ (ℓ̄₀ − least)₊ + 1.5σ_{t−1}, from n = max(4, τ/10);  or ℓ_t not finite
///     moved   twice in a row, the first loss after a restoration is above the s that was restored
///
/// The noise counts against a point, so that a lucky loss among noisy ones is not the best for long.
/// n counts since the last restoration, at which all but ℓ̄₀, the largest ℓ̄ of the first four steps,
/// begins again; as the controller's window τ grows, restorations become rarer. Where the best
/// parameters do not bring back their loss, the loss itself has moved, as one whose weights or data
/// change, or a game's: what the best ones were says nothing any more, and the guard is silent from
/// then on. It does not change when a number is added to the loss or multiplied with it.
struct LossGuard: Codable, Sendable {
  enum Verdict {
    case best
    case ordinary
    case lost
  }

  /// The rate's logarithm at the best parameters.
  private(set) var bestLogRate = 0.0
  private var count = 0
  private var mean = 0.0
  private var variance = 0.0
  /// ℓ̄₀.
  private var first: Double?
  private var firstCount = 0
  private var least: Double?
  /// The s of the best parameters, which are restored, and how often in a row it did not come back.
  private var promised: Double?
  private var misses = 0

  /// - Parameters:
  ///   - logRate: the rate's logarithm before this step.
  ///   - tolerance: the share of what was gained that may be lost, ½ above.
  ///   - window: τ, in steps.
  mutating func judge(
    _ loss: Double, logRate: Double, tolerance: Double, window: Double
  ) -> Verdict {
    guard !hasMoved else { return .ordinary }
    guard loss.isFinite else { return least == nil ? .ordinary : .lost }
    let deviation = variance.squareRoot()
    let surprise = Self.within(loss) - mean
    count += 1
    if let promised {
      misses = loss > promised ? misses + 1 : 0
      self.promised = nil
    }
    if count > 1 {
      let square = min(abs(surprise), 1e150) * min(abs(surprise), 1e150)
      variance += max(1 / Double(count - 1), 0.05) * (square - variance)
    }
    mean += max(1 / Double(count), 0.2) * surprise
    if firstCount < Self.firstSteps {
      firstCount += 1
      first = max(first ?? mean, mean)
    }
    if let least, let first, Double(count) >= max(Double(Self.firstSteps), window / 10),
      mean - least > tolerance * max(0, first - least) + 1.5 * deviation
    {
      return .lost
    }
    let score = mean + 2 * variance.squareRoot()
    if let least, score > least { return .ordinary }
    least = score
    bestLogRate = logRate
    return .best
  }

  /// Begins again, at the best parameters.
  mutating func begin() {
    count = 0
    mean = 0
    variance = 0
    (promised, least) = (least, nil)
  }

  private var hasMoved: Bool { misses >= 2 }

  private static let firstSteps = 4
  private static func within(_ loss: Double) -> Double { min(max(loss, -1e300), 1e300) }
}

extension LossGuard {
  init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    bestLogRate = try state.number(.bestLogRate)
    count = try state.count(.count)
    mean = try state.number(.mean)
    variance = try state.number(.variance, in: .atLeast(0))
    first = try state.numberOrNone(.first)
    firstCount = try state.count(.firstCount)
    least = try state.numberOrNone(.least)
    promised = try state.numberOrNone(.promised)
    misses = try state.count(.misses)
  }
}
