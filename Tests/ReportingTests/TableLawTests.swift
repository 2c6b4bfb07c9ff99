import Records
import Reporting
import Testing

/// Every column of every table is told again from the runs, by ``PlainRuns``: its numbers, and which of
/// them are best.
@Suite struct TableLawTests {
  private static let plain = [true, false].map { PlainRuns(isComplete: $0) }

  /// What a row is of, as its words say; a table of one rule has that in its name.
  struct Row {
    var task = ""
    var rule = ""
    var method = ""
    var hyper = 0.0
  }

  /// A column: its numbers, and which of those with the same task and rule are best.
  struct Column {
    enum Best { case none, least, greatest }
    var best = Best.none
    let value: (Row) -> Double?

    init(_ best: Best = .none, _ value: @escaping (Row) -> Double?) {
      (self.best, self.value) = (best, value)
    }
  }

  typealias Columns = [String: Column]

  @Test(arguments: [0, 1]) func everyColumnIsToldAgain(_ index: Int) throws {
    let plain = Self.plain[index]
    // A table that is added has a test of its own.
    let tables = Report.tables(plain.results).filter { Self.told.contains($0.name) }
    for table in tables { check(table, try columns(table, plain)) }
    #expect(tables.map(\.name) == Self.told)
  }

  private static let told = [
    "robustness", "robustness-sgd", "robustness-adam", "best-tuned", "best-tuned-sgd",
    "best-tuned-adam", "tuning-budget", "real-data", "time-to-target-sgd", "time-to-target-adam",
    "movement", "diverged-sgd", "diverged-adam", "hyper-map",
  ]

  /// No two columns of numbers are the same, nor is one without a number: each could stand for the
  /// other, and the law would not see it.
  @Test func noColumnCouldStandForAnother() {
    for table in Report.tables(Self.plain[0].results) {
      var columns: [(name: String, content: [Table.Cell.Content])] = []
      for (index, column) in table.columns.enumerated() where column.format != nil {
        columns.append((column.fullHeading, table.rows.map { $0[index].content }))
      }
      for (a, column) in columns.enumerated() {
        let hasNumber = column.content.contains { if case .number = $0 { true } else { false } }
        #expect(hasNumber, "\(table.name): \(column.name)")
        for other in columns.dropFirst(a + 1) {
          #expect(column.content != other.content, "\(table.name): \(column.name), \(other.name)")
        }
      }
    }
  }

  private func check(_ table: Table, _ columns: Columns) {
    let rows = table.rows.map { row($0, table) }
    for (index, column) in table.columns.enumerated() {
      let name = "\(table.name): \(column.fullHeading)"
      guard let told = columns[column.fullHeading] else {
        // Words are of the rows themselves.
        #expect(column.format == nil, "\(name) is not told again")
        continue
      }
      let values = rows.map(told.value)
      for (row, cell) in table.rows.map({ $0[index] }).enumerated() {
        var found: Double?
        if case .number(let number) = cell.content { found = number }
        #expect(
          Plain.isNear(found, values[row]),
          "\(name), \(rows[row]): \(String(describing: found)), \(String(describing: values[row]))")
        #expect(
          cell.isBest == isBest(row, rows, values, told.best, in: table), "\(name), \(rows[row])")
      }
    }
  }

  private func row(_ cells: [Table.Cell], _ table: Table) -> Row {
    var row = Row()
    row.rule = VariedSample.rules.first { table.name.hasSuffix("-" + $0) } ?? ""
    for (cell, column) in zip(cells, table.columns) {
      switch (cell.content, column.name) {
      case (.text(let text), "Task"): row.task = text
      case (.text(let text), "Rule"): row.rule = text
      case (.text(let text), "Method"): row.method = cell.plain ?? text
      case (.number(let number), "hyper-learning-rate"): row.hyper = number
      default: break
      }
    }
    return row
  }

  /// Among all methods of a task and rule; where they do not differ, none is best. In tables of
  /// robustness those without a starting rate are not compared.
  private func isBest(
    _ row: Int, _ rows: [Row], _ values: [Double?], _ best: Column.Best, in table: Table
  ) -> Bool {
    let hasNoPart = table.name.hasPrefix("robustness") ? "free" : ""
    guard best != .none, let value = values[row], rows[row].method != hasNoPart else {
      return false
    }
    let isByMethod = table.name == "hyper-map"
    var compared: [Double] = []
    for (other, value) in zip(rows, values) where other.method != hasNoPart {
      let isSame =
        isByMethod
        ? other.method == rows[row].method
        : other.task == rows[row].task
          // Where rules stand below each other in the table of robustness, they are compared apart.
          && other.rule == rows[row].rule
      if isSame, let value { compared.append(value) }
    }
    let (least, greatest) = (compared.min()!, compared.max()!)
    guard !Plain.isNear(least, greatest) else { return false }
    return Plain.isNear(value, best == .least ? least : greatest)
  }
}
