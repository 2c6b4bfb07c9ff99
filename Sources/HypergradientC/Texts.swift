internal import CHypergradient
internal import HypergradientCatalogue

/// What a caller passes and gets as bytes.
enum Bytes {
  static let longestText = 1 << 20

  /// A text of the caller's.
  static func text(_ pointer: UnsafePointer<CChar>?, _ what: String) throws -> String {
    guard let pointer else { throw Fault.null(what) }
    var count = 0
    while count <= longestText, pointer[count] != 0 { count += 1 }
    guard count <= longestText else {
      throw Fault(HG_ERROR_ENCODING, "\(what) is longer than 1 MiB")
    }
    let bytes = UnsafeRawBufferPointer(start: pointer, count: count)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Fault(HG_ERROR_ENCODING, "\(what) is not UTF-8")
    }
    return text
  }

  /// The values of names in a text.
  static func variables(
    _ pointer: UnsafePointer<hg_variable>?, _ count: Int
  ) throws -> [String: Double] {
    guard count != 0 else { return [:] }
    guard let pointer else { throw Fault.null("the array of variables") }
    guard count > 0, count <= 4096 else {
      throw Fault.length("\(UInt(bitPattern: count)) variables, more than 4096")
    }
    var values: [String: Double] = [:]
    for variable in UnsafeBufferPointer(start: pointer, count: count) {
      let name = try text(variable.name, "a variable's name")
      guard isName(name) else {
        throw Fault(HG_ERROR_TEXT, "'\(name)' is no name: letters, digits and _, a letter first")
      }
      guard variable.value.isFinite else {
        throw Fault.value("the variable '\(name)' is \(variable.value), not a finite number")
      }
      guard values.updateValue(variable.value, forKey: name) == nil else {
        throw Fault.value("the variable '\(name)' is given twice")
      }
    }
    return values
  }

  private static func isName(_ name: String) -> Bool {
    guard let first = name.utf8.first, isLetter(first) else { return false }
    return name.utf8.allSatisfy { isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")) ~= $0 }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")) ~= byte | 0x20
  }

  /// Hands bytes out: the size always, the bytes where there is room.
  static func hand(
    _ bytes: [UInt8], to buffer: UnsafeMutableRawPointer?, _ capacity: Int,
    _ size: UnsafeMutablePointer<Int>?
  ) throws {
    guard let size else { throw Fault.null("the place of the size") }
    size.pointee = bytes.count
    guard buffer != nil || capacity == 0 else { throw Fault.null("the buffer") }
    guard let buffer else { return }
    // A capacity beyond Int.max arrives as a negative one, and is no buffer's.
    guard capacity >= bytes.count else {
      throw Fault(
        HG_ERROR_BUFFER,
        "the buffer has room for \(UInt(bitPattern: capacity)) bytes, \(bytes.count) are needed")
    }
    bytes.withUnsafeBytes {
      if let base = $0.baseAddress { buffer.copyMemory(from: base, byteCount: $0.count) }
    }
  }

  /// The same of a text, with its ending zero.
  static func hand(
    _ text: String, to buffer: UnsafeMutablePointer<CChar>?, _ capacity: Int,
    _ size: UnsafeMutablePointer<Int>?
  ) throws {
    try hand(Array(text.utf8) + [0], to: buffer.map { UnsafeMutableRawPointer($0) }, capacity, size)
  }
}

/// What was made of a text: what its state is checked against.
struct Origin: Codable, Equatable {
  var text: String
  var variables: [String: Double]

  init(
    _ text: UnsafePointer<CChar>?, _ variables: UnsafePointer<hg_variable>?, _ count: Int
  ) throws {
    self.text = try Bytes.text(text, "the text")
    self.variables = try Bytes.variables(variables, count)
  }

  /// Throws where a state is of something else.
  func expect(_ other: Origin) throws {
    guard other.text == text else {
      throw Fault.state("the state is of '\(other.text)', not of '\(text)'")
    }
    guard other.variables == variables else {
      throw Fault.state("the state is of other values of the text's variables")
    }
  }

  /// Throws where the state of an object with parameters is of something else, or of the other type of
  /// numbers.
  func expect(_ decoder: any Decoder, isDouble: Bool) throws {
    enum Keys: String, CodingKey { case origin, isDouble }
    let container = try decoder.container(keyedBy: Keys.self)
    try expect(try container.decode(Origin.self, forKey: .origin))
    guard try container.decode(Bool.self, forKey: .isDouble) == isDouble else {
      throw Fault.state("the state is of the other type of numbers")
    }
  }
}
