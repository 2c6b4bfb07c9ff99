extension Table {
  /// Aligned plain text, at most `width` characters a line: columns that do not fit follow in
  /// further blocks, each with the first column again. A block has at least one column beside it,
  /// however narrow the terminal.
  public func terminal(width: Int = 100) -> String {
    let cells = rows.map { row in
      zip(row, columns).map { (cell, column) in text(cell, column) + (cell.isBest ? "*" : " ") }
    }
    var widths = columns.indices.map { index in
      max(
        Self.heading(columns[index]).count + 1,
        cells.map { $0[index].count }.max() ?? 0)
    }
    // A group's name needs room over its columns.
    for group in groups {
      let room = group.columns.map { widths[$0] }.reduce(0, +) + 2 * (group.columns.count - 1)
      widths[group.columns.upperBound - 1] += max(0, (group.name?.count ?? 0) + 1 - room)
    }
    var lines = [title]
    for block in blocks(widths, width) {
      lines.append("")
      if hasGroups {
        var line = ""
        for group in groups {
          let shown = group.columns.filter { block.contains($0) }
          guard !shown.isEmpty else { continue }
          let room = shown.map { widths[$0] }.reduce(0, +) + 2 * (shown.count - 1)
          line += (line.isEmpty ? "" : "  ") + Self.centred(group.name ?? "", room)
        }
        lines.append(line)
      }
      lines.append(self.line(block.map { Self.heading(columns[$0]) + " " }, block, widths))
      lines.append(block.map { String(repeating: "─", count: widths[$0]) }.joined(separator: "──"))
      for row in cells { lines.append(self.line(block.map { row[$0] }, block, widths)) }
    }
    var notes: [String] = []
    if columns.contains(where: { $0.unit == "%" }) { notes.append("shares in %") }
    if rows.contains(where: { $0.contains { $0.isBest } }) { notes.append("* best of its column") }
    if !notes.isEmpty { lines.append(notes.joined(separator: ", ")) }
    return lines.map(Self.trimmed).joined(separator: "\n") + "\n"
  }

  /// Per cent stands below the table, to keep columns narrow.
  private static func heading(_ column: Column) -> String {
    column.unit == "%" ? column.name : column.heading
  }

  private func blocks(_ widths: [Int], _ width: Int) -> [[Int]] {
    var blocks: [[Int]] = []
    var block: [Int] = []
    var used = 0
    for index in columns.indices {
      if !block.isEmpty && block != [0] && used + 2 + widths[index] > width {
        blocks.append(block)
        block = [0]
        used = widths[0]
      }
      used += (block.isEmpty ? 0 : 2) + widths[index]
      block.append(index)
    }
    return block.isEmpty ? blocks : blocks + [block]
  }

  private func line(_ cells: [String], _ block: [Int], _ widths: [Int]) -> String {
    zip(cells, block).map { cell, index in
      let padding = String(repeating: " ", count: max(0, widths[index] - cell.count))
      return columns[index].format == nil ? cell + padding : padding + cell
    }.joined(separator: "  ")
  }

  private static func centred(_ text: String, _ width: Int) -> String {
    let space = max(0, width - text.count)
    return String(repeating: " ", count: space / 2) + text
      + String(repeating: " ", count: space - space / 2)
  }

  private static func trimmed(_ line: String) -> String {
    var line = line
    while line.last == " " { line.removeLast() }
    return line
  }
}
