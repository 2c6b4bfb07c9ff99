extension Table {
  /// A LaTeX table in the style of booktabs; with more than 40 rows, one that goes over pages
  /// (package longtable). A comment says where the numbers come from.
  public var latex: String {
    let isLong = rows.count > 40
    let layout = columns.map { $0.format == nil ? "l" : "r" }.joined()
    let head =
      groupLine + columns.map { Self.latexEscaped($0.heading) }.joined(separator: " & ") + " \\\\"
    let body = rows.indices.map { index in
      (startsGroup(index) ? "\\addlinespace\n" : "")
        + zip(rows[index], columns).map(latex).joined(separator: " & ") + " \\\\"
    }
    let caption = "\\caption{\(Self.latexEscaped(title)). \(Self.latexEscaped(self.caption))}"
    let label = "\\label{tab:\(name)}"
    var lines = [
      "% \(provenance)", "% requires \\usepackage{booktabs\(isLong ? ",longtable" : "")}",
    ]
    if isLong {
      lines += ["\\begin{longtable}{\(layout)}", "\(caption) \(label) \\\\", "\\toprule", head]
      lines += ["\\midrule", "\\endfirsthead", "\\toprule", head, "\\midrule", "\\endhead"]
      lines += ["\\bottomrule", "\\endfoot"] + body + ["\\end{longtable}", ""]
    } else {
      lines += ["\\begin{table}", "\\centering", caption, label, "\\begin{tabular}{\(layout)}"]
      lines += ["\\toprule", head, "\\midrule"] + body
      lines += ["\\bottomrule", "\\end{tabular}", "\\end{table}", ""]
    }
    return lines.joined(separator: "\n")
  }

  private var groupLine: String {
    guard hasGroups else { return "" }
    let cells = groups.map { group in
      group.name.map { "\\multicolumn{\(group.columns.count)}{c}{\(Self.latexEscaped($0))}" }
        ?? Array(repeating: "", count: group.columns.count).joined(separator: " & ")
    }
    let rules = groups.filter { $0.name != nil }.map {
      "\\cmidrule(lr){\($0.columns.lowerBound + 1)-\($0.columns.upperBound)}"
    }
    return cells.joined(separator: " & ") + " \\\\ " + rules.joined(separator: " ") + "\n"
  }

  private func latex(_ cell: Cell, _ column: Column) -> String {
    var text = self.text(cell, column)
    if case .number(let value) = cell.content, value.isFinite {
      let parts = text.split(separator: "e")
      text = parts.count == 2 ? "$\(parts[0])\\times10^{\(parts[1])}$" : "$\(text)$"
      return cell.isBest ? "{\\boldmath\(text)}" : text
    }
    text = Self.latexEscaped(text)
    return cell.isBest ? "\\textbf{\(text)}" : text
  }

  /// Text with LaTeX's special characters escaped, and those beyond ASCII that this package uses
  /// written as commands.
  static func latexEscaped(_ text: String) -> String {
    text.split(separator: "₁₀", omittingEmptySubsequences: false)
      .map { $0.map { commands[$0] ?? String($0) }.joined() }
      .joined(separator: "$_{10}$")
  }

  private static let commands: [Character: String] = [
    "\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", "$": "\\$", "&": "\\&", "#": "\\#",
    "%": "\\%", "_": "\\_", "^": "\\textasciicircum{}", "~": "\\textasciitilde{}",
    "<": "$<$", ">": "$>$", "|": "$|$", "\"": "''",
    "—": "---", "–": "--", "∞": "$\\infty$", "−": "$-$", "×": "$\\times$", "·": "$\\cdot$",
    "≤": "$\\le$", "≥": "$\\ge$", "ε": "$\\varepsilon$", "η": "$\\eta$", "β": "$\\beta$",
    "±": "$\\pm$", "½": "$\\frac12$", "→": "$\\rightarrow$", "\u{2009}": "\\,", "\u{a0}": "~",
    "⁻": "$^{-}$", "⁰": "$^0$", "¹": "$^1$", "²": "$^2$", "³": "$^3$", "⁴": "$^4$", "⁵": "$^5$",
    "⁶": "$^6$", "⁷": "$^7$", "⁸": "$^8$", "⁹": "$^9$", "₀": "$_0$", "₁": "$_1$", "₂": "$_2$",
  ]
}
