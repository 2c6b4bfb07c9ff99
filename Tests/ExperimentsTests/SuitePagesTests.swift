internal import Experiments
internal import Foundation
internal import Records
internal import Testing

/// The pages about suites and packages of one's own say what there is.
@Suite struct SuitePagesTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private static func text(_ file: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(file), encoding: .utf8)
  }

  /// The code of a page that is fenced as a language.
  private static func blocks(_ page: String, _ language: String) -> [String] {
    page.components(separatedBy: "```\(language)\n").dropFirst()
      .compactMap { $0.components(separatedBy: "```").first }
  }

  @Test func everyKeyIsDescribed() throws {
    let page = try Self.text("Documentation/Suites.md")
    for key in SuiteKeys.all { #expect(page.contains("`\(key)`"), "\(key)") }
    let words = page.split(separator: "\n").filter { $0.hasPrefix("| `") }.map {
      String($0.dropFirst(3).prefix { $0 != "`" })
    }
    #expect(words.count > 20)
    for word in words { #expect(SuiteKeys.all.contains(word), "\(word) is no key") }
  }

  /// The example of the page is a suite, and runs.
  @Test func theExampleRuns() throws {
    let page = try Self.text("Documentation/Suites.md")
    let example = try #require(Self.blocks(page, "yaml").first)
    var suite = try SuiteFile.parse(example, file: "mine.yaml")
    #expect(suite.tasks.allSatisfy { $0.references.isEmpty })
    // The same with less work.
    suite.referenceGrid = .init(low: -3, high: 0, count: 4)
    suite.steps = 50
    let resolved = try Calibration.resolved(suite, of: suite, data: nil, jobs: 2) { _ in }
    #expect(try TemporaryFolder().run(resolved).results.runs.count == 2 * 13 * 5)
  }

  /// The code of the page is that of the package which the check builds.
  @Test func theOwnPackageIsThatOfThePage() throws {
    let blocks = Self.blocks(try Self.text("Documentation/YourOwn.md"), "swift")
    let folder = "Tests/Extensions/OwnHypergrad/"
    let files =
      ["Package", "Sources/OwnHypergrad/main"]
      + ["SoftSign", "HarmonicRate"].map { "Sources/OwnHypergrad/" + $0 }
    #expect(blocks == (try files.map { try Self.text(folder + $0 + ".swift") }))
    let lines = blocks[1].split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count <= 11, "a program of one's own takes ten lines")
  }
}
