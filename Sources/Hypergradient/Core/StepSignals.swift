internal import HypergradientRecipes

/// The scalars from which a controller decides: what one training step knows before it moves.
///
/// Absent is not the same as non-finite. A trainer passes the signals that the controller declares
/// in its ``ControllerRequirements``; reading one that was not passed stops the program with its
/// name, while a passed value may be NaN or infinite, and the controller's policy says what follows.
public struct StepSignals: Sendable {
  /// A signal: its name, and what it becomes for a controller whose rate is multiplied with a factor.
  /// A new one is a case here, and stands where CONTRIBUTING.md says.
  public enum Signal: Int, CaseIterable, Sendable {
    /// ⟨u_{t−1}, g_t⟩ = −∂f/∂η_{t−1}; zero at the first step.
    case alignment
    /// ‖g_t‖.
    case gradientNorm
    /// ‖u_{t−1}‖; zero at the first step.
    case previousDirectionNorm
    /// The minibatch loss at θ_{t−1}, that g_t is the gradient of.
    case loss
    /// A validation metric, at the steps that have one.
    case metric
    /// Epochs begun before this step, a fraction inside one.
    case epoch
    /// ⟨u_t, g_t⟩: the direction is made before η is chosen.
    case directionAlignment
    /// ‖u_t‖: the direction is made before η is chosen.
    case directionNorm
    /// ⟨u_{t−1}, g_{t−1}⟩; zero at the first step.
    case previousDirectionAlignment
    /// ⟨T_{t−1}, g_t⟩ with T_t = d·T_{t−1} + u_t, d the controller's
    /// ``ControllerRequirements/traceDecay``; zero at the first step.
    case traceAlignment
    /// ‖T_{t−1}‖; zero at the first step.
    case traceNorm

    /// Which factor of the rate scales it: by the chain rule ∂f/∂base = factor · ∂f/∂η, and the
    /// direction that a base moves along is factor · u. The trace, a sum of directions of many steps,
    /// is passed on as it is.
    enum Scaling {
      case none
      /// The factor that the last step applied, of u_{t−1}.
      case previous
      /// The factor that this step applies, of u_t.
      case current
    }

    var scaling: Scaling {
      switch self {
      case .alignment, .previousDirectionNorm, .previousDirectionAlignment: .previous
      case .directionAlignment, .directionNorm: .current
      case .gradientNorm, .loss, .metric, .epoch, .traceAlignment, .traceNorm: .none
      }
    }
  }

  /// A set of signals: those that a controller reads, or that a trainer passes.
  public struct Needs: Sendable, Hashable, ExpressibleByArrayLiteral {
    @usableFromInline var bits: UInt32

    @inlinable init(bits: UInt32) { self.bits = bits }
    @inlinable public init(arrayLiteral signals: Signal...) {
      bits = 0
      for signal in signals { bits |= 1 << UInt32(truncatingIfNeeded: signal.rawValue) }
    }
    @inlinable public var isEmpty: Bool { bits == 0 }
    @inlinable @inline(__always) public func contains(_ signal: Signal) -> Bool {
      bits & (1 << UInt32(truncatingIfNeeded: signal.rawValue)) != 0
    }
    /// One signal; without an array, for the steps.
    @inlinable @inline(__always) init(_ signal: Signal) {
      bits = 1 << UInt32(truncatingIfNeeded: signal.rawValue)
    }
    @inlinable @inline(__always) public mutating func insert(_ signal: Signal) {
      bits |= 1 << UInt32(truncatingIfNeeded: signal.rawValue)
    }
    /// Whether it was there.
    @inlinable @discardableResult public mutating func remove(_ signal: Signal) -> Bool {
      defer { bits &= ~(1 << UInt32(truncatingIfNeeded: signal.rawValue)) }
      return contains(signal)
    }
    @inlinable @inline(__always) public mutating func formUnion(_ other: Needs) {
      bits |= other.bits
    }
    @inlinable @inline(__always) public func union(_ other: Needs) -> Needs {
      Needs(bits: bits | other.bits)
    }
    @inlinable public func intersection(_ other: Needs) -> Needs { Needs(bits: bits & other.bits) }
    @inlinable @inline(__always) public func subtracting(_ other: Needs) -> Needs {
      Needs(bits: bits & ~other.bits)
    }
    @inlinable public func isDisjoint(with other: Needs) -> Bool { bits & other.bits == 0 }
    @inlinable public func isSubset(of other: Needs) -> Bool { bits & ~other.bits == 0 }
    /// The signals in it.
    public var signals: [Signal] { Signal.allCases.filter(contains) }

