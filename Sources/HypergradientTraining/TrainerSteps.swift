internal import Hypergradient

/// Where a training is.
struct TrainingProgress {
  var step = 0
  /// Paid, in thirds of a gradient, with steps of a method that asked for nothing.
  var thirds = 0
  var idleThirds = 0
  var skipped = 0
  var skippedInARow = 0
  var epochsBegun = 0
  var epochsEnded = 0
  /// Of finite losses since the last row.
  var lossSum = 0.0
  var lossCount = 0
  /// The same since the last score.
  var scoredSum = 0.0
  var scoredCount = 0
  var lastLoss = Double.nan
  var lastScore: ValidationScore?
  /// What the next step's controllers are told.
  var metric: Double?
  var bestMetric: Double?
  var scoresSinceBest = 0
  var rates: [Double] = []
  var ending: TrainingEnding?
  /// Whether the last row was made because training ended.
  var hasPartialRow = false
}

extension Trainer {
  // MARK: A step

  mutating func beginEpochs() {
    guard let epoch = epoch(at: progress.step) else { return }
    while progress.epochsBegun <= Int(epoch), progress.ending == nil {
      progress.epochsBegun += 1
      tell(ofEpoch: progress.epochsBegun - 1) { $0.epochBegan(&$1) }
    }
  }

  /// One step; false where it would have gone beyond the last one, and was not taken.
  mutating func take(_ last: Int) -> Bool {
    oracle.takeMemory()
    oracle.step = progress.step
    oracle.steps = last
    oracle.epoch = epoch(at: progress.step)
    oracle.metric = progress.metric
    let isFinite: Bool
    if method != nil {
      guard let finite = stepMethod(last) else { return false }
      isFinite = finite
    } else {
      isFinite = Self.step(&parameters, &groups, &oracle, options)
      progress.thirds += 3
      for k in groups.indices where !groups[k].isFrozen {
        if isFinite || !skipsNonFinite {
          progress.rates[k] = groups[k].optimizer.learningRate
        }
      }
    }
    // Of a step that is skipped, no controller was told: the next one is.
    if isFinite || !skipsNonFinite { progress.metric = nil }
    progress.step = progress.thirds / 3
    progress.lastLoss = oracle.lastLoss
    if oracle.lastLoss.isFinite {
      progress.lossSum += oracle.lastLoss
      progress.lossCount += 1
      progress.scoredSum += oracle.lastLoss
      progress.scoredCount += 1
    }
    note(isFinite: isFinite)
    return true
  }

  /// Whether steps with numbers that are not finite are skipped: what a program does can't be taken back.
  private var skipsNonFinite: Bool { options.nonFinite == .skip && method?.program == nil }

  private mutating func note(isFinite: Bool) {
    if isFinite {
      progress.skippedInARow = 0
      return
    }
    if !skipsNonFinite {
      if method != nil || !oracle.lastLoss.isFinite {
        progress.ending = .lost("the loss is \(oracle.lastLoss) after \(progress.step - 1) steps")
      }
      return
    }
    progress.skipped += 1
    progress.skippedInARow += 1
    if progress.skippedInARow >= options.mostSkippedInARow {
      progress.ending = .lost(
        "gradients or losses of \(progress.skippedInARow) steps in a row are not finite")
    }
  }

  /// Whether all numbers were finite.
  private static func step(
    _ parameters: inout [Scalar], _ groups: inout [TrainingGroup<Scalar>],
    _ oracle: inout ProblemOracle<Problem>, _ options: TrainingOptions
  ) -> Bool {
    parameters.withUnsafeMutableBufferPointer { theta in
      let (loss, g) = oracle.evaluate(at: UnsafePointer(theta.baseAddress!), draw: 0)
      let moving = groups.filter { !$0.isFrozen }.map(\.range)
      let isFinite =
        loss.isFinite && moving.allSatisfy { Loops.isFinite(g + $0.lowerBound, $0.count) }
      if !isFinite, options.nonFinite == .skip { return false }
      if isFinite, let most = options.clippingNorm {
        let norm = Loops.norm(g, moving)
        if norm > most { oracle.scaleGradient(by: most / norm, moving) }
      }
      for k in groups.indices where !groups[k].isFrozen {
        let range = groups[k].range
        let part = UnsafeMutableBufferPointer(rebasing: theta[range])
        let slope = UnsafeBufferPointer(start: g + range.lowerBound, count: range.count)
        if oracle.hasMetric {
          groups[k].optimizer.step(
            part, gradient: slope, loss: loss, metric: oracle.metric, epoch: oracle.epoch)
        } else {
          groups[k].optimizer.step(part, gradient: slope, loss: loss, epoch: oracle.epoch)
        }
      }
      return isFinite
    }
  }

