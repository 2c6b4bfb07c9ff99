import PortableMath
import Reporting
import Testing

/// Ticks of any interval differ, and their labels say where they are.
@Suite struct AxisTests {
  /// Pairs of bounds: around numbers of any size, as far apart as an ulp or as everything.
  static let intervals: [(Double, Double)] = {
    let centres = [
      0, 1, -1, 16, -15.98, 0.1, 123456.789, 1e15, -1e-4, 1e-300, .leastNonzeroMagnitude, 1e300,
      0.3333333333333333,
      Double.greatestFiniteMagnitude, -Double.greatestFiniteMagnitude,
    ]
    var intervals: [(Double, Double)] = []
    for a in centres {
      intervals.append((a, a))
      intervals.append((a, a.nextUp.isFinite ? a.nextUp : a))
      for power in stride(from: -17, through: 3, by: 1) {
        let b = a + (a == 0 ? 1 : a.magnitude) * Portable.pow(10, Double(power))
        if b.isFinite { intervals.append((a, b)) }
      }
      for b in centres { intervals.append((min(a, b), max(a, b))) }
    }
    var stream = RandomStream(RandomKey("test.axis"))
    for _ in 0..<300 {
      let a = stream.normal() * Portable.exp(stream.normal() * 20)
      intervals.append((a, a + a.magnitude * Portable.exp(-stream.uniform() * 36)))
    }
    return intervals
  }()

  /// The number that a label shows.
  private func number(_ label: String) -> Double? {
    var text = label.replacing("−", with: "-")
    let raised: [Character: Character] = [
      "⁻": "-", "⁰": "0", "¹": "1", "²": "2", "³": "3", "⁴": "4", "⁵": "5", "⁶": "6", "⁷": "7",
      "⁸": "8", "⁹": "9",
    ]
    if let first = text.firstIndex(where: { raised[$0] != nil }) {
      let exponent = String(text[first...].map { raised[$0] ?? "?" })
      let mantissa = text[..<first]
      // "10" or "1.5·10", before the exponent.
      guard mantissa.hasSuffix("10") else { return nil }
      let factor = mantissa.dropLast(2)
      text = (factor.hasSuffix("·") ? factor.dropLast() : factor + "1") + "e" + exponent
    }
    return Double(text)
  }

  @Test func linearTicksDifferAndAreWhereTheySay() throws {
    for (low, high) in Self.intervals {
      for count in [4, 5] {
        let axis = Axis.linear("x", low, high, count: count)
        try check(axis, "linear \(low)…\(high)")
        for tick in axis.ticks { #expect(number(tick.label) == tick.position, "\(tick.label)") }
      }
      let percent = Axis.linear("x", low, high, percent: true)
      #expect(Set(percent.ticks.map(\.label)).count == percent.ticks.count)
    }
  }

  @Test func logarithmicTicksDifferAndAreWhereTheySay() throws {
    let logarithms = Self.intervals.filter { $0.0.magnitude < 1e6 && $0.1.magnitude < 1e6 }
    for (low, high) in logarithms {
      let axis = Axis.log10("x", low, high)
      try check(axis, "log10 \(low)…\(high)")
      for tick in axis.ticks where tick.position.magnitude < 300 {
        let value = try #require(
          tick.label.hasPrefix("10^") ? nil : number(tick.label), "\(tick.label)")
        let exact = Portable.log(value) / Portable.log(10)
        #expect((exact - tick.position).magnitude < 1e-9 * max(1, exact.magnitude))
      }
    }
  }

  private func check(_ axis: Axis, _ name: String) throws {
    #expect(axis.low < axis.high && axis.low.isFinite && axis.high.isFinite, "\(name)")
    #expect(axis.ticks.count >= 2 && axis.ticks.count <= 12, "\(name): \(axis.ticks)")
    #expect(Set(axis.ticks.map(\.label)).count == axis.ticks.count, "\(name): \(axis.ticks)")
    let places = axis.ticks.map { axis.share($0.position) }
    for (a, b) in zip(places, places.dropFirst()) { #expect(a < b, "\(name): \(places)") }
    #expect(places.allSatisfy { $0 >= 0 && $0 <= 1 })
    let values = [-Double.infinity, axis.low, axis.high, .infinity].map(axis.share)
    #expect(values == [0, 0, 1, 1], "\(name)")
  }

  @Test(arguments: [
    (Double.nan, 1.0), (0, Double.infinity), (-.infinity, .infinity), (.nan, .nan), (3, 1),
    (-.infinity, 7), (1e308, -1e308),
  ])
  func boundsThatAreNoInterval(low: Double, high: Double) {
    for axis in [Axis.linear("x", low, high), Axis.log10("x", low, high)] {
      #expect(axis.low < axis.high && axis.ticks.count >= 2)
      #expect(axis.share(.nan) == 0 && axis.share(.infinity) == 1)
    }
  }

  /// Steps of 1, 2 or 5 times a power of ten, about as many as asked for.
  @Test func stepsAreRound() {
    let labels = { (low: Double, high: Double) in Axis.linear("x", low, high).ticks.map(\.label) }
    #expect(labels(0, 1) == ["0", "0.2", "0.4", "0.6", "0.8", "1"])
    #expect(labels(-16.05, -15.95) == ["−16.04", "−16.02", "−16", "−15.98", "−15.96"])
    #expect(labels(0, 2e9) == ["0", "5·10⁸", "10⁹", "1.5·10⁹", "2·10⁹"])
    #expect(Axis.log10("x", -6, 2).ticks.map(\.label) == ["10⁻⁶", "10⁻⁴", "10⁻²", "10⁰", "10²"])
    #expect(Axis.log10("x", 0.2, 0.8).ticks.map(\.label) == ["2", "5"])
  }

  @Test func labelsOfNumbersDiffer() {
    #expect(Axis.labels([0.001, 0.01, 0.1]) == ["0.001", "0.01", "0.1"])
    #expect(Axis.labels([0.101, 0.102]) == ["0.101", "0.102"])
    let close = (0..<5).map { 0.1 + Double($0) * 1e-15 }
    #expect(Set(Axis.labels(close)).count == 5)
    #expect(Axis.labels([1, 1, .infinity, -.infinity]) == ["1", "1", "∞", "−∞"])
  }

  /// Charts of what is hard to draw have whole numbers in them.
  @Test func chartsOfAnything() {
    let values: [[Double]] = [
      [], [1], [2, 2, 2], [.infinity, .infinity], [.nan, 1], [0, 0, 0], [0, 0x1.fap-1064, 1e308],
      [-1e308, 1e308], [1, 1 + 1e-15, 1 + 2e-15], [-1, -2],
    ]
    for y in values {
      for isLogarithmic in [false, true] {
        let chart = LineChart(
          [
            .init(
              String(repeating: "a long title ", count: 20), x: "x [1]", y: "y [1]",
              isLogarithmic: isLogarithmic,
              lines: [.init(String(repeating: "name", count: 75), y), .init("β <&> η", y)])
          ], columns: 1)
        let svg = chart.figure(name: "f", title: "t", caption: "c", provenance: "p").svg
        #expect(!svg.contains("nan") && !svg.contains("inf"))
        let texts = svg.matches(of: /<text x="([-0-9.]+)"[^>]*>/).map { Double($0.1)! }
        #expect(texts.allSatisfy { $0 >= 0 && $0 <= 900 }, "\(y)")
      }
    }
  }
}
