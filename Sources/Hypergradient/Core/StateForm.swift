/// States as bytes, little-endian, without Foundation: each vector is one run of its numbers' bits.
///
///     value = 0 nil | 1 false | 2 true | 3 i64 | 4 double | 5 float | 6 text | 10 u64
///           | 7 length:u64 count:u32 { key value }                a map, its keys in order
///           | 8 length:u64 count:u64 { value }                    an array
///           | 9 count:u64 { double }                              numbers
///     text  = count:u32 bytes,  key = a text without its tag
package enum StateForm {
  /// The bytes of what is encoded: the same for the same state.
  package static func bytes(of write: (any Encoder) throws -> Void) throws -> [UInt8] {
    let node = EncodedNode()
    try write(StateEncoder(node: node, codingPath: []))
    var bytes: [UInt8] = []
    node.write(to: &bytes)
    return bytes
  }

  /// A decoder that throws where the bytes are none of these.
  package static func decoder(of bytes: [UInt8]) -> any Decoder {
    StateDecoder(source: StateSource(bytes), offset: 0, codingPath: [])
  }
}

extension [UInt8] {
  package mutating func append(_ x: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: x.littleEndian) { append(contentsOf: $0) }
  }

  package mutating func append(text: String) {
    append(UInt32(text.utf8.count))
    append(contentsOf: text.utf8)
  }
}

enum StateTag {
  static let null: UInt8 = 0
  static let no: UInt8 = 1
  static let yes: UInt8 = 2
  static let int: UInt8 = 3
  static let double: UInt8 = 4
  static let float: UInt8 = 5
  static let text: UInt8 = 6
  static let map: UInt8 = 7
  static let array: UInt8 = 8
  static let doubles: UInt8 = 9
  static let unsigned: UInt8 = 10
}
