import Datasets
import Testing

@Suite struct IDXReaderTests {
  let images = idx([2, 1, 3], [0, 1, 2, 253, 254, 255])

  func imageFailure(_ bytes: [UInt8]) throws -> String {
    try failure(bytes) { path throws(DataError) in _ = try IDXReader.images(path) }
  }

  func labelFailure(_ bytes: [UInt8]) throws -> String {
    try failure(bytes) { path throws(DataError) in
      _ = try IDXReader.labels(path, classCount: 10)
    }
  }

  @Test func readsPlainAndCompressed() throws {
    for bytes in [images, storedGzip(images)] {
      try withFolder { folder in
        try write(bytes, to: folder + "i")
        let array = try IDXReader.images(folder + "i")
        #expect(array.sizes == [2, 1, 3])
        #expect(array.bytes == [0, 1, 2, 253, 254, 255])
        try write(idx([3], [9, 0, 4]), to: folder + "l")
        #expect(try IDXReader.labels(folder + "l", classCount: 10) == [9, 0, 4])
      }
    }
  }

  @Test func saysWhatIsWrong() throws {
    #expect(
      try imageFailure(idx([2], [1, 2]))
        == "data: expected IDX images (magic number 2051), found magic number 2049")
    #expect(try imageFailure([0, 0, 8]).contains("expected an IDX header of 16 bytes"))
    #expect(try imageFailure(Array(images[..<10])).contains("expected an IDX header of 16 bytes"))
    #expect(
      try imageFailure(images.dropLast())
        == "data: expected 2×1×3 bytes after the header, found 5")
    #expect(try imageFailure(images + [1]).contains("found 7"))
    #expect(try imageFailure(idx([0, 1, 3], [])).contains("expected at least one example"))
    let huge = 0xffff_ffff
    #expect(try imageFailure(idx([huge, huge, huge], [1])).contains("found 1"))
    #expect(try imageFailure(Array(storedGzip(images).dropLast(9))).contains("end early"))
    #expect(
      try labelFailure(idx([3], [1, 10, 2]))
        == "data: expected labels in 0...9, found 10 at example 2")
    #expect(try labelFailure(images).contains("expected IDX labels"))
  }

  @Test func damageNeverCrashes() throws {
    for bytes in damaged(images) { _ = try imageFailure(bytes) }
    for bytes in damaged(idx([3], [9, 0, 4])) { _ = try labelFailure(bytes) }
  }
}
