internal import CZlib

/// Gzip data by zlib.
public enum Gzip {
  /// Whether `bytes` begin as every gzip member does.
  public static func isCompressed(_ bytes: [UInt8]) -> Bool {
    bytes.count >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b
  }

  /// The uncompressed contents of one or more concatenated gzip members.
  ///
  /// - Parameter file: the name in errors.
  /// - Throws: if the data end early, a checksum or length differs, something other than a member or
  ///   zero padding follows one, or there are more than ``DataLimits/textBytes``.
  public static func inflate(_ bytes: [UInt8], file: String) throws(DataError) -> [UInt8] {
    let inflater = try Inflater(file: file, beginning: bytes)
    let limit = DataLimits().textBytes
    var output: [UInt8] = []
    while let piece = try inflater.next({ [] }) {
      output += piece
      guard output.count <= limit else {
        throw DataError(file, "expected at most \(limit) bytes when unpacked, found more")
      }
    }
    return output
  }
}

/// Unpacks concatenated gzip members as their bytes come.
final class Inflater {
  private let file: String
  /// zlib remembers where it is.
  private let stream: UnsafeMutablePointer<z_stream>
  private var input: [UInt8]
  private var position = 0
  /// Bytes of earlier inputs.
  private var before = 0
  private var isAtEnd = false
  /// Whether zlib may hold more than the last piece had room for.
  private var mayHoldMore = false
  private var place = Place.member

  private enum Place {
    case member
    case between
    /// Zeros behind the last member.
    case padding
  }

  private static let pieceSize = 1 << 18

  /// - Parameter beginning: the first bytes.
  init(file: String, beginning: [UInt8]) throws(DataError) {
    self.file = file
    input = beginning
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 16 + 15: gzip framing only, the largest window.
    guard inflateInit2_(stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { throw DataError(file, "zlib can't be started") }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// The next unpacked bytes, at least one; `nil` at the end.
  ///
  /// - Parameter read: the next packed bytes; none at the end.
  func next(_ read: () throws(DataError) -> [UInt8]) throws(DataError) -> [UInt8]? {
    while true {
      if position == input.count && !mayHoldMore && !isAtEnd {
        before += input.count
        input = try read()
        position = 0
        isAtEnd = input.isEmpty
      }
      if place != .member {
        if isAtEnd && position == input.count { return nil }
        try skipPadding()
        if place != .member { continue }
      }
      if isAtEnd && !mayHoldMore {
        throw DataError(
          file,
          "the gzip data end early, after \(before + input.count) bytes (is the file cut off?)")
      }
      let (piece, status) = inflate()
      mayHoldMore = piece.count == Self.pieceSize && status == Z_OK
      switch status {
      case Z_STREAM_END: place = .between
      case Z_OK, Z_BUF_ERROR: break
      case Z_MEM_ERROR: throw DataError(file, "not enough memory to unpack the gzip data")
      default:
        let reason = stream.pointee.msg.map { String(cString: $0) } ?? "invalid data"
        throw DataError(file, "damaged gzip data near byte \(before + position): \(reason)")
      }
      if !piece.isEmpty { return piece }
    }
  }

  private func inflate() -> (piece: [UInt8], status: Int32) {
    var status = Z_OK
    let piece = [UInt8](unsafeUninitializedCapacity: Self.pieceSize) { space, count in
      input.withUnsafeBufferPointer { bytes in
        stream.pointee.next_in = bytes.baseAddress.map {
          UnsafeMutablePointer(mutating: $0 + position)
        }
        stream.pointee.avail_in = UInt32(input.count - position)
        stream.pointee.next_out = space.baseAddress
        stream.pointee.avail_out = UInt32(Self.pieceSize)
        status = CZlib.inflate(stream, Z_NO_FLUSH)
      }
      count = Self.pieceSize - Int(stream.pointee.avail_out)
    }
    position = input.count - Int(stream.pointee.avail_in)
    return (piece, status)
  }

  /// Goes past zeros behind a member, or begins the next one.
  private func skipPadding() throws(DataError) {
    while position < input.count, input[position] == 0 {
      place = .padding
      position += 1
    }
    guard position < input.count else { return }
    guard place == .between, input[position] == 0x1f else {
      throw DataError(
        file, "expected the end of the gzip data at byte \(before + position), found other bytes")
    }
    inflateReset(stream)
    place = .member
  }
}
