import Datasets
import Testing

@Suite struct LIBSVMTests {
  func load(_ text: String, test: String? = nil, featureCount: Int? = nil) throws -> LIBSVM {
    try withFolder { folder in
      try write(Array(text.utf8), to: folder + "a")
      if let test { try write(Array(test.utf8), to: folder + "a.t") }
      return try LIBSVM.load(file: folder + "a", featureCount: featureCount)
    }
  }

  func failure(_ text: String, featureCount: Int? = nil) throws -> String {
    try DatasetsTests.failure(Array(text.utf8), name: "a") { path throws(DataError) in
      _ = try LIBSVM.load(file: path, featureCount: featureCount)
    }
  }

  @Test func readsSparseRows() throws {
    let data = try load("+1 1:0.5 3:-2e1 # words\r\n\n-1 2:0 4:.25\t\n-1\n")
    #expect(
      data.train
        == SparseDataset(
          name: "libsvm", rowStarts: [0, 2, 3, 3], columns: [0, 2, 3], values: [0.5, -20, 0.25],
          labels: [1, -1, -1], featureCount: 4))
    #expect(data.test == nil)
  }

  /// Texts whose nearest Double takes more than one rounding to miss.
  @Test(arguments: [
    "0.1", "1e22", "1e23", "9007199254740993", "123456789012345678", "1234567890123456789012",
    "0.000001", "3.1415926535897932384626", "2.2250738585072011e-308", "4.9e-324", "1e-400", "-0",
    "+.5", "7.", "1.7976931348623157e308", "6.02214076E+23", "8.5e-23", "0e99999", "00012.50",
  ])
  func readsNumbersToTheNearestDouble(text: String) throws {
    let data = try load("+1 1:7 2:\(text)\n-1 1:7\n").train
    #expect(Double(text)! == (data.values.count == 3 ? data.values[1] : 0))
  }

  @Test(arguments: [
    "", "+", "-", ".", "e5", "1e", "1e+", "1.2.3", "1,5", "--1", "1e5.0", "0x10", "inf", "1_0",
  ])
  func refusesWhatIsNotANumber(text: String) throws {
    #expect(try failure("+1 1:\(text)\n-1 1:1\n").contains("expected index:value"))
  }

  @Test(arguments: [
    ("-1", "+1"), ("0", "1"), ("1", "2"), ("-1.0", "1.0"), ("2", "4"), ("3", "5"), ("-2", "0"),
    ("7", "1e3"),
  ])
  func mapsLabels(negative: String, positive: String) throws {
    let data = try load("\(positive) 1:1\n\(negative) 1:2\n\(positive) 1:3")
    #expect(data.train.labels == [1, -1, 1])
  }

  @Test func readsTheSiblingTestFileWithTheSameLabels() throws {
    let data = try load("0 1:1\n1 2:1\n", test: "1 5:1\n")
    #expect(data.test?.labels == [1])
    #expect(data.train.featureCount == 5 && data.test?.featureCount == 5)
    #expect(throws: DataError.self) { try load("0 1:1\n1 2:1\n", test: "2 1:1\n") }
  }

  @Test func takesANumberOfFeatures() throws {
    #expect(try load("+1 1:1\n-1 2:1", featureCount: 123).train.featureCount == 123)
    #expect(
      try failure("+1 1:1\n-1 4:1", featureCount: 3)
        == "a:2:4: expected indices up to 3, found 4")
  }

  @Test func saysWhatIsWrong() throws {
    #expect(
      try failure("+1 1:1\n-1 1:1 foo\n") == "a:2:8: expected index:value, found \"foo\"")
    #expect(try failure("+1 1:\n").contains("a:1:4: expected index:value"))
    #expect(try failure("+1 :1\n").contains("expected index:value"))
    #expect(try failure("+1 -1:1\n").contains("expected index:value"))
    #expect(try failure("+1 1:nan\n").contains("expected index:value, found \"1:nan\""))
    #expect(try failure("+1 1:1e999\n").contains("expected a finite value"))
    #expect(try failure("+1 99999999999999999999:1\n").contains("expected indices up to"))
    #expect(try failure("+1 0:1\n").contains("expected indices from 1, found 0"))
    #expect(
      try failure("+1 3:1 3:2\n").contains("expected indices in increasing order, found 3 after 3"))
    #expect(try failure("+1 2000000000:1\n").contains("expected indices up to 2097152"))
    #expect(try failure("yes 1:1\n") == "a:1:1: expected a label, found \"yes\"")
    #expect(try failure("nan 1:1\n").contains("expected a label"))
    #expect(
      try failure("1 1:1\n-1 1:1\n3 1:1\n")
        == "a:3: expected two classes labelled -1/+1, 0/1, 1/2 or so, found the label 3 after 1, -1"
    )
    #expect(try failure("0.5 1:1\n").contains("found the label 0.5"))
    #expect(try failure("2 1:1\n2 1:1\n").contains("found only the label 2"))
    #expect(try failure("1\n-1\n").contains("expected at least one index:value"))
    #expect(try failure("\n# nothing\n\n").contains("expected at least one example"))
    #expect(try failure("") == "a: the file is empty")
  }

  @Test func damageNeverCrashes() throws {
    for bytes in damaged(Array("+1 1:0.5 12:-2e1 # w\n-1 2:1 4:.25\n".utf8)) {
      _ = try DatasetsTests.failure(bytes) { path throws(DataError) in
        _ = try LIBSVM.load(file: path)
      }
    }
  }

  /// Counts of the published file, computed apart with another reader.
  @Test func publishedFile() throws {
    guard let folder = sharedData("libsvm") else { return }
    let data = try LIBSVM.load(file: folder + "/a1a").train
    #expect(data.count == 1605)
    #expect(data.labels.count { $0 == 1 } == 395)
    #expect(data.featureCount == 119)
    #expect(data.values.count == 22249 && data.values.allSatisfy { $0 == 1 })
    #expect(data.columns.reduce(0) { $0 + Int($1) + 1 } == 1_109_259)
  }
}
