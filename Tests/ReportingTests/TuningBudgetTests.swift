import Records
import Reporting
import Testing

/// The expected share of successes after n trials, against all choices of n places, one by one.
@Suite struct TuningBudgetTests {
  private static let tuning = [0, 1]
  private static let report = [2, 3]

  /// Whether a run succeeds, and its gap: by task, place and seed, without a pattern.
  private static func gap(_ task: Int, _ rate: Int, _ hyper: Int, _ seed: Int) -> Double {
    let mixed = (task * 7 + rate * 5 + hyper * 3 + seed * 11 + rate * hyper * seed) % 8
    return [1e-4, 0.5, 2e-4, .infinity, 0.3, 5e-4, 0.02, 1e-5][mixed] * (1 + Double(seed) / 100)
  }

  /// The sample with a map on all its seeds.
  static var results: Results {
    var results = Sample.results
    results.suite.map?.seeds = Sample.seeds
    results.runs.removeAll { $0.part == .map }
    for (t, task) in ["bowl_1", "valley"].enumerated() {
      for seed in Sample.seeds {
        for rate in 0..<3 {
          for hyper in 0..<2 {
            var run = Sample.run(
              .map, task: task, method: "tuned", seed: seed, rate: rate,
              gap: gap(t, rate, hyper, seed))
            run.hyperIndex = hyper
            run.hyperLearningRate = [0.01, 0.1][hyper]
            results.runs.append(run)
          }
        }
      }
    }
    return results
  }

  private func made(_ results: Results) -> Table? {
    Report.tables(results).first { $0.name == "tuning-budget" }
  }

  private func number(_ table: Table, _ method: String, _ column: String) throws -> Double {
    let row = try #require(table.rows.first { $0[0].content == .text(method) })
    let index = try #require(table.columns.firstIndex { $0.fullHeading == column })
    guard case .number(let value) = row[index].content else {
      Issue.record("no number in \(column)")
      return .nan
    }
    return value
  }

  /// The mean over all subsets of n of the six places of the share of the place that tuning prefers.
  private func enumerated(_ task: Int, trials n: Int) -> Double {
    struct Place {
      var gap: Double
      var area: Double
      var share: Double
    }
    var places: [Place] = []
    for rate in 0..<3 {
      for hyper in 0..<2 {
        let gaps = Self.tuning.map { Self.gap(task, rate, hyper, $0) }
        let areas = gaps.map { $0 <= 0.001 ? -2.0 : 0 }
        let reached = Self.report.filter { Self.gap(task, rate, hyper, $0) <= 0.001 }
        places.append(
          Place(
            gap: (gaps[0] + gaps[1]) / 2, area: (areas[0] + areas[1]) / 2,
            share: Double(reached.count) / Double(Self.report.count)))
      }
    }
    var (sum, count) = (0.0, 0)
    for subset in 0..<(1 << places.count) where subset.nonzeroBitCount == n {
      let drawn = places.indices.filter { subset >> $0 & 1 == 1 }
      let best = drawn.min {
        (places[$0].gap, places[$0].area, $0) < (places[$1].gap, places[$1].area, $1)
      }!
      sum += places[best].share
      count += 1
    }
    return sum / Double(count)
  }

  @Test func theExpectationIsThatOfAllChoices() throws {
    let table = try #require(made(Self.results))
    for n in [1, 3, 6] {
      let expected = (enumerated(0, trials: n) + enumerated(1, trials: n)) / 2
      let found = try number(table, "tuned", "trials after \(n) [%]")
      #expect(abs(found - expected) < 1e-14, "\(n) trials")
    }
    #expect(try number(table, "tuned", "places") == 6)
  }

  /// fixed succeeds at one rate of three, which tuning finds wherever it is tried: 1/3 of single
  /// trials, all of three. both & half: at all rates, on one of two tasks.
  @Test func ofTheSweepTheStartingRateIsDrawn() throws {
    let table = try #require(made(Self.results))
    #expect(abs(try number(table, "fixed", "trials after 1 [%]") - 1.0 / 3) < 1e-15)
    #expect(try number(table, "fixed", "trials after 3 [%]") == 1)
    // It has no more than three places.
    #expect(try number(table, "fixed", "trials after 6 [%]") == 1)
    #expect(try number(table, "both & half", "trials after 1 [%]") == 0.5)
    #expect(try number(table, "broken", "trials after 3 [%]") == 0)
    #expect(table.caption.contains("the seeds 0, 1"))
    #expect(table.caption.contains("the seeds 2, 3"))
    #expect(table.caption.contains("after 3 trials"))
  }

  /// A seed that the map has not is left out of the sweep, too: all methods have the same noise.
  @Test func allMethodsHaveTheSeedsOfTheMap() throws {
    var results = Self.results
    results.suite.map?.seeds = [0, 2]
    for i in results.runs.indices where results.runs[i].seed == 3 {
      results.runs[i].reached = false
    }
    let table = try #require(made(results))
    #expect(try number(table, "fixed", "trials after 3 [%]") == 1)
  }

  @Test func thereIsNoneWithoutSeedsToTuneAndToReportOn() {
    #expect(made(Sample.results) == nil)
    var results = Self.results
    results.suite.map = nil
    results.runs.removeAll { $0.part == .map }
    #expect(made(results) == nil)
  }
}
