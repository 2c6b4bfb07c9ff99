/// What a ``Trainer`` tells while it trains, and what may change it. All hooks are optional.
public protocol TrainingCallback {
  /// Training begins, or goes on.
  mutating func began(_ context: inout TrainingContext)
  /// An epoch begins, before its first step.
  mutating func epochBegan(_ context: inout TrainingContext)
  /// A step was taken or skipped.
  mutating func stepped(_ context: inout TrainingContext)
  /// Scores were taken: at the end of an epoch, and at the options' interval.
  mutating func validated(_ context: inout TrainingContext)
  /// An epoch ended, after its scores.
  mutating func epochEnded(_ context: inout TrainingContext)
  /// Training ended; ``TrainingContext/ending`` says why.
  mutating func ended(_ context: inout TrainingContext)

  /// Whether it does nothing without epochs: a training that has none is then refused.
  var needsEpochs: Bool { get }

  /// What it remembers, for checkpoints; finite or not. A checkpoint with a memory of another length is
  /// refused.
  var memory: [Double] { get set }

  /// Whether its memory becomes longer as it trains: a checkpoint's may then have any length.
  var memoryGrows: Bool { get }
}

extension TrainingCallback {
  public mutating func began(_ context: inout TrainingContext) {}
  public mutating func epochBegan(_ context: inout TrainingContext) {}
  public mutating func stepped(_ context: inout TrainingContext) {}
  public mutating func validated(_ context: inout TrainingContext) {}
  public mutating func epochEnded(_ context: inout TrainingContext) {}
  public mutating func ended(_ context: inout TrainingContext) {}
  public var needsEpochs: Bool { false }
  public var memory: [Double] {
    get { [] }
    set {}
  }
  public var memoryGrows: Bool { false }
}

/// Where training is, for a callback, and what it asks of the trainer.
public struct TrainingContext: Sendable {
  /// A group as it is.
  public struct Group: Sendable, Equatable {
    public let name: String
    /// The rate that the last step applied, or what it was set to since then.
    public let learningRate: Double
    public let isFrozen: Bool
  }

  /// Steps taken or skipped. For a training method that asks for more than a gradient a step, the
  /// gradients that were paid.
  public let step: Int
  /// Epochs begun, a fraction inside one; `nil` without epochs.
  public let epoch: Double?
  /// The loss of the last step's batches; NaN before the first.
  public let loss: Double
  /// The last scores, if there are any.
  public let validation: ValidationScore?
  /// One for each group; for a training method one, `method`.
  public let groups: [Group]
  /// Steps that were skipped because of a gradient or a loss that is not finite.
  public let skippedSteps: Int
  /// Why training ended; `nil` while it goes on.
  public let ending: TrainingEnding?

  enum Request: Sendable {
    case stop(String)
    case set(Double, String?)
    case scale(Double, String?)
    case freeze(Bool, String)
    case rollBack
  }
  var requests: [Request] = []
  /// The epoch that the hook is about.
  var toldEpoch: Int?

  /// The epoch that this step is in, from 0; 0 without epochs. For `epochBegan` the one that begins, for
  /// `epochEnded` the one after it, also where one step has the batches of several.
  public var epochIndex: Int { toldEpoch ?? Int(epoch ?? 0) }

  /// Ends training after this hook.
  public mutating func stop(_ reason: String) { requests.append(.stop(reason)) }

  /// Sets the rate of a group, or of all.
  ///
  /// A controller that can be given a rate goes on from it; the rate of one that can't, such as a
  /// schedule, is scaled from here on, or 0 until it is set again. A controller's bounds hold, and those
  /// it is clamped to when it is scaled, too. A training method chooses its rate itself.
  public mutating func setRate(_ rate: Double, of group: String? = nil) {
    requests.append(.set(rate, group))
  }

  /// Multiplies the rates of a group, or of all, from here on.
  public mutating func scaleRates(by factor: Double, of group: String? = nil) {
    requests.append(.scale(factor, group))
  }

  /// Freezes a group: its parameters, its optimizer and its schedule stay.
  public mutating func freeze(_ group: String) { requests.append(.freeze(true, group)) }

  /// Lets a frozen group move.
  public mutating func unfreeze(_ group: String) { requests.append(.freeze(false, group)) }

  /// Takes parameters and optimizers back to where the best scores were: see
  /// ``TrainingOptions/keepsBest``.
  public mutating func rollBack() { requests.append(.rollBack) }
}

/// A rate for each epoch, from the epoch's number and the rate so far, as Keras has it:
///
/// ```swift
/// let decay = LearningRateCallback { epoch, rate in rate * 0.9 }
/// ```
///
/// It is asked when an epoch begins, the first one, 0, included.
public struct LearningRateCallback: TrainingCallback {
  private let group: String?
  private let rate: (_ epoch: Int, _ rate: Double) -> Double

  /// - Parameter group: the one whose rate it is; all by default, each from its own.
  public init(of group: String? = nil, _ rate: @escaping (_ epoch: Int, _ rate: Double) -> Double) {
    self.group = group
    self.rate = rate
  }

  public var needsEpochs: Bool { true }

  public mutating func epochBegan(_ context: inout TrainingContext) {
    for one in context.groups where group == nil || group == one.name {
      context.setRate(rate(context.epochIndex, one.learningRate), of: one.name)
    }
  }
}
