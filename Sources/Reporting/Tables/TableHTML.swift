extension Table {
  /// A `<table>` with its title and caption; a click on a heading sorts by that column where the
  /// page's script is present (`data-v` carries the number).
  public var html: String {
    var lines = ["<div class=\"scroll\"><table class=\"data\" id=\"table-\(name)\">"]
    lines.append(
      "<caption><b>\(HTML.escaped(title))</b> \(HTML.escaped(caption))</caption>")
    lines.append("<thead>")
    if hasGroups {
      let cells = groups.map { group in
        "<th class=\"group\" colspan=\"\(group.columns.count)\">"
          + HTML.escaped(group.name ?? "") + "</th>"
      }
      lines.append("<tr>" + cells.joined() + "</tr>")
    }
    let headings = columns.map { column in
      let unit = column.unit.map { " <span class=\"unit\">[\(HTML.escaped($0))]</span>" } ?? ""
      return
        "<th\(column.format == nil ? " class=\"l\"" : "")>\(HTML.escaped(column.name))\(unit)</th>"
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

  private func html(_ cell: Cell, _ column: Column) -> String {
    let text = self.text(cell, column)
    var attributes = column.format == nil ? " class=\"l\"" : ""
    if cell.isBest { attributes = " class=\"best\"" }
    switch cell.content {
    case .text:
      return "<td\(attributes)>\(HTML.escaped(text))</td>"
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
  /// Text with markup's own characters written as entities; also right for SVG and attributes.
  static func escaped(_ text: String) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }

  /// An ASCII number with a true minus sign, and a power of ten where it has an exponent.
  static func number(_ text: String) -> String {
    let parts = text.split(separator: "e").map { minusSigned(String($0)) }
    return parts.count == 2 ? "\(parts[0])·10<sup>\(parts[1])</sup>" : parts[0]
  }
}
