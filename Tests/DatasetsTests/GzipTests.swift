import Datasets
import Testing

@Suite struct GzipTests {
  static let text = Array("The cat sat on the mat; the cat sat on the mat; the cat sat.\n".utf8)
  /// `text` by `gzip -n -9`.
  static let packed: [UInt8] = [
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x0b, 0xc9, 0x48, 0x55,
    0x48, 0x4e, 0x2c, 0x51, 0x28, 0x06, 0xe2, 0xfc, 0x3c, 0x85, 0x12, 0x20, 0x37, 0x37,
    0xb1, 0xc4, 0x1a, 0xcc, 0x20, 0x20, 0xae, 0xc7, 0x05, 0x00, 0x33, 0xb8, 0x0c, 0x06,
    0x3d, 0x00, 0x00, 0x00,
  ]

  func failure(_ bytes: [UInt8]) -> String {
    do throws(DataError) {
      _ = try Gzip.inflate(bytes, file: "f.gz")
      return "no error"
    } catch { return error.description }
  }

  @Test func inflatesDeflatedAndStoredBlocks() throws {
    #expect(try Gzip.inflate(Self.packed, file: "f.gz") == Self.text)
    #expect(try Gzip.inflate(storedGzip(Self.text), file: "f.gz") == Self.text)
    #expect(try Gzip.inflate(storedGzip([]), file: "f.gz") == [])
  }

  @Test func joinsMembersAndIgnoresZeroPadding() throws {
    let bytes = Self.packed + storedGzip(Self.text) + [UInt8](repeating: 0, count: 20)
    #expect(try Gzip.inflate(bytes, file: "f.gz") == Self.text + Self.text)
  }

  @Test func inflatesMoreThanOneChunk() throws {
    let long = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }
    #expect(try Gzip.inflate(storedGzip(long, blockSize: 60_000), file: "f.gz") == long)
  }

  @Test func everyTruncationIsAnError() {
    for count in 0..<Self.packed.count {
      #expect(failure(Array(Self.packed[..<count])) != "no error", "\(count) bytes")
    }
    #expect(failure(Array(Self.packed.dropLast(1))).contains("end early"))
    #expect(failure(Self.packed + Self.packed.dropLast(1)).contains("end early"))
  }

  @Test func aWrongChecksumOrLengthIsAnError() {
    for position in (Self.packed.count - 8)..<Self.packed.count {
      var bytes = Self.packed
      bytes[position] ^= 4
      #expect(failure(bytes).contains("damaged gzip data"))
    }
  }

  @Test func otherBytesAfterAMemberAreAnError() {
    #expect(failure(Self.packed + Array("more".utf8)).contains("expected the end"))
  }

  @Test func damageNeverCrashes() {
    for bytes in damaged(Self.packed) { _ = failure(bytes) }
  }
}
