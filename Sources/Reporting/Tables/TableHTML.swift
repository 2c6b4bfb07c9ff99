extension Table {
  /// A `<table>` under its title and caption, in a box of its own that scrolls where the page is too
  /// narrow; a click on a heading, or a press of Enter on it, sorts by that column where the page's
  /// script is present (`data-v` carries the number).
  public var html: String {
    var lines = [
      "<div class=\"about\" id=\"about-\(name)\"><b>\(HTML.escaped(title))</b> "
        + "\(HTML.escaped(caption))\(links)</div>",
      "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-labelledby=\"about-\(name)\">"
        + "<table class=\"data\" id=\"table-\(name)\">",
    ]
    lines.append("<thead>")
    if hasGroups {
      let cells = groups.map { group in
        group.name.map {
          "<th class=\"group\" scope=\"colgroup\" colspan=\"\(group.columns.count)\">"
            + HTML.escaped($0) + "</th>"
        } ?? "<td colspan=\"\(group.columns.count)\"></td>"
      }
      lines.append("<tr>" + cells.joined() + "</tr>")
    }
    let headings = columns.map { column in
      let unit = column.unit.map { " <span class=\"unit\">[\(HTML.escaped($0))]</span>" } ?? ""
      let about = column.about.isEmpty ? "" : " title=\"\(HTML.escaped(column.about))\""
      return "<th scope=\"col\"\(column.format == nil ? " class=\"l\"" : "")\(about)>"
        + "\(HTML.escaped(column.name))\(unit)</th>"
    }
    lines.append("<tr class=\"sort\">" + headings.joined() + "</tr>")
    lines.append("</thead><tbody>")
    for (index, row) in rows.enumerated() {
      lines.append(
        (startsGroup(index) ? "<tr class=\"new\">" : "<tr>") + zip(row, columns).map(html).joined()
          + "</tr>")
    }
    lines.append("</tbody></table></div>")
    return lines.joined(separator: "\n")
  }

  /// To its files beside the page.
  private var links: String {
    let kinds = [("md", "Markdown"), ("csv", "CSV"), ("tex", "LaTeX")].map {
      "<a href=\"tables/\(name).\($0.0)\">\($0.1)</a>"
    }
    return " <span class=\"links\">\(kinds.joined(separator: " "))</span>"
  }

  private func html(_ cell: Cell, _ column: Column) -> String {
    let text = self.text(cell, column)
    var attributes = column.format == nil ? " class=\"l\"" : ""
    if cell.isBest { attributes = " class=\"best\"" }
    switch cell.content {
    case .text:
      return "<td\(attributes)>\(HTML.breakable(text))</td>"
    case .missing:
      return "<td class=\"none\">\(HTML.escaped(text))</td>"
    case .number(let value):
      let shown = value.isFinite ? HTML.number(text) : HTML.escaped(text)
      if value == .infinity { attributes = " class=\"bad\"" }
      return "<td\(attributes) data-v=\"\(value.description)\">\(shown)</td>"
    }
  }
}

enum HTML {
  /// Text with markup's own characters written as entities; also right for SVG and attributes. What
  /// XML can't hold, a control character, is U+FFFD.
  static func escaped(_ text: String) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\t", "\n", "\r": result += " "
      case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }

  /// Escaped text in which a line may end within words of more than twenty characters, too.
  static func breakable(_ text: String) -> String {
    var run = 0
    var pieces = [""]
    for character in text {
      run = character == " " || character == "-" ? 0 : run + 1
      pieces[pieces.count - 1].append(character)
      if run == 20 {
        pieces.append("")
        run = 0
      }
    }
    return pieces.map(escaped).joined(separator: "<wbr>")
  }

  /// An ASCII number with a true minus sign, and a power of ten where it has an exponent.
  static func number(_ text: String) -> String {
    let parts = text.split(separator: "e").map { minusSigned(String($0)) }
    return parts.count == 2 ? "\(parts[0])·10<sup>\(parts[1])</sup>" : parts[0]
  }
}
