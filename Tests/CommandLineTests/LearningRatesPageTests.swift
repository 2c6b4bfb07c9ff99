internal import Foundation
internal import Testing

/// Every command of the page on learning rates does what it says.
@Suite struct LearningRatesPageTests {
  static let page: String = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let url = root.appendingPathComponent("Documentation/LearningRates.md")
    return (try? String(contentsOf: url, encoding: .utf8)) ?? ""
  }()

  /// Those of tables and of blocks, each block as one script.
  static let scripts: [String] = {
    var scripts: [String] = []
    var block: [String] = []
    for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("    hypergrad ") {
        block.append(String(line.dropFirst(4)))
        continue
      }
      if !block.isEmpty { scripts.append(block.joined(separator: " && ")) }
      block = []
      if let found = line.firstMatch(of: /\| `(hypergrad .*)` \|$/) {
        scripts.append(String(found.1))
      }
    }
    return scripts
  }()

  /// What the page promises to have, by a part of a command.
  static let parts = [
    "'sgd + constant(1)'", "stepDecay(from: 2, every: 5, factor: 0.5), in: .epochs",
    "stepDecay(from: 2, every: 20, factor: 0.1), in: .epochs", "exponential(", "inverseTime(",
    "polynomial(", "adagrad +", "rmsprop +", "'adam + constant(", ".by(0.5, after: 5), watching",
    ".by(0.1, after: 10)", "increase: .by(", "find-lr", "--subset", "'sgd + scheduled(triangular(",
    "cosine(from: 0.05, over: steps).warmedUp", "rise: 50).warmedUp", "--rate-per-epoch",
    "hypergradient(", "motifPictures --epochs 2 --method 'adam + constant(0.01)' --page",
    "addingProblem --epochs 2 --method 'adam + constant(0.01)' --page",
    "diracGAN --steps 300 --method 'sgd + constant(0.1)' --page",
    "linearQuadraticRegulator --steps 200 --method 'adam + constant(0.01)' --page",
    "--metric accuracy", "--resume", ".limitedGrowth(", ".frozen(", "replay",
  ]

  @Test(arguments: parts) func thePageHasIt(_ part: String) {
    #expect(Self.scripts.contains { $0.contains(part) })
  }

  @Test func thePageHasThem() {
    #expect(Self.scripts.count >= 32)
    let notebooks = Self.page.matches(of: /swift run ([A-Z]\w+)/).map { String($0.1) }
    #expect(Set(notebooks).isSubset(of: NotebookTests.names) && notebooks.count == 3)
  }

  @Test(.enabled(if: BuiltProgram.isBuilt), arguments: scripts)
  func theCommandRuns(_ script: String) throws {
    try BuiltProgram.inFolder { folder in
      try FindRateTests.examples(400).write(
        toFile: folder + "/FILE.csv", atomically: true, encoding: .utf8)
      let outcome = try BuiltProgram.shell(
        script.replacing("hypergrad ", with: "$hypergrad "), in: folder)
      #expect(outcome.code == 0, "\(outcome.errors.suffix(2))")
      // A block is one script; the one with the rate that is too large has one that is.
      if script.hasPrefix("hypergrad train") {
        let isTooLarge = script.contains("constant(1e4)")
        #expect(isTooLarge == outcome.output.contains("diverged"), "\(outcome.output)")
      }
      if script.contains("--subset") {
        #expect(outcome.output.contains("powers of ten on 200 of 320 examples"))
        #expect(outcome.output.contains("lagged"), "\(outcome.output)")
      }
      for file in script.matches(of: /--(?:plot|page|checkpoint) (\S+)/).map({ String($0.1) }) {
        #expect(FileManager.default.fileExists(atPath: "\(folder)/\(file)"), "\(file)")
      }
    }
  }
}
