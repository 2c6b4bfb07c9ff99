import Datasets
import Foundation
import Testing

@Suite struct DataFileTests {
  func failure(_ bytes: [UInt8], name: String) throws -> String {
    try DatasetsTests.failure(bytes, name: name) { path throws(DataError) in
      _ = try DataFile.bytes(path)
    }
  }

  @Test func readsPlainAndCompressedFilesWhateverTheName() throws {
    try withFolder { folder in
      try write([1, 2, 3], to: folder + "plain")
      try write(storedGzip([4, 5]), to: folder + "packed.gz")
      try write(storedGzip([6]), to: folder + "packed")
      #expect(try DataFile.bytes(folder + "plain") == [1, 2, 3])
      #expect(try DataFile.bytes(folder + "packed.gz") == [4, 5])
      #expect(try DataFile.bytes(folder + "packed") == [6])
    }
  }

  @Test func namesWhatIsWrongWithAFile() throws {
    #expect(try failure([], name: "empty") == "empty: the file is empty")
    #expect(try failure([1, 2], name: "x.gz").contains("expected gzip data"))
    try withFolder { folder in
      #expect(throws: DataError(folder + "absent", "no such file")) {
        try DataFile.bytes(folder + "absent")
      }
      #expect(throws: DataError(folder, "expected a file, found a directory")) {
        try DataFile.bytes(folder)
      }
    }
  }

  @Test func errorsAreOneLine() {
    let error = DataError("f", line: 3, column: 7, "expected x")
    #expect(error.description == "f:3:7: expected x")
    #expect(DataError("f", "y").description == "f: y")
  }
}
