internal import HypergradientRecipes

/// A sum of squares, right wherever its root is representable: as a number where that is of ordinary
/// size, with the bits of a plain sum, and as a number times a power of 4 elsewhere.
///
///     Σ xᵢ² = value · 4^exponent
struct SquareSum: Sendable, Codable, Equatable {
  private(set) var value = 0.0
  private(set) var exponent = 0

  /// Σ ← decay·Σ + x².
  ///
  /// - Parameter square: x² where it is known better than from x.
  mutating func add(_ x: Double, square: Double? = nil, decay: Double = 1) {
    if exponent == 0 {
      let square = square ?? x * x
      let next = decay == 1 ? value + square : decay * value + square
      if Norms.isSafe(next) || next.isNaN || (x == 0 && value == 0) {
        value = next
        return
      }
    }
    // What is infinite stays so, and has no exponent.
    guard x.isFinite, value.isFinite else {
      (value, exponent) = (value + x * x, 0)
      return
    }
    // The larger of the two decides the power.
    let root = value.squareRoot()
    var size = x == 0 ? Int.min : Int(x.exponent)
    if root > 0 { size = max(size, Int(root.exponent) + exponent) }
    guard size > Int.min else { return }
    let shifted = value.scaled(by: 2 * (exponent - size))
    let part = x.scaled(by: -size)
    value = decay * shifted + part * part
    exponent = size
    // Back to a plain number as soon as it is one.
    let plain = value.scaled(by: 2 * exponent)
    if Norms.isSafe(plain) { (value, exponent) = (plain, 0) }
  }

  /// √(Σ + offset).
  func root(adding offset: Double = 0) -> Double {
    if exponent == 0 { return (value + offset).squareRoot() }
    return (value + offset.scaled(by: -2 * exponent)).squareRoot().scaled(by: exponent)
  }
}

extension SquareSum {
  init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    value = try state.number(.value, in: .atLeast(0))
    exponent = try state.count(.exponent, from: -1100, through: 1100)
  }
}
