internal import PortableMath

/// One line of `runs.jsonl`: what was run, and what came of it. Keys are written sorted, numbers in
/// their shortest round-trip form, non-finite numbers as the strings "inf", "-inf", "nan".
public struct RunRecord: Codable, Sendable, Equatable {
  /// Which part of the comparison a run belongs to.
  public enum Part: String, Codable, Sendable {
    /// The sweep over starting rates with every method's declared defaults.
    case sweep
    /// The map over (starting rate, hyper-learning-rate).
    case map
  }
  public enum Status: String, Codable, Sendable {
    case finished
    /// A loss, gradient or parameter that is not finite.
    case nonFinite
    /// Past 10⁸ times the starting distance.
    case escaped
    /// The final loss is above the first.
    case worse

    public var isDiverged: Bool { self != .finished }
    /// Whether the run ended before its last step.
    public var isStopped: Bool { self == .nonFinite || self == .escaped }
  }

  public var part: Part
  /// Names as in the suite.
  public var task: String
  public var rule: String
  public var method: String
  public var seed: Int
  /// Position in the suite's list of starting rates, from 0.
  public var rateIndex: Int
  /// The starting rate itself, and as a decimal exponent relative to the reference rate; `nil` for a
  /// method that has no starting rate.
  public var startingRate: Double?
  public var rateExponent: Double?
  /// In the map: the hyper-learning-rate, and its position.
  public var hyperLearningRate: Double?
  public var hyperIndex: Int?

  public var status: Status
  public var initialLoss: Double
  public var finalLoss: Double
  /// (f − f*)/(f₀ − f*) at the end; infinity where diverged with a non-finite loss.
  public var finalGap: Double
  /// The least gap at an evaluated step.
  public var bestGap: Double
  /// The largest gap at an evaluated step: the height of a spike.
  public var worstGap: Double
  /// The gap at T/2.
  public var halfGap: Double
  /// The mean of log₁₀ gap over log-spaced evaluations, each gap within 10⁻¹⁶…10⁰.
  public var areaUnderLogGap: Double
  /// The rule's target on the run's seed; `nil` in results of versions before, whose targets were
  /// the suite's.
  public var target: Double?
  /// At or below the rule's target throughout the last 5 % of T.
  public var reached: Bool
  /// The first evaluated step at or below the rule's target; `nil` if none. A step is a gradient's
  /// worth of evaluations, see ``cost``.
  public var firstPassage: Int?
  /// The same for the target that is common to all rules.
  public var firstPassageCommon: Int?
  public var gradientEvaluations: Int
  /// Losses that the method paid for, beyond its gradients.
  public var lossEvaluations: Int
  /// `nil` where there were none.
  public var hessianVectorProducts: Int?

  public var finalLearningRate: Double
  public var smallestLearningRate: Double
  public var largestLearningRate: Double
  /// Steps with a rate below zero.
  public var negativeSteps: Int
  /// Steps that left the parameters where they were, a discarded gradient or a null step.
  public var skippedSteps: Int
  /// Steps along the direction before, to another rate.
  public var retakenSteps: Int
  /// Steps back to parameters that were kept; `nil` where there were none, so that the line of such
  /// a run is that of the versions before, which did not record them.
  public var restoredSteps: Int?

  /// On real data: held-out scores at the end, and the best held-out accuracy at an evaluation; tables
  /// read them by ``HeldOutScores``.
  public var testLoss: Double?
  public var testAccuracy: Double?
  public var bestTestAccuracy: Double?

