public import Hypergradient
public import HypergradientRecipes

/// Trains: batches, epochs, validation, callbacks, groups of parameters.
///
/// ```swift
/// let problem = FunctionProblem<Double>(parameterCount: 1, batchesPerEpoch: 20) { x, batch, g in
///   g[0] = x[0] - 3
///   return g[0] * g[0] / 2
/// } validation: { x in
///   ValidationScore(loss: (x[0] - 3) * (x[0] - 3) / 2)
/// }
/// var trainer = try Trainer(
///   problem, from: [0],
///   with: AnyOptimizer(Adam<Double>(), ConstantRate(0.1), parameterCount: 1))
/// trainer.callbacks.append(LearningRateCallback { epoch, rate in rate * 0.9 })
/// try trainer.run(toEpoch: 10)
/// assert(trainer.history.last!.validation!.loss < 0.1)
/// ```
///
/// A step is one of every optimizer, on the mean gradient of ``TrainingOptions/accumulation`` batches;
/// schedules count steps. A step whose gradient or loss is not finite is skipped, and no schedule goes
/// on; the next step sees the next batches. Of a training method that is the first answer of its step, or
/// one where the step begins; points that it tries beside are its own affair. In each step, in this order:
///
/// 1. `epochBegan` of every callback, where an epoch begins,
/// 2. the gradient, the check that it is finite, the clipping, the optimizers of all groups that are
///    not frozen,
/// 3. `stepped`,
/// 4. at the end of an epoch, and at the options' intervals: the scores and a row of the
///    ``history``, then `validated`; the metric is what the next step's controllers are told (rows at
///    ``TrainingOptions/historyInterval`` alone are for the history only),
/// 5. `epochEnded`, where an epoch has ended.
///
/// What a callback asks for is done before the next one is told. A trainer is a value: a copy goes on
/// with the same bits, as far as its problem and its callbacks are values.
public struct Trainer<Problem: TrainingProblem> {
  public typealias Scalar = Problem.Scalar

  public let options: TrainingOptions
  public internal(set) var parameters: [Scalar]
  /// Empty where a training method trains.
  public internal(set) var groups: [TrainingGroup<Scalar>]
  /// `nil` where groups train.
  public internal(set) var method: (any TrainingMethod<Scalar>)?
  public internal(set) var history: [TrainingRow] = []
  public var callbacks: [any TrainingCallback] = []
  /// The method before it began.
  let made: (any TrainingMethod<Scalar>)?
  var oracle: ProblemOracle<Problem>
  var progress = TrainingProgress()
  var best: Best?
  /// Whether callbacks were told that training began, and not yet that it ended.
  var isUnderWay = false
  /// Whether a checkpoint was written between the step that ended training and the call that says so.
  var endsNext = false
  /// The steps that the groups and so many callbacks were checked for; `nil` where they are to be
  /// checked again.
  var checked: (last: Int, callbacks: Int)?

  /// The best parameters, and what they were trained with.
  struct Best {
    var parameters: [Scalar]
    var optimizers: [String: AnyOptimizer<Scalar>]
    var method: (any TrainingMethod<Scalar>)?
  }

  /// Parts of the parameters, each with an optimizer of its own; what is in none of them stays.
  ///
  /// - Throws: ``Refusal`` for parts that overlap or reach beyond the parameters, two of one name, and
  ///   options that are none.
  public init(
    _ problem: Problem, from start: [Scalar], groups: [TrainingGroup<Scalar>],
    options: TrainingOptions = TrainingOptions()
  ) throws(Refusal) {
    try self.init(problem, start, nil, options)
    for group in groups { try add(group) }
  }

  /// One optimizer for all parameters, the group `all`.
  ///
  /// - Throws: ``Refusal`` as for groups.
  public init(
    _ problem: Problem, from start: [Scalar], with optimizer: AnyOptimizer<Scalar>,
    options: TrainingOptions = TrainingOptions()
  ) throws(Refusal) {
    try self.init(problem, start, nil, options)
    try add(TrainingGroup("all", 0..<start.count, optimizer))
  }

