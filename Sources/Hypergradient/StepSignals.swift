/// The scalars from which a controller decides: what one training step knows before it moves.
///
/// Absent is not the same as non-finite. A trainer passes the signals that the controller declares
/// in ``LearningRateController/needs``; reading one that was not passed stops the program with its
/// name, while a passed value may be NaN or infinite, and the controller's policy says what follows.
public struct StepSignals: Sendable {
  /// Which signals a controller reads.
  public struct Needs: OptionSet, Sendable, Hashable {
    public let rawValue: Int
    @inlinable public init(rawValue: Int) { self.rawValue = rawValue }

    /// ⟨u_{t−1}, g_t⟩.
    @inlinable public static var alignment: Needs { Needs(rawValue: 1 << 0) }
    /// ‖g_t‖.
    @inlinable public static var gradientNorm: Needs { Needs(rawValue: 1 << 1) }
    /// ‖u_{t−1}‖.
    @inlinable public static var previousDirectionNorm: Needs { Needs(rawValue: 1 << 2) }
    /// The minibatch loss that g_t is the gradient of.
    @inlinable public static var loss: Needs { Needs(rawValue: 1 << 3) }
    /// A validation metric, at the steps that have one.
    @inlinable public static var metric: Needs { Needs(rawValue: 1 << 4) }
    /// Epochs begun before this step, a fraction inside one.
    @inlinable public static var epoch: Needs { Needs(rawValue: 1 << 5) }
    /// ⟨u_t, g_t⟩: the direction is made before η is chosen.
    @inlinable public static var directionAlignment: Needs { Needs(rawValue: 1 << 6) }
    /// ‖u_t‖: the direction is made before η is chosen.
    @inlinable public static var directionNorm: Needs { Needs(rawValue: 1 << 7) }
    /// ⟨u_{t−1}, g_{t−1}⟩.
    @inlinable public static var previousDirectionAlignment: Needs { Needs(rawValue: 1 << 8) }
    /// ⟨T_{t−1}, g_t⟩, T the trace of the directions.
    @inlinable public static var traceAlignment: Needs { Needs(rawValue: 1 << 9) }
    /// ‖T_{t−1}‖.
    @inlinable public static var traceNorm: Needs { Needs(rawValue: 1 << 10) }

    /// Signals of the direction that the last step took: it must be kept, one vector more.
    static let ofPreviousDirection: Needs = [
      .alignment, .previousDirectionNorm, .previousDirectionAlignment,
    ]
    /// Signals of the trace: it is kept beside the direction, two vectors more.
    static let ofTrace: Needs = [.traceAlignment, .traceNorm]
    /// Signals that a cohort does not make.
    static let notInLanes: Needs = ofNewDirection.union(ofTrace).union([
      .metric, .previousDirectionAlignment,
    ])
    /// Signals of the direction that this step will take.
    static let ofNewDirection: Needs = [.directionAlignment, .directionNorm]

    /// Whether a direction must be kept for them.
    var containsDirection: Bool {
      !isDisjoint(with: .ofPreviousDirection.union(.ofNewDirection).union(.ofTrace))
    }
    /// Whether the trace must be kept.
    @inlinable var containsTrace: Bool { rawValue & (3 << 9) != 0 }
    /// Whether ⟨u_t, g_t⟩ is wanted after the direction is made.
    @inlinable var containsPreviousDirectionAlignment: Bool { rawValue & (1 << 8) != 0 }
    /// Whether the direction is made before η is chosen.
    @inlinable var containsNewDirection: Bool { rawValue & (3 << 6) != 0 }
  }

  /// Steps taken before this one.
  public var step: Int
  /// A validation metric; `nil` at a step that has none.
  public var metric: Double?

  @usableFromInline var presence: Needs
  @usableFromInline var alignmentValue: Double
  @usableFromInline var gradientNormValue: Double
  @usableFromInline var previousDirectionNormValue: Double
  @usableFromInline var lossValue: Double
  @usableFromInline var epochValue: Double
  @usableFromInline var directionAlignmentValue: Double
  @usableFromInline var directionNormValue: Double
  /// ⟨u_{t−1}, g_{t−1}⟩, ⟨T_{t−1}, g_t⟩ and ‖T_{t−1}‖.
  @usableFromInline var traces: SIMD4<Double>

