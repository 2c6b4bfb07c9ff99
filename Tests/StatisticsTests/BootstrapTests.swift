import PortableMath
import Statistics
import Testing

@Suite struct BootstrapTests {
  let skewed = [0.2, 1.1, 0.4, 3.9, 2.5, 0.7, 1.6, 0.1, 5.2, 0.9]
  let other = [10.0, 12.0, 10.5, 19.0]

  func bootstrap(_ resamples: Int = 10_000) -> Bootstrap {
    Bootstrap(key: RandomKey("tests.bootstrap"), resamples: resamples)
  }
  static func meanOfMeans(_ strata: [[Double]]) -> Double {
    mean(strata.map { mean($0)! })!
  }

  /// scipy 1.17.1, `scipy.stats.bootstrap` with 400 000 resamples: [0.750, 2.740] for percentile and
  /// [0.860, 2.960] for BCa. The tolerance is four standard errors of a quantile of 10 000 resamples.
  @Test func agreesWithScipyOnOneSample() {
    let percentile = bootstrap().percentileInterval([skewed], statistic: Self.meanOfMeans)
    #expect(abs(percentile.low - 0.75) < 0.04 && abs(percentile.high - 2.74) < 0.06)
    let bca = bootstrap().bcaInterval([skewed], statistic: Self.meanOfMeans)
    #expect(abs(bca.low - 0.86) < 0.04 && abs(bca.high - 2.96) < 0.08)
  }

  /// As above, two samples: [5.788, 9.333] for percentile and [5.946, 9.789] for BCa.
  @Test func agreesWithScipyOnTwoStrata() {
    let strata = [skewed, other]
    let percentile = bootstrap().percentileInterval(strata, statistic: Self.meanOfMeans)
    #expect(abs(percentile.low - 5.788) < 0.05 && abs(percentile.high - 9.333) < 0.12)
    let bca = bootstrap().bcaInterval(strata, statistic: Self.meanOfMeans)
    #expect(abs(bca.low - 5.946) < 0.05 && abs(bca.high - 9.789) < 0.2)
  }

  @Test func theKeyDecidesTheDraws() {
    let first = bootstrap(500).bcaInterval([skewed], statistic: Self.meanOfMeans)
    #expect(first == bootstrap(500).bcaInterval([skewed], statistic: Self.meanOfMeans))
    let other = Bootstrap(key: RandomKey("tests.bootstrap", 1), resamples: 500)
    #expect(first != other.bcaInterval([skewed], statistic: Self.meanOfMeans))
  }

  @Test func equalObservationsGiveAPoint() {
    let interval = bootstrap(50).bcaInterval([[2, 2, 2]], statistic: Self.meanOfMeans)
    #expect(interval == Interval(2, 2))
  }

  @Test func infinitiesFallBackToPercentiles() {
    let values = [1, 2, 3, .infinity]
    let interval = bootstrap(500).bcaInterval([values]) { median($0[0])! }
    #expect(interval == bootstrap(500).percentileInterval([values]) { median($0[0])! })
    #expect(interval.high == .infinity && interval.low.isFinite)
  }

  @Test func aSingleObservationFallsBackToPercentiles() {
    let interval = bootstrap(50).bcaInterval([[4], skewed]) { $0[0][0] + median($0[1])! }
    #expect(
      interval == bootstrap(50).percentileInterval([[4], skewed]) { $0[0][0] + median($0[1])! })
  }
}