  /// A method that decides itself where to look. It chooses its own rates, clips nothing, and its
  /// steps count as many as the gradients that it pays.
  ///
  /// - Parameter parts: what of the parameters belongs together, for a method by layer.
  /// - Throws: ``Refusal`` for options that are none, or that a method does not have.
  public init(
    _ problem: Problem, from start: [Scalar], method: any TrainingMethod<Scalar>,
    parts: [Range<Int>]? = nil, options: TrainingOptions = TrainingOptions()
  ) throws(Refusal) {
    guard options.clippingNorm == nil else {
      throw Refusal("a training method takes its gradients itself: they can't be clipped")
    }
    try self.init(problem, start, method, options)
    func begin<M: TrainingMethod<Scalar>>(_ method: M) -> any TrainingMethod<Scalar> {
      var begun = method
      start.withUnsafeBufferPointer { begun.begin(at: $0, groups: parts ?? [0..<start.count]) }
      return begun
    }
    self.method = begin(method)
    progress.rates = [method.learningRate]
  }

  private init(
    _ problem: Problem, _ start: [Scalar], _ method: (any TrainingMethod<Scalar>)?,
    _ options: TrainingOptions
  ) throws(Refusal) {
    if let fault = options.fault { throw Refusal(fault) }
    guard problem.parameterCount >= 1, start.count == problem.parameterCount else {
      throw Refusal(
        "the problem has \(problem.parameterCount) parameters, and was given \(start.count)")
    }
    if let batches = problem.batchesPerEpoch, batches < 1 {
      throw Refusal("an epoch has \(batches) batches, not at least 1")
    }
    self.options = options
    parameters = start
    groups = []
    (self.method, made) = (method, method)
    oracle = ProblemOracle(problem, accumulation: options.accumulation)
  }

  /// What is trained. Another problem in its place has as many parameters and batches an epoch, and
  /// validation where the first has it: the next step is refused otherwise.
  public var problem: Problem {
    get { oracle.problem }
    _modify { yield &oracle.problem }
  }

  /// Steps taken or skipped; for a training method, the gradients paid, rounded down.
  public var step: Int { progress.step }
  /// Epochs begun, a fraction inside one; `nil` without epochs.
  public var epoch: Double? { epoch(at: progress.step) }
  /// What was paid, in thirds of a gradient, with a whole one for a step that asked for nothing.
  package var paidThirds: Int { progress.thirds }
  /// Steps that were skipped because of a gradient or a loss that is not finite.
  public var skippedSteps: Int { progress.skipped }
  /// What was asked of the problem, each for `accumulation` batches.
  public var evaluations: EvaluationCounts { oracle.counts }
  /// The loss of the last step's batches; NaN before the first.
  public var loss: Double { progress.lastLoss }
  /// Why training ended; `nil` while it goes on.
  public var ending: TrainingEnding? { progress.ending }
  /// The effective rate of each group at the last step, or what it was set to since then.
  public var learningRates: [Double] { progress.rates }
  /// The best parameters so far, where they are kept and there are any.
  public var bestParameters: [Scalar]? { best?.parameters }
  /// The metric of the best.
  public var bestMetric: Double? { progress.bestMetric }

  func epoch(at step: Int) -> Double? {
    oracle.shape.batchesPerEpoch.map { Double(step * options.accumulation) / Double($0) }
  }

  // MARK: Groups

  /// Adds a group, at any time.
  ///
  /// - Throws: ``Refusal`` where its part overlaps another's or reaches beyond the parameters, its name
  ///   is there, or a training method trains.
  public mutating func add(_ group: TrainingGroup<Scalar>) throws(Refusal) {
    guard method == nil else { throw Refusal("a training method has no groups") }
    guard group.range.lowerBound >= 0, group.range.upperBound <= parameters.count,
      !group.range.isEmpty
    else {
      throw Refusal(
        "group '\(group.name)' is of the parameters \(group.range), of which there are "
          + "\(parameters.count)")
    }
    for other in groups {
      if other.name == group.name { throw Refusal("there are two groups '\(group.name)'") }
      if other.range.overlaps(group.range) {
        throw Refusal("the groups '\(other.name)' and '\(group.name)' overlap")
      }
    }
    groups.append(group)
    progress.rates.append(group.learningRate)
    checked = nil
  }

