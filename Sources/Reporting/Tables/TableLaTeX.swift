extension Table {
  /// A LaTeX table in the style of booktabs that fits a page of the class article, at 10, 11 or 12
  /// points: columns that would leave the page follow in further parts, each with the names of its
  /// rows, and what is longer than a page goes over pages (package longtable). The title is the
  /// caption's short form. A comment says where the numbers come from, another which packages the
  /// table wants.
  public var latex: String { LaTeXTable(self).text }
}

/// What a table becomes in LaTeX. Lengths are ems of Computer Modern, in which the line of an article
/// is nearly the same at each of its sizes.
struct LaTeXTable {
  /// The size of letters, and the length of a line in them.
  private enum Size: String {
    case small, footnotesize
    var line: Double { self == .small ? 34.4 : 37.5 }
  }

  /// Rows over which a table no longer stands on one page, with its caption.
  private static let pageRows = 34
  /// At each side of a column.
  private static let separation = 0.4

  private let table: Table
  /// The columns that name a row, which each part begins with.
  private let names: [Int]
  /// By column: the width of its text, and whether that breaks lines.
  private var widths: [Double]
  private var isBroken: [Bool]

  init(_ table: Table) {
    self.table = table
    let columns = table.columns.indices
    let words = columns.prefix { table.columns[$0].format == nil }
    // A table of words alone is led by its first column.
    names = words.count == columns.count ? Array(columns.prefix(1)) : Array(words)
    widths = columns.map { Self.width(of: $0, in: table) }
    isBroken = columns.map { _ in false }
    // Names in paragraphs leave room for more columns; they are whole where that makes no difference.
    var broken = self
    broken.breakWords(share: 0.25)
    breakWords(share: 0.55)
    if broken.partCount < partCount { (widths, isBroken) = (broken.widths, broken.isBroken) }
  }

  var text: String {
    let size = width(names + rest) <= Size.small.line ? Size.small : .footnotesize
    return text(parts: parts(size.line), size)
  }

  private var partCount: Int { parts(Size.footnotesize.line).count }

  private var rest: [Int] { table.columns.indices.filter { !names.contains($0) } }

  // MARK: Widths

  /// Of the widest cell, or the widest piece of the heading, which breaks lines.
  private static func width(of index: Int, in table: Table) -> Double {
    let column = table.columns[index]
    let cells = table.rows.map { row -> Double in
      let text = table.text(row[index], column)
      var width = LaTeXText.width(text)
      if case .number(let value) = row[index].content, value.isFinite {
        // A minus sign is wider than a hyphen, and a power of ten than its e.
        width += (text.hasPrefix("-") ? 0.45 : 0) + (text.contains("e") ? 2.4 : 0)
      }
      return width * (row[index].isBest ? 1.17 : 1) + 0.05
    }
    return max(1, cells.max() ?? 0, pieces(column.heading).map(LaTeXText.width).max() ?? 0)
  }

  /// Sets the words that name a row in paragraphs, the widest first, until they all take no more than
  /// a share of a line for each two of them; and other words that are long.
  private mutating func breakWords(share: Double) {
    let line = Size.footnotesize.line
    // The widest column beside them has its place, too.
    let beside = (rest.map { widths[$0] }.max() ?? 0) + 2 * Self.separation
    let room = min(
      min(0.65, share * max(1, Double(names.count) / 2 + 0.5)) * line,
      max(0.3 * line, line - beside - 2 * Self.separation * Double(names.count)))
    for index in names.sorted(by: { widths[$0] > widths[$1] }) {
      let excess = names.reduce(0) { $0 + widths[$1] } - room
      let least = min(widths[index], room / Double(names.count))
      if excess > 0 {
        (widths[index], isBroken[index]) = (max(least, widths[index] - excess), true)
      }
    }
    for index in rest where table.columns[index].format == nil && widths[index] > 0.3 * line {
      (widths[index], isBroken[index]) = (0.3 * line, true)
    }
  }

  /// Of columns with what separates them, and with the names of their groups.
  private func width(_ columns: [Int]) -> Double {
    var sum = columns.reduce(0) { $0 + widths[$1] + 2 * Self.separation }
    for group in groups(columns) {
      guard let name = group.name else { continue }
      let room = group.columns.reduce(-2 * Self.separation) {
        $0 + widths[$1] + 2 * Self.separation
      }
      sum += max(0, (Self.pieces(name).map(LaTeXText.width).max() ?? 0) - room)
    }
    return sum
  }

