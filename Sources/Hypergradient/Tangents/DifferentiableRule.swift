/// A rule whose step is differentiated by hand, for methods that carry dθ/dη along.
///
/// With ẋ for the derivative of x with respect to one number, the rate or any other that the rule
/// does not read itself:
///
///     ġ = ∇²f(θ)·θ̇
///     (u̇, ṡ_t) = the linear part of (g, s_{t−1}) ↦ (u, s_t)
///
/// where s is the rule's state. The derivative is exact where the step is differentiable.
public protocol DifferentiableRule<Scalar>: UpdateRule {
  /// Writes u̇ for one strip, and ṡ_t over ṡ_{t−1}.
  ///
  /// - Parameters:
  ///   - strip: its state vectors are those after the step.
  ///   - step: the same step that ``UpdateRule/direction(_:_:)`` was given, after
  ///     ``UpdateRule/begin(_:)``.
  func directionTangent(_ strip: TangentStrip<Scalar>, _ step: RuleStep)
}

/// A run of neighbouring elements of a step that is differentiated.
public struct TangentStrip<Scalar> {
  public let count: Int
  /// g.
  public let gradient: UnsafePointer<Scalar>
  /// ġ.
  public let gradientTangent: UnsafePointer<Scalar>
  /// u̇, to be written.
  public let directionTangent: UnsafeMutablePointer<Scalar>
  private let stateBase: UnsafePointer<Scalar>
  private let tangentBase: UnsafeMutablePointer<Scalar>
  private let stride: Int

  /// - Parameters:
  ///   - state: the first state vector, after the step.
  ///   - stateTangent: the derivative of the first state vector, before the step.
  ///   - stride: the distance from one state vector to the next, in elements; the same for both.
  public init(
    count: Int, gradient: UnsafePointer<Scalar>, gradientTangent: UnsafePointer<Scalar>,
    directionTangent: UnsafeMutablePointer<Scalar>, state: UnsafePointer<Scalar>,
    stateTangent: UnsafeMutablePointer<Scalar>, stride: Int
  ) {
    self.count = count
    self.gradient = gradient
    self.gradientTangent = gradientTangent
    self.directionTangent = directionTangent
    stateBase = state
    tangentBase = stateTangent
    self.stride = stride
  }

  /// A state vector after the step.
  public func state(_ index: Int) -> UnsafePointer<Scalar> { stateBase + index * stride }

  /// The derivative of a state vector: before the step, to be replaced by that after it.
  public func stateTangent(_ index: Int) -> UnsafeMutablePointer<Scalar> {
    tangentBase + index * stride
  }
}
