internal import Experiments
internal import Records
internal import Testing

/// References come from their definition, and the built-in ones are still what it gives.
@Suite struct CalibrationTests {
  /// On a grid of half a decade, where rates are alone, and of an eighth, where two are near.
  @Test(arguments: [(9, 0), (33, 1)])
  func theReferenceIsTheRateThatReachesTheLeastGapAtHalfAndKeepsIt(
    _ count: Int, _ near: Int
  ) throws {
    var suite = try TinySuite.suite()
    suite.map = nil
    suite.methods.removeAll { $0.name != "fixed" }
    suite.tasks.removeAll { $0.name == "shift" }
    (suite.startingRates.low, suite.startingRates.high, suite.startingRates.count) = (-3, 1, count)
    suite.referenceGrid = suite.startingRates
    let found = try Calibration.all(of: suite, data: nil, jobs: 2) { _ in }
    #expect(found.count == 2)
    // The same rates as a comparison whose reference is 1, on the tuning seed.
    for task in suite.tasks.indices {
      for rule in ["sgd", "adam"] {
        suite.tasks[task].references[rule]?.rate = 1
      }
    }
    let runs = try TemporaryFolder().run(suite).results.runs.filter { $0.seed == 1 }
    for (task, references) in zip(suite.tasks, found) {
      for rule in ["sgd", "adam"] {
        let own = runs.filter { $0.task == task.name && $0.rule == rule }
        let alone = own.map {
          $0.status.isDiverged ? .infinity : max(1e-8, $0.halfGap, $0.finalGap)
        }
        let levels = alone.indices.map { index in
          let beside = alone[max(0, index - near)...min(alone.count - 1, index + near)].sorted()
          return (beside[(beside.count - 1) / 2] + beside[beside.count / 2]) / 2
        }
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

  /// In sixty steps no fixed rate gets to half of the gap on a curvature that shifts, and so no target says
  /// anything; a rate whose best is past the grid's end is looked for there.
  @Test func whatCantBeATargetIsRefusedWithTheReason() throws {
    var suite = try TinySuite.suite()
    suite.tasks.removeAll { $0.name != "shift" }
    suite.referenceGrid = .init(low: -3, high: 1, count: 9)
    let expected = "no fixed rate of 'sgd' on 'shift' gets to half of the starting gap"
    #expect {
      _ = try Calibration.all(of: suite, data: nil, jobs: 1) { _ in }
    } throws: {
      "\($0)".contains(expected) && "\($0)".contains("above 0.5 says nothing, so give more steps")
    }
    var narrow = try TinySuite.suite()
    narrow.tasks.removeAll { $0.name != "ellipsoid" }
    var wide = narrow
    (narrow.referenceGrid, wide.referenceGrid) = (
      .init(low: -3, high: -2, count: 5), .init(low: -3, high: 2, count: 21)
    )
    // The best rate of descent, about 0.2, is outside the first.
    let a = try Calibration.all(of: narrow, data: nil, jobs: 1) { _ in }[0]["sgd"]
    let b = try Calibration.all(of: wide, data: nil, jobs: 1) { _ in }[0]["sgd"]
    #expect(try #require(a).rate > 0.1)
    #expect(a?.target == b?.target)
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
