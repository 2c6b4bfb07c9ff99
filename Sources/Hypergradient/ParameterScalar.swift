/// The type of one parameter: `Float` or `Double`.
public protocol ParameterScalar: BinaryFloatingPoint, SIMDScalar, Codable, Sendable {}

extension Float: ParameterScalar {}
extension Double: ParameterScalar {}