  /// The columns of each part. A group stays together where it fits a line.
  private func parts(_ line: Double) -> [[Int]] {
    var parts: [[Int]] = []
    var part = names
    func isFull(_ more: [Int]) -> Bool { part.count > names.count && width(part + more) > line }
    for group in groups(rest) {
      let whole =
        width(names + group.columns) <= line ? [group.columns] : group.columns.map { [$0] }
      for columns in whole {
        if isFull(columns) {
          parts.append(part)
          part = names
        }
        part += columns
      }
    }
    return parts + [part]
  }

  /// Runs of neighbouring columns with the same group.
  private func groups(_ columns: [Int]) -> [(name: String?, columns: [Int])] {
    var groups: [(name: String?, columns: [Int])] = []
    for index in columns {
      let name = table.columns[index].group
      if name != nil, groups.last?.name == name {
        groups[groups.count - 1].columns.append(index)
      } else {
        groups.append((name, [index]))
      }
    }
    return groups
  }

  // MARK: Text

  private func text(parts: [[Int]], _ size: Size) -> String {
    let rows = parts.reduce(0) { $0 + height($1) }
    let caption = table.title + ". " + table.caption
    let lines = Int(LaTeXText.width(caption) / 30) + 1
    let isLong = table.rows.count > 40 || rows + 1.2 * Double(lines) > Double(Self.pageRows)
    let full =
      "\\caption[{\(Self.breakable(table.title))}]{\(Self.breakable(caption))}"
    let label = "\\label{tab:\(table.name)}"
    var out = [
      "% \(LaTeXText.comment(table.provenance))",
      "% requires \\usepackage{booktabs\(isLong ? ",longtable" : "")}",
    ]
    let set = ["\\\(size.rawValue)", "\\setlength{\\tabcolsep}{\(Self.separation)em}"]
    if isLong {
      out += ["{"] + set
      for (index, part) in parts.enumerated() {
        let head = head(part)
        if index > 0 { out.append("\\addtocounter{table}{-1}") }
        out += ["\\begin{longtable}{\(layout(part))}"]
        out += [index == 0 ? "\(full) \(label) \\\\" : "\\caption[]{(continued)} \\\\"]
        out += ["\\toprule"] + head + ["\\midrule", "\\endfirsthead", "\\toprule"] + head
        out += ["\\midrule", "\\endhead", "\\bottomrule", "\\endfoot"] + body(part)
        out.append("\\end{longtable}")
      }
      return (out + ["\\par}", ""]).joined(separator: "\n")
    }
    out += ["\\begin{table}", "\\centering", full, label, "\\par\\smallskip"] + set
    for (index, part) in parts.enumerated() {
      if index > 0 { out.append("\\par\\medskip") }
      out += ["\\begin{tabular}{\(layout(part))}", "\\toprule"] + head(part) + ["\\midrule"]
      out += body(part) + ["\\bottomrule", "\\end{tabular}"]
    }
    return (out + ["\\end{table}", ""]).joined(separator: "\n")
  }

  /// Lines of a part, about.
  private func height(_ columns: [Int]) -> Double {
    let rows = table.rows.indices.map { row in
      let lines = columns.map { index -> Int in
        guard isBroken[index] else { return 1 }
        let width = LaTeXText.width(table.text(table.rows[row][index], table.columns[index]))
        return Int(1.2 * width / widths[index]) + 1
      }
      return Double(lines.max() ?? 1) + (table.startsGroup(row) ? 0.4 : 0)
    }
    let heads = columns.map { stacked(table.columns[$0].heading, widths[$0]).count }
    return rows.reduce(0, +) + Double(heads.max() ?? 1) + (table.hasGroups ? 3.5 : 1.5)
  }

  private func layout(_ columns: [Int]) -> String {
    columns.map { index in
      if isBroken[index] { return "p{\(NumberFormat.fixed(1).text(widths[index]))em}" }
      return table.columns[index].format == nil ? "l" : "r"
    }.joined()
  }