  @inlinable
  public init(
    step: Int, epoch: Double? = nil, loss: Double? = nil, metric: Double? = nil,
    alignment: Double? = nil, gradientNorm: Double? = nil, previousDirectionNorm: Double? = nil,
    directionAlignment: Double? = nil, directionNorm: Double? = nil,
    previousDirectionAlignment: Double? = nil, traceAlignment: Double? = nil,
    traceNorm: Double? = nil
  ) {
    self.step = step
    self.metric = metric
    presence = [.metric]
    if epoch != nil { presence.insert(.epoch) }
    if loss != nil { presence.insert(.loss) }
    if alignment != nil { presence.insert(.alignment) }
    if gradientNorm != nil { presence.insert(.gradientNorm) }
    if previousDirectionNorm != nil { presence.insert(.previousDirectionNorm) }
    if directionAlignment != nil { presence.insert(.directionAlignment) }
    if directionNorm != nil { presence.insert(.directionNorm) }
    if previousDirectionAlignment != nil { presence.insert(.previousDirectionAlignment) }
    if traceAlignment != nil { presence.insert(.traceAlignment) }
    if traceNorm != nil { presence.insert(.traceNorm) }
    epochValue = epoch ?? .nan
    lossValue = loss ?? .nan
    alignmentValue = alignment ?? .nan
    gradientNormValue = gradientNorm ?? .nan
    previousDirectionNormValue = previousDirectionNorm ?? .nan
    directionAlignmentValue = directionAlignment ?? .nan
    directionNormValue = directionNorm ?? .nan
    traces = [previousDirectionAlignment ?? .nan, traceAlignment ?? .nan, traceNorm ?? .nan, 0]
  }

  /// What an optimizer passes: of its own facts, those that the controller needs.
  @inlinable @inline(__always)
  init(
    step: Int, epoch: Double?, loss: Double?, metric: Double?, _ facts: StepFacts, _ needs: Needs,
    takingNotes: Bool
  ) {
    self.step = step
    self.metric = metric
    let passed: Int =
      Needs.metric.rawValue | (epoch == nil ? 0 : Needs.epoch.rawValue)
      | (loss == nil ? 0 : Needs.loss.rawValue)
    let computed: Int = needs.rawValue & ~(Needs.epoch.rawValue | Needs.loss.rawValue)
    presence = Needs(rawValue: passed | computed)
    epochValue = epoch ?? .nan
    lossValue = loss ?? .nan
    alignmentValue = facts.alignment
    gradientNormValue = facts.gradientNorm
    previousDirectionNormValue = facts.previousDirectionNorm
    directionAlignmentValue = facts.directionAlignment
    directionNormValue = facts.directionNorm
    traces = takingNotes ? facts.traces : .zero
  }

  /// The signals that were passed.
  @inlinable public var present: Needs { presence }

  /// ⟨u_{t−1}, g_t⟩ = −∂f/∂η_{t−1}; zero at the first step.
  @inlinable public var alignment: Double { read(alignmentValue, .alignment, "alignment") }
  /// ‖g_t‖.
  @inlinable public var gradientNorm: Double {
    read(gradientNormValue, .gradientNorm, "gradientNorm")
  }
  /// ‖u_{t−1}‖; zero at the first step.
  @inlinable public var previousDirectionNorm: Double {
    read(previousDirectionNormValue, .previousDirectionNorm, "previousDirectionNorm")
  }
  /// The minibatch loss at θ_{t−1}.
  @inlinable public var loss: Double { read(lossValue, .loss, "loss") }
  /// Epochs begun before this step, a fraction inside one.
  @inlinable public var epoch: Double { read(epochValue, .epoch, "epoch") }
  /// ⟨u_t, g_t⟩.
  @inlinable public var directionAlignment: Double {
    read(directionAlignmentValue, .directionAlignment, "directionAlignment")
  }
  /// ‖u_t‖.
  @inlinable public var directionNorm: Double {
    read(directionNormValue, .directionNorm, "directionNorm")
  }

  /// ⟨u_{t−1}, g_{t−1}⟩; zero at the first step.
  @inlinable public var previousDirectionAlignment: Double {
    read(traces[0], .previousDirectionAlignment, "previousDirectionAlignment")
  }
  /// ⟨T_{t−1}, g_t⟩ with T_t = d·T_{t−1} + u_t, d the controller's
  /// ``LearningRateController/traceDecay``; zero at the first step.
  @inlinable public var traceAlignment: Double {
    read(traces[1], .traceAlignment, "traceAlignment")
  }
  /// ‖T_{t−1}‖; zero at the first step.
  @inlinable public var traceNorm: Double { read(traces[2], .traceNorm, "traceNorm") }

  /// The signals that a base controller sees when the applied rate is its own times a factor: by
  /// the chain rule ∂f/∂base = factor · ∂f/∂η, and the direction that base moves along is
  /// factor · u. The trace, a sum of directions of many steps, is passed on as it is.
  ///
  /// - Parameters:
  ///   - previous: the factor that the last step applied, for u_{t−1}.
  ///   - current: the factor that this step applies, for u_t.
  public func scaled(previous: Double, current: Double) -> StepSignals {
    var copy = self
    copy.alignmentValue *= previous
    copy.previousDirectionNormValue *= previous
    copy.traces[0] *= previous
    copy.directionAlignmentValue *= current
    copy.directionNormValue *= current
    return copy
  }

  @inlinable func read(_ value: Double, _ need: Needs, _ name: StaticString) -> Double {
    if presence.rawValue & need.rawValue == 0 { StepSignals.stopForAbsence(of: name) }
    return value
  }

  @usableFromInline static func stopForAbsence(of name: StaticString) -> Never {
    preconditionFailure(
      "the signal '\(name)' was read but not passed: a controller declares it in `needs`, a "
        + "trainer passes it in StepSignals")
  }
}
