import Datasets
import PortableMath
import Testing

/// Against exact integer arithmetic: the standardised values of a·p + b do not depend on a > 0 and b.
@Suite struct StandardizationTests {
  /// Integers of moderate size.
  static let patterns: [[Int]] = [
    [0, 1], [1, 0, 0, 0, 0, 0, 0], [0, 1, 2, 3, 4], [5, -3, 5, 5, 2, 1000], [-1, 1, -1, 1, 1],
    [0, 0, 1_000_000], (0..<1000).map { $0 * $0 % 337 }, [-7, -7, -7, -8],
  ]

  /// (Np − Σp)/√(NΣp² − (Σp)²), everything but the root and one quotient exact.
  static func exact(_ pattern: [Int]) -> [Double] {
    let sum = pattern.reduce(0, +)
    let spread = pattern.count * pattern.reduce(0) { $0 + $1 * $1 } - sum * sum
    return pattern.map { Double(pattern.count * $0 - sum) / Double(spread).squareRoot() }
  }

  func data(_ columns: [[Double]]) -> Dataset<Double> {
    let count = columns[0].count
    return Dataset(
      name: "d", features: (0..<count).flatMap { row in columns.map { $0[row] } },
      labels: (0..<count).map { Int32($0 % 2) }, featureCount: columns.count, classCount: 2)
  }

  func mapped(_ column: [Double]) -> [Double] {
    let data = data([column])
    return Standardization(fitting: data).applied(to: data).features
  }

  /// Some ulps of √N.
  func isClose(_ found: [Double], _ wanted: [Double], ulps: Double = 4) -> Bool {
    let width = ulps * Double.ulpOfOne * Double(found.count).squareRoot()
    return zip(found, wanted).allSatisfy { ($0 - $1).magnitude <= width * max(1, $1.magnitude) }
  }

  /// Offsets and scales for which offset + pattern is a Double exactly, times powers of two.
  @Test(arguments: [0, 1, 1_600_000_000, -1_600_000_000, 1 << 50, -(1 << 51)])
  func offsetsMakeNoDifference(offset: Int) {
    for pattern in Self.patterns {
      for exponent in [-1060, -1000, -300, -1, 0, 1, 40, 300, 900, 970] {
        let scale = Double(sign: .plus, exponent: exponent, significand: 1)
        let column = pattern.map { Double(offset + $0) * scale }
        // A subnormal has fewer digits.
        guard zip(column, pattern).allSatisfy({ $0 / scale == Double(offset + $1) }) else {
          continue
        }
        let found = mapped(column)
        #expect(isClose(found, Self.exact(pattern)), "\(offset) \(exponent) \(pattern.prefix(6))")
      }
    }
  }

  /// Scales that are no powers of two: every value has its own rounding.
  @Test func scalesFromOneEndToTheOther() {
    for pattern in Self.patterns {
      for exponent in stride(from: -300, through: 300, by: 25) {
        let scale = Portable.pow(10, Double(exponent))
        for sign in [1.0, -1] {
          let found = mapped(pattern.map { sign * Double($0) * scale })
          #expect(
            isClose(found, Self.exact(pattern).map { sign * $0 }, ulps: 16), "1e\(exponent)")
        }
      }
    }
  }

  @Test func theWidestAndTheNarrowest() {
    let most = Double.greatestFiniteMagnitude
    let least = Double.leastNonzeroMagnitude
    for (column, pattern) in [
      ([-most, most], [-1, 1]), ([most, most.nextDown], [1, 0]),
      ([-most, -most, most], [0, 0, 1]),
      ([0, least], [0, 1]), ([least, 2 * least, 4 * least], [1, 2, 4]),
      ([-least, least], [-1, 1]),
      ([most, 0, 0], [1, 0, 0]), ([1, 1.0.nextUp, 1.0.nextUp], [0, 1, 1]),
      ([1e18, 1e18 + 128], [0, 1]), ([0.1, 0.1.nextDown, 0.1.nextUp], [0, -1, 1]),
      ([1e300, 1e-300], [1, 0]),
    ] as [([Double], [Int])] {
      #expect(isClose(mapped(column), Self.exact(pattern)), "\(column)")
    }
  }

  @Test(arguments: [
    0, -0.0, 1e18, -1e18, 0.1, 1.0 / 3, 1e-300, 1e300, -1e300, .greatestFiniteMagnitude,
    -.greatestFiniteMagnitude, .leastNonzeroMagnitude, 1_600_000_000.7, 123456789.123,
  ])
  func constantsBecomeZero(value: Double) {
    for count in [1, 2, 3, 7, 1000, 1023] {
      let data = data([[Double](repeating: value, count: count)])
      let map = Standardization(fitting: data)
      #expect(map.applied(to: data).features.allSatisfy { $0 == 0 })
      #expect(map.narrowed(data).features.allSatisfy { $0 == 0 })
      #expect(map.means == [value] && map.deviations == [1])
      // It says nothing of other examples either, whatever they have there.
      let other = self.data([[value / 2 + 1, -value, 1e300]])
      #expect(map.applied(to: other).features == [0, 0, 0])
    }
  }

  @Test func columnsAreApart() {
    let pattern = [3, 1, 4, 1, 5, 9, 2, 6]
    let columns = [
      pattern.map { Double($0) * 1e300 }, pattern.map { _ in 1e18 },
      pattern.map { 1e15 + Double($0) }, pattern.map { -Double($0) * 1e-300 },
    ]
    let data = data(columns)
    let map = Standardization(fitting: data)
    let found = map.applied(to: data).features
    for (column, sign) in [1.0, 0, 1, -1].enumerated() {
      let values = stride(from: column, to: found.count, by: 4).map { found[$0] }
      #expect(isClose(values, Self.exact(pattern).map { sign * $0 }, ulps: 16))
    }
    #expect(map.narrowed(data).features == found.map { Float($0) })
  }

  /// The sum of a million terms has the error of one.
  @Test func manyExamples() {
    let pattern = (0..<200_000).map { $0 % 7 == 0 ? 1 : 0 }
    let found = mapped(pattern.map { 1e9 + Double($0) / 1024 })
    #expect(isClose(found, Self.exact(pattern), ulps: 0.1))
  }
}
