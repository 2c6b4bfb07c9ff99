internal import Experiments
internal import Records
internal import Testing

/// References come from their definition, and the built-in ones are still what it gives.
@Suite struct CalibrationTests {
  @Test func theReferenceIsTheRateThatReachesTheLeastGapAtHalfAndKeepsIt() throws {
    var suite = try TinySuite.suite()
    suite.map = nil
    suite.methods.removeAll { $0.name != "fixed" }
    (suite.startingRates.low, suite.startingRates.high, suite.startingRates.count) = (-3, 1, 9)
    suite.referenceGrid = suite.startingRates
    let found = try Calibration.all(of: suite, data: nil, jobs: 2) { _ in }
    #expect(found.count == 3)
    // The same rates as a comparison whose reference is 1, on the tuning seed.
    for task in suite.tasks.indices {
      for rule in ["sgd", "adam"] {
        suite.tasks[task].references[rule]?.rate = 1
      }
    }
    let runs = try TemporaryFolder().run(suite).results.runs.filter {
      $0.seed == 1 && !$0.status.isDiverged
    }
    for (task, references) in zip(suite.tasks, found) {
      for rule in ["sgd", "adam"] {
        let own = runs.filter { $0.task == task.name && $0.rule == rule }
        let levels = own.map { max(1e-8, $0.halfGap, $0.finalGap) }
        let least = try #require(levels.min())
        let best = own.indices.filter { levels[$0] == least }
        let reference = try #require(references[rule])
        #expect(best.contains { own[$0].startingRate == reference.rate })
        #expect(reference.target == least)
        // One seed: neither moves.
        #expect(reference.rates == [reference.rate, reference.rate])
        #expect(reference.targets == [least, least])
      }
    }
  }

  #if !DEBUG
    /// Too slow without optimisation; `hypergrad calibrate --check` says the same of any suite.
    @Test func theReferencesOfSmokeAreUpToDate() throws {
      let suite = try SuiteFile.load("smoke")
      let found = try Calibration.all(of: suite, data: nil, jobs: 2) { _ in }
      for (task, references) in zip(suite.tasks, found) {
        #expect(references == task.references, "\(task.name)")
      }
    }
  #endif
}
