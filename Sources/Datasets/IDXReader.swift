/// Images and labels in IDX files of unsigned bytes, plain or gzip.
///
/// An IDX file is a big-endian word 0x0000_08nn (unsigned bytes, nn dimensions), one big-endian
/// 32-bit size a dimension, and the bytes, last dimension fastest.
///
/// > LeCun, Cortes, Burges. The MNIST database of handwritten digits: file formats.
public enum IDXReader {
  /// Bytes in a row-major array.
  public struct ByteArray: Sendable, Equatable {
    public let sizes: [Int]
    public let bytes: [UInt8]
  }

  /// Pictures: three dimensions (count, rows, columns).
  public static func images(_ path: String) throws(DataError) -> ByteArray {
    try array(path, dimensions: 3, of: "images")
  }

  /// Classes: one dimension (count); each below `classCount`.
  public static func labels(_ path: String, classCount: Int) throws(DataError) -> [Int32] {
    let array = try array(path, dimensions: 1, of: "labels")
    for (position, label) in array.bytes.enumerated() where Int(label) >= classCount {
      throw DataError(
        path, "expected labels in 0...\(classCount - 1), found \(label) at example \(position + 1)")
    }
    return array.bytes.map { Int32($0) }
  }

  static func array(
    _ path: String, dimensions: Int, of content: String
  ) throws(DataError) -> ByteArray {
    let file = try DataFile.bytes(path)
    let header = 4 + 4 * dimensions
    guard file.count >= 4 else {
      throw DataError(path, "expected an IDX header of \(header) bytes, found \(file.count) bytes")
    }
    let expected = 0x0800 + dimensions
    let magic = word(file, at: 0)
    guard magic == expected else {
      throw DataError(
        path, "expected IDX \(content) (magic number \(expected)), found magic number \(magic)")
    }
    guard file.count >= header else {
      throw DataError(path, "expected an IDX header of \(header) bytes, found \(file.count) bytes")
    }
    let sizes = (0..<dimensions).map { word(file, at: 4 + 4 * $0) }
    guard sizes.allSatisfy({ $0 > 0 }) else {
      throw DataError(
        path,
        "expected at least one example, found sizes \(sizes.map(String.init).joined(separator: "×"))"
      )
    }
    var total = 1
    for size in sizes {
      let (product, overflow) = total.multipliedReportingOverflow(by: size)
      total = overflow ? Int.max : product
    }
    guard total == file.count - header else {
      throw DataError(
        path,
        "expected \(sizes.map(String.init).joined(separator: "×")) bytes after the header, found "
          + "\(file.count - header)")
    }
    return ByteArray(sizes: sizes, bytes: Array(file[header...]))
  }

  private static func word(_ bytes: [UInt8], at position: Int) -> Int {
    (0..<4).reduce(0) { $0 << 8 | Int(bytes[position + $1]) }
  }
}
