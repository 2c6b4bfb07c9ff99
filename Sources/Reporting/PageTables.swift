public import Records

/// A page in Markdown with some of a comparison's tables among words of its own: the tables are put in
/// anew, the words stay.
public enum PageTables {
  /// The page with each section under a table's title replaced by that table, and the digest that the
  /// replaced tables named replaced by theirs wherever it stands.
  ///
  /// A section goes from its heading of the second level to the next. Its table is the one of that
  /// title; whatever else stands in it goes.
  ///
  /// - Parameter file: the page's name in errors.
  /// - Throws: ``ExperimentError`` where no heading is a table's title.
  public static func renewed(
    _ page: String, file: String, tables: [Table], digest: String
  ) throws(ExperimentError) -> String {
    let texts = Dictionary(tables.map(\.markdown).map { (heading($0), $0) }) { first, _ in first }
    var sections: [[Substring]] = [[]]
    for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("## ") { sections.append([]) }
      sections[sections.count - 1].append(line)
    }
    var old: Set<Substring> = []
    var renewed: [String] = []
    var count = 0
    for (i, section) in sections.enumerated() {
      guard let head = section.first, let text = texts[String(head)] else {
        renewed.append(section.joined(separator: "\n"))
        continue
      }
      count += 1
      for line in section { old.formUnion(digests(in: line)) }
      // A table's text ends with a line break, as every section but the last does before the next.
      renewed.append(i + 1 < sections.count ? text : String(text.dropLast()) + "\n")
    }
    guard count > 0 else {
      throw ExperimentError(
        "\(file): no heading is the title of a table of these results; titles are "
          + tables.map { "'\($0.title)'" }.joined(separator: ", "))
    }
    var whole = renewed.joined(separator: "\n")
    for word in old { whole = whole.replacing(word, with: digest) }
    return whole
  }

  private static func heading(_ markdown: String) -> String {
    String(markdown.prefix { $0 != "\n" })
  }

  /// Words of 64 hexadecimal digits.
  private static func digests(in line: Substring) -> [Substring] {
    line.split { !$0.isHexDigit }.filter { $0.count == 64 }
  }
}
