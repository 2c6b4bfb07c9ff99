import Statistics
import Testing
import Baydin2018

@Suite struct ComparisonTests {
  /// One epoch for each test loss, one seed each.
  func logs(_ losses: [Double]) -> [TrainingLog] {
    losses.enumerated().map { seed, loss in
      var log = TrainingLog(method: "SGD", seed: seed)
      log.epochs.append(
        TrainingLog.Epoch(
          trainingLoss: 1, testLoss: loss, testAccuracy: 0.5, lastRate: 1, meanRate: 1))
      return log
    }
  }

  func verdict(_ low: Double, _ high: Double, epoch: Int = 1) -> Comparison.Verdict? {
    let published = PublishedValue(
      source: .log, method: "SGD", quantity: .testLoss, epoch: epoch, low: low, high: high)
    return Comparison(published, logs([1, 2, 3, 4, 5]))?.verdict
  }

  @Test func verdictsSayWhereTheValueLies() {
    #expect(verdict(3, 3) == .insideInterval)
    #expect(verdict(1, 1) == .insideRange)
    // The standard deviation of 1…5 is √2.5.
    #expect(verdict(8, 8) == .outside(5 / 2.5.squareRoot()))
    #expect(verdict(-2, -2) == .outside(-5 / 2.5.squareRoot()))
    // Of a range, the nearer end counts.
    #expect(verdict(8, 9) == .outside(5 / 2.5.squareRoot()))
    #expect(verdict(0, 9) == .insideInterval)
    #expect(verdict(3, 3, epoch: 2) == nil)
  }

  @Test func theIntervalIsOfTheMean() throws {
    let published = PublishedValue(
      source: .log, method: "SGD", quantity: .testLoss, epoch: 1, low: 3, high: 3)
    let few = try #require(Comparison(published, logs([1, 2, 3, 4, 5])))
    let many = try #require(
      Comparison(published, logs((0..<20).flatMap { _ in [1.0, 2, 3, 4, 5] })))
    #expect(few.mean == 3 && many.mean == 3)
    #expect(few.interval.low > 1 && few.interval.low < 3 && few.interval.high > 3)
    let shrinkage =
      (many.interval.high - many.interval.low) / (few.interval.high - few.interval.low)
    #expect(shrinkage > 0.15 && shrinkage < 0.35)  // About 1/√20.
  }

  @Test func ratesAreCountedAsInTheLogs() {
    var log = TrainingLog(method: "SGD-HD", seed: 1)
    for (step, rate) in [1e-3, 0.5, -0.25, 0.5].enumerated() { log.note(rate: rate, atStep: step) }
    #expect(log.largestRate == 0.5 && log.smallestRate == -0.25)
    // The log's first line of training is iteration 2.
    #expect(log.largestRateIteration == 3)
    #expect(log.negativeIterations == 1)
  }

  @Test func publishedValuesAreAllThere() {
    let logs = PublishedValue.all.filter { $0.source == .log }
    let adaptive = ["SGD-HD", "SGDN-HD", "Adam-HD"]
    for name in ["SGD", "SGDN", "Adam"] + adaptive {
      // Two losses at three epochs; for a rate that moves also two rates at three epochs, and four
      // numbers of the whole run. The test loss of the start, which all share, stands with SGD.
      let expected = adaptive.contains(name) ? 16 : name == "SGD" ? 7 : 6
      #expect(logs.count { $0.method == name } == expected, "\(name)")
    }
    #expect(logs.allSatisfy { $0.low == $0.high })
    #expect(PublishedValue.all.allSatisfy { $0.low <= $0.high })
  }
}
