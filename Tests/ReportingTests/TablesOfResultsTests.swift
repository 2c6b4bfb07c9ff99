import Foundation
import Records
import Reporting
import Testing

/// Numbers recomputed by hand from ``Sample``.
@Suite struct TablesOfResultsTests {
  let tables = Report.tables(Sample.results)

  func table(_ name: String) throws -> Table {
    try #require(tables.first { $0.name == name })
  }
  func cell(_ table: Table, _ row: Int, _ column: String) throws -> Table.Cell.Content {
    let index = try #require(table.columns.firstIndex { $0.fullHeading == column })
    return table.rows[row][index].content
  }

  @Test func theTerminalShowsRobustness() {
    #expect(tables.filter(\.isHeadline).map(\.name) == ["robustness"])
  }

  @Test func everyMethodIsInEveryTableOfMethods() {
    for table in tables where table.name != "hyper-map" {
      for method in ["fixed", "both & half", "broken"] {
        #expect(
          table.rows.contains { $0.contains { $0.content == .text(method) } },
          "\(method) is missing in \(table.name)")
      }
    }
  }

  @Test func robustnessIsTheMeanOverTasks() throws {
    let table = try table("robustness")
    // fixed: one rate of three on both tasks; both & half: all on one of two.
    #expect(try cell(table, 0, "SGD robust [%]") == .number(1.0 / 3))
    #expect(try cell(table, 1, "SGD robust [%]") == .number(0.5))
    #expect(try cell(table, 2, "SGD robust [%]") == .number(0))
    #expect(table.rows[1][1].isBest && !table.rows[0][1].isBest)
    // Shares by task: 1/3, 1/3; 1, 0; 0, 0. Two tasks with different shares: resamples are both of one,
    // or one of each.
    #expect(try cell(table, 0, "all rules low [%]") == .number(1.0 / 3))
    #expect(try cell(table, 0, "all rules high [%]") == .number(1.0 / 3))
    #expect(try cell(table, 1, "all rules low [%]") == .number(0))
    #expect(try cell(table, 1, "all rules high [%]") == .number(1))
    // The first is both & half; fixed is behind it by 2/3 on one task and −1/3 on the other.
    guard case .number(let low) = try cell(table, 0, "all rules behind the first, low [%]"),
      case .number(let high) = try cell(table, 0, "all rules behind the first, high [%]")
    else { throw TestFailure() }
    #expect(abs(low + 1.0 / 3) < 1e-15 && abs(high - 2.0 / 3) < 1e-15)
    #expect(try cell(table, 1, "all rules behind the first, low [%]") == .missing("—"))
    let byTask = try self.table("robustness-sgd")
    #expect(try cell(byTask, 1, "bowl_1 [%]") == .number(1))
    #expect(try cell(byTask, 1, "valley [%]") == .number(0))
    // No seed differs from another, so the interval is a point.
    #expect(try cell(byTask, 0, "all tasks low [%]") == .number(1.0 / 3))
    #expect(try cell(byTask, 0, "all tasks high [%]") == .number(1.0 / 3))
  }

  @Test func bestTunedChoosesOnOneHalfAndReportsTheOther() throws {
    let table = try table("best-tuned-sgd")
    // fixed on bowl_1: the middle rate; seeds 2 and 3 have gaps 1.2e-4 and 1.3e-4.
    #expect(try cell(table, 0, "starting rate") == .number(0.1))
    guard case .number(let gap) = try cell(table, 0, "log₁₀ final gap median") else {
      throw TestFailure()
    }
    let expected = (0.079181246047624828 + 0.113943352306836770) / 2 - 4  // log₁₀ 1.2, log₁₀ 1.3
    #expect(abs(gap - expected) < 1e-12)
    #expect(try cell(table, 0, "seeds") == .number(2))
    // both & half improves with the rate to the end of the grid.
    #expect(try cell(table, 1, "grid end") == .text("high"))
    #expect(try cell(table, 2, "log₁₀ final gap median") == .number(.infinity))
    #expect(try cell(table, 2, "diverged [%]") == .number(1))
  }

  @Test func bestTunedSaysWhenSeedsAreNotSeparate() throws {
    var results = Sample.results
    results.runs.removeAll { $0.seed > 1 }
    let table = try #require(Report.tables(results).first { $0.name == "best-tuned-sgd" })
    #expect(table.caption.contains("no separate tuning seeds"))
    #expect(!(try self.table("best-tuned-sgd")).caption.contains("no separate tuning seeds"))
    #expect(try cell(table, 0, "seeds") == .number(2))
  }

  @Test func equalGapsGoToTheFasterRate() throws {
    var results = Sample.results
    for index in results.runs.indices where results.runs[index].method == "broken" {
      results.runs[index].finalGap = 0
      results.runs[index].areaUnderLogGap = [-3.0, -9, -5][results.runs[index].rateIndex]
    }
    let table = try #require(Report.tables(results).first { $0.name == "best-tuned-sgd" })
    #expect(try cell(table, 2, "starting rate") == .number(0.1))
    guard case .number(let gap) = try cell(table, 2, "log₁₀ final gap median") else {
      throw TestFailure()
    }
    #expect(abs(gap + 16) < 1e-12)
  }

  @Test func ranksShareTies() throws {
    let table = try table("best-tuned")
    // bowl_1: both & half, fixed, broken; valley: fixed, both & half, broken.
    #expect(try cell(table, 0, "SGD mean rank") == .number(1.5))
    #expect(try cell(table, 1, "SGD mean rank") == .number(1.5))
    #expect(try cell(table, 2, "SGD mean rank") == .number(3))
    #expect(try cell(table, 2, "SGD log₁₀ gap [1]") == .number(.infinity))
  }

  @Test func timeToTargetCountsFailures() throws {
    let table = try table("time-to-target-sgd")
    // fixed on bowl_1: first passages 42 and 43 on seeds 2 and 3.
    #expect(try cell(table, 0, "own target time [gradients]") == .number(42.5))
    #expect(try cell(table, 0, "common target time [gradients]") == .number(20))
    #expect(try cell(table, 2, "own target time [gradients]") == .number(.infinity))
    #expect(try cell(table, 2, "own target solved [%]") == .number(0))
    // both & half on valley ends at 0.005: above its own target, below the common one.
    #expect(try cell(table, 4, "own target solved [%]") == .number(0))
    #expect(try cell(table, 4, "common target solved [%]") == .number(1))
  }

  @Test func movementSaysHowFar() throws {
    let table = try table("movement")
    #expect(try cell(table, 0, "moved [%]") == .number(0))
    #expect(try cell(table, 0, "up [decades] median") == .missing("—"))
    #expect(try cell(table, 0, "diverged all [%]") == .number(1.0 / 3))
    #expect(try cell(table, 1, "moved [%]") == .number(1))
    guard case .number(let up) = try cell(table, 1, "up [decades] median") else {
      throw TestFailure()
    }
    #expect(abs(up - 2) < 1e-12)
    #expect(try cell(table, 1, "down [decades] largest") == .number(0))
    #expect(try cell(table, 2, "diverged not finite [%]") == .number(1))
    // Of the runs that did not diverge none was ever above its start; of the third all diverged.
    #expect(try cell(table, 1, "spike [decades] largest") == .number(0))
    #expect(try cell(table, 2, "spike [decades] median") == .missing("—"))
  }

  @Test func theHeightOfASpikeIsShown() throws {
    var results = Sample.results
    for index in results.runs.indices where results.runs[index].method == "both & half" {
      results.runs[index].worstGap = results.runs[index].seed == 0 ? 1000 : 10
    }
    let table = try #require(Report.tables(results).first { $0.name == "movement" })
    guard case .number(let median) = try cell(table, 1, "spike [decades] median"),
      case .number(let largest) = try cell(table, 1, "spike [decades] largest")
    else { throw TestFailure() }
    #expect(abs(median - 1) < 1e-12 && abs(largest - 3) < 1e-12)
  }

  @Test func aRateBelowZeroMovedInfinitelyFarDown() throws {
    var results = Sample.results
    for index in results.runs.indices { results.runs[index].smallestLearningRate = -1 }
    let table = try #require(Report.tables(results).first { $0.name == "movement" })
    #expect(try cell(table, 0, "down [decades] median") == .number(.infinity))
    #expect(table.markdown.contains("to 0"))
  }

  @Test func hyperMapHasARowForEachRate() throws {
    let table = try table("hyper-map")
    #expect(table.rows.count == 2)
    #expect(try cell(table, 0, "SGD robust [%]") == .number(1))
    #expect(try cell(table, 1, "SGD robust [%]") == .number(0))
  }

  @Test func heldOutScoresStandBesideTheTrainingLoss() throws {
    #expect(!tables.contains { $0.name == "real-data" })
    let table = try #require(Report.tables(Sample.realResults).first { $0.name == "real-data" })
    #expect(table.rows.count == 6)
    guard case .number(let loss) = try cell(table, 0, "training loss"),
      case .number(let test) = try cell(table, 0, "test loss"),
      case .number(let accuracy) = try cell(table, 0, "test accuracy [%]")
    else { throw TestFailure() }
    #expect(abs(loss - 1.25e-4) < 1e-15)
    #expect(abs(test - 2.5e-4) < 1e-15)
    #expect(abs(accuracy - (0.9 - 1.25e-4)) < 1e-15)
  }

  /// A run that was stopped, whatever its line has, counts with an infinite loss and nothing right.
  @Test func stoppedRunsCountInHeldOutScores() throws {
    var results = Sample.realResults
    for index in results.runs.indices
    where results.runs[index].method == "fixed" && results.runs[index].seed == 2 {
      results.runs[index].status = .escaped
    }
    let table = try #require(Report.tables(results).first { $0.name == "real-data" })
    // Of fixed one of two reported seeds escaped; of broken all were not finite.
    for row in [0, 2] {
      #expect(try cell(table, row, "test loss") == .number(.infinity))
      #expect(try cell(table, row, "best test accuracy [%]") == .number(0.95))
    }
    guard case .number(let accuracy) = try cell(table, 0, "test accuracy [%]") else {
      throw TestFailure()
    }
    #expect(abs(accuracy - (0.9 - 1.3e-4) / 2) < 1e-15)
    #expect(try cell(table, 2, "test accuracy [%]") == .number(0))
    #expect(table.caption.contains("infinite loss and, at the end, nothing classified rightly."))
  }

  /// Where all tasks learn numbers nothing is said of an accuracy.
  @Test func numbersHaveNoAccuracy() throws {
    var results = Sample.realResults
    for index in results.runs.indices {
      (results.runs[index].testAccuracy, results.runs[index].bestTestAccuracy) = (nil, nil)
    }
    let table = try #require(Report.tables(results).first { $0.name == "real-data" })
    #expect(table.columns.suffix(2).map(\.heading) == ["training loss", "test loss"])
    #expect(table.rows.allSatisfy { $0.count == table.columns.count })
    #expect(
      !table.caption.contains("accuracy") && table.caption.contains("not by held-out examples."))
  }

  @Test func aMethodWithoutRunsIsShown() throws {
    var results = Sample.results
    results.runs.removeAll { $0.method == "broken" }
    for table in Report.tables(results) where table.name != "hyper-map" {
      #expect(table.rows.contains { $0.contains { $0.content == .text("broken") } })
      #expect(table.markdown.contains("—"))
    }
  }

  struct TestFailure: Error {}
}