    /// Signals of the direction that the last step took: it must be kept, one vector more.
    static let ofPreviousDirection: Needs = [
      .alignment, .previousDirectionNorm, .previousDirectionAlignment,
    ]
    /// Signals of the trace: it is kept beside the direction, two vectors more.
    static let ofTrace: Needs = [.traceAlignment, .traceNorm]
    /// Signals of the direction that this step will take.
    static let ofNewDirection: Needs = [.directionAlignment, .directionNorm]
    /// Signals that a cohort does not make.
    static let notInLanes: Needs = ofNewDirection.union(ofTrace).union([
      .metric, .previousDirectionAlignment,
    ])
    /// Signals that the trainer passes; an optimizer computes the others.
    @inlinable @inline(__always) static var ofTrainer: Needs {
      Needs(.loss).union(Needs(.metric)).union(Needs(.epoch))
    }

    /// Whether a direction must be kept for them.
    var containsDirection: Bool {
      !isDisjoint(with: .ofPreviousDirection.union(.ofNewDirection).union(.ofTrace))
    }
    /// Whether the trace must be kept.
    @inlinable var containsTrace: Bool { contains(.traceAlignment) || contains(.traceNorm) }
    /// Whether the direction is made before η is chosen.
    @inlinable var containsNewDirection: Bool {
      contains(.directionAlignment) || contains(.directionNorm)
    }
  }

  /// Steps taken before this one.
  public var step: Int
  /// A validation metric; `nil` at a step that has none. To set it, to `nil` as well, passes it: a
  /// trainer that has a metric at some steps passes it at all of them.
  @inlinable public var metric: Double? {
    get {
      if !presence.contains(.metric) { StepSignals.stopForAbsence(of: .metric) }
      return metricOfStep
    }
    set {
      metricOfStep = newValue
      presence.insert(.metric)
    }
  }
  @usableFromInline var metricOfStep: Double?
  @usableFromInline var presence: Needs
  /// By the signals' numbers.
  @usableFromInline var values: SIMD16<Double>
  /// cos(u_{t−1}, g_t) and cos(T_{t−1}, g_t) where alignments and norms do not give them, since one has
  /// overflowed or vanished; NaN elsewhere.
  @usableFromInline var exactCosines = SIMD2<Double>(repeating: .nan)
  /// The product of the factors of the last step that these signals were scaled by.
  @usableFromInline var previousFactor = 1.0

  /// Signals of a step, none passed but for those that are set then.
  @inlinable @inline(__always)
  public init(step: Int) {
    self.step = step
    metricOfStep = nil
    presence = []
    values = .zero
  }

  /// Signals of a step of a trainer that has a metric, at some steps at least.
  @inlinable @inline(__always)
  public init(step: Int, metric: Double?) {
    self.init(step: step)
    self.metric = metric
  }

  /// Signals of a step of a trainer that has a metric, at some steps at least.
  @inlinable
  public init(
    step: Int, epoch: Double? = nil, loss: Double? = nil, metric: Double?,
    alignment: Double? = nil, gradientNorm: Double? = nil, previousDirectionNorm: Double? = nil,
    directionAlignment: Double? = nil, directionNorm: Double? = nil,
    previousDirectionAlignment: Double? = nil, traceAlignment: Double? = nil,
    traceNorm: Double? = nil
  ) {
    self.init(
      step: step, epoch: epoch, loss: loss, alignment: alignment, gradientNorm: gradientNorm,
      previousDirectionNorm: previousDirectionNorm, directionAlignment: directionAlignment,
      directionNorm: directionNorm, previousDirectionAlignment: previousDirectionAlignment,
      traceAlignment: traceAlignment, traceNorm: traceNorm)
    self.metric = metric
  }

