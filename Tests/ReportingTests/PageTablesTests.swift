import Records
import Reporting
import Testing

/// A page of one's own keeps its words, and names of each table the runs that it is of.
@Suite struct PageTablesTests {
  private static let results = Sample.results
  private static let tables = Report.tables(results)
  private static let old = String(repeating: "ab", count: 32)

  /// The text of the first table, its numbers and digest of another day.
  private static func before(_ table: Table = tables[0]) -> String {
    table.markdown.replacing(results.digest, with: old).replacing("100.0", with: "12.3")
  }

  private static func renewed(
    _ page: String, _ tables: [Table] = tables
  ) throws -> (page: String, left: [String]) {
    let old = PageTables(page, file: "page.md")
    try old.check(results.suite)
    return try old.renewed(tables, digest: results.digest)
  }

  /// A byte-order mark hides no table, and stays.
  @Test func aMarkStays() throws {
    let page = Self.before()
    let (renewed, left) = try Self.renewed("\u{FEFF}" + page)
    #expect(try renewed == "\u{FEFF}" + Self.renewed(page).page && left.isEmpty)
    #expect(renewed.contains(Self.results.digest))
  }

  @Test func wordsStay() throws {
    let old = Self.before().split(separator: "\n", omittingEmptySubsequences: false)
    let new = Self.tables[0].markdown.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(old.count == new.count && old != new)
    func page(_ table: [Substring], _ digest: String) -> String {
      """
      # Mine

      Of `\(digest)`.

      ~~~
      \(table[0])

      in a fence \(digest)
      ~~~

      \(table[0])

      Before it.

      \(table[2])

      \(table[4..<(table.count - 2)].joined(separator: "\n"))
      Between.

      \(table[table.count - 2])

      Behind it: \(digest).

      ### Below

      ```swift
      ## in a fence
      ```

      ## Mine as well

      stays.

      """
    }
    for lineBreak in ["\n", "\r\n"] {
      let (words, left) = try Self.renewed(
        page(old, Self.old).replacing("\n", with: lineBreak))
      #expect(words == page(new, Self.results.digest).replacing("\n", with: lineBreak))
      #expect(left == [])
    }
  }

  @Test func aHeadingGetsItsTable() throws {
    let table = Self.tables[0]
    let heading = String(table.markdown.prefix { $0 != "\n" })
    for page in [heading, heading + "\n"] { #expect(try Self.renewed(page).page == table.markdown) }
    #expect(try Self.renewed(heading + "\n\nMine.\n").page == table.markdown + "\nMine.\n")
  }

  /// A table that is not made anew keeps its digest.
  @Test func aTableThatIsNotMadeStays() throws {
    let (first, second) = (Self.tables[0], Self.tables[1])
    let page = "Of \(Self.old).\n\n\(Self.before(first))\n\(Self.before(second))"
    let (words, left) = try Self.renewed(page, [first])
    #expect(words == "Of \(Self.results.digest).\n\n\(first.markdown)\n\(Self.before(second))")
    #expect(left == [second.title])
  }

  @Test func aPageOfAnotherSuiteIsRefused() throws {
    for (own, other) in [("sample,", "other,"), ("version 3", "version 2")] {
      let page = "# Mine\n\n" + Self.before().replacing(own, with: other)
      let line = page.split(separator: "\n", omittingEmptySubsequences: false).count - 1
      #expect {
        try Self.renewed(page)
      } throws: {
        "\($0)".hasPrefix("page.md:\(line): the table is of Suite ")
          && "\($0)".contains(other) && "\($0)".contains("Suite sample, version 3")
      }
    }
  }
}
