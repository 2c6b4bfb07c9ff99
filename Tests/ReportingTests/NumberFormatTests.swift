import Reporting
import Testing

@Suite struct NumberFormatTests {
  @Test(arguments: [
    (0.0, 2, "0.00"), (-0.0, 2, "0.00"), (1.005, 2, "1.01"), (0.125, 2, "0.13"),
    (-0.004, 2, "0.00"),
    (999.999, 2, "1000.00"), (1e21, 0, "1000000000000000000000"), (1.5e-7, 8, "0.00000015"),
    (12.0, 0, "12"), (0.5, 0, "1"), (0.4, 0, "0"), (-3.1, 2, "-3.10"), (123456.789, 1, "123456.8"),
    (0.05, 1, "0.1"), (0.04, 1, "0.0"), (Double.leastNonzeroMagnitude, 3, "0.000"),
  ])
  func fixed(value: Double, places: Int, expected: String) {
    #expect(NumberFormat.fixed(places).text(value) == expected)
  }

  @Test(arguments: [
    (0.0, 3, "0"), (0.1, 3, "0.100"), (1.23456e-4, 3, "1.23e-4"), (9.996e-5, 3, "1.00e-4"),
    (123456.0, 3, "123456"), (1.5e9, 2, "1.5e9"), (-2.5, 2, "-2.5"), (0.001, 2, "0.0010"),
    (Double.leastNonzeroMagnitude, 3, "5.00e-324"), (1.7976931348623157e308, 4, "1.798e308"),
    (99.96, 3, "100"),
  ])
  func significant(value: Double, count: Int, expected: String) {
    #expect(NumberFormat.significant(count).text(value) == expected)
  }

  @Test func percentAndNonFinite() {
    #expect(NumberFormat.percent(1).text(0.4567) == "45.7")
    #expect(NumberFormat.percent(0).text(1) == "100")
    #expect(NumberFormat.fixed(2).text(.infinity) == "inf")
    #expect(NumberFormat.fixed(2).text(-.infinity, infinity: "∞") == "-∞")
    #expect(NumberFormat.fixed(2).text(.nan) == "nan")
  }

  /// Rounding to fewer digits is within half of the last one.
  @Test func fixedIsNear() throws {
    for index in 1...500 {
      let value = Double(index * index) * 0.0137 * (index % 2 == 0 ? -1 : 1)
      let read = try #require(Double(NumberFormat.fixed(3).text(value)))
      #expect(abs(read - value) <= 0.000500000001)
    }
  }
}
