/// What one run of one method left, in the quantities of the reference code's logs.
public struct TrainingLog: Sendable {
  public struct Epoch: Sendable {
    /// Mean over the epoch's steps of the minibatch loss before the step, without the penalty.
    public let trainingLoss: Double
    /// Mean over the test examples at the end of the epoch.
    public let testLoss: Double
    public let testAccuracy: Double
    /// α of the epoch's last step.
    public let lastRate: Double
    /// Mean of α over the epoch's steps.
    public let meanRate: Double

    public init(
      trainingLoss: Double, testLoss: Double, testAccuracy: Double, lastRate: Double,
      meanRate: Double
    ) {
      self.trainingLoss = trainingLoss
      self.testLoss = testLoss
      self.testAccuracy = testAccuracy
      self.lastRate = lastRate
      self.meanRate = meanRate
    }
  }

  public let method: String
  /// From 1; 0 for the reference code's.
  public let seed: Int
  /// Of the parameters at the start.
  public var startingTestLoss = 0.0
  public var epochs: [Epoch] = []
  public private(set) var largestRate = -Double.infinity
  /// The first iteration with the largest α; the first step is iteration 2, as in the logs, whose
  /// counter is raised before it is written.
  public private(set) var largestRateIteration = 0
  public private(set) var smallestRate = Double.infinity
  public private(set) var negativeIterations = 0

  public init(method: String, seed: Int) {
    self.method = method
    self.seed = seed
  }

  /// Notes the α of a step, counted from 0.
  public mutating func note(rate: Double, atStep step: Int) {
    if rate > largestRate {
      largestRate = rate
      largestRateIteration = step + 2
    }
    if rate < smallestRate { smallestRate = rate }
    if rate < 0 { negativeIterations += 1 }
  }

  /// A line for each epoch of each run.
  static func csv(_ logs: [TrainingLog]) -> String {
    var lines = [
      "method,seed,epoch,trainingLoss,testLoss,testAccuracy,lastRate,meanRate,largestRate,"
        + "largestRateIteration,smallestRate,negativeIterations"
    ]
    for log in logs {
      let whole =
        "\(log.largestRate),\(log.largestRateIteration),\(log.smallestRate),"
        + "\(log.negativeIterations)"
      lines.append("\(log.method),\(log.seed),0,,\(log.startingTestLoss),,,,,,,")
      for (index, epoch) in log.epochs.enumerated() {
        lines.append(
          "\(log.method),\(log.seed),\(index + 1),\(epoch.trainingLoss),\(epoch.testLoss),"
            + "\(epoch.testAccuracy),\(epoch.lastRate),\(epoch.meanRate),\(whole)")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
