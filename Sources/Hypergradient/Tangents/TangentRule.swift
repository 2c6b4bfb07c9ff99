/// A rule whose step is differentiated by hand, for methods that carry dθ/dη along.
///
/// With ẋ for the derivative of x with respect to one number, the rate or any other that the rule
/// does not read itself:
///
///     ġ = ∇²f(θ)·θ̇
///     (u̇, ṡ_t) = the linear part of (g, s_{t−1}) ↦ (u, s_t)
///
/// where s is the rule's state. The derivative is exact where the step is differentiable.
public protocol TangentRule<Scalar>: UpdateRule {
  /// Writes u̇ for one strip, and ṡ_t over ṡ_{t−1}.
  ///
  /// - Parameters:
  ///   - strip: its state vectors are those after the step.
  ///   - step: the same step that ``UpdateRule/direction(_:_:)`` was given, after
  ///     ``UpdateRule/begin(_:)``; its scalars are not to be changed.
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
  private let stride, tangentStride, stateVectors: Int

  /// - Parameters:
  ///   - state: the first state vector, after the step.
  ///   - stateTangent: the derivative of the first state vector, before the step.
  ///   - stride: the distance from one state vector to the next, in elements.
  ///   - stateVectors: as many as the rule's ``RuleRequirements/stateVectors``.
  ///   - tangentStride: that of their derivatives; `stride` where it is left out.
  public init(
    count: Int, gradient: UnsafePointer<Scalar>, gradientTangent: UnsafePointer<Scalar>,
    directionTangent: UnsafeMutablePointer<Scalar>, state: UnsafePointer<Scalar>,
    stateTangent: UnsafeMutablePointer<Scalar>, stride: Int, stateVectors: Int,
    tangentStride: Int? = nil
  ) {
    self.count = count
    self.gradient = gradient
    self.gradientTangent = gradientTangent
    self.directionTangent = directionTangent
    stateBase = state
    tangentBase = stateTangent
    self.stride = stride
    self.stateVectors = stateVectors
    self.tangentStride = tangentStride ?? stride
  }

  /// A state vector after the step; the program stops where the rule has declared fewer.
  public func state(
    _ index: Int, file: StaticString = #fileID, line: UInt = #line
  ) -> UnsafePointer<Scalar> {
    expectDeclared("state vector", index, of: stateVectors, file: file, line: line)
    return stateBase + index * stride
  }

  /// The derivative of a state vector: before the step, to be replaced by that after it.
  public func stateTangent(
    _ index: Int, file: StaticString = #fileID, line: UInt = #line
  ) -> UnsafeMutablePointer<Scalar> {
    expectDeclared("state vector", index, of: stateVectors, file: file, line: line)
    return tangentBase + index * tangentStride
  }
}

extension RuleState where Rule: TangentRule {
  /// u̇ of the direction that was made last; the tangents of the rule's state go one step on.
  ///
  /// - Parameters:
  ///   - gradient: the g that it was made from.
  ///   - stateTangents: as long as the rule's state, one vector after the other.
  func makeTangent(
    gradient: [Scalar], gradientTangent: [Scalar], stateTangents: inout [Scalar],
    into tangent: inout [Scalar]
  ) {
    let step = RuleStep(index: steps - 1, gradientNorm: .nan, scalars: scalars)
    gradient.withUnsafeBufferPointer { g in
      gradientTangent.withUnsafeBufferPointer { dg in
        tangent.withUnsafeMutableBufferPointer { tangent in
          stateTangents.withUnsafeMutableBufferPointer { stateTangents in
            rule.directionTangent(
              TangentStrip(
                count: count, gradient: g.baseAddress!, gradientTangent: dg.baseAddress!,
                directionTangent: tangent.baseAddress!, state: UnsafePointer(state),
                stateTangent: stateTangents.baseAddress ?? tangent.baseAddress!,
                stride: layout.stride, stateVectors: layout.stateVectorCount,
                tangentStride: count), step)
          }
        }
      }
    }
  }
}
