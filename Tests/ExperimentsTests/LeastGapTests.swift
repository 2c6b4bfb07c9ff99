import Datasets
@testable import Experiments
import Foundation
import Hypergradient
import HypergradientRecipes
import Records
import Tasks
import Testing

/// A least loss that is known by a bound alone is told of, and stands in the record of the data.
@Suite struct LeastGapTests {
  /// A bowl from a loss of 1 down to 0, whose least loss is known so well.
  private struct Bowl: BenchmarkTask {
    let slack: Double
    let dimension = 1
    var start: [Double] { [1] }
    var reference: ReferenceValue { ReferenceValue(0, .lowerBound, slack: slack) }
    var scratchCount: Int { 0 }
    func draws(seed: Int, steps: Range<Int>) -> Draws<Double> { Draws(steps: steps) }
    func gradient(
      at theta: UnsafePointer<Double>, step: Int, draws: Draws<Double>,
      into gradient: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
    ) -> Double {
      exactGradient(at: theta, step: step, into: gradient, scratch: scratch)
      return loss(at: theta, step: step, scratch: scratch)
    }
    func loss(
      at theta: UnsafePointer<Double>, step: Int, scratch: UnsafeMutablePointer<Double>
    ) -> Double { theta[0] * theta[0] }
    func exactGradient(
      at theta: UnsafePointer<Double>, step: Int, into gradient: UnsafeMutablePointer<Double>,
      scratch: UnsafeMutablePointer<Double>
    ) { gradient[0] = 2 * theta[0] }
  }

  @Test func aLooseBoundIsToldOf() throws {
    let file = FileManager.default.temporaryDirectory.path + "/" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: file) }
    try Files.write(ValidationMetricTests.rows, to: file)
    var names = Names.standard
    names.tasks.append(
      Recipe(
        "bowl", { (slack: Double) in TaskMaker { _ in Bowl(slack: slack) } },
        .number("slack", in: .atLeast(0), default: 0, unit: "loss", "of the bound"),
        summary: "a bowl", examples: ["bowl"]))
    let factory = TaskFactory(data: DataSource(file), names: names)
    func notes(_ text: String) throws -> [String] {
      _ = try factory.make(text, instance: 1, horizon: 10)
      return factory.takeNotes()
    }
    // The least value of a regression is found.
    #expect(try notes("csvLogistic").isEmpty && factory.dataRecord?.leastGap == nil)
    #expect(try notes("bowl(slack: 1e-7)").isEmpty && factory.dataRecord?.leastGap == nil)
    for gap in [0.25, 0.125] {
      #expect(
        try notes("bowl(slack: \(gap))") == [
          "task 'bowl(slack: \(gap))': the least loss was not found within the work that is given to "
            + "it: it may be at a gap of \(gap), not 0"
        ])
    }
    #expect(try notes("bowl(slack: 0.125)").isEmpty)
    let record = try #require(factory.dataRecord)
    #expect(record.leastGap == 0.25)
    #expect(record.sentence.hasSuffix("; the least loss may be at a gap of 0.25, not 0"))
  }
}
