import Testing
import Baydin2018

@Suite struct MersenneTwisterTests {
  /// The 10 000th number of the default seed is required by the C++ standard, 26.6.6 of C++17.
  @Test func theTenThousandthNumber() {
    var generator = MersenneTwister(seed: 5489)
    #expect(generator.nextUInt32() == 3_499_211_612)
    for _ in 0..<9998 { _ = generator.nextUInt32() }
    #expect(generator.nextUInt32() == 4_123_659_995)
  }
}
