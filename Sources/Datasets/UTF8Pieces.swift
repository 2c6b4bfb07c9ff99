/// Bytes as code points, with each byte that is part of none by itself.
struct UTF8Pieces: Sequence, IteratorProtocol {
  enum Piece {
    case scalar(Unicode.Scalar)
    case other(UInt8)
  }

  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

  mutating func next() -> Piece? {
    guard position < bytes.count else { return nil }
    var parser = Unicode.UTF8.ForwardParser()
    var rest = bytes[position...].makeIterator()
    if case .valid(let encoded) = parser.parseScalar(from: &rest) {
      position += encoded.count
      return .scalar(UTF8.decode(encoded))
    }
    position += 1
    return .other(bytes[position - 1])
  }

  /// The place of the first byte that is no UTF-8.
  static func firstOther(in bytes: ArraySlice<UInt8>) -> Int? {
    // Plain ASCII, nearly always.
    guard let start = bytes.firstIndex(where: { $0 >= 0x80 }) else { return nil }
    var place = start
    for piece in UTF8Pieces(bytes[start...]) {
      switch piece {
      case .scalar(let scalar): place += UTF8.width(scalar)
      case .other: return place
      }
    }
    return nil
  }
}
