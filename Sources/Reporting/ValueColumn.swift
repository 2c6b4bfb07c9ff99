internal import Foundation
internal import Statistics

/// The exact median of any number of values in bounded memory: many of them lie in a temporary file.
///
/// - Precondition: no value is NaN.
package final class ValueColumn {
  package private(set) var largest: Double?
  private var count = 0
  /// The values that are not in the file.
  private var values: [Double] = []
  private var file: UnsafeMutablePointer<FILE>?
  private var stored = 0
  private let capacity: Int

  /// - Parameter capacity: values in memory.
  package init(capacity: Int = 1 << 14) { self.capacity = capacity }

  deinit { if let file { fclose(file) } }

  package func append(_ value: Double) {
    largest = max(largest ?? value, value)
    count += 1
    values.append(value)
    if values.count % capacity == 0 { store() }
  }

  /// `nil` without values.
  package var median: Double? {
    if stored == 0 { return Statistics.median(values) }
    let low = value(at: (count - 1) / 2)
    return quantile(sorted: [low, value(at: count / 2)], at: 0.5)
  }

  /// Moves the values to the file; without room for one they stay.
  private func store() {
    if file == nil { file = tmpfile() }
    guard let file, fseek(file, stored * 8, SEEK_SET) == 0,
      fwrite(values, 8, values.count, file) == values.count, fflush(file) == 0
    else { return }
    stored += values.count
    values.removeAll(keepingCapacity: true)
  }

  /// The value at a position in ascending order: its bits are found sixteen at a time, from the
  /// highest, by counting those of all values that agree with it so far.
  private func value(at position: Int) -> Double {
    var position = position
    var found: UInt64 = 0
    for shift in stride(from: 48, through: 0, by: -16) {
      var counts = [Int](repeating: 0, count: 1 << 16)
      let known = shift == 48 ? 0 : ~UInt64(0) << (shift + 16)
      forEach { value in
        let bits = Self.ordered(value)
        if bits & known == found { counts[Int(bits >> shift & 0xFFFF)] += 1 }
      }
      var digit = 0
      while position >= counts[digit] {
        position -= counts[digit]
        digit += 1
      }
      found |= UInt64(digit) << shift
    }
    return Self.value(ofOrdered: found)
  }

  private func forEach(_ body: (Double) -> Void) {
    values.forEach(body)
    guard let file else { return }
    rewind(file)
    var piece = [Double](repeating: 0, count: 4096)
    var left = stored
    while left > 0 {
      let count = fread(&piece, 8, min(left, piece.count), file)
      precondition(count > 0, "a temporary file lost what was written to it")
      piece[..<count].forEach(body)
      left -= count
    }
  }

  /// Bits in the order of the values.
  private static func ordered(_ value: Double) -> UInt64 {
    let bits = value.bitPattern
    return bits >> 63 == 1 ? ~bits : bits | 1 << 63
  }

  private static func value(ofOrdered bits: UInt64) -> Double {
    Double(bitPattern: bits >> 63 == 1 ? bits & ~(1 << 63) : ~bits)
  }
}
