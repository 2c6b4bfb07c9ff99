// What portable.c calls: digests of PortableMath's values, from this processor.
import PortableMath

@c public func portable_function_count() -> Int { AccuracyPoints.functions.count }

/// The name of a function into `text`, with a zero after it.
@c public func portable_function_name(_ function: Int, _ text: UnsafeMutablePointer<CChar>) {
  var place = 0
  for byte in AccuracyPoints.functions[function].name.utf8 {
    text[place] = CChar(bitPattern: byte)
    place += 1
  }
  text[place] = 0
}

/// The digest of the first `count` values. A region is two words: the bits of its ends, or 0 and
/// how many bits a multiple has.
@c public func portable_digest(
  _ function: Int, _ words: UnsafePointer<UInt64>, _ regions: Int, _ count: Int
) -> UInt64 {
  let list = (0..<regions).map { i -> AccuracyPoints.Region in
    words[2 * i] == 0
      ? .multiples(words[2 * i + 1]) : .between(words[2 * i], words[2 * i + 1])
  }
  return AccuracyPoints.digest(function: function, regions: list, count: count)
}

/// The digest of `count` draws of a kind from each of some streams; 0 where there is no such kind.
@c public func portable_stream_digest(_ kind: Int, _ count: Int) -> UInt64 {
  guard (0..<6).contains(kind) else { return 0 }
  var state: UInt64 = 0xcbf2_9ce4_8422_2325
  func absorb(_ word: UInt64) {
    state = (state ^ word) &* 0x9e37_79b9_7f4a_7c15
    state ^= state >> 32
  }
  let keys = [
    RandomKey(""), RandomKey("gradient noise"), RandomKey("η × κ", 3, -7),
    RandomKey("permutation", Int.max, Int.min, 0),
  ]
  for key in keys {
    absorb(key.bits)
    for step in [0, 1, -1, Int.max] {
      var stream = RandomStream(key, step: step)
      for i in 0..<count {
        switch kind {
        case 0: absorb(stream.nextUInt64())
        case 1: absorb(stream.uniform().bitPattern)
        case 2: absorb(UInt64(stream.integer(below: 1 + i * i)))
        case 3: absorb(stream.normal().bitPattern)
        case 4: absorb(stream.studentT(degreesOfFreedom: 0.5 + Double(i & 7)).bitPattern)
        default:
          // Each is as long as its number.
          if i < 60 { for place in stream.permutation(i) { absorb(UInt64(place)) } }
        }
      }
    }
  }
  return state
}
