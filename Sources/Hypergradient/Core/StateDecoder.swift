/// Bytes that are read within their bounds.
final class StateSource {
  let bytes: [UInt8]
  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func fault(_ path: [any CodingKey], _ message: String) -> DecodingError {
    .dataCorrupted(.init(codingPath: path, debugDescription: message))
  }

  func integer<I: FixedWidthInteger>(
    _: I.Type, at offset: Int, _ path: [any CodingKey]
  ) throws -> I {
    guard offset >= 0, offset <= bytes.count - MemoryLayout<I>.size else {
      throw fault(path, "the bytes end within a number")
    }
    return bytes.withUnsafeBytes {
      I(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: I.self))
    }
  }

  func tag(at offset: Int, _ path: [any CodingKey]) throws -> UInt8 {
    try integer(UInt8.self, at: offset, path)
  }

  /// A count that fits in what is left, each of the things at least so long.
  func count(_ x: UInt64, of size: Int, from offset: Int, _ path: [any CodingKey]) throws -> Int {
    guard offset <= bytes.count, x <= UInt64((bytes.count - offset) / size) else {
      throw fault(path, "a length of \(x) goes beyond the bytes")
    }
    return Int(x)
  }

  /// A text without its tag, and where it ends.
  func text(at offset: Int, _ path: [any CodingKey]) throws -> (String, end: Int) {
    let start = offset + 4
    let length = try count(
      UInt64(try integer(UInt32.self, at: offset, path)), of: 1, from: start, path)
    guard let text = String(validating: bytes[start..<(start + length)], as: UTF8.self) else {
      throw fault(path, "a text is not UTF-8")
    }
    return (text, start + length)
  }

  /// Where the value that begins there ends.
  func end(of offset: Int, _ path: [any CodingKey]) throws -> Int {
    let tag = try tag(at: offset, path)
    switch tag {
    case StateTag.null, StateTag.no, StateTag.yes: return offset + 1
    case StateTag.int, StateTag.double, StateTag.unsigned: return try within(offset + 9, path)
    case StateTag.float: return try within(offset + 5, path)
    case StateTag.text: return try text(at: offset + 1, path).end
    case StateTag.map:
      return offset + 13
        + (try count(try integer(UInt64.self, at: offset + 1, path), of: 1, from: offset + 13, path))
    case StateTag.array:
      return offset + 17
        + (try count(try integer(UInt64.self, at: offset + 1, path), of: 1, from: offset + 17, path))
    case StateTag.doubles:
      return offset + 9
        + 8
        * (try count(try integer(UInt64.self, at: offset + 1, path), of: 8, from: offset + 9, path))
    default: throw fault(path, "\(tag) begins no value")
    }
  }

  private func within(_ end: Int, _ path: [any CodingKey]) throws -> Int {
    guard end <= bytes.count else { throw fault(path, "the bytes end within a number") }
    return end
  }

  // MARK: Leaves

  func bool(at offset: Int, _ path: [any CodingKey]) throws -> Bool {
    switch try tag(at: offset, path) {
    case StateTag.no: return false
    case StateTag.yes: return true
    default: throw mismatch(Bool.self, path)
    }
  }

  func string(at offset: Int, _ path: [any CodingKey]) throws -> String {
    guard try tag(at: offset, path) == StateTag.text else { throw mismatch(String.self, path) }
    return try text(at: offset + 1, path).0
  }

  func double(at offset: Int, _ path: [any CodingKey]) throws -> Double {
    let tag = try tag(at: offset, path)
    if tag == StateTag.float { return Double(try float(at: offset, path)) }
    guard tag == StateTag.double else { throw mismatch(Double.self, path) }
    return Double(bitPattern: try integer(UInt64.self, at: offset + 1, path))
  }

  func float(at offset: Int, _ path: [any CodingKey]) throws -> Float {
    guard try tag(at: offset, path) == StateTag.float else { throw mismatch(Float.self, path) }
    return Float(bitPattern: try integer(UInt32.self, at: offset + 1, path))
  }

  func whole<I: FixedWidthInteger>(_: I.Type, at offset: Int, _ path: [any CodingKey]) throws -> I {
    let tag = try tag(at: offset, path)
    let x: I?
    switch tag {
    case StateTag.int: x = I(exactly: try integer(Int64.self, at: offset + 1, path))
    case StateTag.unsigned: x = I(exactly: try integer(UInt64.self, at: offset + 1, path))
    default: throw mismatch(I.self, path)
    }
    guard let x else { throw fault(path, "a whole number is out of range") }
    return x
  }

  func doubles(at offset: Int, _ path: [any CodingKey]) throws -> [Double] {
    let start = offset + 9
    let count = try count(try integer(UInt64.self, at: offset + 1, path), of: 8, from: start, path)
    return bytes.withUnsafeBytes { bytes in
      (0..<count).map {
        Double(
          bitPattern: UInt64(
            littleEndian: bytes.loadUnaligned(fromByteOffset: start + 8 * $0, as: UInt64.self)))
      }
    }
  }

  func mismatch(_ type: Any.Type, _ path: [any CodingKey]) -> DecodingError {
    .typeMismatch(type, .init(codingPath: path, debugDescription: "expected \(type)"))
  }

  /// Anything, from what begins there.
  func value<T: Decodable>(_: T.Type, at offset: Int, _ path: [any CodingKey]) throws -> T {
    if T.self == [CodedDouble].self, try tag(at: offset, path) == StateTag.doubles {
      return try doubles(at: offset, path).map { CodedDouble($0) } as! T
    }
    if T.self == [Double].self, try tag(at: offset, path) == StateTag.doubles {
      return try doubles(at: offset, path) as! T
    }
    if T.self == [Float].self, try tag(at: offset, path) == StateTag.doubles {
      return try doubles(at: offset, path).map { Float($0) } as! T
    }
    if T.self == Double.self { return try double(at: offset, path) as! T }
    if T.self == Float.self { return try float(at: offset, path) as! T }
    if T.self == Bool.self { return try bool(at: offset, path) as! T }
    if T.self == Int.self { return try whole(Int.self, at: offset, path) as! T }
    if T.self == String.self { return try string(at: offset, path) as! T }
    return try T(from: StateDecoder(source: self, offset: offset, codingPath: path))
  }
}

