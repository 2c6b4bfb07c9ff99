/// Names of files as texts, also where their bytes are no UTF-8.
///
/// A byte b from 0x80 on that is part of no character stands in the text as U+10FF00 + b, the last
/// code points for private use; ``withBytes(_:_:)`` turns it back, so that no name is lost.
package enum FileName {
  /// The text of a name's bytes.
  package static func text(_ bytes: some Sequence<UInt8>) -> String {
    var text = ""
    for piece in UTF8Pieces(bytes) {
      switch piece {
      // A name that has these code points itself is told byte by byte, too.
      case .scalar(let scalar) where byte(scalar) != nil:
        for unit in UTF8.encode(scalar)! { text.unicodeScalars.append(stand(for: unit)) }
      case .scalar(let scalar): text.unicodeScalars.append(scalar)
      case .other(let byte): text.unicodeScalars.append(stand(for: byte))
      }
    }
    return text
  }

  /// Calls `body` with the bytes of the name that `text` stands for, and a zero after them.
  package static func withBytes<Result>(
    _ text: String, _ body: (UnsafePointer<CChar>) -> Result
  ) -> Result {
    guard text.unicodeScalars.contains(where: { byte($0) != nil }) else {
      return text.withCString(body)
    }
    var bytes: [CChar] = []
    for scalar in text.unicodeScalars {
      if let byte = byte(scalar) {
        bytes.append(CChar(bitPattern: byte))
      } else {
        bytes += UTF8.encode(scalar)!.map { CChar(bitPattern: $0) }
      }
    }
    bytes.append(0)
    return bytes.withUnsafeBufferPointer { body($0.baseAddress!) }
  }

  /// The name that an argument of the program's has, given what the standard library made of it,
  /// which puts U+FFFD in place of other bytes; `nil` where two arguments differ in these alone.
  package static func argument(_ repaired: String) -> String? {
    guard repaired.unicodeScalars.contains("\u{fffd}") else { return repaired }
    var names: Set<[UInt8]> = []
    for i in 0..<Int(CommandLine.argc) {
      guard let raw = CommandLine.unsafeArgv[i] else { continue }
      let bytes = (0...).lazy.map { UInt8(bitPattern: raw[$0]) }.prefix { $0 != 0 }
      let whole = Array(bytes)
      var candidates = [whole]
      // --data=NAME
      if let mark = whole.firstIndex(of: UInt8(ascii: "=")) {
        candidates.append(Array(whole[(mark + 1)...]))
      }
      for name in candidates
      where String(decoding: name, as: UTF8.self).utf8.elementsEqual(
        repaired.utf8)
      {
        names.insert(name)
      }
    }
    guard names.count <= 1 else { return nil }
    return names.first.map { text($0) } ?? repaired
  }

  /// The byte that a code point stands for.
  static func byte(_ scalar: Unicode.Scalar) -> UInt8? {
    scalar.value >= 0x10_ff80 && scalar.value <= 0x10_ffff ? UInt8(scalar.value & 0xff) : nil
  }

  private static func stand(for byte: UInt8) -> Unicode.Scalar {
    Unicode.Scalar(0x10_ff00 + UInt32(byte))!
  }
}
