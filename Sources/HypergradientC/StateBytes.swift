internal import CHypergradient
internal import Hypergradient

/// States as bytes, each with a value as `StateForm` has it.
///
///     file  = "HGST" version:u32 length:u64 digest:u64 value      digest: FNV-1a of the value's bytes
enum StateBytes {
  static let magic: [UInt8] = [0x48, 0x47, 0x53, 0x54]
  static let version: UInt32 = 1
  static let headerLength = 24

  private enum KindKey: String, CodingKey { case kind }

  /// The bytes of one of a kind, whose fields `write` encodes.
  static func encode<Key: CodingKey>(
    _ kind: String, keyedBy _: Key.Type,
    _ write: (inout KeyedEncodingContainer<Key>) throws -> Void
  ) throws -> [UInt8] {
    let payload = try StateForm.bytes { encoder in
      var head = encoder.container(keyedBy: KindKey.self)
      try head.encode(kind, forKey: .kind)
      var fields = encoder.container(keyedBy: Key.self)
      try write(&fields)
    }
    var bytes = magic
    bytes.append(version)
    bytes.append(UInt64(payload.count))
    bytes.append(payload.withUnsafeBytes(digest))
    bytes += payload
    return bytes
  }

  static func buffer(_ bytes: UnsafePointer<UInt8>?, _ size: Int) throws -> UnsafeRawBufferPointer {
    guard let bytes else { throw Fault.null("the state") }
    guard size >= 0 else { throw Fault.length("\(UInt(bitPattern: size)) bytes of state") }
    return UnsafeRawBufferPointer(start: bytes, count: size)
  }

  /// A decoder of what was saved of a kind; the bytes are copied.
  static func decoder(_ bytes: UnsafeRawBufferPointer, kind: String) throws -> any Decoder {
    guard bytes.count >= headerLength, Array(bytes[..<4]) == magic else {
      throw Fault.state("the bytes are no saved state")
    }
    let found = bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self).littleEndian
    guard found == version else {
      throw Fault.state("the state is of version \(found), this library reads \(version)")
    }
    let length = bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self).littleEndian
    let payload = UnsafeRawBufferPointer(rebasing: bytes[headerLength...])
    guard length == UInt64(payload.count) else {
      throw Fault.state("\(payload.count) bytes of state where there must be \(length)")
    }
    let wanted = bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self).littleEndian
    guard digest(payload) == wanted else { throw Fault.state("the state's bytes are damaged") }
    let decoder = StateForm.decoder(of: Array(payload))
    let said = try decoder.container(keyedBy: KindKey.self).decode(String.self, forKey: .kind)
    guard said == kind else { throw Fault.state("the state is of one \(said), not of one \(kind)") }
    return decoder
  }

  private static func digest(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return hash
  }
}

extension KeyedDecodingContainer {
  /// A count of steps.
  func count(_ key: Key) throws -> Int {
    let n = try decode(Int.self, forKey: key)
    guard (0...(1 << 48)) ~= n else {
      throw DecodingError.dataCorruptedError(
        forKey: key, in: self, debugDescription: "\(n) is no count of steps")
    }
    return n
  }
}