struct StateDecoder: Decoder {
  let source: StateSource
  let offset: Int
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy _: Key.Type) throws -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(try MapDecoding<Key>(source, offset, codingPath))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try ArrayDecoding(source, offset, codingPath)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer {
    LeafDecoding(source: source, offset: offset, codingPath: codingPath)
  }
}

private struct MapDecoding<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let source: StateSource
  let codingPath: [any CodingKey]
  private let places: [String: Int]

  init(_ source: StateSource, _ offset: Int, _ path: [any CodingKey]) throws {
    guard try source.tag(at: offset, path) == StateTag.map else {
      throw source.mismatch([String: Any].self, path)
    }
    let end = try source.end(of: offset, path)
    let count = try source.integer(UInt32.self, at: offset + 9, path)
    var (places, place) = ([String: Int](), offset + 13)
    for _ in 0..<count {
      let (key, start) = try source.text(at: place, path)
      place = try source.end(of: start, path)
      guard place <= end, places.updateValue(start, forKey: key) == nil else {
        throw source.fault(path, "'\(key)' is there twice, or goes beyond its map")
      }
    }
    (self.source, self.places, codingPath) = (source, places, path)
  }

  var allKeys: [Key] { places.keys.compactMap { Key(stringValue: $0) } }
  func contains(_ key: Key) -> Bool { places[key.stringValue] != nil }

  private func place(_ key: any CodingKey) throws -> Int {
    guard let place = places[key.stringValue] else {
      throw DecodingError.keyNotFound(
        key, .init(codingPath: codingPath, debugDescription: "there is no '\(key.stringValue)'"))
    }
    return place
  }

  func decodeNil(forKey key: Key) throws -> Bool {
    try source.tag(at: try place(key), codingPath + [key]) == StateTag.null
  }
  func decode(_: Bool.Type, forKey key: Key) throws -> Bool {
    try source.bool(at: place(key), codingPath + [key])
  }
  func decode(_: String.Type, forKey key: Key) throws -> String {
    try source.string(at: place(key), codingPath + [key])
  }
  func decode(_: Double.Type, forKey key: Key) throws -> Double {
    try source.double(at: place(key), codingPath + [key])
  }
  func decode(_: Float.Type, forKey key: Key) throws -> Float {
    try source.float(at: place(key), codingPath + [key])
  }
  private func whole<I: FixedWidthInteger>(_ key: Key) throws -> I {
    try source.whole(I.self, at: place(key), codingPath + [key])
  }
  func decode(_: Int.Type, forKey key: Key) throws -> Int { try whole(key) }
  func decode(_: Int8.Type, forKey key: Key) throws -> Int8 { try whole(key) }
  func decode(_: Int16.Type, forKey key: Key) throws -> Int16 { try whole(key) }
  func decode(_: Int32.Type, forKey key: Key) throws -> Int32 { try whole(key) }
  func decode(_: Int64.Type, forKey key: Key) throws -> Int64 { try whole(key) }
  func decode(_: UInt.Type, forKey key: Key) throws -> UInt { try whole(key) }
  func decode(_: UInt8.Type, forKey key: Key) throws -> UInt8 { try whole(key) }
  func decode(_: UInt16.Type, forKey key: Key) throws -> UInt16 { try whole(key) }
  func decode(_: UInt32.Type, forKey key: Key) throws -> UInt32 { try whole(key) }
  func decode(_: UInt64.Type, forKey key: Key) throws -> UInt64 { try whole(key) }
  func decode<T: Decodable>(_: T.Type, forKey key: Key) throws -> T {
    try source.value(T.self, at: place(key), codingPath + [key])
  }
  func nestedContainer<Nested: CodingKey>(
    keyedBy _: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try decoder(key).container(keyedBy: Nested.self)
  }
  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try decoder(key).unkeyedContainer()
  }
  func superDecoder() throws -> any Decoder { try decoder(SuperKey()) }
  func superDecoder(forKey key: Key) throws -> any Decoder { try decoder(key) }

  private func decoder(_ key: any CodingKey) throws -> StateDecoder {
    StateDecoder(source: source, offset: try place(key), codingPath: codingPath + [key])
  }
}

