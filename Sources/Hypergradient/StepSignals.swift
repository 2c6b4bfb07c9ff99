/// The scalars from which a controller decides: what one training step knows before it moves.
///
/// Absent is not the same as non-finite. A trainer passes the signals that the controller declares
/// in ``LearningRateController/needs``; reading one that was not passed stops the program with its
/// name, while a passed value may be NaN or infinite, and the controller's policy says what follows.
public struct StepSignals: Sendable {
  /// Which signals a controller reads.
  public struct Needs: OptionSet, Sendable, Hashable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// ⟨u_{t−1}, g_t⟩.
    public static let alignment = Needs(rawValue: 1 << 0)
    /// ‖g_t‖.
    public static let gradientNorm = Needs(rawValue: 1 << 1)
    /// ‖u_{t−1}‖.
    public static let previousDirectionNorm = Needs(rawValue: 1 << 2)
    /// The minibatch loss that g_t is the gradient of.
    public static let loss = Needs(rawValue: 1 << 3)
    /// A validation metric, at the steps that have one.
    public static let metric = Needs(rawValue: 1 << 4)
    /// Epochs begun before this step, a fraction inside one.
    public static let epoch = Needs(rawValue: 1 << 5)
    /// ⟨u_t, g_t⟩: the direction is made before η is chosen.
    public static let directionAlignment = Needs(rawValue: 1 << 6)
    /// ‖u_t‖: the direction is made before η is chosen.
    public static let directionNorm = Needs(rawValue: 1 << 7)

    /// Signals of the direction that the last step took: it must be kept, one vector more.
    static let ofPreviousDirection: Needs = [.alignment, .previousDirectionNorm]
    /// Signals of the direction that this step will take.
    static let ofNewDirection: Needs = [.directionAlignment, .directionNorm]
  }

  /// Steps taken before this one.
  public var step: Int
  /// A validation metric; `nil` at a step that has none.
  public var metric: Double?

  private var presence: Needs
  private var alignmentValue: Double
  private var gradientNormValue: Double
  private var previousDirectionNormValue: Double
  private var lossValue: Double
  private var epochValue: Double
  private var directionAlignmentValue: Double
  private var directionNormValue: Double

  public init(
    step: Int, epoch: Double? = nil, loss: Double? = nil, metric: Double? = nil,
    alignment: Double? = nil, gradientNorm: Double? = nil, previousDirectionNorm: Double? = nil,
    directionAlignment: Double? = nil, directionNorm: Double? = nil
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
    epochValue = epoch ?? .nan
    lossValue = loss ?? .nan
    alignmentValue = alignment ?? .nan
    gradientNormValue = gradientNorm ?? .nan
    previousDirectionNormValue = previousDirectionNorm ?? .nan
    directionAlignmentValue = directionAlignment ?? .nan
    directionNormValue = directionNorm ?? .nan
  }

  /// The signals that were passed.
  public var present: Needs { presence }

  /// ⟨u_{t−1}, g_t⟩ = −∂f/∂η_{t−1}; zero at the first step.
  public var alignment: Double { read(alignmentValue, .alignment, "alignment") }
  /// ‖g_t‖.
  public var gradientNorm: Double { read(gradientNormValue, .gradientNorm, "gradientNorm") }
  /// ‖u_{t−1}‖; zero at the first step.
  public var previousDirectionNorm: Double {
    read(previousDirectionNormValue, .previousDirectionNorm, "previousDirectionNorm")
  }
  /// The minibatch loss at θ_{t−1}.
  public var loss: Double { read(lossValue, .loss, "loss") }
  /// Epochs begun before this step, a fraction inside one.
  public var epoch: Double { read(epochValue, .epoch, "epoch") }
  /// ⟨u_t, g_t⟩.
  public var directionAlignment: Double {
    read(directionAlignmentValue, .directionAlignment, "directionAlignment")
  }
  /// ‖u_t‖.
  public var directionNorm: Double { read(directionNormValue, .directionNorm, "directionNorm") }

  /// The signals that a base controller sees when the applied rate is its own times a factor: by
  /// the chain rule ∂f/∂base = factor · ∂f/∂η, and the direction that base moves along is
  /// factor · u.
  ///
  /// - Parameters:
  ///   - previous: the factor that the last step applied, for u_{t−1}.
  ///   - current: the factor that this step applies, for u_t.
  public func scaled(previous: Double, current: Double) -> StepSignals {
    var copy = self
    copy.alignmentValue *= previous
    copy.previousDirectionNormValue *= previous
    copy.directionAlignmentValue *= current
    copy.directionNormValue *= current
    return copy
  }

  private func read(_ value: Double, _ need: Needs, _ name: String) -> Double {
    precondition(
      presence.contains(need),
      "the signal '\(name)' was read but not passed: a controller declares it in `needs`, a "
        + "trainer passes it in StepSignals")
    return value
  }
}
