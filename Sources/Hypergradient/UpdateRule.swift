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
}

extension UpdateRule {
  public var stateVectorCount: Int { 0 }
  public var initialScalars: [Double] { [] }
  public var needs: RuleNeeds { [] }
  public var penalty: Double { 0 }
  public func initialValue(ofStateVector index: Int) -> Scalar { 0 }
  public func begin(_ step: RuleStep) {}
}

/// Facts about the whole gradient that a rule asks for.
public struct RuleNeeds: OptionSet, Sendable {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// ‖∇f(θ)‖, without the penalty.
  public static let gradientNorm = RuleNeeds(rawValue: 1)
}

/// What is the same for every element of one step.
public struct RuleStep {
  /// Steps taken before this one.
  public let index: Int
  /// ‖∇f(θ)‖, if the rule asked for it; NaN otherwise.
  public let gradientNorm: Double
  /// The rule's scalar state.
  public let scalars: UnsafeMutablePointer<Double>

  public init(index: Int, gradientNorm: Double, scalars: UnsafeMutablePointer<Double>) {
    self.index = index
    self.gradientNorm = gradientNorm
    self.scalars = scalars
  }

  /// The step of a rule whose scalars begin `count` places further.
  func advanced(by count: Int) -> RuleStep {
    RuleStep(index: index, gradientNorm: gradientNorm, scalars: scalars + count)
  }
}

/// A run of neighbouring elements: the gradient, the parameters, the state and the direction.
public struct Strip<Scalar> {
  public let count: Int
  /// g, `count` elements.
  public let gradient: UnsafePointer<Scalar>
  /// θ_{t−1}, `count` elements.
  public let parameters: UnsafePointer<Scalar>
  /// u_t, `count` elements, to be written.
  public let direction: UnsafeMutablePointer<Scalar>
  private let stateBase: UnsafeMutablePointer<Scalar>
  private let stride: Int

  /// - Parameters:
  ///   - state: this strip's part of the first state vector.
  ///   - stride: the distance from one state vector to the next, in elements.
  public init(
    count: Int, gradient: UnsafePointer<Scalar>, parameters: UnsafePointer<Scalar>,
    direction: UnsafeMutablePointer<Scalar>, state: UnsafeMutablePointer<Scalar>, stride: Int
  ) {
    self.count = count
    self.gradient = gradient
    self.parameters = parameters
    self.direction = direction
    self.stateBase = state
    self.stride = stride
  }

  /// This strip's part of a state vector, `count` elements.
  @inlinable public func state(_ index: Int) -> UnsafeMutablePointer<Scalar> {
    stateAddress(index)
  }

  @usableFromInline func stateAddress(_ index: Int) -> UnsafeMutablePointer<Scalar> {
    stateBase + index * stride
  }

  /// The same strip for a rule whose state vectors begin `count` places further and whose gradient
  /// is what an earlier rule wrote.
  func following(stateVectors count: Int) -> Strip {
    Strip(
      count: self.count, gradient: UnsafePointer(direction), parameters: parameters,
      direction: direction, state: stateBase + count * stride, stride: stride)
  }
}