private struct SuperKey: CodingKey {
  var stringValue: String { "super" }
  var intValue: Int? { nil }
  init() {}
  init?(stringValue: String) { nil }
  init?(intValue: Int) { nil }
}

private struct ArrayDecoding: UnkeyedDecodingContainer {
  let source: StateSource
  let codingPath: [any CodingKey]
  let count: Int?
  private(set) var currentIndex = 0
  private var place: Int
  /// Whether the numbers stand without tags.
  private let isPacked: Bool

  init(_ source: StateSource, _ offset: Int, _ path: [any CodingKey]) throws {
    (self.source, codingPath) = (source, path)
    let tag = try source.tag(at: offset, path)
    isPacked = tag == StateTag.doubles
    if isPacked {
      place = offset + 9
      count = try source.count(
        try source.integer(UInt64.self, at: offset + 1, path), of: 8, from: place, path)
    } else if tag == StateTag.array {
      place = offset + 17
      count = try source.count(
        try source.integer(UInt64.self, at: offset + 9, path), of: 1, from: place, path)
    } else {
      throw source.mismatch([Any].self, path)
    }
  }

  var isAtEnd: Bool { currentIndex >= count! }

  private mutating func next<T>(_ read: (Int) throws -> T) throws -> T {
    guard !isAtEnd else {
      throw DecodingError.valueNotFound(
        T.self, .init(codingPath: codingPath, debugDescription: "there are only \(count!) values"))
    }
    let x = try read(place)
    place = isPacked ? place + 8 : try source.end(of: place, codingPath)
    currentIndex += 1
    return x
  }

  private mutating func packed() throws -> Double {
    let (source, path) = (source, codingPath)
    return try next { Double(bitPattern: try source.integer(UInt64.self, at: $0, path)) }
  }

