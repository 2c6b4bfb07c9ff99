import Datasets
import Testing

/// Comma-separated files whose label column holds a number to learn.
@Suite struct CSVNumberTests {
  func read(
    _ text: String, _ format: CSV.Format = CSV.Format()
  ) throws(DataError) -> CSV.Contents {
    let reader = try DataReader(Array(text.utf8), file: "d.csv", .text, limit: 1 << 20)
    return try CSV.read(reader, format, DataLimits(), .numbers)
  }

  func failure(_ text: String, _ format: CSV.Format = CSV.Format()) -> String {
    do throws(DataError) {
      _ = try read(text, format)
      return "no error"
    } catch { return error.description }
  }

  @Test func readsNumbers() throws {
    let contents = try read("x,y,price\n1,2,12.5\n3,4.5,-1e3\n5,6,12.5\n")
    #expect(contents.data.features == [1, 2, 3, 4.5, 5, 6])
    #expect(contents.data.targets == [12.5, -1000, 12.5])
    #expect(contents.data.featureNames == ["x", "y"] && contents.data.classCount == 1)
    #expect(contents.labelColumn == "column \"price\"" && contents.notes.isEmpty)
    let german = try read(
      "preis;x\n1,5;2\n2,5;3\n", CSV.Format(labelColumn: "preis", decimalMark: ","))
    #expect(german.data.targets == [1.5, 2.5] && german.data.features == [2, 3])
    #expect(try read("1,2\n3,4\n", CSV.Format(labelColumn: "1")).data.targets == [1, 3])
  }

  /// More different numbers than there may be classes.
  @Test func thereMayBeAnyNumberOfThem() throws {
    let rows = (0..<70_000).map { "\($0 % 5),\($0).5\n" }.joined()
    #expect(try read(rows).data.targets.count == 70_000)
  }

  @Test(arguments: [
    (
      "x,kind\n1,rose\n2,lily\n",
      "d.csv:2:3: expected a finite number to learn in column \"kind\", found \"rose\": a column of "
        + "classes is learned by csvLogistic; --label-column names another column"
    ),
    (
      "1.5,rose\n2,lily\n",
      "d.csv:1:5: expected a finite number to learn in column 2, found \"rose\": a column of classes "
        + "is learned by csvLogistic; --label-column names another column"
    ),
    (
      "1,2,rose\n3,4,lily\n",
      "d.csv:2:5: expected a finite number to learn in column 3, found \"lily\""
    ),
    (
      "1,2,rose\n",
      "d.csv:1:5: expected a finite number to learn in column 3, found \"rose\": a column of classes "
        + "is learned by csvLogistic; --label-column names another column"
    ),
    (
      "x,y\n1,2\n2,two\n",
      "d.csv:3:3: expected a finite number to learn in column \"y\", found \"two\""
    ),
    (
      "x,y\n1,2\n2,\n",
      "d.csv:3:3: expected a finite number to learn in column \"y\", found nothing: fill it in, or "
        + "leave the line out"
    ),
    (
      "x,y\n1,NA\n2,3\n",
      "d.csv:2:3: expected a finite number to learn in column \"y\", found \"NA\": fill it in, or "
        + "leave the line out"
    ),
    (
      "x,y\n1,2\n2,inf\n",
      "d.csv:3:3: expected a finite number to learn in column \"y\", found \"inf\": fill it in, or "
        + "leave the line out"
    ),
    (
      "x,y\n1,2\n2,1e309\n",
      "d.csv:3:3: expected a finite number to learn in column \"y\", found \"1e309\""
    ),
    (
      "x;y\n1,5;2\n", "d.csv:1: expected at least one feature and a label with \",\" between them"
    ),
    (
      "x,y\n1,\"2,5\"\n",
      "d.csv:2:3: expected a finite number to learn in column \"y\", found \"2,5\"; a decimal comma "
        + "is read with --decimal ',', thousands separators are not read"
    ),
    ("x,y\n1,2\n2,3,4\n", "d.csv:3: expected 2 fields, found 3"),
    ("x,y\n", "d.csv: expected at least one example after the header, found none"),
    ("", "d.csv: the file is empty"),
    (
      "x,y\nnan,2\n", "d.csv:2:1: expected a finite number in column \"x\", found \"nan\""
    ),
  ])
  func saysWhatIsWrong(text: String, message: String) {
    let found = failure(text)
    #expect(found.hasPrefix(message), "\(found)")
  }

  /// Whole numbers at the top: names where the last is a word, or where they go up by ones over
  /// numbers that are not all whole.
  @Test func namesThatAreNumbers() throws {
    for (first, rest) in [
      ("2019,2020,price", "1,2,3\n4,5,6\n"), ("0,1,2", "1,2,3.5\n4,5,6\n"),
      ("0,1,2", "1.5,2,3\n4,5,6\n"),
    ] {
      let contents = try read(first + "\n" + rest)
      #expect(contents.data.count == 2 && contents.data.featureNames.count == 2)
      #expect(contents.notes.count == 1 && contents.notes[0].contains("taken for names"))
      #expect(contents.data.targets.allSatisfy { $0.isFinite })
      let declared = try read(first + "\n" + rest, CSV.Format(hasHeader: true))
      #expect(declared.data.features == contents.data.features && declared.notes.isEmpty)
    }
    let whole = try read("0,1,2\n1,2,3\n4,5,7\n")
    #expect(whole.data.targets == [2, 3, 7])
    #expect(whole.notes.count == 1 && whole.notes[0].contains("taken for an example"))
    #expect(try read("0,1,2\n1,2,3.5\n", CSV.Format(hasHeader: false)).data.targets == [2, 3.5])
    #expect(try read("3,1,2\n1,2,3.5\n").notes.isEmpty)
    #expect(failure("1,2,y\n3,4,5\n", CSV.Format(hasHeader: false)).contains("found \"y\""))
  }

  /// What a Double rounds is told of, too.
  @Test func longNumbersAreTold() throws {
    let notes = try read("x,y\n1,9007199254740993\n2,3\n").notes
    #expect(notes.count == 1 && notes[0].contains("whole numbers of column \"y\" are too long"))
  }

  @Test func damageNeverCrashes() throws {
    for bytes in damaged(Array("1,2,y\r\n1,\"2\",5.5\n-3e1,\"4\",7\n".utf8)) {
      _ = try DatasetsTests.failure(bytes) { path throws(DataError) in
        _ = try CSV.load(file: path, labels: .numbers)
      }
    }
  }
}
