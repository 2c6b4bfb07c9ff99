extension Table {
  /// Comma-separated values as in RFC 4180, under ``keys``, with every number in its shortest form
  /// that reads back as the same number: infinities are `inf` and `-inf`, and a missing cell is empty.
  ///
  /// Percentages are not applied: a share of 45 % is 0.45. Names are those of `runs.jsonl`, without
  /// marks.
  public var csv: String {
    let lines = [keys] + rows.map { $0.map(Self.csv) }
    return lines.map { $0.joined(separator: ",") }.joined(separator: "\r\n") + "\r\n"
  }

  private static func csv(_ cell: Cell) -> String {
    switch cell.content {
    case .missing: ""
    case .text(let text): quoted(cell.plain ?? text)
    case .number(let value): value.isNaN ? "nan" : value.description
    }
  }

  private static func quoted(_ text: String) -> String {
    guard text.utf8.contains(where: { Array(",\"\r\n".utf8).contains($0) }) else { return text }
    return "\"" + text.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
  }
}