  /// Freezes a group, or lets it move again.
  ///
  /// - Throws: ``Refusal`` where there is no such group.
  public mutating func setFrozen(_ isFrozen: Bool, _ group: String) throws(Refusal) {
    guard let place = groups.firstIndex(where: { $0.name == group }) else {
      throw Refusal(noGroup(group))
    }
    groups[place].isFrozen = isFrozen
    checked = nil
  }

  func noGroup(_ name: String) -> String {
    groups.isEmpty
      ? "there is no group '\(name)': a training method has none"
      : "there is no group '\(name)': there are "
        + groups.map { "'\($0.name)'" }.joined(separator: ", ")
  }

  // MARK: Training

  /// Trains until so many epochs are done in all.
  ///
  /// - Returns: why it ended.
  /// - Throws: ``Refusal`` as ``advance(toStep:)``, and where there are no epochs.
  @discardableResult
  public mutating func run(toEpoch last: Int) throws(Refusal) -> TrainingEnding {
    try run(toStep: try steps(toEpoch: last))
  }

  /// Trains until so many steps are done in all.
  ///
  /// - Returns: why it ended.
  /// - Throws: ``Refusal`` as ``advance(toStep:)``.
  @discardableResult
  public mutating func run(toStep last: Int) throws(Refusal) -> TrainingEnding {
    while try advance(toStep: last) {}
    return progress.ending ?? .finished
  }

  /// The steps that so many epochs have: the least whose batches fill them.
  ///
  /// - Throws: ``Refusal`` where there are no epochs, or too many.
  public func steps(toEpoch epoch: Int) throws(Refusal) -> Int {
    guard let perEpoch = oracle.shape.batchesPerEpoch else {
      throw Refusal("the problem has no epochs: give the number of steps")
    }
    let (batches, isTooLarge) = perEpoch.multipliedReportingOverflow(by: epoch)
    guard epoch >= 0, !isTooLarge else { throw Refusal("\(epoch) epochs can't be trained") }
    return batches / options.accumulation + (batches % options.accumulation == 0 ? 0 : 1)
  }

  /// Takes the next step, with all that belongs to it: whoever writes the loop himself looks at the
  /// parameters, or writes a checkpoint, between two calls.
  ///
  /// - Parameter last: the steps that are to be done in all, `.max` for no end.
  /// - Returns: whether there was a step; if not, training has ended, and callbacks were told so. The
  ///   same call, or one with more steps, goes on where it ended, unless it was lost.
  /// - Throws: ``Refusal`` before the first step, and before one that follows a problem, a group or a
  ///   callback that is new or a later end, as ``check(toStep:)``.
  public mutating func advance(toStep last: Int) throws(Refusal) -> Bool {
    let last = counted(last)
    if let fault = oracle.shape.fault(of: ProblemShape(problem)) { throw Refusal(fault) }
    if !isUnderWay {
      try begin(last)
    } else if progress.ending == nil {
      if let checked, checked == (last, callbacks.count) {} else { try check(toStep: last) }
    }
    checked = (last, callbacks.count)
    if progress.ending == nil, progress.step >= last { progress.ending = .finished }
    guard progress.ending == nil else {
      finish()
      return false
    }
    beginEpochs()
    // A callback may have ended it.
    guard progress.ending == nil else {
      finish()
      return false
    }
    let before = progress.step
    guard take(last) else {
      progress.ending = .finished
      finish()
      return false
    }
    tell { $0.stepped(&$1) }
    look(since: before)
    return true
  }

  private mutating func begin(_ last: Int) throws(Refusal) {
    try check(toStep: last)
    isUnderWay = true
    if case .lost = progress.ending { return }
    defer { endsNext = false }
    if progress.ending != nil, !endsNext {
      progress.ending = nil
      progress.scoresSinceBest = 0
    }
    if progress.hasPartialRow {
      history.removeLast()
      progress.hasPartialRow = false
    }
    tell { $0.began(&$1) }
  }

  private mutating func finish() {
    guard isUnderWay else { return }
    isUnderWay = false
    if options.endsAtBest, best != nil, progress.ending != nil { takeBest() }
    if progress.lossCount > 0, history.last?.step != progress.step {
      // Not counted as a score: training that goes on is as if it had not ended.
      history.append(row(validation: score()))
      progress.hasPartialRow = true
    }
    tell { $0.ended(&$1) }
  }
}
