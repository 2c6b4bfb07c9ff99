import Benchmarks
import Foundation
import Testing

/// What methods cost: the table against by-hand facts, and the documentation against the table.
@Suite struct MethodCostsTests {
  static let costs = Result { try MethodCosts(repeats: 0) }

  private func row(_ name: String) throws -> MethodCosts.Row {
    try #require(try Self.costs.get().rows.first { $0.name == name }, "\(name)")
  }

  @Test func knownCosts() throws {
    for (name, vectors, more) in [
      ("sgd", 0, 0), ("adam", 2, 2), ("heavyBall", 1, 1), ("cosine", 0, 0), ("polyak", 0, 0),
      ("hypergradient-additive", 1, 1), ("hypergradient-multiplicative", 1, 1), ("dog", 1, 1),
      ("dog-averaging", 2, 2), ("prodigy", 4, 2), ("scheduleFreeAdam", 2, 0), ("osgm", 3, 3),
    ] {
      let row = try row(name)
      #expect(row.vectors == vectors && row.more == more, "\(row)")
    }
    for row in try Self.costs.get().rows {
      #expect(row.cost == row.gradients + row.losses / 3 + 2 * row.hessianVectorProducts)
      if row.kind != "method" { #expect(row.cost == 1 && row.quietCost == 1, "\(row)") }
      #expect(row.time == nil)
    }
    // A gradient, and at least one loss, of a line search; a trial that is kept, where nothing
    // changes between steps.
    let search = try row("armijo")
    #expect(search.gradients == 1 && search.losses >= 1)
    let null = try row("hdm")
    #expect(null.cost == 2 && null.quietCost == 1.01)
  }

  /// The page is what `hypergrad bench --costs --markdown` wrote, but for the times.
  @Test func theDocumentationSaysTheSame() throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Documentation/Costs.md")
    func table(_ text: String) -> [[Substring]] {
      text.split(separator: "\n").filter { $0.hasPrefix("| ") }
        .map { $0.split(separator: " | ", omittingEmptySubsequences: false) }
    }
    let page = table(try String(contentsOf: path, encoding: .utf8))
    let now = table(try Self.costs.get().page(machine: .this))
    #expect(now[0].count == 11 && page[0].count == 12)
    // Without the time, and the bar at the end of a line.
    let (said, found) = (page.dropFirst(2).map { $0.prefix(11) }, now.dropFirst(2).map { $0 })
    #expect(said.count == found.count, "hypergrad bench --costs --markdown Documentation/Costs.md")
    for (said, found) in zip(said, found) {
      var found = found
      if let last = found.last, last.hasSuffix(" |") { found[found.count - 1] = last.dropLast(2) }
      #expect(Array(said) == found, "hypergrad bench --costs --markdown Documentation/Costs.md")
    }
    for row in page.dropFirst(2) {
      let time = Double(row[11].dropLast(2))
      #expect(time ?? 0 > 0, "\(row)")
    }
  }
}
