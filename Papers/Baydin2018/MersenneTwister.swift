/// The generator with which the reference code drew seed 1's start and orders.
///
/// > M. Matsumoto and T. Nishimura, Mersenne Twister: a 623-dimensionally equidistributed uniform
/// > pseudo-random number generator (1998); MT19937 with the seeding of its 2002 version.
public struct MersenneTwister: Sendable {
  private var words: [UInt32]
  private var next = 624

  public init(seed: UInt32) {
    words = [seed]
    for index in 1..<624 {
      let last = words[index - 1]
      words.append(1_812_433_253 &* (last ^ last >> 30) &+ UInt32(index))
    }
  }

  public mutating func nextUInt32() -> UInt32 {
    if next == 624 {
      for i in 0..<624 {
        let joined = words[i] & 0x8000_0000 | words[(i + 1) % 624] & 0x7fff_ffff
        words[i] = words[(i + 397) % 624] ^ joined >> 1 ^ (joined & 1) &* 0x9908_b0df
      }
      next = 0
    }
    var word = words[next]
    next += 1
    word ^= word >> 11
    word ^= word << 7 & 0x9d2c_5680
    word ^= word << 15 & 0xefc6_0000
    return word ^ word >> 18
  }
}