  public init(
    part: Part, task: String, rule: String, method: String, seed: Int, rateIndex: Int,
    startingRate: Double?, rateExponent: Double?, hyperLearningRate: Double? = nil,
    hyperIndex: Int? = nil, status: Status, initialLoss: Double, finalLoss: Double,
    finalGap: Double, bestGap: Double, worstGap: Double, halfGap: Double, areaUnderLogGap: Double,
    target: Double? = nil, reached: Bool, firstPassage: Int?, firstPassageCommon: Int?,
    gradientEvaluations: Int,
    lossEvaluations: Int, hessianVectorProducts: Int? = nil, finalLearningRate: Double,
    smallestLearningRate: Double, largestLearningRate: Double, negativeSteps: Int,
    skippedSteps: Int, retakenSteps: Int, restoredSteps: Int? = nil,
    testLoss: Double? = nil, testAccuracy: Double? = nil, bestTestAccuracy: Double? = nil
  ) {
    self.part = part
    self.task = task
    self.rule = rule
    self.method = method
    self.seed = seed
    self.rateIndex = rateIndex
    self.startingRate = startingRate
    self.rateExponent = rateExponent
    self.hyperLearningRate = hyperLearningRate
    self.hyperIndex = hyperIndex
    self.status = status
    self.initialLoss = initialLoss
    self.finalLoss = finalLoss
    self.finalGap = finalGap
    self.bestGap = bestGap
    self.worstGap = worstGap
    self.halfGap = halfGap
    self.areaUnderLogGap = areaUnderLogGap
    self.target = target
    self.reached = reached
    self.firstPassage = firstPassage
    self.firstPassageCommon = firstPassageCommon
    self.gradientEvaluations = gradientEvaluations
    self.lossEvaluations = lossEvaluations
    self.hessianVectorProducts = hessianVectorProducts
    self.finalLearningRate = finalLearningRate
    self.smallestLearningRate = smallestLearningRate
    self.largestLearningRate = largestLearningRate
    self.negativeSteps = negativeSteps
    self.skippedSteps = skippedSteps
    self.retakenSteps = retakenSteps
    self.restoredSteps = restoredSteps
    self.testLoss = testLoss
    self.testAccuracy = testAccuracy
    self.bestTestAccuracy = bestTestAccuracy
  }

  /// What the run paid, in gradient evaluations: a loss alone is a third, a Hessian-vector product
  /// two. These are the prices of `EvaluationCounts`, on the records' side; a test compares them.
  public var cost: Double {
    let products = hessianVectorProducts ?? 0
    let thirds: Int = 3 * gradientEvaluations + lossEvaluations + 6 * products
    return Double(thirds) / 3
  }

  /// A gap below it counts as it: there rounding begins.
  package static let leastGap = 1e-16

  /// A learning rate moved where it left its start by more than so many decades.
  package static let movedDecades = 0.01
  private static let movedFactor = Portable.pow(10, movedDecades)

  /// Whether the learning rate left its start by more than 0.01 decades in either direction; `nil`
  /// without a start.
  public var moved: Bool? {
    startingRate.map {
      largestLearningRate > $0 * Self.movedFactor || smallestLearningRate < $0 / Self.movedFactor
    }
  }
}

/// Loss and learning rate of one run at its evaluated steps: rows of `traces.csv`.
public struct RunTrace: Codable, Sendable, Equatable {
  public var task: String
  public var rule: String
  public var method: String
  public var seed: Int
  public var rateIndex: Int
  /// Steps taken, gap, exact loss, learning rate of the last step.
  public var steps: [Int]
  public var gaps: [Double]
  public var losses: [Double]
  public var learningRates: [Double]
  /// Loss and accuracy on held-out examples, at the same steps; empty for a task without them.
  public var testLosses: [Double]
  public var testAccuracies: [Double]
  /// The distance that a parameter-free method estimates, at the same steps; no part of stored
  /// results, and `nil` for a method that estimates none.
  public var distances: [Double]?

  public init(
    task: String, rule: String, method: String, seed: Int, rateIndex: Int, steps: [Int],
    gaps: [Double], losses: [Double], learningRates: [Double], testLosses: [Double] = [],
    testAccuracies: [Double] = []
  ) {
    self.task = task
    self.rule = rule
    self.method = method
    self.seed = seed
    self.rateIndex = rateIndex
    self.steps = steps
    self.gaps = gaps
    self.losses = losses
    self.learningRates = learningRates
    self.testLosses = testLosses
    self.testAccuracies = testAccuracies
  }
}
