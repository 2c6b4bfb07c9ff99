/// Numbers that were computed, and are whole or equal but for rounding.
public enum Rounding {
  /// Sixteen units in the last place, relative to 1: more than the rounding of a few products, sums and
  /// quotients of decimals, less than anything that was meant.
  public static let slack = 16 * Double.ulpOfOne

  /// Whether x is b but for rounding; exactly, where both are whole.
  public static func isSame(_ x: Double, _ b: Double) -> Bool {
    x == b || !areWhole(x, b) && (x - b).magnitude <= slack * b.magnitude
  }

  /// The whole number that x is but for rounding, other than 0; x itself where there is none.
  public static func whole(_ x: Double) -> Double {
    let nearest = x.rounded()
    return nearest != 0 && (x - nearest).magnitude <= slack * nearest.magnitude ? nearest : x
  }

  /// The greatest whole number that x is not below, but for rounding.
  public static func floor(_ x: Double) -> Double { whole(x).rounded(.down) }

  /// Whether both are whole numbers, whose differences and remainders are exact.
  static func areWhole(_ a: Double, _ b: Double) -> Bool {
    a == a.rounded(.down) && b == b.rounded(.down)
  }

  /// Whether x ≥ b but for rounding: a step that stands within some units in the last place of a
  /// boundary stands on it.
  ///
  /// - Precondition: b ≥ 0.
  public static func reaches(_ x: Double, _ b: Double) -> Bool {
    x >= b || !areWhole(x, b) && x >= b * (1 - slack)
  }

  /// Whether x > b, and by more than rounding.
  ///
  /// - Precondition: b ≥ 0.
  public static func passes(_ x: Double, _ b: Double) -> Bool {
    x > b && (areWhole(x, b) || x > b * (1 + slack))
  }

  /// How many periods of this length lie before x, and how far x is in the next: 0, where it begins
  /// one but for rounding.
  ///
  /// - Precondition: x ≥ 0, `period` > 0.
  public static func cycle(_ x: Double, every period: Double) -> (number: Double, place: Double) {
    let quotient = min(x / period, Double.greatestFiniteMagnitude)
    let place = x.truncatingRemainder(dividingBy: period)
    if areWhole(x, period) {
      // The remainder is exact, and so is the number where it can be.
      let number = quotient.rounded(.down)
      return (place == 0 ? quotient.rounded() : number, place)
    }
    let nearest = quotient.rounded()
    if nearest > 0, (quotient - nearest).magnitude <= slack * nearest { return (nearest, 0) }
    return (quotient.rounded(.down), place)
  }
}
