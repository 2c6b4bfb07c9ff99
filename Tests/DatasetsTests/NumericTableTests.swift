import Datasets
import Testing

@Suite struct NumericTableTests {
  func load(_ text: String) throws -> NumericTable {
    try withFolder { folder in
      try write(Array(text.utf8), to: folder + "log.csv")
      return try NumericTable(file: folder + "log.csv")
    }
  }

  func failure(_ text: String) throws -> String {
    try DatasetsTests.failure(Array(text.utf8), name: "log.csv") { path throws(DataError) in
      _ = try NumericTable(file: path)
    }
  }

  @Test func readsNamesNumbersAndEmptyFields() throws {
    let table = try load("step, loss,metric\n0,0.5,\n1,1e-3,0.75\n")
    #expect(table.names == ["step", "loss", "metric"] && table.columnCount == 3)
    #expect(table.rows.map(\.values) == [[0, 0.5, nil], [1, 0.001, 0.75]])
    #expect(table.rows.map(\.line) == [2, 3])
  }

  @Test func readsWithoutNames() throws {
    let table = try load("1,-2.5\r\n\r\n3,4\r\n")
    #expect(table.names.isEmpty && table.columnCount == 2)
    #expect(table.rows.map(\.values) == [[1, -2.5], [3, 4]] && table.rows.map(\.line) == [1, 3])
  }

  @Test func readsWhatIsNotFinite() throws {
    let values = try load("a\nnan\nNaN\ninf\n-Inf\n-nan\n+Infinity\n1.#QNAN\n-∞\n").rows
      .map { $0.values[0] ?? 0 }
    #expect(values[0].isNaN && values[1].isNaN && values[2...3] == [.infinity, -.infinity])
    #expect(values[4].isNaN && values[5] == .infinity && values[6].isNaN && values[7] == -.infinity)
  }

  @Test(arguments: [
    ("a,b\n1,2\n3\n", "log.csv:3: expected 2 fields, found 1"),
    ("a,b\n1,two\n", "log.csv:2:3: expected a number, found \"two\""),
    ("a,a\n1,2\n", "log.csv:1:3: expected one column named \"a\", found two"),
    ("a,b\n", "log.csv: expected a line of numbers, found none"),
    ("1,b\n", "log.csv:1:3: expected a number, found \"b\""),
    ("\n\n", "log.csv: expected numbers, found an empty file"),
  ]) func refuses(_ text: String, _ message: String) throws {
    #expect(try failure(text) == message)
  }
}
