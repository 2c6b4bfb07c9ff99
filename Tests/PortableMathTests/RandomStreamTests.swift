import PortableMath
import Testing

@Suite struct RandomStreamTests {
  /// One name, one stream; every other name, number and step another.
  @Test func keysAndStepsNameStreams() {
    func first(_ key: RandomKey, step: Int = 0) -> UInt64 {
      var stream = RandomStream(key, step: step)
      return stream.nextUInt64()
    }
    #expect(first(RandomKey("noise", 3)) == first(RandomKey("noise", 3)))
    var seen: Set<UInt64> = []
    let keys = [
      RandomKey(""), RandomKey("a"), RandomKey("b"), RandomKey("ab"), RandomKey("a", 0),
      RandomKey("a", 1), RandomKey("a", -1), RandomKey("a", 0, 1), RandomKey("a", 1, 0),
      RandomKey("a", 256), RandomKey("a", 0, 0),
    ]
    for key in keys {
      for step in [0, 1, -1, 2, 1 << 32, .max] { seen.insert(first(key, step: step)) }
    }
    #expect(seen.count == keys.count * 6)
    #expect(Set(keys).count == keys.count)
  }

  /// Fixed for good: results that were published depend on them.
  @Test func bitsAreForever() {
    var stream = RandomStream(RandomKey("portable-math.test", 7, -2), step: 5)
    let words = (0..<5).map { _ in String(stream.nextUInt64(), radix: 16) }
    #expect(words == RandomStreamTests.expectedWords)
    var again = RandomStream(RandomKey("portable-math.test", 7, -2), step: 5)
    #expect(again.uniform() == RandomStreamTests.expectedUniform)
    #expect(again.integer(below: 1000) == RandomStreamTests.expectedInteger)
    #expect(again.normal() == RandomStreamTests.expectedNormal)
    #expect(again.studentT(degreesOfFreedom: 3) == RandomStreamTests.expectedStudent)
    #expect(again.permutation(8) == RandomStreamTests.expectedPermutation)
  }

  @Test func copiesGoOnAlike() {
    var stream = RandomStream(RandomKey("portable-math.copies"))
    _ = stream.nextUInt64()
    var copy = stream
    #expect((0..<9).map { _ in stream.normal() } == (0..<9).map { _ in copy.normal() })
  }

  @Test func uniformsAreOddMultiplesWithin() {
    var stream = RandomStream(RandomKey("portable-math.uniform"))
    var tenths = [Int](repeating: 0, count: 10)
    for _ in 0..<20_000 {
      let u = stream.uniform()
      let multiple = u * 0x1p53
      #expect(u > 0 && u < 1 && multiple.truncatingRemainder(dividingBy: 2) == 1)
      tenths[Int(u * 10)] += 1
    }
    #expect(chiSquare(tenths, expected: 2000) < 27.9)  // 0.1% of χ² with 9 degrees of freedom
  }

  @Test func integersAreUniform() {
    var stream = RandomStream(RandomKey("portable-math.integers"))
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<14_000 { counts[stream.integer(below: 7)] += 1 }
    #expect(chiSquare(counts, expected: 2000) < 22.5)  // 6 degrees of freedom
    #expect((0..<50).allSatisfy { _ in stream.integer(below: 1) == 0 })
    let large = (0..<200).map { _ in stream.integer(below: .max) }
    #expect(large.allSatisfy { $0 >= 0 } && large.contains { $0 > .max / 2 })
  }

  @Test func normalsHaveTheirMoments() {
    var stream = RandomStream(RandomKey("portable-math.normal"))
    let n = 20_000
    let z = (0..<n).map { _ in stream.normal() }
    let mean = z.reduce(0, +) / Double(n)
    let square = z.reduce(0) { $0 + $1 * $1 } / Double(n)
    let fourth = z.reduce(0) { $0 + $1 * $1 * $1 * $1 } / Double(n)
    // Within four standard errors: 1/√n, √2/√n, √96/√n.
    #expect(mean.magnitude < 4 * 0.00707)
    #expect((square - 1).magnitude < 4 * 0.01)
    #expect((fourth - 3).magnitude < 4 * 0.0693)
  }

  /// The share beyond the 5%, 50% and 95% points of Student's t.
  @Test(arguments: [(1.0, 6.313_751_515), (3.0, 2.353_363_435), (30.0, 1.697_260_887)])
  func studentsHaveTheirQuantiles(degrees: Double, quantile95: Double) {
    var stream = RandomStream(RandomKey("portable-math.student", Int(degrees)))
    let n = 10_000
    let t = (0..<n).map { _ in stream.studentT(degreesOfFreedom: degrees) }
    let above = t.count { $0 > quantile95 }
    let below = t.count { $0 < -quantile95 }
    let positive = t.count { $0 > 0 }
    #expect(abs(above - 500) < 88 && abs(below - 500) < 88)  // four standard errors: 4√(n·5%·95%)
    #expect(abs(positive - n / 2) < 200)
  }

  @Test func permutationsArePermutations() {
    var stream = RandomStream(RandomKey("portable-math.permutation"))
    #expect(stream.permutation(0).isEmpty)
    #expect(stream.permutation(1) == [0])
    #expect(stream.permutation(100).sorted() == Array(0..<100))
    // All orders of three alike.
    var counts: [[Int]: Int] = [:]
    for _ in 0..<6000 { counts[stream.permutation(3), default: 0] += 1 }
    #expect(counts.count == 6)
    #expect(chiSquare(Array(counts.values), expected: 1000) < 20.5)  // 5 degrees of freedom
  }

  private func chiSquare(_ counts: [Int], expected: Double) -> Double {
    counts.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
  }

  // The words, the uniform and the integer also come out of an implementation in Python.
  private static let expectedWords = [
    "7e3dd199d465d3aa", "e492972f6262f36e", "554e489192be9346", "d7e0e3dc431606f0",
    "32122b3a5c9f13df",
  ]
  private static let expectedUniform = 0.49313077931983373
  private static let expectedInteger = 892
  private static let expectedNormal = -0.431023171905587
  private static let expectedStudent = 0.20144274100413861
  private static let expectedPermutation = [1, 5, 4, 0, 2, 7, 6, 3]
}
