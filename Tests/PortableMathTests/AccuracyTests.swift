import PortableMath
import Testing

/// Against exact values that Accuracy/measure.py found with mpmath.
@Suite struct AccuracyTests {
  /// Where the functions err most, and where the exact value all but halves two doubles.
  @Test func hardCasesWithinOneUlp() throws {
    let functions = Dictionary(uniqueKeysWithValues: AccuracyPoints.functions)
    var counts: [String: Int] = [:]
    for row in try vectorRows("hard-cases.csv") {
      let function = try #require(functions[row[0]])
      let x = try double(row[1])
      let y = row[2].isEmpty ? 0 : try double(row[2])
      let rounded = try double(row[3])
      let left = try #require(Double(row[4]))
      let steps = Double(ordered(function(x, y)) - ordered(rounded))
      #expect((steps - left).magnitude <= 1, "\(row[0]) of \(x) \(row[2]): \(steps) ulps, \(left)")
      counts[row[0], default: 0] += 1
    }
    #expect(counts.count == AccuracyPoints.functions.count)
    #expect(counts.values.allSatisfy { $0 >= 120 }, "\(counts)")
  }

  /// The bits at a million points (in debug, twenty thousand) are those that were measured.
  @Test(arguments: 0..<AccuracyPoints.functions.count)
  func outputsAreTheMeasuredOnes(function: Int) throws {
    #if DEBUG
      let count = 20_000
    #else
      let count = 1_000_000
    #endif
    let name = AccuracyPoints.functions[function].name
    let expected = try vectorRows("digests.csv").first { $0[0] == name && $0[1] == "\(count)" }
    let found = AccuracyPoints.digest(
      function: function, regions: try AccuracyPoints.regions(of: function), count: count)
    #expect(
      String(found, radix: 16) == String(UInt64(expected?[2] ?? "", radix: 16) ?? 0, radix: 16))
  }

  private func double(_ word: String) throws -> Double {
    Double(bitPattern: try #require(UInt64(word, radix: 16)))
  }

  /// Neighbouring doubles are neighbouring integers.
  private func ordered(_ x: Double) -> Int64 {
    let bits = Int64(bitPattern: x.bitPattern)
    return bits < 0 ? Int64.min &- bits : bits
  }
}