  private func head(_ columns: [Int]) -> [String] {
    var lines: [String] = []
    let groups = groups(columns)
    if groups.contains(where: { $0.name != nil }) {
      var column = 0
      var rules: [String] = []
      let cells = groups.map { group -> String in
        defer { column += group.columns.count }
        guard let name = group.name else { return "" }
        let room = group.columns.reduce(-2 * Self.separation) {
          $0 + widths[$1] + 2 * Self.separation
        }
        rules.append("\\cmidrule(lr){\(column + 1)-\(column + group.columns.count)}")
        return "\\multicolumn{\(group.columns.count)}{c}{\(stack(name, room, "c"))}"
      }
      lines.append(
        cells.joined(separator: " & ") + end(columns) + " " + rules.joined(separator: " "))
    }
    let headings = columns.map { index in
      let column = table.columns[index]
      return stack(column.heading, widths[index], column.format == nil ? "l" : "r")
    }
    return lines + [headings.joined(separator: " & ") + end(columns)]
  }

  private func body(_ columns: [Int]) -> [String] {
    table.rows.indices.map { index in
      (table.startsGroup(index) ? "\\addlinespace\n" : "")
        + columns.map { cell(table.rows[index][$0], $0) }.joined(separator: " & ") + end(columns)
    }
  }

  /// A row's end; where a cell is a paragraph, whose lines may end as rows do, it has another name.
  private func end(_ columns: [Int]) -> String {
    columns.contains { isBroken[$0] } ? " \\tabularnewline" : " \\\\"
  }

  private func cell(_ cell: Table.Cell, _ index: Int) -> String {
    let column = table.columns[index]
    var text = table.text(cell, column)
    if case .number(let value) = cell.content, value.isFinite {
      let parts = text.split(separator: "e")
      text = parts.count == 2 ? "$\(parts[0])\\times10^{\(parts[1])}$" : "$\(text)$"
      return cell.isBest ? "{\\boldmath\(text)}" : text
    }
    text =
      isBroken[index]
      ? Self.breakable(text, most: widths[index] / 1.2)
      : LaTeXText.cell(text)
    if cell.isBest { text = "\\textbf{\(text)}" }
    return isBroken[index] ? "{}\\raggedright \(text)" : text
  }

  // MARK: Headings

  private func stack(_ text: String, _ room: Double, _ side: String) -> String {
    let lines = stacked(text, room).map(LaTeXText.cell)
    if lines.count < 2 { return lines.first ?? "" }
    return "\\begin{tabular}[b]{@{}\(side)@{}}\(lines.joined(separator: " \\\\ "))\\end{tabular}"
  }

  /// The lines of a text, each within `room` where its pieces are.
  private func stacked(_ text: String, _ room: Double) -> [String] {
    var lines: [String] = []
    for piece in Self.pieces(text) {
      if let last = lines.last, LaTeXText.width(last + piece) <= room {
        lines[lines.count - 1] = last + piece
      } else {
        lines.append(piece)
      }
    }
    return lines.map { line in String(line.reversed().drop { $0 == " " }.reversed()) }
      .filter { !$0.isEmpty }
  }

  /// Escaped text whose lines may end within words that are wider than `most`, after their signs.
  private static func breakable(_ text: String, most: Double = 9) -> String {
    text.split(separator: " ", omittingEmptySubsequences: false).map { word in
      LaTeXText.width(String(word)) <= most
        ? LaTeXText.escaped(String(word))
        : pieces(String(word), most: most).map(LaTeXText.escaped)
          .joined(separator: "\\allowbreak{}")
    }.joined(separator: " ")
  }

  /// A text cut after its spaces, hyphens and other signs, and where a piece would still be longer
  /// than `most`.
  private static func pieces(_ text: String, most: Double = 9) -> [String] {
    var pieces: [String] = []
    var piece = ""
    var width = 0.0
    func end() {
      pieces.append(piece)
      (piece, width) = ("", 0)
    }
    for character in text {
      let more = LaTeXText.width(String(character))
      if width + more > most, !piece.isEmpty { end() }
      piece.append(character)
      width += more
      if " -_./,:;+=)".contains(character) { end() }
    }
    return piece.isEmpty ? pieces : pieces + [piece]
  }
}
