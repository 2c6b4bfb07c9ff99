import Datasets
import Foundation
import Testing

/// LIBSVM files as programs write them, and as they should not.
@Suite struct LIBSVMFormTests {
  func read(_ bytes: [UInt8]) throws -> SparseDataset {
    try withFolder { folder in
      try write(bytes, to: folder + "a")
      return try LIBSVM.load(file: folder + "a").train
    }
  }

  func failure(_ text: String) throws -> String {
    try DatasetsTests.failure(Array(text.utf8), name: "a") { path throws(DataError) in
      _ = try LIBSVM.load(file: path)
    }
  }

  @Test(arguments: ["\n", "\r\n", "\r"])
  func lineEnds(end: String) throws {
    let wanted = try read(Array("+1 1:0.5 3:2\n-1 2:1\n".utf8))
    for mark in ["", "\u{feff}"] {
      for last in ["", end, end + end + " \t" + end] {
        for lines in [
          ["+1 1:0.5 3:2", "-1 2:1"], [" +1\t1:0.5   3:2 ", "", "-1 2:1#x"],
          ["# caf\u{e9}", "1.0 1:+.5 2:0 3:2e0", "-1.0 2:1 # 1:2"],
        ] {
          let text = mark + lines.joined(separator: end) + last
          #expect(try read(Array(text.utf8)) == wanted, "\(text.debugDescription)")
        }
      }
    }
    // A comment may be in any encoding.
    #expect(try read(Array("+1 1:0.5 3:2 # ".utf8) + [0xe9, 10] + Array("-1 2:1".utf8)) == wanted)
  }

  /// A folder by the name of the test file is not passed over.
  @Test func aFolderIsNoTestFile() throws {
    try withFolder { folder in
      try write(Array("+1 1:1\n-1 1:2\n".utf8), to: folder + "a")
      for name in ["a.t.gz", "a.t"] {
        try FileManager.default.createDirectory(
          atPath: folder + name, withIntermediateDirectories: false)
        #expect {
          try LIBSVM.load(file: folder + "a")
        } throws: {
          "\($0)".hasSuffix(
            "\(name): expected the file of test examples by this name, found no file")
        }
      }
    }
  }

  @Test(arguments: [
    ("1 qid:3 1:1\n", "a:1:3: expected index:value, found \"qid:3\": groups of ranked examples"),
    ("+1 0:1\n", "a:1:4: expected indices from 1, found 0: a file that counts from 0"),
    ("+1 2:1 1:1\n", "a:1:8: expected indices in increasing order, found 1 after 2"),
    ("1:1 2:1\n", "a:1:1: expected a label, found \"1:1\": a line begins with its label"),
    ("1,2 1:1\n", "; is it a CSV file, or are there several labels?"),
    ("5.1,3.5,setosa\n", "is it a CSV file"),
    ("24.0 1:1\n21.6 1:1\n", "a:2: expected a whole number"),
    ("+1 2097153:1\n-1 1:1\n", "a:1:4: expected indices up to 2097152, found 2097153"),
    (
      "+1 99999999999999999999999:3\n-1 1:1\n",
      "a:1:4: expected indices up to 2097152, found \"99999999999999999999999\""
    ),
    ("+1 1:1e400\n", "a:1:4: expected a finite value that a Double holds, found \"1e400\""),
    ("1 1:1\n2 1:1\n3 1:1\n", "a:3: expected two classes"), ("+1 1:1\0\n", "the byte 0"),
    ("+1\u{a0}1:1\n", "found \"+1\\u{A0}1:1\""),
  ])
  func refuses(text: String, message: String) throws {
    let found = try failure(text)
    #expect(found.contains(message), "\(found)")
  }

  @Test func messagesAreShort() throws {
    let long = String(repeating: "7", count: 200_000)
    for text in ["+1 \(long):1", "\(long)x 1:1", "+1 1:\(long)x", "\(long)\n"] {
      #expect(try failure(text).utf8.count < 300)
    }
  }

  /// Line ends across the pieces that a file is read in.
  @Test func piecesDoNotShow() throws {
    for shift in 0..<12 {
      let comment = "#" + String(repeating: "-", count: (1 << 18) - 20 + shift)
      let text = comment + "\r\n+1 1:0.5 3:2\r\n-1 2:1\r\nx\r\n"
      #expect(try failure(text) == "a:4:1: expected a label, found \"x\"")
    }
  }
}
