/// The bytes of a user's data, piece by piece, unpacked where they are gzip data, whatever the name.
package final class DataReader {
  package enum Content {
    case text
    case binary
  }

  package let file: String
  private let source: Source
  private let limit: Int
  private var inflater: Inflater?
  /// The beginning, which was looked at.
  private var ahead: [UInt8]?
  private var count = 0

  private enum Source {
    case open(RawFile)
    case stored(StoredBytes)
  }

  /// - Parameter limit: the bytes that are read, unpacked.
  /// - Throws: an error that names the file if it is absent, a directory, unreadable, empty, too
  ///   large, or of a kind that is not read.
  package convenience init(
    _ path: String, _ content: Content, limit: Int
  ) throws(DataError) {
    try self.init(.open(RawFile(path)), file: path, content, limit: limit)
  }

  /// The same of bytes that were read before.
  package convenience init(
    _ bytes: [UInt8], file: String, _ content: Content, limit: Int
  ) throws(DataError) {
    try self.init(.stored(StoredBytes(bytes)), file: file, content, limit: limit)
  }

  private init(
    _ source: Source, file: String, _ content: Content, limit: Int
  ) throws(DataError) {
    self.file = file
    self.source = source
    self.limit = limit
    let first = try gather { () throws(DataError) in try raw() }
    guard !first.isEmpty else { throw DataError(file, "the file is empty") }
    guard Gzip.isCompressed(first) else {
      if let error = ForeignFormat.error(first, content, file: file) { throw error }
      if file.hasSuffix(".gz") {
        throw DataError(file, "expected gzip data, as the name says, found something else")
      }
      if case .open(let raw) = source, let size = raw.size, size > limit { throw tooLarge }
      ahead = first
      return
    }
    let inflater = try Inflater(file: file, beginning: first)
    self.inflater = inflater
    let unpacked = try gather { () throws(DataError) in try self.unpacked(inflater) }
    if Gzip.isCompressed(unpacked) {
      throw DataError(file, "expected data that are packed once, found gzip data in gzip data")
    }
    if let error = ForeignFormat.error(unpacked, content, file: file) { throw error }
    ahead = unpacked
  }

  /// The next bytes, at least one; `nil` at the end.
  package func next() throws(DataError) -> [UInt8]? {
    var piece: [UInt8]
    if let first = ahead {
      ahead = nil
      piece = first
    } else if let inflater {
      piece = try unpacked(inflater)
    } else {
      piece = try raw()
    }
    count += piece.count
    guard count <= limit else { throw tooLarge }
    return piece.isEmpty ? nil : piece
  }

  private var tooLarge: DataError {
    DataError(
      file, "expected at most \(limit) bytes\(inflater == nil ? "" : " when unpacked"), found more")
  }

  private func raw() throws(DataError) -> [UInt8] {
    switch source {
    case .open(let file): try file.read()
    case .stored(let bytes): bytes.next()
    }
  }

  private func unpacked(_ inflater: Inflater) throws(DataError) -> [UInt8] {
    try inflater.next { () throws(DataError) in try raw() } ?? []
  }

  /// Pieces until there is enough to tell the format from, or no more.
  private func gather(
    _ read: () throws(DataError) -> [UInt8]
  ) throws(DataError) -> [UInt8] {
    var bytes = try read()
    while !bytes.isEmpty && bytes.count < ForeignFormat.neededBytes {
      let more = try read()
      if more.isEmpty { break }
      bytes += more
    }
    return bytes
  }
}

/// Bytes that are handed out piece by piece.
private final class StoredBytes {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func next() -> [UInt8] {
    let piece = bytes[position..<min(bytes.count, position + 1 << 18)]
    position = piece.endIndex
    return Array(piece)
  }
}
