extension Table {
  /// A GitHub-flavoured Markdown table under its title, with its caption and its origin.
  public var markdown: String {
    let lines =
      [markdownHeading, "", markdownCaption, ""] + markdownRows + ["", markdownFooter, ""]
    return lines.joined(separator: "\n")
  }

  var markdownHeading: String { "## \(Self.escaped(title))" }
  var markdownCaption: String { Self.escaped(caption) }
  var markdownFooter: String { "*\(Self.escaped(provenance))*" }

  /// The table's lines, the heads of the columns first.
  var markdownRows: [String] {
    func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
    var lines = [line(columns.map { Self.escaped($0.fullHeading) })]
    lines.append(line(columns.map { $0.format == nil ? ":---" : "---:" }))
    for row in rows {
      lines.append(
        line(
          zip(row, columns).map { cell, column in
            let text = Self.escaped(self.text(cell, column))
            return cell.isBest ? "**\(text)**" : text
          }))
    }
    return lines
  }

  /// Text with what would be markup escaped, a link's bracket among it, on one line.
  static func escaped(_ text: String) -> String {
    var out = ""
    for character in text {
      if character.isNewline {
        out += " "
      } else if "|\\`*_<>&~$".contains(character) || (character == "(" && out.hasSuffix("]")) {
        out += "\\\(character)"
      } else {
        out.append(character)
      }
    }
    return out
  }
}
