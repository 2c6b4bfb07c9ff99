extension Table {
  /// Comma-separated values as in RFC 4180, with every number in its shortest form that reads back
  /// as the same number: infinities are `inf` and `-inf`, and a missing cell is empty.
  ///
  /// Percentages are not applied: a share of 45 % is 0.45.
  public var csv: String {
    var lines = [columns.map { Self.quoted(heading(csv: $0)) }.joined(separator: ",")]
    for row in rows {
      lines.append(row.map(Self.csv).joined(separator: ","))
    }
    return lines.joined(separator: "\r\n") + "\r\n"
  }

  private func heading(csv column: Column) -> String {
    guard case .percent = column.format else { return column.fullHeading }
    var share = column
    share.unit = "1"
    return share.fullHeading
  }

  private static func csv(_ cell: Cell) -> String {
    switch cell.content {
    case .missing: ""
    case .text(let text): quoted(text)
    case .number(let value): value.isNaN ? "nan" : value.description
    }
  }

  private static func quoted(_ text: String) -> String {
    guard text.utf8.contains(where: { Array(",\"\r\n".utf8).contains($0) }) else { return text }
    return "\"" + text.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
  }
}