  /// Whether the numbers were finite; `nil` for a step that ended beyond the last one, and is taken back.
  private mutating func stepMethod(_ last: Int) -> Bool? {
    let (before, point, counts) = (method!, parameters, oracle.counts)
    let skips = skipsNonFinite
    oracle.begin(at: point, lookingAtGradients: skips)
    func open<M: TrainingMethod<Scalar>>(
      _ known: M, _ parameters: inout [Scalar], _ oracle: inout ProblemOracle<Problem>
    ) -> any TrainingMethod<Scalar> {
      var method = known
      method.step(&parameters, &oracle)
      return method
    }
    let moved = open(before, &parameters, &oracle)
    let isSkipped = skips && oracle.isBad
    let paid = oracle.counts.thirds + progress.idleThirds
    // One that asked for nothing is a step; one that is skipped leaves its batches behind.
    let least = isSkipped ? 3 * (progress.step + 1) : paid == progress.thirds ? paid + 3 : paid
    let idle = max(0, least - paid)
    guard paid + idle <= 3 * last else {
      parameters = point
      oracle.counts = counts
      return nil
    }
    progress.idleThirds += idle
    progress.thirds = paid + idle
    guard !isSkipped else {
      parameters = point
      return false
    }
    method = moved
    progress.rates = [moved.learningRate]
    return !oracle.isLost
  }

  // MARK: Scores

  /// The scores, rows and hooks that are due after a step.
  mutating func look(since before: Int) {
    let ended = epoch(at: progress.step).map { Int($0) } ?? 0
    func isDue(_ interval: Int?) -> Bool {
      interval.map { progress.step / $0 > before / $0 } ?? false
    }
    let isScored =
      ended > progress.epochsEnded
      || isDue(options.validationInterval ?? (oracle.shape.batchesPerEpoch == nil ? 100 : nil))
    guard isScored || isDue(options.historyInterval) else { return }
    progress.lastScore = score()
    history.append(row(validation: progress.lastScore))
    progress.lossSum = 0
    progress.lossCount = 0
    guard isScored else { return }
    judge(progress.lastScore)
    progress.scoredSum = 0
    progress.scoredCount = 0
    tell { $0.validated(&$1) }
    while progress.epochsEnded < ended {
      progress.epochsEnded += 1
      tell(ofEpoch: progress.epochsEnded) { $0.epochEnded(&$1) }
    }
  }

  mutating func score() -> ValidationScore? {
    guard oracle.shape.hasValidation else { return nil }
    let point = parameters
    return point.withUnsafeBufferPointer { oracle.problem.validation(at: $0) }
  }

  func row(validation: ValidationScore?) -> TrainingRow {
    TrainingRow(
      step: progress.step, epoch: epoch,
      loss: progress.lossCount > 0 ? progress.lossSum / Double(progress.lossCount) : .nan,
      validation: validation, learningRates: progress.rates)
  }

  /// Whether what is minimised is −f.
  package var climbs: Bool {
    method?.maximizes
      ?? (groups.first { !$0.isFrozen } ?? groups.first)?.optimizer.objective.maximizes ?? false
  }

  private mutating func judge(_ score: ValidationScore?) {
    // A validation that gave none is no score, and no loss of batches stands for it.
    guard score != nil || !oracle.shape.hasValidation else { return }
    let sign: Double = options.metric.direction(climbing: climbs) == .maximize ? -1 : 1
    let value: Double
    if options.metric == .accuracy {
      guard let accuracy = score?.accuracy else {
        progress.ending = .stopped("the metric is an accuracy, and the problem measures none")
        return
      }
      value = accuracy
    } else {
      value =
        score?.loss
        ?? (progress.scoredCount > 0 ? progress.scoredSum / Double(progress.scoredCount) : .nan)
    }
    if score != nil { progress.metric = value }
    let isBetter =
      value.isFinite
      && (progress.bestMetric.map { sign * value < sign * $0 - options.smallestImprovement } ?? true)
    if isBetter {
      progress.bestMetric = value
      progress.scoresSinceBest = 0
      if options.keepsBest || options.endsAtBest {
        best = Best(
          parameters: parameters,
          optimizers: Dictionary(uniqueKeysWithValues: groups.map { ($0.name, $0.optimizer) }),
          method: method)
      }
      return
    }
    progress.scoresSinceBest += 1
    if let patience = options.patience, progress.scoresSinceBest >= patience,
      progress.ending == nil
    {
      progress.ending = .noImprovement(patience)
    }
  }

