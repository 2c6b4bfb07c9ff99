internal import Synchronization

/// A user's data: where they are, and how a text file of them is to be read.
///
/// A pipe or device, such as `/dev/stdin`, is read once and kept.
public final class DataSource: Sendable {
  /// A file or folder.
  public let path: String
  public let format: CSV.Format
  private let limits: DataLimits
  private let stream = Mutex<[UInt8]?>(nil)

  public init(
    _ path: String, format: CSV.Format = CSV.Format(), limits: DataLimits = DataLimits()
  ) {
    self.path = path
    self.format = format
    self.limits = limits
  }

  /// A file of text from its beginning.
  package func text() throws(DataError) -> DataReader {
    guard try DataFile.kind(path) == .stream else {
      return try DataReader(path, .text, limit: limits.textBytes)
    }
    return try DataReader(streamed(), file: path, .text, limit: limits.textBytes)
  }

  /// Calls `body` with consecutive pieces of a file as it is stored.
  package func forEachPiece(_ body: ([UInt8]) -> Void) throws(DataError) {
    if try DataFile.kind(path) == .stream { return body(try streamed()) }
    let file = try RawFile(path)
    while true {
      let piece = try file.read()
      if piece.isEmpty { return }
      body(piece)
    }
  }

  private func streamed() throws(DataError) -> [UInt8] {
    try stream.withLock { stream throws(DataError) in
      if let known = stream { return known }
      let file = try RawFile(path)
      var bytes: [UInt8] = []
      while true {
        let piece = try file.read()
        if piece.isEmpty { break }
        bytes += piece
        guard bytes.count <= limits.streamBytes else {
          throw DataError(
            path,
            "expected at most \(limits.streamBytes) bytes of a pipe or device, found more: a file "
              + "may have \(limits.textBytes)")
        }
      }
      stream = bytes
      return bytes
    }
  }
}
