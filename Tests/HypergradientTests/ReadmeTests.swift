import Foundation
import Hypergradient
import Testing

/// The README's snippets stand here, compiled and run, and in the README, letter for letter.
@Suite struct ReadmeTests {
  @Test func theTrainerConverges() {
    // snippet: trainer
    var control = HypergradientDescent(initial: 1e-3, hyperLearningRate: 1e-4)
    var weights = [4.0, -2.0]
    var previous = [0.0, 0.0]  // u: the direction of the last step
    for step in 0..<100 {
      let gradient = [weights[0], 10 * weights[1]]
      let alignment = zip(previous, gradient).reduce(0) { $0 + $1.0 * $1.1 }
      let eta = control.learningRate(for: StepSignals(step: step, alignment: alignment))
      for i in weights.indices { weights[i] -= eta * gradient[i] }
      previous = gradient
    }
    // end
    #expect(abs(weights[0]) + abs(weights[1]) < 0.5)
  }

  @Test func theOptimizerConverges() {
    // snippet: optimizer
    var parameters: [Float] = [4, -2]
    var optimizer = Optimizer(
      Adam<Float>().then(WeightDecay(0.01)),
      HypergradientDescent(initial: 1e-3, hyperLearningRate: 1e-7)
        .scaled(by: .linearWarmup(over: 500)),
      parameterCount: parameters.count)
    for _ in 0..<1000 {
      optimizer.step(&parameters, gradient: [parameters[0], 10 * parameters[1]])
    }

    var plateau = Plateau(
      initial: 0.1, reduce: .by(0.5, after: 5), increase: .by(1.2, after: 3), within: 1e-6...1)
    plateau.observe(0.7)
    // end
    #expect(parameters[0] < 3.9)
    #expect(plateau.learningRate == 0.1)
  }

  @Test(arguments: ["trainer", "optimizer"])
  func theReadmeHasTheSnippet(_ name: String) throws {
    let here = URL(fileURLWithPath: #filePath)
    let readme = here.deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("README.md")
    let compiled = try part(of: here, from: "// snippet: \(name)\n", to: "// end")
      .split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.hasPrefix("    ") ? String($0.dropFirst(4)) : String($0) }
      .joined(separator: "\n").trimmingCharacters(in: .whitespacesAndNewlines)
    let shown = try part(
      of: readme, from: "<!-- snippet: \(name) -->\n```swift\nimport Hypergradient\n\n", to: "```"
    ).trimmingCharacters(in: .whitespacesAndNewlines)
    #expect(shown == compiled)
  }

  private func part(of file: URL, from start: String, to end: String) throws -> String {
    let text = try String(contentsOf: file, encoding: .utf8)
    let first = try #require(text.range(of: start), "\(file.lastPathComponent) lacks '\(start)'")
    let last = try #require(text.range(of: end, range: first.upperBound..<text.endIndex))
    return String(text[first.upperBound..<last.lowerBound])
  }
}
