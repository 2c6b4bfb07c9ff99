internal import PortableMath

/// The numbers that a hyperparameter may be; never NaN or infinite.
public enum Domain: Sendable, Equatable {
  case any
  case atLeast(Double)
  case above(Double)
  /// low ≤ x < high.
  case from(Double, below: Double)
  /// low ≤ x ≤ high.
  case between(Double, Double)
  /// low < x ≤ high.
  case excluding(Double, through: Double)
  /// low < x < high.
  case strictlyBetween(Double, Double)

  public func contains(_ x: Double) -> Bool {
    guard x.isFinite else { return false }
    switch self {
    case .any: return true
    case .atLeast(let low): return x >= low
    case .above(let low): return x > low
    case .from(let low, let high): return x >= low && x < high
    case .between(let low, let high): return x >= low && x <= high
    case .excluding(let low, let high): return x > low && x <= high
    case .strictlyBetween(let low, let high): return x > low && x < high
    }
  }

  public var description: String {
    switch self {
    case .any: "a finite number"
    case .atLeast(let low): "at least \(short(low))"
    case .above(let low): "greater than \(short(low))"
    case .from(let low, let high): "in [\(short(low)), \(short(high)))"
    case .between(let low, let high): "in [\(short(low)), \(short(high))]"
    case .excluding(let low, let high): "in (\(short(low)), \(short(high))]"
    case .strictlyBetween(let low, let high): "in (\(short(low)), \(short(high)))"
    }
  }
}

/// 3 rather than 3.0, 1e9 rather than 1000000000.0, 1e-8 rather than 1e-08.
public func short(_ x: Double) -> String {
  guard let integer = Int(exactly: x) else {
    let parts = x.spelled.split(separator: "e")
    guard parts.count == 2, let exponent = Int(parts[1]) else { return x.spelled }
    return "\(parts[0].hasSuffix(".0") ? parts[0].dropLast(2) : parts[0])e\(exponent)"
  }
  if integer.magnitude < 1_000_000 { return "\(integer)" }
  var (digits, zeros) = (integer, 0)
  while digits % 10 == 0 { (digits, zeros) = (digits / 10, zeros + 1) }
  return zeros >= 6 ? "\(digits)e\(zeros)" : "\(x)"
}
