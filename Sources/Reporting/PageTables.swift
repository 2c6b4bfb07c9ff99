public import Records

/// A page in Markdown with some of a comparison's tables among words of its own: the tables are put in
/// anew, the words stay.
public struct PageTables {
  /// The page's name in errors.
  private let file: String
  /// The byte-order mark before it, or nothing.
  private let mark: String
  private let lines: [PageLine]
  /// From each heading of the first or second level, outside of fences, to the next.
  private let sections: [Range<Int>]

  public init(_ page: String, file: String) {
    self.file = file
    let text =
      page.unicodeScalars.first == "\u{FEFF}" ? String(page.unicodeScalars.dropFirst()) : page
    mark = text.utf8.count == page.utf8.count ? "" : "\u{FEFF}"
    let lines = PageLine.all(of: text.isEmpty || text.last!.isNewline ? text : text + "\n")
    self.lines = lines
    let heads = lines.indices.filter { lines[$0].isHeading }
    sections = zip([0] + heads, heads + [lines.count]).map { $0..<$1 }
  }

  /// - Throws: ``ExperimentError`` where a table of the page is of another suite, or of another
  ///   version.
  public func check(_ suite: Suite) throws(ExperimentError) {
    let own = Table.origin(of: suite)
    for (index, line) in lines.enumerated() {
      guard let footer = line.footer, footer.origin != Table.escaped(own) else { continue }
      throw ExperimentError(
        "\(file):\(index + 1): the table is of \(footer.origin), the results are of \(own): name a "
          + "page of theirs, or give --replace")
    }
  }

  /// The page with each table under its title replaced: its caption, its rows and its footer. The
  /// digest that the replaced footers named is replaced by theirs in all other words; a section with a
  /// table that these results have not stays as it is.
  ///
  /// The caption is the paragraph above the rows; of several that which begins most like the new one.
  ///
  /// - Returns: the titles of the tables that are not made, too.
  /// - Throws: ``ExperimentError`` where no heading is a table's title.
  public func renewed(
    _ tables: [Table], digest: String
  ) throws(ExperimentError) -> (page: String, left: [String]) {
    let texts = Dictionary(tables.map { ($0.markdownHeading, $0) }) { first, _ in first }
    let lineBreak = lines.first?.lineBreak ?? "\n"
    var old: Set<String> = []
    var left: [String] = []
    var count = 0
    var pieces: [(text: String, isWords: Bool)] = []
    for section in sections {
      if let head = section.first, let table = texts[lines[head].trimmed] {
        count += 1
        let place = Place(lines, section, caption: table.markdownCaption)
        if let footer = place.footer { old.insert(lines[footer].footer?.digest ?? "") }
        pieces += place.pieces(lines, table, lineBreak)
        continue
      }
      let isForeign = lines[section].contains { $0.footer != nil }
      if isForeign, let head = section.first { left.append(lines[head].title) }
      pieces.append((lines[section].map(\.whole).joined(), !isForeign))
    }
    guard count > 0 else {
      throw ExperimentError(
        "\(file): no heading is the title of a table of these results; titles are "
          + tables.map { "'\($0.title)'" }.joined(separator: ", "))
    }
    var page = mark
    for (text, isWords) in pieces {
      page += isWords ? old.reduce(text) { $0.replacing($1, with: digest) } : text
    }
    return (page, left)
  }

  /// Where the parts of a table stand in a section.
  private struct Place {
    let section: Range<Int>
    var caption: Range<Int>?
    var rows: Range<Int>?
    var footer: Int?

    init(_ lines: [PageLine], _ section: Range<Int>, caption wanted: String) {
      self.section = section
      let words = section.dropFirst()
      footer = words.first { lines[$0].footer != nil }
      let before = words.prefix(upTo: footer ?? section.upperBound)
      guard let last = before.last(where: { lines[$0].isRow }) else { return }
      let first = before[...last].lastIndex { !lines[$0].isRow }.map { before[$0] + 1 }
      let rows = (first ?? words.lowerBound)..<(last + 1)
      self.rows = rows
      var paragraphs: [Range<Int>] = []
      for index in words.lowerBound..<rows.lowerBound where lines[index].isWords {
        if let end = paragraphs.last?.upperBound, end == index {
          paragraphs[paragraphs.count - 1] = paragraphs[paragraphs.count - 1].lowerBound..<index + 1
        } else {
          paragraphs.append(index..<index + 1)
        }
      }
      caption = paragraphs.reversed().max { a, b in
        func likeness(_ range: Range<Int>) -> Int {
          zip(lines[range.lowerBound].text, wanted).prefix { $0 == $1 }.count
        }
        return likeness(a) < likeness(b)
      }
    }

