/// A number of a run that a published log or a rerun has too.
public enum Quantity: String, CaseIterable, Sendable {
  case trainingLoss, testLoss, lastRate, meanRate
  case largestRate, largestRateIteration, smallestRate, negativeIterations

  var title: String {
    switch self {
    case .trainingLoss: "training loss (LE)"
    case .testLoss: "test loss (VL)"
    case .lastRate: "last α of the epoch"
    case .meanRate: "mean α of the epoch"
    case .largestRate: "largest α"
    case .largestRateIteration: "iteration of the largest α"
    case .smallestRate: "smallest α"
    case .negativeIterations: "iterations with α < 0"
    }
  }

  var isLoss: Bool { self == .trainingLoss || self == .testLoss }

  /// Its value in one run; `epoch` from 1, or 0 for the start, `nil` for a quantity of the
  /// whole run. `nil` where the
  /// run is too short.
  public func value(_ log: TrainingLog, epoch: Int?) -> Double? {
    if epoch == 0 { return self == .testLoss ? log.startingTestLoss : nil }
    if let epoch {
      guard log.epochs.indices.contains(epoch - 1) else { return nil }
      let values = log.epochs[epoch - 1]
      switch self {
      case .trainingLoss: return values.trainingLoss
      case .testLoss: return values.testLoss
      case .lastRate: return values.lastRate
      case .meanRate: return values.meanRate
      default: return nil
      }
    }
    switch self {
    case .largestRate: return log.largestRate
    case .largestRateIteration: return Double(log.largestRateIteration)
    case .smallestRate: return log.smallestRate
    case .negativeIterations: return Double(log.negativeIterations)
    default: return nil
    }
  }
}
