internal import PortableMath

/// Φ(x), the probability that a standard normal variable is at most `x`.
public func normalCumulative(_ x: Double) -> Double {
  0.5 * (1 + Portable.erf(x / 2.0.squareRoot()))
}

/// Φ⁻¹(p): the inverse of ``normalCumulative(_:)``; ∓∞ at 0 and 1.
public func normalQuantile(_ probability: Double) -> Double {
  precondition((0...1).contains(probability), "a probability lies in 0...1, got \(probability)")
  if probability == 0 { return -.infinity }
  if probability == 1 { return .infinity }
  return Portable.inverseNormal(probability)
}