  @inlinable
  public init(
    step: Int, epoch: Double? = nil, loss: Double? = nil,
    alignment: Double? = nil, gradientNorm: Double? = nil, previousDirectionNorm: Double? = nil,
    directionAlignment: Double? = nil, directionNorm: Double? = nil,
    previousDirectionAlignment: Double? = nil, traceAlignment: Double? = nil,
    traceNorm: Double? = nil
  ) {
    self.init(step: step)
    if let epoch { self[.epoch] = epoch }
    if let loss { self[.loss] = loss }
    if let alignment { self[.alignment] = alignment }
    if let gradientNorm { self[.gradientNorm] = gradientNorm }
    if let previousDirectionNorm { self[.previousDirectionNorm] = previousDirectionNorm }
    if let directionAlignment { self[.directionAlignment] = directionAlignment }
    if let directionNorm { self[.directionNorm] = directionNorm }
    if let previousDirectionAlignment {
      self[.previousDirectionAlignment] = previousDirectionAlignment
    }
    if let traceAlignment { self[.traceAlignment] = traceAlignment }
    if let traceNorm { self[.traceNorm] = traceNorm }
  }

  /// The signals that were passed.
  @inlinable public var present: Needs { presence }

  /// A signal that was passed; to set it passes it.
  @inlinable @inline(__always)
  public subscript(signal: Signal) -> Double {
    get {
      if !presence.contains(signal) { StepSignals.stopForAbsence(of: signal) }
      return values[signal.rawValue]
    }
    set {
      values[signal.rawValue] = newValue
      presence.insert(signal)
    }
  }

  /// Sets a value without passing it.
  @inlinable @inline(__always) mutating func set(_ signal: Signal, _ value: Double) {
    values[signal.rawValue] = value
  }

  /// Passes signals as they stand: zero where they were not set.
  @inlinable @inline(__always) mutating func pass(_ signals: Needs) { presence.formUnion(signals) }

  @inlinable public var alignment: Double { self[.alignment] }
  @inlinable public var gradientNorm: Double { self[.gradientNorm] }
  @inlinable public var previousDirectionNorm: Double { self[.previousDirectionNorm] }
  @inlinable public var loss: Double { self[.loss] }
  @inlinable public var epoch: Double { self[.epoch] }
  @inlinable public var directionAlignment: Double { self[.directionAlignment] }
  @inlinable public var directionNorm: Double { self[.directionNorm] }
  @inlinable public var previousDirectionAlignment: Double { self[.previousDirectionAlignment] }
  @inlinable public var traceAlignment: Double { self[.traceAlignment] }
  @inlinable public var traceNorm: Double { self[.traceNorm] }

  /// The signals that a base controller sees when the applied rate is its own times a factor; see
  /// ``Signal``.
  ///
  /// - Parameters:
  ///   - previous: the factor that the last step applied.
  ///   - current: the factor that this step applies.
  public func scaled(previous: Double, current: Double) -> StepSignals {
    var copy = self
    copy.previousFactor *= previous
    for signal in Signal.allCases {
      switch signal.scaling {
      case .none: break
      case .previous: copy.values[signal.rawValue] *= previous
      case .current: copy.values[signal.rawValue] *= current
      }
    }
    return copy
  }

  /// ‖u_{t−1}‖ as the rule made it, without the factors of ``scaled(previous:current:)``.
  var previousLength: Double { previousDirectionNorm / previousFactor }

  @usableFromInline static func stopForAbsence(of signal: Signal) -> Never {
    let trainer =
      Needs.ofTrainer.contains(signal)
      ? "passes it in StepSignals or to an optimizer's step(…, \(signal): …)"
        + (signal == .metric ? ", nil where a step has none" : "")
      : "passes it in StepSignals"
    stop(
      "the signal '\(signal)' was read but not passed: a controller declares it in its "
        + "requirements, a trainer \(trainer)")
  }
}
