extension Table {
  /// A GitHub-flavoured Markdown table under its title, with its caption and its origin.
  public var markdown: String {
    func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
    var lines = ["## \(Self.escaped(title))", "", Self.escaped(caption), ""]
    lines.append(line(columns.map { Self.escaped($0.fullHeading) }))
    lines.append(line(columns.map { $0.format == nil ? ":---" : "---:" }))
    for row in rows {
      lines.append(
        line(
          zip(row, columns).map { cell, column in
            let text = Self.escaped(self.text(cell, column))
            return cell.isBest ? "**\(text)**" : text
          }))
    }
    lines += ["", "*\(Self.escaped(provenance))*", ""]
    return lines.joined(separator: "\n")
  }

  private static func escaped(_ text: String) -> String {
    text.map { "|\\`*_<>".contains($0) ? "\\\($0)" : String($0) }.joined()
  }
}
