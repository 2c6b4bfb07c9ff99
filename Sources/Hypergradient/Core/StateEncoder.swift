/// A value that is being encoded.
final class EncodedNode {
  /// A leaf's bytes, tag included; or those of an array since the last child.
  private var bytes: [UInt8] = []
  private var children: [(key: String, node: EncodedNode)] = []
  /// An array's values in order: bytes, then a child, and so on.
  private var runs: [(bytes: [UInt8], node: EncodedNode)] = []
  private(set) var count = 0
  private var shape = Shape.leaf

  enum Shape { case leaf, map, array }

  func become(_ shape: Shape) { self.shape = shape }

  func child(_ key: String) -> EncodedNode {
    let node = EncodedNode()
    children.append((key, node))
    return node
  }

  func nextChild() -> EncodedNode {
    let node = EncodedNode()
    runs.append((bytes, node))
    bytes = []
    count += 1
    return node
  }

  func countLeaf() { count += 1 }

  func put(_ write: (inout [UInt8]) -> Void) { write(&bytes) }

  func write(to out: inout [UInt8]) {
    switch shape {
    case .leaf: if bytes.isEmpty { out.append(StateTag.null) } else { out += bytes }
    case .map:
      var inner: [UInt8] = []
      for (key, node) in children.sorted(by: { $0.key < $1.key }) {
        inner.append(text: key)
        node.write(to: &inner)
      }
      out.append(StateTag.map)
      out.append(UInt64(inner.count))
      out.append(UInt32(children.count))
      out += inner
    case .array:
      var inner: [UInt8] = []
      for (before, node) in runs {
        inner += before
        node.write(to: &inner)
      }
      inner += bytes
      out.append(StateTag.array)
      out.append(UInt64(inner.count))
      out.append(UInt64(count))
      out += inner
    }
  }

  // MARK: Leaves

  func put(nil: Void) { put { $0.append(StateTag.null) } }
  func put(_ x: Bool) { put { $0.append(x ? StateTag.yes : StateTag.no) } }
  func put(_ x: String) {
    put {
      $0.append(StateTag.text)
      $0.append(text: x)
    }
  }
  func put(_ x: Double) {
    put {
      $0.append(StateTag.double)
      $0.append(x.bitPattern)
    }
  }
  func put(_ x: Float) {
    put {
      $0.append(StateTag.float)
      $0.append(x.bitPattern)
    }
  }
  func put<I: FixedWidthInteger>(integer x: I) {
    put {
      if let signed = Int64(exactly: x) {
        $0.append(StateTag.int)
        $0.append(signed)
      } else {
        $0.append(StateTag.unsigned)
        $0.append(UInt64(truncatingIfNeeded: x))
      }
    }
  }
  func put(_ x: [Double]) {
    put { bytes in
      bytes.append(StateTag.doubles)
      bytes.append(UInt64(x.count))
      bytes.reserveCapacity(bytes.count + 8 * x.count)
      for number in x { bytes.append(number.bitPattern) }
    }
  }

  /// A value that writes itself, into this node.
  func put<T: Encodable>(value: T, _ codingPath: [any CodingKey]) throws {
    switch value {
    case let x as [CodedDouble]: put(x.map(\.value))
    case let x as [Double]: put(x)
    case let x as [Float]: put(x.map { Double($0) })
    case let x as Double: put(x)
    case let x as Float: put(x)
    case let x as Bool: put(x)
    case let x as Int: put(integer: x)
    case let x as String: put(x)
    default: try value.encode(to: StateEncoder(node: self, codingPath: codingPath))
    }
  }
}

struct StateEncoder: Encoder {
  let node: EncodedNode
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy _: Key.Type) -> KeyedEncodingContainer<Key> {
    node.become(.map)
    return KeyedEncodingContainer(MapEncoding<Key>(node: node, codingPath: codingPath))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    node.become(.array)
    return ArrayEncoding(node: node, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    LeafEncoding(node: node, codingPath: codingPath)
  }
}

