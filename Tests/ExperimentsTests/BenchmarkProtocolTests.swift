import Records
import Testing

@testable import Experiments

/// What the report says of how its numbers were made is made from the suite.
@Suite struct BenchmarkProtocolTests {
  private func reference(_ suite: Records.Suite) throws -> String {
    let line = try #require(
      suite.benchmarkProtocol(toldMetric: []).first { $0.hasPrefix("reference rate: ") })
    return String(line.dropFirst("reference rate: ".count))
  }

  @Test func theSeedsOfReferencesAreNamed() throws {
    var suite = try TinySuite.suite()
    let grid = "the best fixed rate of a grid, chosen on the"
    // Tuning seed 1, reported seed 101.
    #expect(try reference(suite) == "\(grid) seed 1, which is run here, too")
    suite.referenceSeeds = [1, 2, 3]
    #expect(try reference(suite) == "\(grid) seeds 1, 2, 3, of which 1 is run here, too")
    suite.referenceSeeds = [2, 3]
    #expect(try reference(suite) == "\(grid) seeds 2, 3, none of which is run here")
    suite.referenceSeeds = nil
    suite.tuningSeeds = []
    #expect(try reference(suite) == "\(grid) seed 101, which is run here, too")
  }

  @Test func givenReferencesAreCalledSo() throws {
    var suite = try TinySuite.suite()
    suite.tasks[0].references["sgd"]?.key = Records.Suite.Reference.given
    #expect(try reference(suite).hasSuffix("; of some tasks the one that the suite gives"))
    for task in suite.tasks.indices {
      for rule in suite.tasks[task].references.keys {
        suite.tasks[task].references[rule]?.key = Records.Suite.Reference.given
      }
    }
    #expect(try reference(suite) == "the one that the suite gives")
    let target = suite.benchmarkProtocol(toldMetric: []).first { $0.hasPrefix("target:") }
    #expect(target?.hasSuffix("where the suite gives a target, that one, on every seed") == true)
  }

  /// A method that watches a metric is named, and refused where the same examples judge.
  @Test func whoIsToldTheMetricIsNamed() throws {
    let folder = try TemporaryFolder()
    try folder.write(ValidationMetricTests.rows, to: "data.csv")
    var suite = try TinySuite.suite()
    suite.map = nil
    suite.tasks.removeLast(2)
    suite.tasks[0].spec = "csvLogistic(batch: 10)"
    suite.methods = [
      .init(name: "fixed", spec: "constant(rate)", rules: nil),
      .init(
        name: "peeking",
        spec: "plateau(initial: rate, reduce: .by(0.5, after: 1), watching: .metric)",
        rules: nil),
    ]
    let told = try folder.run(suite, data: folder.path + "/data.csv").results
    #expect(
      told.protocolText.contains {
        $0.contains(
          "but for peeking, told the loss on held-out examples once an epoch, at no charge")
      })
    suite.judgedBy = .heldOut
    #expect(
      message { _ = try folder.run(suite, into: "judged", data: folder.path + "/data.csv") }
        == "method 'peeking' watches a validation metric, of the held-out examples that the suite judges "
        + "by: watch the loss, or judge by the training loss")
  }
}
