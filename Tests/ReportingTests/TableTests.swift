import Reporting
import Testing

@Suite struct TableTests {
  let table = Table(
    name: "odd", title: "50% of $x_1 & #2", caption: "A ~ {b} ^ \\ | * <i>", provenance: "Suite s",
    columns: [
      .bare("Method"),
      .init("gap", group: "SGD", format: .fixed(2), infinity: "diverged", about: "of the loss"),
      .bare("share", group: "SGD", unit: "%", format: .percent(1)),
      .bare("rate", format: .significant(3)),
    ],
    rows: [
      [.text("a, \"b\""), .number(0.1 + 0.2, isBest: true), .number(1.0 / 3), .number(1.5e-7)],
      [.text("c|d <e>"), .number(.infinity), .missing, .number(-2)],
    ])

  @Test func csvReadsBackAsTheSameNumbers() throws {
    let lines = table.csv.split(separator: "\r\n")
    #expect(lines[0] == "method,sgd_gap,sgd_share,rate")
    #expect(lines[1].hasPrefix("\"a, \"\"b\"\"\","))
    let numbers = lines[1].split(separator: ",").suffix(3).map { Double($0) }
    #expect(numbers == [0.1 + 0.2, 1.0 / 3, 1.5e-7])
    #expect(lines[2] == "c|d <e>,inf,,-2.0")
  }

  @Test func latexEscapesSpecialCharacters() {
    let latex = table.latex
    #expect(latex.contains("50\\% of \\$x\\_1 \\& \\#2"))
    #expect(
      latex.contains("A \\textasciitilde{} \\{b\\} \\textasciicircum{} \\textbackslash{} $|$ *"))
    #expect(latex.contains("{\\boldmath$0.30$}"))
    #expect(latex.contains("$1.50\\times10^{-7}$"))
    #expect(latex.contains("\\multicolumn{2}{c}{SGD}") && latex.contains("\\cmidrule(lr){2-3}"))
    #expect(latex.contains("c$|$d $<$e$>$ & diverged & --- & $-2.00$"))
    #expect(latex.hasPrefix("% Suite s\n"))
  }

  @Test func latexIsASCII() {
    let subscripted = Table(
      name: "t", title: "log₁₀ ε ≤ 10⁻¹⁶ — ∞", caption: "x", provenance: "s", columns: [.bare("a")],
      rows: [])
    #expect(subscripted.latex.utf8.allSatisfy { $0 < 128 })
    #expect(subscripted.latex.contains("log$_{10}$ $\\varepsilon$"))
  }

  @Test func longTablesGoOverPages() {
    let long = Table(
      name: "long", title: "t", caption: "c", provenance: "p", columns: [.bare("a")],
      rows: (0..<41).map { [.text("\($0)")] })
    #expect(long.latex.contains("\\begin{longtable}") && long.latex.contains("\\endhead"))
    #expect(!table.latex.contains("longtable"))
  }

  @Test func markdownEscapesAndAligns() {
    let lines = table.markdown.split(separator: "\n")
    #expect(lines.contains("| Method | SGD gap | SGD share [%] | rate |"))
    #expect(lines.contains("| :--- | ---: | ---: | ---: |"))
    #expect(lines.contains("| a, \"b\" | **0.30** | 33.3 | 1.50e-7 |"))
    #expect(lines.contains("| c\\|d \\<e\\> | diverged | — | -2.00 |"))
  }

  @Test func htmlCarriesNumbersForSorting() {
    #expect(table.html.contains("data-v=\"0.30000000000000004\">0.30</td>"))
    #expect(table.html.contains("c|d &lt;e&gt;"))
    #expect(table.html.contains("1.50·10<sup>−7</sup>"))
    #expect(table.html.contains("data-v=\"inf\">diverged</td>"))
  }

  @Test func terminalLinesFit() {
    for width in [40, 60, 100] {
      let lines = table.terminal(width: width).split(separator: "\n")
      // The title is no part of the grid.
      #expect(lines.dropFirst().allSatisfy { $0.count <= width })
      for heading in ["gap", "share", "rate"] {
        #expect(lines.contains { $0.contains(heading) })
      }
    }
    #expect(table.terminal().contains("0.30*"))
  }
}