private struct MapEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let node: EncodedNode
  let codingPath: [any CodingKey]

  private func child(_ key: any CodingKey) -> EncodedNode { node.child(key.stringValue) }

  func encodeNil(forKey key: Key) { child(key).put(nil: ()) }
  func encode(_ value: Bool, forKey key: Key) { child(key).put(value) }
  func encode(_ value: String, forKey key: Key) { child(key).put(value) }
  func encode(_ value: Double, forKey key: Key) { child(key).put(value) }
  func encode(_ value: Float, forKey key: Key) { child(key).put(value) }
  func encode(_ value: Int, forKey key: Key) { child(key).put(integer: value) }
  func encode(_ value: Int8, forKey key: Key) { child(key).put(integer: value) }
  func encode(_ value: Int16, forKey key: Key) { child(key).put(integer: value) }
  func encode(_ value: Int32, forKey key: Key) { child(key).put(integer: value) }
  func encode(_ value: Int64, forKey key: Key) { child(key).put(integer: value) }
  func encode(_ value: UInt, forKey key: Key) { child(key).put(integer: value) }
  func encode(_ value: UInt8, forKey key: Key) { child(key).put(integer: value) }
  func encode(_ value: UInt16, forKey key: Key) { child(key).put(integer: value) }
  func encode(_ value: UInt32, forKey key: Key) { child(key).put(integer: value) }
  func encode(_ value: UInt64, forKey key: Key) { child(key).put(integer: value) }
  func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
    try child(key).put(value: value, codingPath + [key])
  }
  func nestedContainer<Nested: CodingKey>(
    keyedBy _: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    StateEncoder(node: child(key), codingPath: codingPath + [key]).container(keyedBy: Nested.self)
  }
  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    StateEncoder(node: child(key), codingPath: codingPath + [key]).unkeyedContainer()
  }
  func superEncoder() -> any Encoder {
    StateEncoder(node: node.child("super"), codingPath: codingPath)
  }
  func superEncoder(forKey key: Key) -> any Encoder {
    StateEncoder(node: child(key), codingPath: codingPath + [key])
  }
}

private struct ArrayEncoding: UnkeyedEncodingContainer {
  let node: EncodedNode
  let codingPath: [any CodingKey]
  var count: Int { node.count }

  private func leaf() -> EncodedNode {
    node.countLeaf()
    return node
  }

  func encodeNil() { leaf().put(nil: ()) }
  func encode(_ value: Bool) { leaf().put(value) }
  func encode(_ value: String) { leaf().put(value) }
  func encode(_ value: Double) { leaf().put(value) }
  func encode(_ value: Float) { leaf().put(value) }
  func encode(_ value: Int) { leaf().put(integer: value) }
  func encode(_ value: Int8) { leaf().put(integer: value) }
  func encode(_ value: Int16) { leaf().put(integer: value) }
  func encode(_ value: Int32) { leaf().put(integer: value) }
  func encode(_ value: Int64) { leaf().put(integer: value) }
  func encode(_ value: UInt) { leaf().put(integer: value) }
  func encode(_ value: UInt8) { leaf().put(integer: value) }
  func encode(_ value: UInt16) { leaf().put(integer: value) }
  func encode(_ value: UInt32) { leaf().put(integer: value) }
  func encode(_ value: UInt64) { leaf().put(integer: value) }
  func encode<T: Encodable>(_ value: T) throws {
    switch value {
    case let x as Float: leaf().put(x)
    case let x as Double: leaf().put(x)
    default: try node.nextChild().put(value: value, codingPath)
    }
  }
  func nestedContainer<Nested: CodingKey>(
    keyedBy _: Nested.Type
  ) -> KeyedEncodingContainer<Nested> {
    StateEncoder(node: node.nextChild(), codingPath: codingPath).container(keyedBy: Nested.self)
  }
  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    StateEncoder(node: node.nextChild(), codingPath: codingPath).unkeyedContainer()
  }
  func superEncoder() -> any Encoder {
    StateEncoder(node: node.nextChild(), codingPath: codingPath)
  }
}

private struct LeafEncoding: SingleValueEncodingContainer {
  let node: EncodedNode
  let codingPath: [any CodingKey]

  func encodeNil() { node.put(nil: ()) }
  func encode(_ value: Bool) { node.put(value) }
  func encode(_ value: String) { node.put(value) }
  func encode(_ value: Double) { node.put(value) }
  func encode(_ value: Float) { node.put(value) }
  func encode(_ value: Int) { node.put(integer: value) }
  func encode(_ value: Int8) { node.put(integer: value) }
  func encode(_ value: Int16) { node.put(integer: value) }
  func encode(_ value: Int32) { node.put(integer: value) }
  func encode(_ value: Int64) { node.put(integer: value) }
  func encode(_ value: UInt) { node.put(integer: value) }
  func encode(_ value: UInt8) { node.put(integer: value) }
  func encode(_ value: UInt16) { node.put(integer: value) }
  func encode(_ value: UInt32) { node.put(integer: value) }
  func encode(_ value: UInt64) { node.put(integer: value) }
  func encode<T: Encodable>(_ value: T) throws { try node.put(value: value, codingPath) }
}