    /// The section's text, with the table in the old one's place, or below the heading.
    func pieces(
      _ lines: [PageLine], _ table: Table, _ lineBreak: String
    ) -> [(text: String, isWords: Bool)] {
      let new: [(place: Range<Int>, lines: [String])]
      if let rows {
        let (start, end) = (rows.lowerBound, rows.upperBound)
        let words = [table.markdownCaption] + (caption == nil ? [""] : [])
        new = [
          (caption ?? start..<start, words), (rows, table.markdownRows),
          (
            footer.map { $0..<$0 + 1 } ?? end..<end,
            (footer == nil ? [""] : []) + [table.markdownFooter]
          ),
        ]
      } else {
        let start = footer ?? section.lowerBound + 1
        new = [
          (
            start..<start + (footer == nil ? 0 : 1),
            ["", table.markdownCaption, ""] + table.markdownRows + ["", table.markdownFooter]
          )
        ]
      }
      var pieces: [(text: String, isWords: Bool)] = []
      var next = section.lowerBound
      for (place, new) in new {
        pieces.append((lines[next..<place.lowerBound].map(\.whole).joined(), true))
        pieces.append((new.map { $0 + lineBreak }.joined(), false))
        next = place.upperBound
      }
      pieces.append((lines[next..<section.upperBound].map(\.whole).joined(), true))
      return pieces
    }
  }
}

/// A line of a page in Markdown.
private struct PageLine {
  let text: String
  let lineBreak: String
  /// Whether it stands in a fence of code, or is one's end.
  let isCode: Bool

  var whole: String { text + lineBreak }
  var trimmed: String { String(text.reversed().drop { $0 == " " || $0 == "\t" }.reversed()) }
  /// Of the first or second level.
  var isHeading: Bool { !isCode && (text.hasPrefix("# ") || text.hasPrefix("## ")) }
  var title: String { String(trimmed.trimmingPrefix { $0 == "#" || $0 == " " }) }
  var isRow: Bool { !isCode && text.hasPrefix("|") }
  /// Of a paragraph.
  var isWords: Bool { !isCode && !isRow && !trimmed.isEmpty && !text.hasPrefix("#") }
  /// What a table's last line names.
  var footer: (origin: String, digest: String)? {
    guard !isCode, text.hasPrefix("*Suite "), trimmed.hasSuffix("*"),
      let middle = text.firstRange(of: Table.beforeDigest)
    else { return nil }
    let digest = trimmed.dropLast()[middle.upperBound...].prefix(while: \.isHexDigit)
    guard digest.count == 64 else { return nil }
    return (String(text[..<middle.lowerBound].dropFirst()), String(digest))
  }

  static func all(of page: String) -> [PageLine] {
    var lines: [PageLine] = []
    var fence: Substring?
    var rest = page[...]
    while !rest.isEmpty {
      let end = rest.firstIndex { $0 == "\n" || $0 == "\r\n" }
      let text = rest[..<(end ?? rest.endIndex)]
      let mark = fenceMark(of: text)
      let isCode = fence != nil || mark != nil
      if let open = fence {
        // Closed by as many of the same sign, and nothing behind.
        if let mark, mark.first == open.first, mark.count >= open.count,
          text.drop(while: { $0 == " " }).dropFirst(mark.count).allSatisfy({
            $0 == " " || $0 == "\t"
          })
        {
          fence = nil
        }
      } else {
        fence = mark
      }
      lines.append(
        PageLine(text: String(text), lineBreak: end.map { String(rest[$0]) } ?? "", isCode: isCode))
      rest = end.map { rest[rest.index(after: $0)...] } ?? ""
    }
    return lines
  }

  /// The signs of a line that begins or ends a fence of code.
  private static func fenceMark(of line: Substring) -> Substring? {
    let words = line.drop { $0 == " " }
    guard line.count - words.count < 4, let sign = words.first, sign == "`" || sign == "~" else {
      return nil
    }
    let mark = words.prefix { $0 == sign }
    return mark.count >= 3 ? mark : nil
  }
}
