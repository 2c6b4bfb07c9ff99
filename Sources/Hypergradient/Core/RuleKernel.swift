public import Kernels

/// A kernel that does a rule's work on whole vectors at one step, u and θ −= η·u in one pass, with the
/// bits of the rule's ``UpdateRule/direction(_:_:)``.
///
/// Its equation stands in Kernels/rules.inc, under the name that is given here; a rule says with which
/// constants. The state vectors are the rule's, in their order.
public struct RuleKernel: Sendable {
  @usableFromInline let rule: hg_rule
  @usableFromInline let constants: SIMD8<Double>

  /// - Parameters:
  ///   - rule: the entry in rules.inc.
  ///   - k0: the first of its constants, to be rounded to the elements' type once.
  @inlinable @inline(__always)
  init(
    _ rule: hg_rule, _ k0: Double = 0, _ k1: Double = 0, _ k2: Double = 0, _ k3: Double = 0,
    _ k4: Double = 0, _ k5: Double = 0, _ k6: Double = 0, _ k7: Double = 0
  ) {
    self.rule = rule
    constants = SIMD8(k0, k1, k2, k3, k4, k5, k6, k7)
  }

  /// State vectors that it reads and writes.
  @inlinable var stateVectors: Int { Int(hg_states_of(rule)) }

  /// The place of its entry in rules.inc, from 0; there are ``count``.
  package var number: Int { Int(rule.rawValue) }
  package static var count: Int { Int(HG_RULE_COUNT) }
}