  mutating func decodeNil() throws -> Bool {
    guard !isAtEnd, !isPacked, try source.tag(at: place, codingPath) == StateTag.null else {
      return false
    }
    return try next { _ in true }
  }
  mutating func decode(_: Double.Type) throws -> Double {
    if isPacked { return try packed() }
    let (source, path) = (source, codingPath)
    return try next { try source.double(at: $0, path) }
  }
  mutating func decode(_: Float.Type) throws -> Float { try any() }
  mutating func decode(_: Bool.Type) throws -> Bool { try any() }
  mutating func decode(_: String.Type) throws -> String { try any() }
  private mutating func whole<I: FixedWidthInteger>() throws -> I {
    let (source, path) = (source, codingPath)
    if isPacked { throw source.mismatch(I.self, path) }
    return try next { try source.whole(I.self, at: $0, path) }
  }
  mutating func decode(_: Int.Type) throws -> Int { try whole() }
  mutating func decode(_: Int8.Type) throws -> Int8 { try whole() }
  mutating func decode(_: Int16.Type) throws -> Int16 { try whole() }
  mutating func decode(_: Int32.Type) throws -> Int32 { try whole() }
  mutating func decode(_: Int64.Type) throws -> Int64 { try whole() }
  mutating func decode(_: UInt.Type) throws -> UInt { try whole() }
  mutating func decode(_: UInt8.Type) throws -> UInt8 { try whole() }
  mutating func decode(_: UInt16.Type) throws -> UInt16 { try whole() }
  mutating func decode(_: UInt32.Type) throws -> UInt32 { try whole() }
  mutating func decode(_: UInt64.Type) throws -> UInt64 { try whole() }
  private mutating func any<T: Decodable>() throws -> T {
    let (source, path) = (source, codingPath)
    if isPacked {
      if T.self == Double.self { return try packed() as! T }
      if T.self == Float.self { return Float(try packed()) as! T }
      if T.self == CodedDouble.self { return CodedDouble(try packed()) as! T }
      throw source.mismatch(T.self, path)
    }
    return try next { try source.value(T.self, at: $0, path) }
  }
  mutating func decode<T: Decodable>(_: T.Type) throws -> T { try any() }
  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy _: Nested.Type
  ) throws -> KeyedDecodingContainer<Nested> {
    try decoder().container(keyedBy: Nested.self)
  }
  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try decoder().unkeyedContainer()
  }
  mutating func superDecoder() throws -> any Decoder { try decoder() }

  private mutating func decoder() throws -> StateDecoder {
    let (source, path) = (source, codingPath)
    if isPacked { throw source.mismatch([String: Any].self, path) }
    return try next { StateDecoder(source: source, offset: $0, codingPath: path) }
  }
}

private struct LeafDecoding: SingleValueDecodingContainer {
  let source: StateSource
  let offset: Int
  let codingPath: [any CodingKey]

  func decodeNil() -> Bool { (try? source.tag(at: offset, codingPath)) == StateTag.null }
  func decode(_: Bool.Type) throws -> Bool { try source.bool(at: offset, codingPath) }
  func decode(_: String.Type) throws -> String { try source.string(at: offset, codingPath) }
  func decode(_: Double.Type) throws -> Double { try source.double(at: offset, codingPath) }
  func decode(_: Float.Type) throws -> Float { try source.float(at: offset, codingPath) }
  private func whole<I: FixedWidthInteger>() throws -> I {
    try source.whole(I.self, at: offset, codingPath)
  }
  func decode(_: Int.Type) throws -> Int { try whole() }
  func decode(_: Int8.Type) throws -> Int8 { try whole() }
  func decode(_: Int16.Type) throws -> Int16 { try whole() }
  func decode(_: Int32.Type) throws -> Int32 { try whole() }
  func decode(_: Int64.Type) throws -> Int64 { try whole() }
  func decode(_: UInt.Type) throws -> UInt { try whole() }
  func decode(_: UInt8.Type) throws -> UInt8 { try whole() }
  func decode(_: UInt16.Type) throws -> UInt16 { try whole() }
  func decode(_: UInt32.Type) throws -> UInt32 { try whole() }
  func decode(_: UInt64.Type) throws -> UInt64 { try whole() }
  func decode<T: Decodable>(_: T.Type) throws -> T {
    try source.value(T.self, at: offset, codingPath)
  }
}
