/// Images and labels in IDX files of unsigned bytes, plain or gzip.
///
/// An IDX file is a big-endian word 0x0000_08nn (unsigned bytes, nn dimensions), one big-endian
/// 32-bit size a dimension, and the bytes, last dimension fastest; at most ``DataLimits/pixels`` of
/// them are read.
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

  /// Bytes behind the last one that are counted for the error.
  private static let countedExcess = 1 << 20

  package static func array(
    _ path: String, dimensions: Int, of content: String, _ limits: DataLimits = DataLimits()
  ) throws(DataError) -> ByteArray {
    let header = 4 + 4 * dimensions
    let reader = try DataReader(
      path, .binary, limit: header + limits.pixels + 2 * countedExcess)
    var bytes: [UInt8] = []
    /// Reads on until there are so many bytes, or no more.
    func read(_ count: Int) throws(DataError) {
      while bytes.count < count, let piece = try reader.next() { bytes += piece }
    }
    try read(header)
    guard bytes.count >= 4 else {
      throw DataError(
        path, "expected an IDX header of \(header) bytes, found \(bytes.count) bytes")
    }
    let expected = 0x0800 + dimensions
    let magic = word(bytes, at: 0)
    guard magic == expected else {
      throw DataError(
        path, "expected IDX \(content) (magic number \(expected)), found magic number \(magic)")
    }
    guard bytes.count >= header else {
      throw DataError(
        path, "expected an IDX header of \(header) bytes, found \(bytes.count) bytes")
    }
    let sizes = (0..<dimensions).map { word(bytes, at: 4 + 4 * $0) }
    let shown = sizes.map(String.init).joined(separator: "×")
    guard sizes.allSatisfy({ $0 > 0 }) else {
      throw DataError(path, "expected at least one example, found sizes \(shown)")
    }
    var total = 1
    for size in sizes {
      let (product, overflow) = total.multipliedReportingOverflow(by: size)
      total = overflow ? Int.max : product
    }
    // A file that is too short says so first.
    let wanted = min(total, limits.pixels)
    try read(header + wanted + countedExcess)
    let found = bytes.count - header
    guard total == found else {
      throw DataError(
        path,
        "expected \(shown) bytes after the header, found "
          + (found < wanted + countedExcess ? "\(found)" : "more than \(wanted)"))
    }
    guard total <= limits.pixels else {
      throw DataError(
        path, "expected at most \(limits.pixels) bytes after the header, found \(shown)")
    }
    bytes.removeFirst(header)
    return ByteArray(sizes: sizes, bytes: bytes)
  }

  private static func word(_ bytes: [UInt8], at position: Int) -> Int {
    (0..<4).reduce(0) { $0 << 8 | Int(bytes[position + $1]) }
  }
}
