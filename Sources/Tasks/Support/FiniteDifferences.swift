public import Hypergradient
internal import Vectors

/// Central differences of a function against its gradient.
public enum FiniteDifferences {
  /// The disagreement of f(θ+hv) − f(θ−hv) with ⟨g, 2hv⟩, relative to the latter or to what a random
  /// direction makes of it, ‖g‖·‖2hv‖/√d, whichever is larger; the least over h = 10⁻¹ … 10⁻⁷, since
  /// large h err by curvature and small ones by rounding.
  ///
  /// The points are rounded to `Scalar` first, and their actual difference is used. A gradient that
  /// is wrong by a fraction ε in one of d coordinates disagrees by about ε/√d.
  ///
  /// - Parameters:
  ///   - function: f.
  ///   - gradient: g at `point`.
  ///   - direction: v, as long as the point.
  /// - Returns: 0 for perfect agreement; infinity where a value is not finite.
  public static func disagreement<Scalar: ParameterScalar>(
    of function: ([Scalar]) -> Double, gradient: [Scalar], at point: [Scalar],
    along direction: [Scalar]
  ) -> Double {
    var least = Double.infinity
    let gradient = Arrays.doubles(gradient)
    let length = Arrays.norm(gradient)
    for exponent in 1...7 {
      let h = Scalar((0..<exponent).reduce(1.0) { value, _ in value / 10 })
      let forward = Arrays.sum(point, h, direction)
      let backward = Arrays.sum(point, -h, direction)
      let moved = Arrays.difference(forward, backward)
      let expected = Arrays.dot(gradient, moved)
      let actual = function(forward) - function(backward)
      let typical = length * Arrays.norm(moved) / Double(point.count).squareRoot()
      let scale = max(expected.magnitude, typical)
      let error = (actual - expected).magnitude
      // Not a number compares as false and leaves the infinity.
      if error == 0 { least = 0 } else if error / scale < least { least = error / scale }
    }
    return least
  }
}