  mutating func takeBest() {
    guard let best else { return }
    parameters = best.parameters
    if let method = best.method {
      self.method = method
      progress.rates = [method.learningRate]
    }
    for k in groups.indices {
      if let optimizer = best.optimizers[groups[k].name] { groups[k].takeBack(optimizer) }
      progress.rates[k] = groups[k].learningRate
    }
  }

  // MARK: Callbacks

  /// - Parameter epoch: its number, where one step begins or ends several.
  mutating func tell(
    ofEpoch epoch: Int? = nil, _ hook: (inout any TrainingCallback, inout TrainingContext) -> Void
  ) {
    for place in callbacks.indices {
      var context = context()
      context.toldEpoch = epoch
      hook(&callbacks[place], &context)
      for request in context.requests { carryOut(request) }
    }
  }

  private func context() -> TrainingContext {
    let shown =
      method != nil
      ? [
        TrainingContext.Group(
          name: "method", learningRate: progress.rates[0], isFrozen: false)
      ]
      : groups.indices.map {
        TrainingContext.Group(
          name: groups[$0].name, learningRate: progress.rates[$0], isFrozen: groups[$0].isFrozen)
      }
    return TrainingContext(
      step: progress.step, epoch: epoch, loss: progress.lastLoss, validation: progress.lastScore,
      groups: shown, skippedSteps: progress.skipped, ending: progress.ending)
  }

  private mutating func carryOut(_ request: TrainingContext.Request) {
    func fail(_ reason: String) { if progress.ending == nil { progress.ending = .stopped(reason) } }
    func change(_ name: String?, _ body: (inout TrainingGroup<Scalar>) -> Void) {
      var isThere = false
      for k in groups.indices where name == nil || groups[k].name == name {
        isThere = true
        body(&groups[k])
        progress.rates[k] = groups[k].learningRate
      }
      if !isThere {
        fail(
          method != nil
            ? "a callback changes a rate or a group, and a training method has neither"
            : noGroup(name ?? ""))
      }
    }
    switch request {
    case .stop(let reason): fail(reason)
    case .set(let rate, let name):
      guard rate.isFinite, rate >= 0 else {
        fail("a callback gave the rate \(rate), not a finite number of at least 0")
        return
      }
      change(name) { $0.setRate(rate) }
    case .scale(let factor, let name):
      guard factor.isFinite, factor > 0 else {
        fail("a callback scales a rate by \(factor), not a finite number above 0")
        return
      }
      change(name) { $0.scaleRate(by: factor) }
    case .freeze(let isFrozen, let name):
      change(name) { $0.isFrozen = isFrozen }
      checked = nil
    case .rollBack:
      if best == nil {
        fail("a callback goes back to the best, of which none is kept")
      } else {
        takeBest()
      }
    }
  }
}

/// Loops over gradients.
enum Loops {
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func isFinite<Scalar: ParameterScalar>(_ a: UnsafePointer<Scalar>, _ count: Int) -> Bool {
    for i in 0..<count where !a[i].isFinite { return false }
    return true
  }

  /// The norm of parts, right where it is representable.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func norm<Scalar: ParameterScalar>(
    _ a: UnsafePointer<Scalar>, _ parts: [Range<Int>]
  ) -> Double {
    var largest = 0.0
    for part in parts { for i in part { largest = max(largest, Double(a[i].magnitude)) } }
    guard largest > 0 else { return 0 }
    var sum = 0.0
    for part in parts {
      for i in part {
        let share = Double(a[i]) / largest
        sum += share * share
      }
    }
    return largest * sum.squareRoot()
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func scale<Scalar: ParameterScalar>(
    _ a: UnsafeMutablePointer<Scalar>, _ parts: [Range<Int>], by factor: Double
  ) {
    for part in parts { for i in part { a[i] = Scalar.nearest(to: Double(a[i]) * factor) } }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func add<Scalar: ParameterScalar>(
    _ b: UnsafeMutablePointer<Scalar>, to a: UnsafeMutablePointer<Scalar>, _ count: Int
  ) {
    for i in 0..<count { a[i] += b[i] }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func divide<Scalar: ParameterScalar>(
    _ a: UnsafeMutablePointer<Scalar>, by divisor: Scalar, _ count: Int
  ) {
    for i in 0..<count { a[i] /= divisor }
  }
}
