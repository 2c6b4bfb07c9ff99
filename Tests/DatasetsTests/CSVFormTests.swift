import Datasets
import Testing

/// The same table in the forms that programs write it in.
@Suite struct CSVFormTests {
  func read(
    _ text: String, _ format: CSV.Format = CSV.Format(), _ limits: DataLimits = DataLimits()
  ) throws(DataError) -> CSV.Contents {
    let reader = try DataReader(
      Array(text.utf8), file: "d.csv", .text, limit: limits.textBytes)
    return try CSV.read(reader, format, limits)
  }

  func failure(
    _ text: String, _ format: CSV.Format = CSV.Format(), _ limits: DataLimits = DataLimits()
  ) -> String {
    do throws(DataError) {
      _ = try read(text, format, limits)
      return "no error"
    } catch { return error.description }
  }

  /// Two features, two classes, three examples.
  func isTable(_ contents: CSV.Contents, names: [String] = ["x", "y"]) -> Bool {
    contents.data.features == [1.5, -2, 3, 40, 0.25, 6] && contents.data.labels == [1, 0, 1]
      && contents.data.classNames == ["lily", "rose"] && contents.data.featureNames == names
  }

  /// The same words for every number that is none of a column.
  @Test(arguments: ["0", "4", "5", "99"]) func aNumberOfNoColumn(_ number: String) throws {
    for text in ["1,2,a\n3,4,b\n1,5,a\n", "x,y,k\n1,2,a\n3,4,b\n1,5,a\n"] {
      let found = try DatasetsTests.failure(Array(text.utf8)) { path throws(DataError) in
        _ = try CSV.load(file: path, format: CSV.Format(labelColumn: number))
      }
      #expect(
        found.hasSuffix(
          "expected a column's name or its number in 1...3 for the labels, found \"\(number)\""),
        "\(found)")
    }
  }

  @Test func aLineOfCommentIsToldAsOne() throws {
    let found = try DatasetsTests.failure(Array("# of today\n1,2,a\n".utf8)) {
      path throws(DataError) in
      _ = try CSV.load(file: path)
    }
    #expect(found.hasSuffix("found one field of comment: CSV data have none, leave that line out"))
  }

  /// Also where all are the same number, and so of one Double.
  @Test func roundedNumbersAreTold() throws {
    try withFolder { folder in
      let text = "x,y,k\n" + (0..<4).map { "9007199254740993,\($0),\($0 % 2)\n" }.joined()
      try write(Array(text.utf8), to: folder + "d.csv")
      let notes = try CSV.read(DataSource(folder + "d.csv")).notes
      #expect(notes.contains { $0.contains("were rounded") }, "\(notes)")
    }
  }

  @Test(arguments: ["\n", "\r\n", "\r"])
  func lineEnds(end: String) throws {
    for mark in ["", "\u{feff}"] {
      for last in ["", end, end + end, end + "  " + end + "\t" + end] {
        for blank in ["", end] {
          let lines = ["x,y,kind", "1.5,-2,rose", "3,4e1,lily", "0.25,6,rose"]
          let text = mark + blank + lines.joined(separator: end + blank) + last
          #expect(isTable(try read(text)), "\(text.debugDescription)")
        }
      }
    }
  }

  @Test(arguments: [
    "x,y,kind\n+1.5,-2.0,rose\n3.,40,lily\n.25,6,rose",
    "\"x\",\"y\",\"kind\"\n\"1.5\",\"-2\",\"rose\"\n\"3\",\"40\",\"lily\"\n\"0.25\",\"6\",\"rose\"",
    "x , y, kind\n 1.5,\t-2 ,rose \n3 ,40, \"lily\"\n0.25 , \"6\" , \"rose\" ",
    "x,y,kind,\n1.5,-2,rose,\n3,40,lily,\n0.25,6,rose,\n",
    "x,y,kind\n1.5,-2,rose,\n3,40,lily,\n0.25,6,rose,\n",
    "x,y,kind,\n1.5,-2,rose\n3,40,lily\n0.25,6,rose\n",
    ",x,y,kind\n0,1.5,-2,rose\n1,3,40,lily\n2,0.25,6,rose\n",
    "\"\",\"x\",\"y\",\"kind\"\n\"1\",1.5,-2,\"rose\"\n\"a b\",3,40,\"lily\"\n\"NA\",0.25,6,\"rose\"\n",
    "Unnamed: 0,x,y,kind\n0,1.5,-2,rose\n1,3,40,lily\n2,0.25,6,rose\n",
    "x,y,kind\nMazda,1.5,-2,rose\nFiat,3,40,lily\nSaab,0.25,6,rose\n",
  ])
  func writtenByOthers(text: String) throws {
    #expect(isTable(try read(text)))
    #expect(isTable(try read(text, CSV.Format(labelColumn: "kind"))))
  }

  @Test func separatorsAndDecimalMarks() throws {
    let rows = [
      ["x", "y", "kind"], ["1.5", "-2", "rose"], ["3", "4e1", "lily"], ["0.25", "6", "rose"],
    ]
    func text(_ separator: String, comma: Bool) -> String {
      rows.map { row in
        row.map { comma ? $0.replacing(".", with: ",") : $0 }.joined(separator: separator)
      }.joined(separator: "\n")
    }
    for separator in [";", "\t", "|", " ", ":"] as [Character] {
      for comma in [false, true] {
        let format = CSV.Format(separator: separator, decimalMark: comma ? "," : ".")
        #expect(isTable(try read(text(String(separator), comma: comma), format)))
      }
    }
    #expect(isTable(try read(text(";", comma: true), CSV.Format(decimalMark: ","))))
    #expect(isTable(try read(text("  \t ", comma: false), CSV.Format(separator: " "))))
    for (separator, mark) in [
      (",", ","), ("1", "."), ("e", "."), ("-", "."), ("é", "."), (",", "'"),
    ]
      as [(Character, Character)]
    {
      let message = failure("1,2,a", CSV.Format(separator: separator, decimalMark: mark))
      #expect(message.hasPrefix("d.csv: expected a"), "\(message)")
    }
  }

  @Test(arguments: [
    (
      "1;2;a\n3;4;b",
      "d.csv:1: expected at least one feature and a label with \",\" between them, "
        + "found one field; is the separator --separator ';'?"
    ),
    ("x;y\n1,5;0\n2,5;1", "is the separator --separator ';'?"),
    (
      "1,5;0\n2,5;1",
      "d.csv:1:3: expected a class, a word or a whole number, in column 2, found "
        + "\"5;0\"; is the separator --separator ';'? with a decimal comma --decimal ','"
    ),
    ("1\t2\ta\n", "--separator tab"), ("1|2|a\n", "--separator '|'"),
    ("1 2 a\n", "--separator ' '"),
    ("+1 1:0.5 3:1\n", "is it a LIBSVM file?"),
    ("\"1,5\",a\n\"2,5\",b\n", "--decimal ','"), ("x,k\n\"1,000\",a\n\"2,000\",b\n", "thousands"),
  ])
  func namesAnotherSeparator(text: String, message: String) {
    let found = failure(text)
    #expect(found.contains(message), "\(found)")
  }

  @Test func numbersInAnotherForm() throws {
    #expect(failure("x,k\n1.5,a\n", CSV.Format(separator: ",")) != "no error")
    let comma = CSV.Format(decimalMark: ",")
    #expect(failure("x;k\n1.5;a\n", comma).contains("d.csv:2:1: expected a finite number"))
    #expect(failure("x;k\n1.234,5;a\n", comma).contains("d.csv:2:1"))
    for text in [
      "NA", "N/A", "?", "nan", "-nan", "inf", "-Infinity", "null", "None", "0x1p3", "1_000",
      "1 000",
      "5%", "$5", "1e", "--1", "1.2.3", "TRUE", "\u{2212}5", "\u{0663}", "2020-01-01", "1.#INF",
    ] {
      let found = failure("x,y,k\n1,2,a\n3,\"\(text)\",b\n")
      #expect(found.hasPrefix("d.csv:3:3: expected a finite number in column \"y\", found"))
    }
  }

  // MARK: Names

  @Test func theLabelColumnByNumber() throws {
    let text = "kind,x,y\nrose,1.5,-2\nlily,3,40\nrose,0.25,6\n"
    #expect(isTable(try read(text, CSV.Format(labelColumn: "1"))))
    let bare = String(text.drop { $0 != "\n" })
    #expect(isTable(try read(bare, CSV.Format(labelColumn: "1")), names: []))
    // A column of that name comes first.
    let named = "2,x,3\n1.5,-2,rose\n3,40,lily\n0.25,6,rose\n"
    #expect(
      isTable(try read(named, CSV.Format(labelColumn: "3", hasHeader: true)), names: ["2", "x"]))
    for label in ["0", "4", "99999999999999999999"] {
      let found = failure(text, CSV.Format(labelColumn: label))
      #expect(found.hasPrefix("d.csv:1: ") || found.hasPrefix("d.csv:2: "), "\(found)")
    }
    // A number that is none of a column has no nearest name.
    for label in ["-1", "+7", "1.5"] {
      #expect(
        failure("a,b,c\n" + bare, CSV.Format(labelColumn: label))
          == "d.csv:1: expected a column's name or its number in 1...3 for the labels, found \"\(label)\""
      )
    }
    // Behind row names without a name, the number is that of the lines of examples.
    let rows = "x,kind,y\na,1.5,rose,-2\nb,3,lily,40\nc,0.25,rose,6\n"
    #expect(isTable(try read(rows, CSV.Format(labelColumn: "kind"))))
    #expect(isTable(try read(rows, CSV.Format(labelColumn: "3"))))
  }

  static let rows = "1.5,2.5,3.5,0\n0.5,0.25,1,1\n2,7.5,9,0\n1,2,4,1\n"

  @Test(arguments: [
    "2019,2020,2021,kind\n", "0,1,2,3\n", "2019,2020,2021,2022\n", ",0,1,2,3\n", "10,20,50,kind\n",
  ])
  func namesThatAreNumbers(header: String) throws {
    let rows =
      header.hasPrefix(",")
      ? Self.rows.split(separator: "\n").map { "0," + $0 + "\n" }.joined() : Self.rows
    let contents = try read(header + rows)
    #expect(contents.data.count == 4 && contents.data.classNames == ["0", "1"])
    #expect(contents.data.features == [1.5, 2.5, 3.5, 0.5, 0.25, 1, 2, 7.5, 9, 1, 2, 4])
    #expect(contents.data.featureNames.count == 3)
    #expect(contents.notes.count == (header.hasPrefix(",") ? 0 : 1), "\(contents.notes)")
    if !header.hasPrefix(","), !header.contains("kind") {
      let example = try read(header + rows, CSV.Format(hasHeader: false))
      #expect(example.data.count == 5)
    }
  }

  /// Rows that look a little like names, and are not.
  @Test(arguments: [
    "1,2,3,0\n", "1,2,3,1\n", "1.5,2,3,4\n", "1,3,2,7\n", "3,2,1,0\n", "1,1,1,2\n",
  ])
  func examplesThatAreNumbers(first: String) throws {
    let contents = try read(first + Self.rows)
    #expect(contents.data.count == 5 && contents.data.featureNames.isEmpty)
    let header = try read(first + Self.rows, CSV.Format(hasHeader: true))
    #expect(header.data.count == 4 && header.data.featureNames.count == 3)
  }

  @Test func aWordAmongNumbersAtTheTop() {
    #expect(
      failure("id,2019,kind\n1,2,a\n")
        == "d.csv:1:1: expected a finite number in column 1, found \"id\"; --header says that the "
        + "line holds names")
  }

  // MARK: Labels

  @Test(arguments: [
    (
      "x,price\n1,12.5\n2,13\n",
      "d.csv:2:3: expected a class, a word or a whole number, in column "
        + "\"price\", found \"12.5\": csvRegression learns a quantity; --label-column names "
        + "another column"
    ),
    ("x,k\n1,a\n2,0.5\n", "d.csv:3:3: "), ("x,k\n1,1\n2,1e-3\n", "d.csv:3:3: "),
    ("x,k\n1,9007199254740992\n2,9007199254740993\n", "too long to tell apart"),
    ("x,k\n1,0\n2,NA\n3,1\n", "d.csv:3:3: "), ("x,k\n1,0\n2,?\n3,nan\n", "d.csv:3:3: "),
    ("x,k\n1,a\n2,\"\"\n", "d.csv:3:3: expected a label in column \"k\", found nothing"),
    ("x,k\n1,\u{e9}\n2,e\u{301}\n", "d.csv:3:3: expected labels that differ to the eye"),
    ("x,k\n1,cat\n2,dog\n3,cat\u{200B}\n", "d.csv:4:3: expected labels that differ to the eye"),
    ("x,k\n1,a b\n2,dog\n3,a\u{A0}b\n", "found \"a\\u{A0}b\" and, in line 2, \"a b\""),
    ("x,k\n1,0\n2,1\n3,1\u{A0}\n", "d.csv:4:3: expected labels that differ to the eye"),
  ])
  func labelsThatAreNoClasses(text: String, message: String) {
    let found = failure(text)
    #expect(found.contains(message), "\(found)")
  }

  @Test func warnsOfQuantities() throws {
    let prices = "x,price\n" + (0..<40).map { "\($0),\(250 + $0 * 7)\n" }.joined()
    let notes = try read(prices).notes
    #expect(notes.count == 1 && notes[0].contains("40 classes in column \"price\" for 40 examples"))
    let classes = "x,k\n" + (0..<40).map { "\($0),\($0 % 10)\n" }.joined()
    #expect(try read(classes).notes.isEmpty)
    #expect(try read("x,k\n1,NA\n2,b\n3,b\n4,NA\n5,b\n6,b\n").notes.count == 1)
    // One class in different digits; words are what they are.
    let codes = try read("x,k\n1,1234\n2,7\n3,01234\n4,7\n5,1234.0\n6,7\n7,7\n8,7\n")
    #expect(codes.data.classNames == ["7", "01234"])
    #expect(
      codes.notes.map { $0.split(separator: "d.csv:").last } == [
        "2: \"1234\" in column \"k\" is taken for the class \"01234\", as the same number",
        "6: \"1234.0\" in column \"k\" is taken for the class \"01234\", as the same number",
      ])
    #expect(
      try read("x,k\n1,1234\n2,a\n3,01234\n4,a\n5,1234\n6,a\n7,a\n8,a\n9,a\n10,a\n11,a\n12,a\n")
        .notes.isEmpty)
    let long = "t,k\n1600000000000000001,a\n1600000000000000002,b\n"
    #expect(try read(long).notes.contains { $0.contains("column \"t\" are too long") })
  }

  /// Bytes that are no UTF-8 can't make two labels one.
  @Test func refusesOtherEncodings() throws {
    for (bytes, place) in [
      (Array("x,k\n1,caf".utf8) + [0xe9] + Array("\n2,caf".utf8) + [0xe8, 10], "d:2:6: "),
      (Array("x,k\n1,\"".utf8) + [0xff] + Array("\"\n".utf8), "d:2:3: "),
      (Array("gr".utf8) + [0xf6] + Array(",k\n1,a\n".utf8), "d:1:3: "),
      ([0xff, 0xfe] + Array("x".utf8).flatMap { [$0, 0] }, "d: "),
      ([0xfe, 0xff, 0, 0x78], "d: "), (Array("x,k\n".utf8).flatMap { [$0, 0] }, "d: "),
    ] as [([UInt8], String)] {
      let found = try DatasetsTests.failure(bytes, name: "d") { path throws(DataError) in
        _ = try CSV.load(file: path)
      }
      #expect(found.hasPrefix(place) && found.contains("UTF-8"), "\(found)")
    }
  }

  // MARK: Bounds

  @Test func saysTheBounds() {
    var limits = DataLimits()
    limits.textBytes = 2000
    #expect(
      failure(String(repeating: "\n", count: 2001), CSV.Format(), limits)
        == "d.csv: expected at most 2000 bytes, found more")
    limits = DataLimits()
    limits.lines = 100
    #expect(
      failure(String(repeating: "\n", count: 1000) + "1,a", CSV.Format(), limits)
        == "d.csv:101: expected at most 100 lines, found more")
    #expect(
      failure(String(repeating: "1,a\n", count: 101), CSV.Format(), limits)
        == "d.csv:101: expected at most 100 lines, found more")
    limits = DataLimits()
    limits.values = 5
    #expect(
      failure("1,2,a\n1,2,b\n1,2,a\n", CSV.Format(), limits)
        == "d.csv:3: expected at most 5 numbers, found more")
    limits = DataLimits()
    limits.columns = 3
    #expect(failure("1,2,3,a\n", CSV.Format(), limits).contains("at most 3 fields"))
    limits = DataLimits()
    limits.parameters = 5
    #expect(
      failure("1,2,a\n1,2,b\n", CSV.Format(), limits).contains("at most 5 parameters"))
    limits = DataLimits()
    limits.lineBytes = 1 << 10
    let open = "x,k\n1,\"a" + String(repeating: "\n", count: 1 << 20)
    let message = failure(open, CSV.Format(), limits)
    #expect(message.hasPrefix("d.csv:2: expected lines of at most 1024 bytes"), "\(message)")
    #expect(message.contains("is the quote that opens in it closed?"))
  }

  /// Line ends, quotes and characters across the pieces that a file is read in.
  @Test func piecesDoNotShow() throws {
    let piece = 1 << 18
    for shift in 0..<24 {
      let head = "x,kind\n1,\"" + String(repeating: "a", count: piece - 30 + shift) + "\"\r\n"
      let text = head + "2,\"b \"\"é\"\"\r\nc\"\r\n3,d\r\n?,e\r\n"
      #expect(
        failure(text) == "d.csv:6:1: expected a finite number in column \"x\", found \"?\"",
        "\(shift)")
      let data = try read(text.replacing("?", with: "4")).data
      #expect(data.features == [1, 2, 3, 4])
      #expect(data.classNames.contains("b \"é\"\r\nc"))
    }
  }

  @Test func messagesAreShortAndSeen() {
    let long = String(repeating: "x", count: 200_000)
    for text in [
      "a,k\n1,\(long)\n\(long),b\n", "a,\(long)\n1,2\n,3\n", long, "\(long),1\n1,\(long)",
    ] {
      #expect(failure(text).utf8.count < 400)
    }
    let found = failure("x,k\n1\u{200b},a\n")
    #expect(found.contains("\"1\\u{200B}\""), "\(found)")
  }
}
