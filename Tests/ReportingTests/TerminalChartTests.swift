internal import Reporting
internal import Testing

@Suite struct TerminalChartTests {
  /// A line falls from the left above to the right below, as in any picture.
  @Test func pointsAreWhereTheyBelong() {
    let chart = TerminalChart(
      [.init("*", (0..<10).map { (Double($0), 9 - Double($0)) })], marks: [.init("M", at: 9)])
    let lines = chart.lines(width: 40, height: 10)
    #expect(lines.count == 13)
    let columns = lines.prefix(10).map { line in Array(line).lastIndex(of: "*") }
    #expect(columns.allSatisfy { $0 != nil })
    #expect(columns.compactMap { $0 } == columns.compactMap { $0 }.sorted())
    #expect(Array(lines[11]).firstIndex(of: "M") == columns[9])
    for line in lines { #expect(line.count <= 40) }
    #expect(lines[0].contains("9.00 ┤") && lines[9].contains("0 ┤"))
  }

  @Test func decadesAreEquallyWide() {
    let rates = [1e-6, 1e-4, 1e-2, 1.0]
    let lines = TerminalChart([.init("*", rates.map { ($0, 1) })], isLogarithmic: true)
      .lines(width: 70, height: 3)
    let row = lines.first { $0.contains("*") }.map { Array($0) } ?? []
    let places = row.indices.filter { row[$0] == "*" }
    #expect(places.count == 4)
    for (a, b) in zip(places, places.dropFirst()) {
      #expect(abs(b - a - (places[3] - places[0]) / 3) <= 1)
    }
  }

  @Test func nothingComesOfNothing() {
    #expect(TerminalChart([]).lines().isEmpty)
    #expect(TerminalChart([.init("*", [(1, .nan), (.infinity, 2)])]).lines().isEmpty)
    #expect(!TerminalChart([.init("*", [(1, 5)])]).lines().isEmpty)
  }
}
