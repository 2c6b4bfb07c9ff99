/// Turns a gradient `g` into a direction `u`; never chooses a learning rate.
///
///     θ_t = θ_{t−1} − η_t · u_t
///
/// A rule is a description: it holds hyperparameters and says how much state it keeps, while the
/// ``Optimizer`` owns that state. `direction` sees one strip of elements at a time, so a rule is
/// written as the paper's equation for one coordinate. Hyperparameters may change between steps
/// (they are properties of the value that is passed), so running products such as β₁ᵗ belong in
/// the scalar state.
public protocol UpdateRule<Scalar>: Sendable, Codable {
  associatedtype Scalar: ParameterScalar

  /// The vectors kept between steps, each as long as the parameters.
  var stateVectorCount: Int { get }

  /// The scalars kept between steps, at their first values.
  var initialScalars: [Double] { get }

  /// How many scalars that are; a rule that has some says so without making the array.
  var scalarCount: Int { get }

  /// What the rule must know of the whole gradient before it sees a strip.
  var needs: RuleNeeds { get }

  /// λ of an ℓ2 penalty that belongs to the objective: g = ∇f + λθ before everything, the alignment
  /// included.
  var penalty: Double { get }

  /// The first value of every element of a state vector.
  func initialValue(ofStateVector index: Int) -> Scalar

  /// Advances the scalar state; called once a step, before the first strip.
  func begin(_ step: RuleStep)

  /// Writes `u` for one strip from `g`, `θ` and the state.
  ///
  /// The direction may share memory with the gradient: read `g[i]` before writing `u[i]`.
  func direction(_ strip: Strip<Scalar>, _ step: RuleStep)

  /// Does what ``direction(_:_:)`` does by a faster way with the same bits, and returns true; or
  /// returns false, and nothing has happened.
  ///
  /// - Parameter moving: where it is given, θ −= η·u in the same pass; where it does not keep the
  ///   direction, u need not be written, and `strip.direction` has room for `strip.room` elements
  ///   only.
  func accelerated(_ strip: Strip<Scalar>, _ step: RuleStep, moving: StripMove<Scalar>?) -> Bool
}

extension UpdateRule {
  public var stateVectorCount: Int { 0 }
  public var initialScalars: [Double] { [] }
  public var scalarCount: Int { initialScalars.count }
  @inlinable public var needs: RuleNeeds { [] }
  @inlinable public var penalty: Double { 0 }
  public func initialValue(ofStateVector index: Int) -> Scalar { 0 }
  @inlinable public func begin(_ step: RuleStep) {}
  @inlinable public func accelerated(
    _ strip: Strip<Scalar>, _ step: RuleStep, moving: StripMove<Scalar>?
  ) -> Bool { false }
}

/// Facts about the whole gradient that a rule asks for.
public struct RuleNeeds: OptionSet, Sendable {
  public let rawValue: Int
  @inlinable public init(rawValue: Int) { self.rawValue = rawValue }

  /// ‖∇f(θ)‖, without the penalty.
  @inlinable public static var gradientNorm: RuleNeeds { RuleNeeds(rawValue: 1) }
  /// f(θ), the minibatch loss that the gradient belongs to, without the penalty: a trainer passes it.
  @inlinable public static var loss: RuleNeeds { RuleNeeds(rawValue: 2) }
}
