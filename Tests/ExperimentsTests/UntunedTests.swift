import Experiments
import Foundation
import Hypergradient
import HypergradientCatalogue
import Records
import Testing

/// The default that needs no tuning is one thing: in Swift, as a text, in every suite and on every
/// page.
@Suite struct UntunedTests {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../..").standardizedFileURL.path

  @Test func swiftAndTextAreTheSame() throws {
    let text = Untuned.text("adam", initial: "1e-3", steps: "50")
    guard case .method(let read) = try Catalogue.standard.method(text, for: Double.self) else {
      Issue.record("no method: \(text)")
      return
    }
    let made: any TrainingMethod<Double> = HypergradientStartUp(
      Adam<Double>(), initial: 1e-3, steps: 50)
    func coded(_ method: any TrainingMethod<Double>) throws -> Data {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      return try encoder.encode(method)
    }
    #expect(try coded(made) == coded(read))
  }

  @Test func suitesHaveIt() throws {
    let folders = ["Sources/Experiments/Suites", "Studies/DefaultController"]
    let files = try folders.flatMap { folder in
      try FileManager.default.contentsOfDirectory(atPath: "\(Self.root)/\(folder)")
        .filter { $0.hasSuffix(".yaml") && !$0.hasSuffix("-references.yaml") }
        .map { "\(Self.root)/\(folder)/\($0)" }
    }
    let texts = ["default": Untuned.text(), "horizon-free": Untuned.textWithoutHorizon()]
    var counts: [String: Int] = [:]
    for file in files {
      for method in try SuiteFile.load(file).methods {
        guard let text = texts[method.name] else { continue }
        #expect(method.spec == text, "\(file)")
        counts[method.name, default: 0] += 1
      }
    }
    #expect(counts["default"]! >= 14 && counts["horizon-free"]! >= 5)
  }

  @Test func pagesSayIt() throws {
    let shown =
      /startUp\((\S+), rate: traceAligned\(initial: (\S+), steps: ([^,()]+)\), sha.*?ing\)/
    var count = 0
    for page in [
      "Documentation/WhichOne.md", "Documentation/LearningRates.md",
      "Documentation/DefaultController.md", "Documentation/Costs.md",
      "Studies/DefaultController/introduction.md",
      "Sources/Hypergradient/Controllers/TraceAlignedRate.swift",
    ] {
      let text = try String(contentsOfFile: "\(Self.root)/\(page)", encoding: .utf8)
      for match in text.matches(of: shown) {
        let (whole, rule, initial, steps) = match.output
        #expect(
          whole == Untuned.text(String(rule), initial: String(initial), steps: String(steps)),
          "\(page)")
        count += 1
      }
    }
    #expect(count >= 5)
  }
}
