/// Turns a gradient `g` into a direction `u`; never chooses a learning rate.
///
///     θ_t = θ_{t−1} − η_t · u_t
///
/// A rule is a description: it holds hyperparameters and says what state it keeps, while a
/// ``RuleState`` owns that state. `direction` sees one strip of elements at a time, so a rule is
/// written as the paper's equation for one coordinate. Hyperparameters may change between steps
/// (they are properties of the value that is passed), so running products such as β₁ᵗ belong in
/// the scalar state.
///
/// A rule never learns whether the objective has a penalty or is maximised: its g is the gradient of
/// what is minimised, see ``Objective``.
public protocol UpdateRule<Scalar>: Sendable, Codable {
  associatedtype Scalar: ParameterScalar

  /// What the rule keeps between steps, and what it must know of the whole gradient. It does not
  /// depend on hyperparameters that change between steps, but for the first values.
  var requirements: RuleRequirements { get }

  /// Advances the scalar state; called once a step, before the first strip.
  func begin(_ step: RuleStep)

  /// Looks at every element of g before the first direction is written; called where the rule's
  /// ``requirements`` ask for a survey, after `begin`, with one short strip after another in order,
  /// always cut at the same places. It may write the state and the scalars, not the direction.
  func survey(_ strip: Strip<Scalar>, _ step: RuleStep)

  /// Writes `u` for one strip from `g`, `θ` and the state.
  ///
  /// The direction may share memory with the gradient: read `g[i]` before writing `u[i]`.
  func direction(_ strip: Strip<Scalar>, _ step: RuleStep)

  /// The kernel that does what ``direction(_:_:)`` does, bit for bit, with this step's constants;
  /// called after `begin`. `nil` by default: there is none.
  func kernel(_ step: RuleStep) -> RuleKernel?

  /// Does what ``survey(_:_:)`` does over the short strips of a longer one by a faster way with the
  /// same bits, and returns true; or returns false, and nothing has happened.
  func acceleratedSurvey(_ strip: Strip<Scalar>, _ step: RuleStep) -> Bool
  /// Why the rule can't take the step after so many, as one whose schedule has ended; `nil` where it
  /// can. A checkpoint is refused with it.
  func fault(atStep step: Int) -> String?

  /// Does what ``direction(_:_:)`` does by a faster way with the same bits, and returns true; or
  /// returns false, and nothing has happened. By default the way is the rule's ``kernel(_:)``.
  ///
  /// - Parameter moving: where it is given, θ −= η·u in the same pass; where it does not keep the
  ///   direction, u need not be written, and `strip.direction` has room for `strip.room` elements
  ///   only.
  func accelerated(_ strip: Strip<Scalar>, _ step: RuleStep, moving: StripMove<Scalar>?) -> Bool
}

extension UpdateRule {
  public var requirements: RuleRequirements { RuleRequirements() }
  @inlinable public func begin(_ step: RuleStep) {}
  @inlinable public func survey(_ strip: Strip<Scalar>, _ step: RuleStep) {}
  @inlinable public func kernel(_ step: RuleStep) -> RuleKernel? { nil }
  @inlinable public func acceleratedSurvey(_ strip: Strip<Scalar>, _ step: RuleStep) -> Bool {
    false
  }
  public func fault(atStep step: Int) -> String? { nil }
  @inlinable public func accelerated(
    _ strip: Strip<Scalar>, _ step: RuleStep, moving: StripMove<Scalar>?
  ) -> Bool {
    guard let kernel = kernel(step) else { return false }
    return strip.take(kernel, moving: moving)
  }
}

/// What a rule keeps between steps, and what it must know of the whole gradient: one value, which a
/// rule around another one hands on.
public struct RuleRequirements: Sendable, Equatable {
  /// The first value of every element of each state vector; a vector is as long as the parameters.
  public var stateVectors: [Double]
  /// The first values of the scalars.
  public var scalars: [Double]
  /// What it asks of the whole gradient.
  public var facts: Facts

  /// The numbers of those state vectors that are never negative, as sums of squares are; a checkpoint
  /// that says otherwise is refused.
  public var nonNegative: [Int]

  public init(
    stateVectors: [Double] = [], scalars: [Double] = [], facts: Facts = [], nonNegative: [Int] = []
  ) {
    self.stateVectors = stateVectors
    self.scalars = scalars
    self.facts = facts
    self.nonNegative = nonNegative
  }

  /// Facts about the whole gradient.
  public struct Facts: OptionSet, Sendable {
    public let rawValue: Int
    @inlinable public init(rawValue: Int) { self.rawValue = rawValue }

    @inlinable static var none: Facts { Facts(rawValue: 0) }
    /// ‖∇f(θ)‖, without the objective's penalty.
    @inlinable public static var gradientNorm: Facts { Facts(rawValue: 1) }
    /// f(θ), the minibatch loss that the gradient belongs to, without the penalty: a trainer passes
    /// it.
    @inlinable public static var loss: Facts { Facts(rawValue: 2) }
    /// A look at every element before the first direction: ``UpdateRule/survey(_:_:)``.
    @inlinable public static var survey: Facts { Facts(rawValue: 4) }
    /// That a step is refused whose gradient, direction or state is not finite: ``Guarded``.
    @inlinable public static var guarded: Facts { Facts(rawValue: 8) }
  }

  /// Those of one rule after another: the first's vectors and scalars come first.
  public static func + (first: RuleRequirements, second: RuleRequirements) -> RuleRequirements {
    RuleRequirements(
      stateVectors: first.stateVectors + second.stateVectors,
      scalars: first.scalars + second.scalars, facts: first.facts.union(second.facts),
      nonNegative: first.nonNegative
        + second.nonNegative.map { $0 + first.stateVectors.count })
  }
}
