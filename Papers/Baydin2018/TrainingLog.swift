/// What one run of one method left, in the quantities of the reference code's logs.
struct TrainingLog: Sendable {
  struct Epoch: Sendable {
    /// Mean over the epoch's steps of the minibatch loss before the step, without the penalty.
    let trainingLoss: Double
    /// Mean over the test examples at the end of the epoch.
    let testLoss: Double
    let testAccuracy: Double
    /// α of the epoch's last step.
    let lastRate: Double
    /// Mean of α over the epoch's steps.
    let meanRate: Double
  }

  let method: String
  let seed: Int
  var epochs: [Epoch] = []
  var largestRate = -Double.infinity
  /// The first iteration with the largest α; the first step is iteration 2, as in the logs, whose
  /// counter is raised before it is written.
  var largestRateIteration = 0
  var smallestRate = Double.infinity
  var negativeIterations = 0

  mutating func note(rate: Double, atStep step: Int) {
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
      for (index, epoch) in log.epochs.enumerated() {
        lines.append(
          "\(log.method),\(log.seed),\(index + 1),\(epoch.trainingLoss),\(epoch.testLoss),"
            + "\(epoch.testAccuracy),\(epoch.lastRate),\(epoch.meanRate),\(whole)")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
