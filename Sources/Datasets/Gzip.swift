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
  /// - Throws: if the data end early, a checksum or length differs, or something other than a member
  ///   or zero padding follows one.
  public static func inflate(_ bytes: [UInt8], file: String) throws(DataError) -> [UInt8] {
    let outcome: Result<[UInt8], DataError> = bytes.withUnsafeBufferPointer { buffer in
      do throws(DataError) { return .success(try inflate(buffer, file: file)) } catch {
        return .failure(error)
      }
    }
    return try outcome.get()
  }

  private static func inflate(
    _ input: UnsafeBufferPointer<UInt8>, file: String
  ) throws(DataError) -> [UInt8] {
    var stream = z_stream()
    // 16 + 15: gzip framing only, the largest window.
    guard
      inflateInit2_(&stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { throw DataError(file, "zlib can't be started") }
    defer { inflateEnd(&stream) }

    var output: [UInt8] = []
    var consumed = 0
    var finished = false
    while true {
      if finished {
        let rest = input[consumed...]
        if rest.allSatisfy({ $0 == 0 }) { return output }
        guard rest.first == 0x1f else {
          throw DataError(
            file, "expected the end of the gzip data at byte \(consumed), found other bytes")
        }
        inflateReset(&stream)
        finished = false
      }
      let offered = min(input.count - consumed, Int(UInt32.max))
      let chunk = max(1 << 16, min(output.count, 1 << 24))
      var status = Z_OK
      let start = output.count
      output.reserveCapacity(start + chunk)
      let piece = [UInt8](unsafeUninitializedCapacity: chunk) { space, count in
        stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress! + consumed)
        stream.avail_in = UInt32(offered)
        stream.next_out = space.baseAddress
        stream.avail_out = UInt32(chunk)
        status = CZlib.inflate(&stream, Z_NO_FLUSH)
        count = chunk - Int(stream.avail_out)
      }
      output.append(contentsOf: piece)
      let read = offered - Int(stream.avail_in)
      consumed += read
      switch status {
      case Z_STREAM_END: finished = true
      case Z_OK where read > 0 || !piece.isEmpty: continue
      case Z_OK, Z_BUF_ERROR:
        throw DataError(
          file, "the gzip data end early, after \(input.count) bytes (is the file cut off?)")
      case Z_MEM_ERROR: throw DataError(file, "not enough memory to unpack the gzip data")
      default:
        let reason = stream.msg.map { String(cString: $0) } ?? "invalid data"
        throw DataError(file, "damaged gzip data near byte \(consumed): \(reason)")
      }
    }
  }
}
