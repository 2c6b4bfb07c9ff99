import Foundation
import PortableMath
import Records
import Statistics
import Testing

@testable import Reporting

@Suite struct SamplesTests {
  /// How often an interval for the mean of n values holds the true one, ½: sums of two uniform numbers,
  /// halved. It is what ``Samples/enough`` is about.
  private func coverage(of count: Int) -> Double {
    var draw = RandomStream(RandomKey("tests.samples.coverage", count))
    var held = 0
    let trials = 400
    for trial in 0..<trials {
      let values = (0..<count).map { _ in (draw.uniform() + draw.uniform()) / 2 }
      let interval = Bootstrap(
        key: RandomKey("tests.samples.resample", count, trial), resamples: 300
      ).bcaInterval([values]) { mean($0[0])! }
      if interval.low <= 0.5, 0.5 <= interval.high { held += 1 }
    }
    return Double(held) / Double(trials)
  }

  @Test func intervalsOfFewAreTooNarrow() {
    #expect(coverage(of: 2) < 0.6)
    #expect(coverage(of: 3) < 0.8)
    #expect(coverage(of: 16) > 0.88)
  }

  @Test func ofFewItIsTheRange() {
    let key = RandomKey("tests.samples")
    let few = [0.3, 0.1, 0.9, 0.5]
    #expect(Samples.interval(ofMean: few, key: key) == Interval(0.1, 0.9))
    #expect(Samples.interval(ofMedian: few, key: key) == Interval(0.1, 0.9))
    #expect(Samples.interval(ofMean: [0.3], key: key) == nil)
    // Two tasks of three seeds: means by seed are 0.1, 0.4 and 0.55.
    let means = Samples.interval(ofTasks: [[0, 0.5, 1], [0.2, 0.3, 0.1]], key: key)
    #expect(isSame(means?.low ?? .nan, 0.1) && isSame(means?.high ?? .nan, 0.55))
    let many = (0..<10).map { Double($0 * $0) }
    let interval = Samples.interval(ofMean: many, key: key)!
    #expect(interval.low > 5 && interval.low < 25 && interval.high > 30 && interval.high < 60)
  }

  /// Twelve tasks, with methods and tasks in the suite's order and backwards.
  @Test func theSuitesOrderChangesNoInterval() throws {
    var results = Sample.results
    let tasks = (0..<12).map { "task \($0)" }
    results.suite.map = nil
    results.suite.tasks = tasks.map { name in
      var task = Sample.suite.tasks[0]
      task.name = name
      return task
    }
    results.suite.methods.removeLast()
    results.runs = tasks.enumerated().flatMap { t, task in
      Sample.seeds.flatMap { seed in
        (0..<3).flatMap { rate in
          results.suite.methods.enumerated().map { m, method in
            let isReached = (t * (m + 2) + rate + seed) % (m + 3) == 0
            return Sample.run(
              task: task, method: method.name, seed: seed, rate: rate, gap: isReached ? 1e-4 : 0.5)
          }
        }
      }
    }
    var backwards = results
    backwards.suite.tasks.reverse()
    backwards.suite.methods.reverse()
    func rows(_ results: Results, _ name: String) throws -> [String: [Double]] {
      let table = try #require(Report.tables(results).first { $0.name == name })
      return Dictionary(
        uniqueKeysWithValues: table.rows.map { row in
          var numbers: [Double] = []
          for (cell, column) in zip(row, table.columns)
          where column.fullHeading.contains("low") || column.fullHeading.contains("high") {
            if case .number(let x) = cell.content { numbers.append(x) }
          }
          return ("\(row[0].content)", numbers)
        })
    }
    for name in ["robustness", "best-tuned"] {
      let (one, other) = (try rows(results, name), try rows(backwards, name))
      #expect(one == other && one.values.allSatisfy { $0.count >= 2 }, "\(name): \(one), \(other)")
    }
  }

  @Test func roundingDecidesNoFirst() {
    #expect(0.1 + 0.2 != 0.3)
    #expect(
      isGreatest(0.3, [0.1 + 0.2, 0.3, 0.2]) && isGreatest(0.1 + 0.2, [0.1 + 0.2, 0.3, 0.2]))
    #expect(!isGreatest(0.3, [0.1 + 0.2, 0.3]))
    #expect(isLeast(-.infinity, [-.infinity, 1]) && !isLeast(1, [-.infinity, 1]))
  }

  /// Runs that were all stopped say nothing of the methods.
  @Test func stoppedRunsTellNoMethodsApart() {
    var results = Sample.results
    results.suite.map = nil
    results.runs = results.runs.filter { $0.part == .sweep }.map { run in
      Sample.run(
        task: run.task, method: run.method, seed: run.seed, rate: run.rateIndex, gap: .infinity)
    }
    #expect(
      Report.remarks(Report.tables(results)) == [
        "the method 'fixed' can't be told from 'both & half': every run was stopped",
        "the method 'fixed' can't be told from 'broken': every run was stopped",
        "the method 'both & half' can't be told from 'broken': every run was stopped",
      ])
  }
}
