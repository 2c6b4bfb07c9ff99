internal import Foundation
internal import Records
internal import Testing

/// The version that the pages tell to depend on.
@Suite struct VersionTests {
  @Test func everyPageDependsOnThisVersion() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let pages =
      try ["", "Documentation/"].flatMap { folder in
        try FileManager.default.contentsOfDirectory(atPath: root.path + "/" + folder)
          .filter { $0.hasSuffix(".md") }.map { folder + $0 }
      }
    var count = 0
    for page in pages {
      let text = try String(contentsOfFile: root.path + "/" + page, encoding: .utf8)
      for line in text.split(separator: "\n") where line.contains(".package(url:") {
        count += 1
        #expect(
          line.contains(
            ".package(url: \"https://example.org/hypergradient\", exact: \"\(packageVersion)\")"),
          "\(page): \(line)")
      }
    }
    #expect(count >= 3)
  }
}
