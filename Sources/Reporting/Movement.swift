internal import Records

/// How far the learning rates of a rule and method moved, over the runs of all tasks.
struct Movement: Sendable {
  struct Extent: Sendable {
    let median: Double?
    let largest: Double?
    static let none = Extent(median: nil, largest: nil)
  }
  /// In decades, of the runs that moved.
  let up: Extent
  let down: Extent
  /// log₁₀ of the largest gap on the way, of the runs that did not diverge.
  let spike: Extent
  /// A run, over all runs.
  let skippedSteps: Double?
  let retakenSteps: Double?
  let restoredSteps: Double?

  static let none = Movement(
    up: .none, down: .none, spike: .none, skippedSteps: nil, retakenSteps: nil,
    restoredSteps: nil)
}

/// Takes runs in any order.
final class MovementBuilder {
  private let up = ValueColumn()
  private let down = ValueColumn()
  private let spike = ValueColumn()
  private var count = 0
  private var skipped = 0
  private var retaken = 0
  private var restored = 0

  func add(_ run: RunRecord) {
    count += 1
    skipped += run.skippedSteps
    retaken += run.retakenSteps
    restored += run.restoredSteps ?? 0
    if run.moved ?? false {
      up.append(run.decadesUp)
      down.append(run.decadesDown)
    }
    if !run.status.isDiverged, !run.worstGap.isNaN { spike.append(decimalLog(run.worstGap)) }
  }

  var result: Movement {
    func extent(_ values: ValueColumn) -> Movement.Extent {
      Movement.Extent(median: values.median, largest: values.largest)
    }
    func average(_ steps: Int) -> Double? { count == 0 ? nil : Double(steps) / Double(count) }
    return Movement(
      up: extent(up), down: extent(down), spike: extent(spike), skippedSteps: average(skipped),
      retakenSteps: average(retaken), restoredSteps: average(restored))
  }
}

extension RunRecord {
  /// log₁₀ of the largest learning rate over the starting one, at least 0; 0 without a start.
  var decadesUp: Double {
    guard let startingRate, largestLearningRate > startingRate else { return 0 }
    return decimalLog(largestLearningRate) - decimalLog(startingRate)
  }

  /// log₁₀ of the starting learning rate over the smallest, at least 0; +∞ at zero and below, 0
  /// without a start.
  var decadesDown: Double {
    guard let startingRate, smallestLearningRate < startingRate else { return 0 }
    return decimalLog(startingRate) - decimalLog(smallestLearningRate)
  }
}
