/// The type of one parameter: `Float` or `Double`.
public protocol ParameterScalar: BinaryFloatingPoint, SIMDScalar, Codable, Sendable {
  /// The nearest value; the standard library's generic conversion is 100 times slower where the
  /// type is not known.
  static func nearest(to x: Double) -> Self
}

extension Float: ParameterScalar {
  @inlinable public static func nearest(to x: Double) -> Float { Float(x) }
}

extension Double: ParameterScalar {
  @inlinable public static func nearest(to x: Double) -> Double { x }
}
