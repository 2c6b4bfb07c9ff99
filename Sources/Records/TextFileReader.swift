internal import Foundation

/// The lines of a file, one after the other, whatever its length.
enum TextFileReader {
  /// Calls `body` with each line, without its break, and its number from 1.
  ///
  /// - Throws: what `body` throws, and ``ExperimentError`` where there is no such file, it can't be
  ///   read, or its last line has no break: the file was cut off.
  static func forEachLine(
    of path: String, _ body: (UnsafeRawBufferPointer, _ number: Int) throws -> Void
  ) throws {
    var number = 0
    // The part of a line that a piece ended in.
    var rest: [UInt8] = []
    try forEachPiece(of: path) { piece in
      var start = 0
      while let end = lineEnd(in: piece, from: start) {
        number += 1
        let line = UnsafeRawBufferPointer(rebasing: piece[start..<end])
        if rest.isEmpty {
          try body(line, number)
        } else {
          rest.append(contentsOf: line)
          try rest.withUnsafeBytes { try body($0, number) }
          rest.removeAll(keepingCapacity: true)
        }
        start = end + 1
      }
      rest.append(contentsOf: piece[start...])
    }
    guard rest.isEmpty else {
      throw ExperimentError("\(path):\(number + 1): the file ends within this line")
    }
  }

  /// Calls `body` with consecutive pieces of a file.
  ///
  /// - Parameter hint: what to do where there is no such file.
  static func forEachPiece(
    of path: String, hint: String? = "name a folder that 'hypergrad compare' wrote",
    _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    guard !path.isEmpty else {
      throw ExperimentError("'' can't be read: an empty name is no file's")
    }
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      if errno == ENOENT {
        throw ExperimentError("\(path): there is no such file\(hint.map { "; " + $0 } ?? "")")
      }
      throw ExperimentError("\(path) can't be read: \(Files.lastReason)")
    }
    defer { close(file) }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      let count = read(file, buffer.baseAddress!, buffer.count)
      if count == 0 { return }
      if count < 0 {
        if errno == EINTR { continue }
        throw ExperimentError("\(path) can't be read: \(Files.lastReason)")
      }
      try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }

  private static func lineEnd(in piece: UnsafeRawBufferPointer, from start: Int) -> Int? {
    guard start < piece.count, let base = piece.baseAddress,
      let found = memchr(base + start, Int32(UInt8(ascii: "\n")), piece.count - start)
    else { return nil }
    return UnsafeRawPointer(found) - base
  }
}
