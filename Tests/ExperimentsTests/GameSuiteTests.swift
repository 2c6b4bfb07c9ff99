internal import Experiments
internal import Foundation
internal import Records
internal import Testing

/// Games are in suites of their own.
@Suite struct GameSuiteTests {
  private func suite(_ specs: [String]) throws -> Suite {
    var suite = try TinySuite.suite()
    suite.tasks = Array(suite.tasks.prefix(specs.count))
    for (index, spec) in specs.enumerated() { suite.tasks[index].spec = spec }
    suite.steps = 20
    return suite
  }

  @Test(arguments: [
    ["ellipsoid(condition: 10, dimension: 6)", "diracGAN"],
    ["mixtureGAN(components: 2)", "noisyQuadratic(dimension: 5)", "diracGAN"],
    ["noisyQuadratic(dimension: 5)", "diracGAN(precision: .single)"],
  ])
  func gamesAndLossesDoNotMix(_ specs: [String]) throws {
    let suite = try suite(specs)
    let folder = try TemporaryFolder()
    let refusals = [
      message { _ = try folder.run(suite) },
      // Before a reference is computed for either.
      message {
        _ = try Calibration.resolved(suite, of: suite, data: nil, jobs: 1) {
          Issue.record("\($0)")
        }
      },
    ]
    for refusal in refusals {
      #expect(
        refusal.contains("is a game") && refusal.contains("in suites of their own")
          && !refusal.contains("\n"), "\(refusal)")
    }
  }

  @Test func gamesAloneRun() throws {
    let suite = try suite(["diracGAN", "mixtureGAN(components: 2)"])
    #expect(try TemporaryFolder().run(suite).results.runs.count == 2 * 2 * (4 * 4 * 2 + 2 * 2))
  }
}
