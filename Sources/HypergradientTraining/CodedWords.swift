internal import Hypergradient

/// What a value is coded as, in words.
enum CodedWords {
  /// A line for each number and text of it, such as `rule.beta1 is 0.9`; none where it can't be coded.
  static func lines(of value: some Encodable, as name: String) -> [String] {
    let page = Page()
    do { try Writer(page: page, name: name, codingPath: []).write(value) } catch { return [] }
    return page.lines
  }

  private final class Page { var lines: [String] = [] }

  private struct Writer: Encoder {
    let page: Page
    let name: String
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func at(_ word: String) -> Writer {
      Writer(page: page, name: name + "." + word, codingPath: codingPath)
    }

    func say(_ words: String) { page.lines.append("\(name) is \(words)") }

    func write<T: Encodable>(_ value: T) throws {
      switch value {
      case let numbers as [Double]: say(words(numbers))
      case let numbers as [CodedDouble]: say(words(numbers.map(\.value)))
      case let number as Double: say("\(number)")
      case let number as Float: say("\(number)")
      case let number as any FixedWidthInteger: say("\(number)")
      case let truth as Bool: say("\(truth)")
      case let text as String: say("'\(text)'")
      default: try value.encode(to: self)
      }
    }

    /// Many numbers are said by how many they are and a sum of their bits, each turned by its place.
    private func words(_ numbers: [Double]) -> String {
      guard numbers.count > 8 else { return "\(numbers)" }
      let sum = numbers.reduce(UInt64(numbers.count)) { ($0 ^ $1.bitPattern) &* 0x100_0000_01b3 }
      return "\(numbers.count) numbers, sum \(sum)"
    }

    func container<Key: CodingKey>(keyedBy _: Key.Type) -> KeyedEncodingContainer<Key> {
      KeyedEncodingContainer(Keyed(writer: self))
    }
    func unkeyedContainer() -> any UnkeyedEncodingContainer { Unkeyed(writer: self) }
    func singleValueContainer() -> any SingleValueEncodingContainer { Single(writer: self) }
  }

  private struct Keyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let writer: Writer
    var codingPath: [any CodingKey] { writer.codingPath }

    func encodeNil(forKey key: Key) { writer.at(key.stringValue).say("none") }
    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
      try writer.at(key.stringValue).write(value)
    }
    func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> { writer.at(key.stringValue).container(keyedBy: type) }
    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
      writer.at(key.stringValue).unkeyedContainer()
    }
    func superEncoder() -> any Encoder { writer.at("super") }
    func superEncoder(forKey key: Key) -> any Encoder { writer.at(key.stringValue) }
  }

  private struct Unkeyed: UnkeyedEncodingContainer {
    let writer: Writer
    private(set) var count = 0
    var codingPath: [any CodingKey] { writer.codingPath }

    init(writer: Writer) { self.writer = writer }

    private mutating func next() -> Writer {
      defer { count += 1 }
      return writer.at("\(count)")
    }

    mutating func encodeNil() { next().say("none") }
    mutating func encode<T: Encodable>(_ value: T) throws { try next().write(value) }
    mutating func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type
    ) -> KeyedEncodingContainer<Nested> { next().container(keyedBy: type) }
    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
      next().unkeyedContainer()
    }
    mutating func superEncoder() -> any Encoder { next() }
  }

  private struct Single: SingleValueEncodingContainer {
    let writer: Writer
    var codingPath: [any CodingKey] { writer.codingPath }

    func encodeNil() { writer.say("none") }
    func encode<T: Encodable>(_ value: T) throws { try writer.write(value) }
  }
}
