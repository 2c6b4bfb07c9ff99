import Foundation
import Hypergradient
import Testing

/// The README's snippets stand here, compiled and run, and in the README, letter for letter.
@Suite struct ReadmeTests {
  @Test func theTrainerConverges() {
    // snippet: trainer
    var control = HypergradientDescent(
      initial: 1e-2, hyperLearningRate: 0.05, form: .multiplicative)
    var weights = [4.0, -2.0]
    var previous = [0.0, 0.0]  // u: the direction of the last step
    func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    for step in 0..<100 {
      let gradient = [weights[0], 10 * weights[1]]
      let eta = control.learningRate(
        for: StepSignals(
          step: step, alignment: dot(previous, gradient),
          gradientNorm: dot(gradient, gradient).squareRoot(),
          previousDirectionNorm: dot(previous, previous).squareRoot()))
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
      Adam<Float>(), TraceAlignedRate(initial: 1e-3, steps: 500), parameterCount: parameters.count)
    for _ in 0..<500 {
      let (x, y) = (parameters[0], parameters[1])
      optimizer.step(&parameters, gradient: [x, 10 * y], loss: Double(x * x + 10 * y * y) / 2)
    }
    // end
    #expect(abs(parameters[0]) + abs(parameters[1]) < 0.5)
  }

  @Test func theDefaultConverges() {
    // snippet: default
    var method = HypergradientStartUp(Adam<Float>(), initial: 1e-3, steps: 500)
    var oracle = FunctionOracle<Float>(parameterCount: 2) { x, gradient, draw in
      (gradient[0], gradient[1]) = (x[0], 10 * x[1])
      return Double(x[0] * x[0] + 10 * x[1] * x[1]) / 2
    }
    var theta: [Float] = [4, -2]
    method.begin(at: theta)
    method.train(&theta, on: &oracle, steps: 0..<500) { _, theta, _ in
      theta[0].magnitude + theta[1].magnitude > 1e-3
    }
    // end
    #expect(abs(theta[0]) + abs(theta[1]) < 0.5)
  }

  @Test(arguments: ["trainer", "optimizer", "default"])
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

  /// Every page is in the index and in the README, and every page that these name is there.
  @Test func everyPageIsInTheIndex() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let folder = root.appendingPathComponent("Documentation")
    let pages = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".md") && $0 != "README.md" }
    #expect(pages.count > 20)
    for (file, prefix) in [
      (folder.appendingPathComponent("README.md"), ""),
      (root.appendingPathComponent("README.md"), "Documentation/"),
    ] {
      let text = try String(contentsOf: file, encoding: .utf8)
      for page in pages { #expect(text.contains("](\(prefix)\(page))"), "\(prefix) \(page)") }
      for match in text.matches(of: /\]\(([A-Za-z\/]+\.md)\)/) where match.1.hasPrefix(prefix) {
        let path = file.deletingLastPathComponent().appendingPathComponent(String(match.1)).path
        #expect(FileManager.default.fileExists(atPath: path), "\(match.1)")
      }
    }
  }

  private func part(of file: URL, from start: String, to end: String) throws -> String {
    let text = try String(contentsOf: file, encoding: .utf8)
    let first = try #require(text.range(of: start), "\(file.lastPathComponent) lacks '\(start)'")
    let last = try #require(text.range(of: end, range: first.upperBound..<text.endIndex))
    return String(text[first.upperBound..<last.lowerBound])
  }
}
