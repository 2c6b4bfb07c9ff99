public import Kernels

/// A rule of Adam's family: a decaying mean m of gradients and a decaying mean square v, or what
/// takes its place, which begin at zero and are corrected for it:
///
///     m̂ = m_t / (1 − β₁ᵗ)      v̂ = v_t / (1 − β₂ᵗ)
///
/// β₁ᵗ and β₂ᵗ are running products, so the corrections stay right when the betas change. State
/// vector 0 is m and state vector 1 is v; scalars 0 and 1 are the products. A rule that keeps more
/// says so in its own requirements and goes on from there.
public protocol AdaptiveMomentRule: UpdateRule {
  /// β₁ ∈ [0, 1), of the mean.
  var beta1: Double { get }
  /// β₂ ∈ [0, 1), of the mean square.
  var beta2: Double { get }
}

extension AdaptiveMomentRule {
  /// m and v; β₁ᵗ and β₂ᵗ.
  public var requirements: RuleRequirements {
    RuleRequirements(stateVectors: [0, 0], scalars: [1, 1], nonNegative: [1])
  }

  @inlinable public func begin(_ step: RuleStep) {
    step.scalars[0] *= beta1
    step.scalars[1] *= beta2
  }

  /// 1/(1 − β₁ᵗ) and 1/(1 − β₂ᵗ), computed in Double.
  @inlinable public func biasCorrections(_ step: RuleStep) -> (Double, Double) {
    (1 / (1 - step.scalars[0]), 1 / (1 - step.scalars[1]))
  }

  /// β₁, 1 − β₁, β₂ and 1 − β₂, each computed in Double and rounded once.
  @inlinable @inline(__always)
  public var decays: (b1: Scalar, rest1: Scalar, b2: Scalar, rest2: Scalar) {
    (
      Scalar.nearest(to: beta1), Scalar.nearest(to: 1 - beta1),
      Scalar.nearest(to: beta2), Scalar.nearest(to: 1 - beta2)
    )
  }

  /// Two corrections and ε, each rounded once.
  @inlinable @inline(__always)
  public func rounded(
    _ corrections: (Double, Double), _ epsilon: Double
  ) -> (k1: Scalar, k2: Scalar, epsilon: Scalar) {
    (
      Scalar.nearest(to: corrections.0), Scalar.nearest(to: corrections.1),
      Scalar.nearest(to: epsilon)
    )
  }

  /// The kernel of u = m·k₁/(√(v·k₂) + ε), with the betas' constants before k₁, k₂ and ε.
  @inlinable func kernel(
    _ rule: hg_rule, _ corrections: (Double, Double), _ epsilon: Double
  ) -> RuleKernel {
    RuleKernel(
      rule, beta1, 1 - beta1, beta2, 1 - beta2, corrections.0, corrections.1, epsilon)
  }
}
