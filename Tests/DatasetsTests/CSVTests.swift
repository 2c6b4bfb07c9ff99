import Datasets
import Testing

@Suite struct CSVTests {
  func load(
    _ text: String, label: String? = nil, separator: Character? = nil
  ) throws -> Dataset<Double> {
    try withFolder { folder in
      try write(Array(text.utf8), to: folder + "d.csv")
      return try CSV.load(
        file: folder + "d.csv", format: CSV.Format(labelColumn: label, separator: separator))
    }
  }

  func failure(_ text: String, label: String? = nil) throws -> String {
    try DatasetsTests.failure(Array(text.utf8), name: "d.csv") { path throws(DataError) in
      _ = try CSV.load(file: path, format: CSV.Format(labelColumn: label))
    }
  }

  @Test func readsAHeaderAndClassesInSortedOrder() throws {
    let data = try load("length,width,kind\n1,2,rose\n3,4.5,\"lily, white\"\n-5e1,6,rose\n")
    #expect(data.features == [1, 2, 3, 4.5, -50, 6])
    #expect(data.classNames == ["lily, white", "rose"])
    #expect(data.labels == [1, 0, 1])
    #expect(data.featureNames == ["length", "width"])
  }

  @Test func readsWithoutAHeader() throws {
    let data = try load("1,2,a\r\n3,4,b\r\n")
    #expect(data.count == 2 && data.featureNames.isEmpty)
    #expect(try load("1;2;a\n3;4;b", separator: ";").features == [1, 2, 3, 4])
  }

  @Test func takesTheLabelColumnByName() throws {
    let data = try load("\u{feff}kind,x,\"y \"\"z\"\"\"\n\nb,1, 2 \na,3,4\n", label: "kind")
    #expect(data.features == [1, 2, 3, 4])
    #expect(data.labels == [1, 0])
    #expect(data.featureNames == ["x", "y \"z\""])
  }

  @Test func ordersNumericLabelsByValue() throws {
    let data = try load("0,10\n0,2\n0,2.0\n0,-1\n")
    #expect(data.classNames == ["-1", "2", "10"])
    #expect(data.labels == [2, 1, 1, 0])
  }

  @Test func saysWhatIsWrong() throws {
    #expect(
      try failure("x,y,k\n1,2,a\n1,,b\n")
        == "d.csv:3:3: expected a finite number in column \"y\", found nothing")
    #expect(
      try failure("1,2,a\n1,two,b\n")
        == "d.csv:2:3: expected a finite number in column 2, found \"two\"")
    #expect(try failure("1,nan,a\n1,2,b\n").contains("found \"nan\""))
    #expect(try failure("1,inf,a\n1,2,b\n").contains("found \"inf\""))
    #expect(try failure("1,0x10,a\n1,2,b\n").contains("found \"0x10\""))
    #expect(try failure("1,1e309,a\n1,2,b\n").contains("expected a finite number"))
    #expect(try failure("1,2,a\n1,2,\n").contains("expected a label in column 3, found nothing"))
    #expect(try failure("1,2,a\n1,b\n") == "d.csv:2: expected 3 fields, found 2")
    #expect(try failure("1,2,a\n1,2,3,b\n") == "d.csv:2: expected 3 fields, found 4")
    #expect(
      try failure("len,kind\n1,a\n2,b", label: "knid")
        == "d.csv:1: no column is named \"knid\"; did you mean \"kind\"?")
    #expect(
      try failure("len,kind\n1,a\n2,b", label: "temperature")
        == "d.csv:1: no column is named \"temperature\"")
    #expect(try failure("1,2\n3,4", label: "kind").contains("expected column names"))
    #expect(
      try failure("k,k,x\n1,2,3", label: "k")
        == "d.csv:1:3: expected one column named \"k\", found 2")
    #expect(try failure("x,y\n").contains("expected at least one example after the header"))
    #expect(try failure("\n\r\n").contains("found an empty file"))
    #expect(try failure("") == "d.csv: the file is empty")
    #expect(try failure("1\n2\n").contains("found one field"))
    #expect(try failure("1,a\n2,a\n").contains("found only \"a\""))
    #expect(
      try failure("1,2,\"a\n3,4,b\n")
        == "d.csv:1:5: expected a closing quote, found the end of the file")
    #expect(try failure("1,\"2\"3,a\n").contains("d.csv:1:6: expected a separator"))
    #expect(try failure("1,2\"3,a\n").contains("d.csv:1:4: expected quotes around"))
    let many = (0..<1001).map { "1,\(Double($0) / 7)\n" }.joined()
    #expect(try failure(many).contains("found 1001 different labels"))
  }

  @Test func countsLinesInsideQuotedFields() throws {
    #expect(
      try failure("1,\"a\nb\"\n?,c\n")
        == "d.csv:3:1: expected a finite number in column 1, found \"?\"")
  }

  @Test func damageNeverCrashes() throws {
    for bytes in damaged(Array("x,\"y\",k\r\n1,2,\"a\"\n-3e1,\"4\",b\n".utf8)) {
      _ = try DatasetsTests.failure(bytes) { path throws(DataError) in
        _ = try CSV.load(file: path)
      }
    }
  }
}
