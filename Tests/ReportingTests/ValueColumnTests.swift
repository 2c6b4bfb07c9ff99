import PortableMath
import Reporting
import Statistics
import Testing

@Suite struct ValueColumnTests {
  private func column(_ values: [Double], capacity: Int) -> ValueColumn {
    let column = ValueColumn(capacity: capacity)
    for value in values { column.append(value) }
    return column
  }

  /// The median is that of the array, however little of it is in memory.
  @Test(arguments: [1, 2, 3, 16, 17, 100, 1000]) func theMedianIsExact(_ count: Int) {
    var stream = RandomStream(RandomKey("test.value-column", count))
    let normal = (0..<count).map { _ in stream.normal() }
    let ties = normal.map { ($0 * 2).rounded() }
    let wide = normal.map { Portable.exp($0 * 300) * ($0 < 0 ? -1 : 1) }
    let infinite = normal.map { $0 > 0.3 ? Double.infinity : $0 < -0.3 ? -.infinity : $0 }
    for values in [normal, ties, wide, infinite] {
      for capacity in [1, 4, 16, 10_000] {
        let column = column(values, capacity: capacity)
        #expect(column.median == median(values))
        #expect(column.largest == values.max())
      }
    }
  }

  @Test func nothingHasNoMedian() {
    #expect(ValueColumn().median == nil && ValueColumn().largest == nil)
  }
}
