import Foundation
import PortableMath

/// Statistics told once more, each another way than the library's.
enum Plain {
  /// `nil` without values.
  static func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  static func share<T>(_ all: [T], _ isOne: (T) -> Bool) -> Double? {
    mean(all.map { isOne($0) ? 1 : 0 })
  }

  /// Between the two values around the position p (n − 1).
  static func quantile(_ values: [Double], _ p: Double) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    let at = p * Double(sorted.count - 1)
    let (low, high) = (sorted[Int(at.rounded(.down))], sorted[Int(at.rounded(.up))])
    return low == high ? low : low * (1 - at + at.rounded(.down)) + high * (at - at.rounded(.down))
  }

  static func median(_ values: [Double]) -> Double? { quantile(values, 0.5) }

  /// Of each value four times, without a quarter of all at each end.
  static func interquartileMean(_ values: [Double]) -> Double? {
    let four = values.flatMap { [$0, $0, $0, $0] }.sorted()
    return mean(Array(four.dropFirst(values.count).dropLast(values.count)))
  }

  static func rank(_ value: Double, in all: [Double]) -> Double {
    Double(all.count { $0 < value }) + Double(all.count { $0 == value } + 1) / 2
  }

  /// The ends of the p with |k/n − p| ≤ z √(p (1 − p)/n), by halving; z is that of 95 %.
  static func wilson(_ successes: Int, of trials: Int) -> (low: Double, high: Double) {
    let (n, share) = (Double(trials), Double(successes) / Double(trials))
    func end(_ outside: Double) -> Double {
      var (inside, outside) = (share, outside)
      for _ in 0..<100 {
        let p = (inside + outside) / 2
        let isInside = abs(share - p) <= 1.959963984540054 * (p * (1 - p) / n).squareRoot()
        if isInside { inside = p } else { outside = p }
      }
      return inside
    }
    return (end(0), end(1))
  }

  /// log₁₀ of what is shown of a gap or loss.
  static func logarithm(_ value: Double) -> Double { decades(max(1e-16, value)) }
  static func decades(_ value: Double) -> Double { Portable.log(value) / Portable.log(10) }

  static func isNear(_ a: Double?, _ b: Double?) -> Bool {
    guard let a, let b else { return a == nil && b == nil }
    return a == b || abs(a - b) <= 1e-11 * max(1, min(abs(a), abs(b)))
  }
}
