internal import Hypergradient

/// How a ``Trainer`` trains.
public struct TrainingOptions: Sendable, Equatable {
  /// Batches whose mean gradient is one step's, at least 1; schedules count steps.
  public var accumulation = 1
  /// The largest norm of the gradient of all parameters that move; a longer one is scaled to it.
  public var clippingNorm: Double?
  /// What a gradient or a loss that is not finite leads to.
  public var nonFinite = NonFinite.skip
  /// Steps in a row with numbers that are not finite, after which training is given up, at least 1.
  public var mostSkippedInARow = 100
  /// Steps between scores, beside those at each epoch's end, at least 1; by default 100 without epochs,
  /// and none with them.
  public var validationInterval: Int?
  /// Steps between rows of the history beside those of scores, at least 1; they have scores, too, which
  /// nothing is judged by. None by default.
  public var historyInterval: Int?
  /// What plateaus, early stopping and the best are judged by.
  public var metric = Metric.loss
  /// Scores without an improvement after which training ends, at least 1; `nil` for never. Where the
  /// problem has validation and gives none, there is no score.
  public var patience: Int?
  /// What an improvement is at least, at least 0; any at all by default.
  public var smallestImprovement = 0.0
  /// Whether a copy of the best parameters and optimizers is kept.
  public var keepsBest = false
  /// Whether training that ends is taken back to the best.
  public var endsAtBest = false
  /// What is trained, in words: a checkpoint of another model is refused.
  public var model = ""
  /// What else the training depends on and no option says, such as a digest of its data, a line each: a
  /// checkpoint with others is refused.
  public var facts: [String] = []

  public init() {}

  /// What a gradient or a loss that is not finite leads to.
  public enum NonFinite: String, Sendable, Codable, CaseIterable {
    /// The step is skipped: parameters, optimizers, the training method and schedules stay. A method that
    /// is a program can't be taken back, and is passed what there is.
    case skip
    /// The optimizer sees it, and training ends where the loss is not finite.
    case pass
  }

  /// A score; without validation it is the mean loss of the batches since the last score.
  public enum Metric: String, Sendable, Codable, CaseIterable {
    /// The validation loss, which is to fall; where the objective is maximised, to rise.
    case loss
    /// The validation accuracy, which is to rise.
    case accuracy

    /// Which way it is to go.
    ///
    /// - Parameter climbs: whether the objective is maximised.
    func direction(climbing climbs: Bool) -> Plateau.Direction {
      self == .accuracy || climbs ? .maximize : .minimize
    }
  }

  /// Whether scores are compared with the best.
  var comparesScores: Bool { patience != nil || keepsBest || endsAtBest }

  /// Those that a training's numbers depend on, in words, the facts last.
  var words: [String] {
    func said<T>(_ value: T?) -> String { value.map { "\($0)" } ?? "none" }
    return [
      "\(said(clippingNorm)) as the clipping norm",
      "\(nonFinite.rawValue) where numbers are not finite",
      "\(mostSkippedInARow) steps skipped in a row at most",
      "\(said(validationInterval)) as the interval of validation",
      "\(said(patience)) as the patience",
      "\(smallestImprovement) as the smallest improvement",
      endsAtBest ? "an end at the best" : "an end where it ends",
    ] + facts
  }

  /// What is wrong with them, if anything.
  var fault: String? {
    if accumulation < 1 { return "the accumulation is \(accumulation), not at least 1" }
    if let clippingNorm, !(clippingNorm > 0) {
      return "the clipping norm is \(clippingNorm), not above 0"
    }
    if mostSkippedInARow < 1 { return "mostSkippedInARow is \(mostSkippedInARow), not at least 1" }
    if let validationInterval, validationInterval < 1 {
      return "the interval of validation is \(validationInterval), not at least 1"
    }
    if let historyInterval, historyInterval < 1 {
      return "the interval of the history is \(historyInterval), not at least 1"
    }
    if let patience, patience < 1 { return "the patience is \(patience), not at least 1" }
    if !(smallestImprovement >= 0 && smallestImprovement.isFinite) {
      return "the smallest improvement is \(smallestImprovement), not a finite number of at least 0"
    }
    return nil
  }
}

/// Why training ended.
public enum TrainingEnding: Sendable, Equatable, Codable, CustomStringConvertible {
  /// All steps are taken.
  case finished
  /// So many scores without an improvement.
  case noImprovement(Int)
  /// A callback stopped it, with this reason.
  case stopped(String)
  /// The numbers are not finite.
  case lost(String)

  public var description: String {
    switch self {
    case .finished: "finished"
    case .noImprovement(let count): "stopped early: \(count) scores without an improvement"
    case .stopped(let reason): "stopped: \(reason)"
    case .lost(let reason): "lost: \(reason)"
    }
  }
}

/// A row of a training's history.
public struct TrainingRow: Sendable, Equatable {
  /// Steps taken until then.
  public var step: Int
  /// `nil` without epochs.
  public var epoch: Double?
  /// The mean loss of the batches since the row before, those that are finite; NaN where none is.
  public var loss: Double
  public var validation: ValidationScore?
  /// The rate of each group, in their order.
  public var learningRates: [Double]

  public init(
    step: Int, epoch: Double?, loss: Double, validation: ValidationScore?, learningRates: [Double]
  ) {
    self.step = step
    self.epoch = epoch
    self.loss = loss
    self.validation = validation
    self.learningRates = learningRates
  }
}
