/// Names what is drawn: words and numbers, in order. The same name draws the same numbers on every
/// machine; two names draw independent ones.
public struct RandomKey: Sendable, Hashable {
  /// The 64 bits that key the generator.
  public let bits: UInt64

  public init(_ words: String, _ numbers: Int...) {
    // FNV-1a over the words, a byte that UTF-8 never has, and the numbers; then a finalizer, so
    // that names that differ in one bit differ in half the key's.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func absorb(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    for byte in words.utf8 { absorb(byte) }
    for number in numbers {
      absorb(0xff)
      let word = UInt64(bitPattern: Int64(number))
      for shift in stride(from: 0, to: 64, by: 8) {
        absorb(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
      }
    }
    hash = (hash ^ hash >> 30) &* 0xbf58_476d_1ce4_e5b9
    hash = (hash ^ hash >> 27) &* 0x94d0_49bb_1331_11eb
    bits = hash ^ hash >> 31
  }
}
