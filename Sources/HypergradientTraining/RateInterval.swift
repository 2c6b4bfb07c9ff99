internal import HypergradientRecipes
internal import PortableMath

/// One suggestion over several seeds: the median in the logarithm of the rate, and the range.
public struct RateInterval: Sendable, Equatable {
  public let outcome: RateSuggestion.Outcome
  /// The least and the largest of the seeds' rates; `nil` where there is no rate.
  public let range: ClosedRange<Double>?
  /// Seeds that have a rate, and all.
  public let found, of: Int

  /// There is none where half of the seeds or more have none; the reason is then the commonest, the
  /// first of equally common ones.
  ///
  /// - Precondition: at least one outcome.
  public init(_ outcomes: [RateSuggestion.Outcome]) {
    require(!outcomes.isEmpty, "there is no seed")
    let rates = outcomes.compactMap(\.rate).sorted()
    found = rates.count
    of = outcomes.count
    guard 2 * found > of else {
      let reasons = outcomes.compactMap(\.reason)
      var best = reasons[0]
      func count(_ reason: String) -> Int { reasons.count { $0 == reason } }
      for reason in reasons where count(reason) > count(best) { best = reason }
      range = nil
      outcome = .none(of == 1 ? best : "\(best) (\(of - found) of \(of) seeds have none)")
      return
    }
    range = rates[0]...rates[found - 1]
    let half = found / 2
    // √(a·b) is the middle of the logarithms, and exact where a is b.
    let middle =
      found % 2 == 1 ? rates[half] : (rates[half - 1].squareRoot() * rates[half].squareRoot())
    outcome = .rate(found % 2 == 0 && rates[half - 1] == rates[half] ? rates[half] : middle)
  }
}
