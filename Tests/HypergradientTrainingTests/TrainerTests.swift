import Hypergradient
import HypergradientCatalogue
import HypergradientRecipes
import HypergradientTraining
import PortableMath
import Testing

@Suite struct TrainerTests {
  private typealias Bowl = NoisyBowl<Double>

  private func trainer(
    _ text: String = "sgd + constant(0.1)", _ problem: NoisyBowl<Double> = NoisyBowl(),
    _ options: TrainingOptions = TrainingOptions()
  ) throws -> Trainer<NoisyBowl<Double>> {
    try Trainer(
      problem, from: problem.start, with: AnyOptimizer(text, parameterCount: 6), options: options)
  }

  private func options(_ change: (inout TrainingOptions) -> Void) -> TrainingOptions {
    var options = TrainingOptions()
    change(&options)
    return options
  }

  /// A group of all parameters is the optimizer in a loop, bit for bit, with the metric of an epoch's
  /// end passed at the next step.
  @Test(arguments: TrainingTexts.pairs) func oneGroupIsTheOptimizer(_ text: String) throws {
    func check<S: ParameterScalar>(_: S.Type) throws {
      var passing = TrainingOptions()
      passing.nonFinite = .pass
      passing.historyInterval = 3
      var trainer = try TrainingTexts.trainer(text, S.self, options: passing)
      var problem = NoisyBowl<S>()
      var optimizer = try AnyOptimizer<S>(
        text, parameterCount: 6, variables: ["steps": 100])
      var (theta, gradient) = (problem.start, [S](repeating: 0, count: 6))
      var metric: Double?
      for step in 0..<32 {
        let loss = theta.withUnsafeBufferPointer { point in
          gradient.withUnsafeMutableBufferPointer {
            problem.gradient(at: point, batch: step, draw: 0, into: $0)
          }
        }
        optimizer.step(
          &theta, gradient: gradient, loss: loss, metric: metric, epoch: Double(step) / 5)
        let score =
          step % 5 == 4 ? theta.withUnsafeBufferPointer { problem.validation(at: $0) } : nil
        metric = trainer.options.metric == .loss ? score?.loss : score?.accuracy
        #expect(try trainer.advance(toStep: 32))
        // A run that diverges is lost for both.
        guard loss.isFinite, theta.allSatisfy(\.isFinite) else { return }
        #expect(trainer.parameters == theta, "\(text), step \(step)")
        #expect(trainer.learningRates == [optimizer.learningRate])
      }
      #expect(try !trainer.advance(toStep: 32) && trainer.ending == .finished)
      let rows = (1...32).filter { $0 % 3 == 0 || $0 % 5 == 0 || $0 == 32 }
      #expect(trainer.history.map(\.step) == rows)
    }
    try check(Double.self)
    try check(Float.self)
  }

  /// A method is the method in its own loop, its steps named by what was paid before.
  @Test(arguments: TrainingTexts.methods) func aMethodIsItself(_ text: String) throws {
    var trainer = try TrainingTexts.trainer(text, Double.self)
    func check<M: TrainingMethod<Double>>(_ made: M) throws {
      var (method, theta) = (made, Bowl().start)
      theta.withUnsafeBufferPointer { method.begin(at: $0, groups: [0..<2, 2..<6]) }
      var problem = Bowl()
      var (step, idle) = (0, 0)
      var oracle = FunctionOracle<Double>(parameterCount: 6) { point, gradient, draw in
        problem.gradient(at: point, batch: step, draw: draw, into: gradient)
      }
      oracle.metric = nil
      var looks = 0
      while step < 30 {
        oracle.epoch = Double(step) / 5
        let paid = oracle.counts.thirds
        method.step(&theta, &oracle)
        if oracle.counts.thirds == paid { idle += 3 }
        let before = step
        step = (oracle.counts.thirds + idle) / 3
        if oracle.counts.thirds + idle > 90 { break }
        #expect(try trainer.advance(toStep: 30))
        #expect(trainer.parameters == theta && trainer.step == step, "\(text), step \(step)")
        #expect(trainer.learningRates == [method.learningRate])
        oracle.metric = nil
        if step / 5 > before / 5 {
          looks += 1
          oracle.metric = theta.withUnsafeBufferPointer { problem.validation(at: $0) }?.loss
        }
      }
      #expect(try !trainer.advance(toStep: 30))
      #expect(looks > 2 && trainer.ending == .finished)
    }
    guard case .method(let method) = try Catalogue.standard.method(text, for: Double.self) else {
      return
    }
    try check(method)
  }

  /// K batches a step are one K times as large: numbers that are sums of few powers of two, so that
  /// both are exact.
  @Test(arguments: [1, 2, 4, 8]) func accumulationIsALargeBatch(_ count: Int) throws {
    func problem(_ size: Int) -> FunctionProblem<Double> {
      FunctionProblem(parameterCount: 2, batchesPerEpoch: 32 / size) { x, batch, gradient in
        var loss = 0.0
        for i in 0..<2 { gradient[i] = 0 }
        for example in (batch * size)..<((batch + 1) * size) {
          for i in 0..<2 {
            let centre = Double((example * 7 + i * 3) % 16)
            gradient[i] += (x[i] - centre) / Double(size)
            loss += (x[i] - centre) * (x[i] - centre) / Double(2 * size)
          }
        }
        return loss
      }
    }
    func run(_ size: Int, _ accumulation: Int) throws -> Trainer<FunctionProblem<Double>> {
      var trainer = try Trainer(
        problem(size), from: [4, -2],
        with: AnyOptimizer(
          GradientDescent<Double>(),
          Scheduled { step in step < 3 ? 0.5 : 0.25 }, parameterCount: 2),
        options: options { $0.accumulation = accumulation })
      try trainer.run(toEpoch: 1)
      return trainer
    }
    let (parts, whole) = (try run(1, count), try run(count, 1))
    #expect(parts.parameters == whole.parameters && parts.step == 32 / count)
    #expect(parts.history.map(\.loss) == whole.history.map(\.loss))
    #expect(parts.learningRates == whole.learningRates && parts.epoch == 1)
  }

  /// Writes down what it is told.
  private final class Diary {
    var lines: [String] = []
  }
  private struct Writer: TrainingCallback {
    let name: String
    let diary: Diary
    var stopsAt = Int.max
    private func note(_ word: String, _ context: TrainingContext) {
      diary.lines.append("\(name) \(word) \(context.step)")
    }
    mutating func began(_ context: inout TrainingContext) { note("began", context) }
    mutating func epochBegan(_ context: inout TrainingContext) { note("epoch", context) }
    mutating func stepped(_ context: inout TrainingContext) {
      note("step", context)
      if context.step == stopsAt { context.stop("asked") }
    }
    mutating func validated(_ context: inout TrainingContext) {
      #expect(context.validation != nil)
      note("scored", context)
    }
    mutating func epochEnded(_ context: inout TrainingContext) { note("epochEnd", context) }
    mutating func ended(_ context: inout TrainingContext) {
      #expect(context.ending != nil)
      note("ended", context)
    }
  }

  @Test func hooksAreInOrder() throws {
    let diary = Diary()
    var trainer = try trainer(
      "sgd + constant(0.1)", NoisyBowl(batchesPerEpoch: 2), options { $0.validationInterval = 3 })
    trainer.callbacks = [Writer(name: "a", diary: diary), Writer(name: "b", diary: diary)]
    #expect(try trainer.run(toEpoch: 2) == .finished)
    let words = [
      "began 0", "epoch 0", "step 1", "step 2", "scored 2", "epochEnd 2", "epoch 2", "step 3",
      "scored 3", "step 4", "scored 4", "epochEnd 4", "ended 4",
    ]
    #expect(diary.lines == words.flatMap { ["a \($0)", "b \($0)"] })
  }

  @Test func aCallbackStopsAndTheSameCallGoesOn() throws {
    let diary = Diary()
    var trainer = try trainer()
    trainer.callbacks = [Writer(name: "a", diary: diary, stopsAt: 7)]
    #expect(try trainer.run(toStep: 20) == .stopped("asked") && trainer.step == 7)
    #expect(trainer.history.map(\.step) == [5, 7])
    #expect(try trainer.run(toStep: 20) == .finished && trainer.step == 20)
    var other = try self.trainer()
    try other.run(toStep: 20)
    #expect(other.parameters == trainer.parameters && other.history == trainer.history)
  }

  /// As in Keras: asked at the beginning of each epoch with the rate so far.
  @Test func aRateForEachEpoch() throws {
    var trainer = try trainer()
    var asked: [Int] = []
    trainer.callbacks.append(
      LearningRateCallback { epoch, rate in
        asked.append(epoch)
        return rate * 0.9
      })
    var (rate, rates) = (0.1, [Double]())
    for _ in 0..<4 {
      rate *= 0.9
      rates.append(rate)
    }
    try trainer.run(toEpoch: 4)
    #expect(asked == [0, 1, 2, 3] && trainer.history.map { $0.learningRates[0] } == rates)
  }

  /// A controller that learns goes on from the rate that it is given; a schedule is scaled; bounds hold.
  @Test func ratesAreSetOverAnyController() throws {
    func rates(_ text: String, within bounds: ClosedRange<Double>? = nil) throws -> [Double] {
      let problem = Bowl()
      var trainer = try Trainer(
        problem, from: problem.start,
        groups: [
          TrainingGroup("all", 0..<6, AnyOptimizer(text, parameterCount: 6), within: bounds)
        ])
      trainer.callbacks.append(
        LearningRateCallback { epoch, rate in epoch == 1 ? rate / 2 : rate })
      try trainer.run(toEpoch: 2)
      return trainer.history.map { $0.learningRates[0] }
    }
    #expect(try rates("sgd + constant(0.25)") == [0.25, 0.125])
    #expect(try rates("sgd + constant(0.25)", within: 0.2...1) == [0.25, 0.2])
    #expect(try rates("sgd + constant(4)", within: 0.01...0.5) == [0.5, 0.25])
    let linear = { (step: Double) in LinearSchedule(from: 0.4, to: 0.2, over: 20)(step) }
    let scheduled = try rates("sgd + scheduled(linear(from: 0.4, to: 0.2, over: 20))")
    #expect(scheduled == [linear(4), linear(9) / 2])
    let plateau = try rates("sgd + plateau(initial: 0.25, reduce: .by(0.5, after: 100))")
    #expect(plateau == [0.25, 0.125])
  }

  @Test func earlyStoppingAndTheBest() throws {
    // Scores by epoch: 3, 2, 2.5, 2.4, 1.9 …: patience 2 ends after the fourth.
    var scores = [3, 2, 2.5, 2.4, 1.9, 1.8].makeIterator()
    var seen: [[Double]] = []
    let problem = FunctionProblem<Double>(parameterCount: 1, batchesPerEpoch: 2) { x, _, g in
      g[0] = x[0]
      return x[0] * x[0] / 2
    } validation: { x in
      seen.append(Array(x))
      return ValidationScore(loss: scores.next() ?? 0)
    }
    var trainer = try Trainer(
      problem, from: [1],
      with: AnyOptimizer(GradientDescent<Double>(), ConstantRate(0.5), parameterCount: 1),
      options: options {
        $0.patience = 2
        $0.endsAtBest = true
      })
    #expect(try trainer.run(toEpoch: 9) == .noImprovement(2))
    #expect(trainer.step == 8 && trainer.bestMetric == 2)
    #expect(trainer.parameters == seen[1] && seen[1] == [0.0625])
  }

  /// A score that is better by less than the smallest improvement is none.
  @Test func smallImprovementsAreNone() throws {
    func run(_ least: Double) throws -> (ending: TrainingEnding, step: Int, best: Double?) {
      var scores = [3, 2.5, 2.25, 2, 1.75, 1.5, 1.25].makeIterator()
      let problem = FunctionProblem<Double>(parameterCount: 1, batchesPerEpoch: 1) { x, _, g in
        g[0] = x[0]
        return x[0] * x[0] / 2
      } validation: { _ in
        ValidationScore(loss: scores.next() ?? 0)
      }
      var trainer = try Trainer(
        problem, from: [1],
        with: AnyOptimizer(GradientDescent<Double>(), ConstantRate(0.5), parameterCount: 1),
        options: options {
          $0.patience = 1
          $0.smallestImprovement = least
        })
      return (try trainer.run(toEpoch: 7), trainer.step, trainer.bestMetric)
    }
    #expect(try run(0) == (.finished, 7, 1.25))
    #expect(try run(0.3) == (.noImprovement(1), 3, 2.5))
    #expect(try run(0.5) == (.noImprovement(1), 2, 3))
  }

  /// A method that asks for nothing: each of its steps is one.
  private struct Walk: TrainingMethod {
    var memoryVectors: Int { 0 }
    private(set) var learningRate = 1.0
    var stepCounts: StepCounts { StepCounts() }
    mutating func begin(at parameters: UnsafeBufferPointer<Double>, groups: [Range<Int>]) {}
    mutating func step<O: Oracle<Double>>(
      _ parameters: UnsafeMutableBufferPointer<Double>, _ oracle: inout O
    ) {
      learningRate /= 2
      parameters[0] += 1
    }
  }

  private func walk(_ options: TrainingOptions = TrainingOptions()) throws
    -> Trainer<FunctionProblem<Double>>
  {
    let problem = FunctionProblem<Double>(parameterCount: 1, batchesPerEpoch: 1) { _, _, g in
      g[0] = 0
      return 0
    } validation: { x in
      ValidationScore(loss: abs(x[0] - 2))
    }
    return try Trainer(problem, from: [0], method: Walk(), options: options)
  }

  @Test func stepsThatAskForNothingAreSteps() throws {
    var trainer = try walk()
    for step in 1...4 {
      #expect(try trainer.advance(toStep: 4))
      #expect(trainer.step == step && trainer.parameters == [Double(step)])
    }
    #expect(try !trainer.advance(toStep: 4))
    #expect(trainer.evaluations.gradients == 0)
  }

  /// Taken back to the best, groups and methods have the rate of then.
  @Test func theBestHasItsRate() throws {
    var method = try walk(options { $0.endsAtBest = true })
    try method.run(toStep: 5)
    #expect(method.parameters == [2] && method.learningRates == [0.25])
    let problem = FunctionProblem<Double>(parameterCount: 1, batchesPerEpoch: 1) { _, _, g in
      g[0] = -1
      return 0
    } validation: { x in
      ValidationScore(loss: abs(x[0] - 1.75))
    }
    var groups = try Trainer(
      problem, from: [0],
      with: AnyOptimizer("sgd + scheduled(linear(from: 1, to: 0, over: 4))", parameterCount: 1),
      options: options { $0.endsAtBest = true })
    try groups.run(toStep: 5)
    #expect(groups.parameters == [1.75] && groups.learningRates == [0.75])
  }

  /// Numbers that are not finite skip the step: what follows is as if there had been none, but for the
  /// batch, and no schedule goes on.
  @Test(arguments: [Double.nan, .infinity, -.infinity]) func badBatchesAreSkipped(_ bad: Double)
    throws
  {
    let text = "adam + scheduled(cosine(from: 0.1, to: 0.01, over: 30))"
    var problem = NoisyBowl<Double>(noise: 0)
    var plain = try trainer(text, problem)
    problem.faults = [0: bad, 3: bad, 4: bad, 11: bad]
    var faulty = try trainer(text, problem)
    try plain.run(toStep: 20)
    try faulty.run(toStep: 24)
    #expect(faulty.parameters == plain.parameters && faulty.learningRates == plain.learningRates)
    #expect(faulty.skippedSteps == 4 && faulty.step == 24)
    #expect(faulty.history.allSatisfy { $0.loss.isFinite })
  }

  @Test func trainingThatIsLostEnds() throws {
    var problem = NoisyBowl<Double>()
    for batch in 7..<1000 { problem.faults[batch] = .nan }
    var trainer = try trainer("sgd + constant(0.1)", problem, options { $0.mostSkippedInARow = 5 })
    guard case .lost = try trainer.run(toStep: 100) else {
      Issue.record("\(String(describing: trainer.ending))")
      return
    }
    #expect(trainer.step == 12 && trainer.parameters.allSatisfy(\.isFinite))
    guard case .lost = try trainer.run(toStep: 100) else { fatalError() }
    #expect(trainer.step == 12)
    var passed = try self.trainer("sgd + constant(0.1)", problem, options { $0.nonFinite = .pass })
    guard case .lost = try passed.run(toStep: 100) else { fatalError() }
    #expect(passed.step == 8 && passed.parameters.contains(where: \.isNaN))
  }

  /// Groups move by their own optimizers; a frozen one stays, and its schedule waits.
  @Test func groupsFreezeAndThaw() throws {
    let problem = NoisyBowl<Double>()
    func optimizer(_ text: String, _ count: Int) throws -> AnyOptimizer<Double> {
      try AnyOptimizer(text, parameterCount: count)
    }
    let slow = "adam + scheduled(linear(from: 0.1, to: 0, over: 40))"
    var trainer = try Trainer(
      problem, from: problem.start,
      groups: [
        TrainingGroup("head", 0..<2, optimizer("sgd + constant(0.1)", 2)),
        TrainingGroup("body", 2..<4, optimizer(slow, 2), isFrozen: true),
      ])
    struct Thaw: TrainingCallback {
      mutating func stepped(_ context: inout TrainingContext) {
        if context.step == 10 { context.unfreeze("body") }
        if context.step == 15 { context.freeze("head") }
      }
    }
    trainer.callbacks = [Thaw()]
    try trainer.run(toStep: 10)
    #expect(trainer.parameters[2...] == problem.start[2...] && trainer.parameters[0] != 1)
    try trainer.run(toStep: 15)
    let head = trainer.parameters[..<2]
    #expect(trainer.groups[1].optimizer.stepCount == 5)
    #expect(trainer.learningRates[1] == LinearSchedule(from: 0.1, to: 0, over: 40)(4.0))
    // Another group in mid-run.
    try trainer.add(TrainingGroup("tail", 4..<6, optimizer("adam + constant(0.1)", 2)))
    try trainer.run(toStep: 25)
    #expect(trainer.parameters[..<2] == head && trainer.parameters[4...] != problem.start[4...])
    #expect(trainer.groups.map(\.optimizer.stepCount) == [15, 15, 10])

    // Apart, each group is the same.
    var alone = try Trainer(
      problem, from: problem.start,
      groups: [TrainingGroup("head", 0..<2, optimizer("sgd + constant(0.1)", 2))])
    try alone.run(toStep: 15)
    #expect(alone.parameters[..<2] == head)
  }

  /// What a group, an end or a callback that comes in mid-run asks for is looked at before the next step;
  /// what a frozen one asks for, when it moves.
  @Test func whatComesInMidRunIsChecked() throws {
    let bare = NoisyBowl<Double>(batchesPerEpoch: nil, hasValidation: false)
    func group(
      _ name: String, _ range: Range<Int>, _ text: String, isFrozen: Bool = false
    ) throws -> TrainingGroup<Double> {
      try TrainingGroup(
        name, range, AnyOptimizer("sgd + \(text)", parameterCount: range.count),
        isFrozen: isFrozen)
    }
    let short = "scheduled(linear(from: 0.1, to: 0, over: 20, past: .error))"
    func message(_ trainer: inout Trainer<NoisyBowl<Double>>, toStep last: Int) -> String {
      let before = (trainer.step, trainer.parameters)
      do {
        while try trainer.advance(toStep: last) {}
        return "nothing"
      } catch {
        #expect(trainer.step == before.0 && trainer.parameters == before.1)
        return "\(error)"
      }
    }
    for (text, word) in [
      (short, "ends before the 100 steps"),
      ("plateau(initial: 1, reduce: .by(0.5, after: 1), watching: .metric)", "metric"),
      ("scheduled(stepDecay(from: 1, every: 1, factor: 0.5), in: .epochs)", "epochs"),
    ] {
      let added = try group("tail", 2..<4, text)
      var trainer = try Trainer(
        bare, from: bare.start, groups: [group("head", 0..<2, "constant(0.1)")])
      for _ in 0..<10 { _ = try trainer.advance(toStep: 100) }
      try trainer.add(added)
      #expect(message(&trainer, toStep: 100).contains(word))
      // Frozen, it asks for nothing; its schedule is of the steps that it takes.
      try trainer.setFrozen(true, "tail")
      #expect(message(&trainer, toStep: 90) == "nothing")
      try trainer.setFrozen(false, "tail")
      #expect(message(&trainer, toStep: 100).contains(word) == (text != short))
      struct Thaw: TrainingCallback {
        mutating func stepped(_ context: inout TrainingContext) { context.unfreeze("tail") }
      }
      var other = try Trainer(
        bare, from: bare.start,
        groups: [
          group("head", 0..<2, "constant(0.1)"), group("tail", 2..<4, text, isFrozen: true),
        ])
      other.callbacks = [Thaw()]
      _ = try other.advance(toStep: 100)
      #expect(message(&other, toStep: 100).contains(word))
    }
    var trainer = try Trainer(
      bare, from: bare.start, groups: [group("all", 0..<6, short)])
    for _ in 0..<10 { _ = try trainer.advance(toStep: 20) }
    #expect(message(&trainer, toStep: 100).contains("ends before the 100 steps"))
    trainer.callbacks = [LearningRateCallback { _, rate in rate }]
    #expect(message(&trainer, toStep: 20).contains("callback"))
    trainer.callbacks = []
    #expect(message(&trainer, toStep: 20) == "nothing" && trainer.step == 20)
  }

  /// A plateau is told every score, also where the step after it is skipped: the next one tells it.
  @Test func aSkippedStepTakesNoScoreAway() throws {
    // Epochs of 5 batches; the first step of the second and of the fourth epoch is bad.
    func run(_ faults: [Int: Double]) throws -> [Double] {
      var problem = NoisyBowl<Double>()
      problem.faults = faults
      var trainer = try trainer(
        "sgd + plateau(initial: 1e-9, reduce: .by(0.5, after: 1, from: .best), "
          + "comparing: .absolute(1e9), watching: .metric)", problem)
      var rates: [Double] = []
      for epoch in 1...6 {
        try trainer.run(toEpoch: epoch)
        rates.append(trainer.learningRates[0])
      }
      #expect(trainer.skippedSteps == faults.count)
      return rates
    }
    let plain = try run([:])
    #expect(Set(plain).count > 3)
    #expect(try run([5: .nan, 15: .infinity, 16: .nan]) == plain)
  }

  /// A step of the batches of several epochs: each of them begins and ends, with its number.
  @Test func aStepMayHaveSeveralEpochs() throws {
    struct Numbers: TrainingCallback {
      var memory: [Double] = []
      mutating func epochBegan(_ context: inout TrainingContext) {
        memory.append(Double(context.epochIndex))
      }
      mutating func epochEnded(_ context: inout TrainingContext) {
        memory.append(-Double(context.epochIndex))
      }
    }
    var trainer = try trainer("sgd + constant(1)", NoisyBowl(), options { $0.accumulation = 10 })
    trainer.callbacks = [
      Numbers(), LearningRateCallback { epoch, rate in epoch == 0 ? rate : rate * Double(epoch) },
    ]
    try trainer.run(toEpoch: 5)
    #expect(trainer.step == 3)
    #expect(trainer.callbacks[0].memory == [0, -1, -2, 1, 2, -3, -4, 3, 4, -5, -6])
    #expect(trainer.learningRates == [24])
  }

  /// The norm of what moves is that of all its groups together.
  @Test func clippingIsByTheNormOfWhatMoves() throws {
    let problem = FunctionProblem<Double>(parameterCount: 3) { _, _, gradient in
      gradient[0] = 3
      gradient[1] = 4
      gradient[2] = 1e9
      return 0
    }
    for (most, expected) in [
      (1.0, [-0.6, -0.8, 0]), (4, [-2.4, -3.2, 0]), (5, [-3, -4, 0]), (10, [-3, -4, 0]),
    ] {
      func group(_ name: String, _ place: Int) throws -> TrainingGroup<Double> {
        try TrainingGroup(
          name, place..<(place + 1),
          AnyOptimizer(GradientDescent<Double>(), ConstantRate(1), parameterCount: 1),
          isFrozen: place == 2)
      }
      var trainer = try Trainer(
        problem, from: [0, 0, 0], groups: [group("a", 0), group("b", 1), group("c", 2)],
        options: options { $0.clippingNorm = most })
      try trainer.run(toStep: 1)
      for (a, b) in zip(trainer.parameters, expected) { #expect(abs(a - b) < 1e-15) }
    }
  }

  /// Back to the best with half the rate, as if the steps since had not been.
  @Test func aCallbackGoesBack() throws {
    struct Back: TrainingCallback {
      mutating func epochEnded(_ context: inout TrainingContext) {
        guard context.epochIndex == 3 else { return }
        context.rollBack()
        context.scaleRates(by: 0.5)
      }
    }
    var scores = [3.0, 1, 2, 2].makeIterator()
    var first: [Double] = []
    let problem = FunctionProblem<Double>(parameterCount: 1, batchesPerEpoch: 2) { x, _, g in
      g[0] = x[0]
      return 0
    } validation: { x in
      let score = scores.next() ?? 0
      if score == 1 { first = Array(x) }
      return ValidationScore(loss: score)
    }
    var trainer = try Trainer(
      problem, from: [1],
      with: AnyOptimizer("heavyBall(momentum: 0.5) + constant(0.25)", parameterCount: 1),
      options: options { $0.keepsBest = true })
    try trainer.run(toEpoch: 2)
    var copy = trainer
    trainer.callbacks = [Back()]
    try trainer.run(toEpoch: 3)
    #expect(trainer.parameters == first && trainer.learningRates == [0.125])
    copy.callbacks = [LearningRateCallback { _, rate in rate / 2 }]
    try trainer.run(toStep: 8)
    try copy.run(toStep: 6)
    #expect(trainer.parameters == copy.parameters)
  }

  /// A line each, before anything has moved.
  @Test func whatCannotBeTrainedIsRefused() throws {
    func message(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)" }
      return "nothing"
    }
    let bare = NoisyBowl<Double>(batchesPerEpoch: nil, hasValidation: false)
    func run(_ text: String, _ callbacks: [any TrainingCallback] = []) -> String {
      message {
        var trainer = try trainer(text, bare)
        trainer.callbacks = callbacks
        try trainer.run(toStep: 10)
      }
    }
    func group(_ name: String, _ range: Range<Int>) throws -> TrainingGroup<Double> {
      try TrainingGroup(
        name, range, AnyOptimizer("sgd + constant(1)", parameterCount: range.count))
    }
    func groups(_ groups: (String, Range<Int>)...) -> String {
      message {
        _ = try Trainer(bare, from: bare.start, groups: groups.map { try group($0.0, $0.1) })
      }
    }
    let cases: [(String, String)] = [
      (run("sgd + plateau(initial: 1, reduce: .by(0.5, after: 1), watching: .metric)"), "metric"),
      (run("sgd + scheduled(stepDecay(from: 1, every: 1, factor: 0.5), in: .epochs)"), "epochs"),
      (
        run("sgd + scheduled(linear(from: 0.1, to: 0, over: 5, past: .error))"),
        "ends before the 10 steps"
      ),
      (run("sgd + constant(1)", [LearningRateCallback { _, rate in rate }]), "callback"),
      (
        message {
          var one = try trainer("sgd + constant(1)", bare); try one.run(toEpoch: 1)
        }, "no epochs"
      ),
      (groups(("a", 0..<3), ("b", 2..<4)), "overlap"),
      (groups(("a", 0..<7)), "of which there are 6"),
      (groups(("a", 0..<1), ("a", 1..<2)), "two groups 'a'"),
      (
        message { _ = try trainer("sgd + constant(1)", bare, options { $0.accumulation = 0 }) },
        "not at least 1"
      ),
      (
        message { _ = try trainer("sgd + constant(1)", bare, options { $0.clippingNorm = 0 }) },
        "not above 0"
      ),
      (
        message { _ = try trainer("sgd + constant(1)", bare, options { $0.patience = 0 }) },
        "not at least 1"
      ),
      (
        message {
          _ = try Trainer(
            bare, from: [1], with: AnyOptimizer("sgd + constant(1)", parameterCount: 1))
        }, "has 6 parameters"
      ),
      (
        message {
          _ = try TrainingGroup<Double>(
            "a", 0..<2, AnyOptimizer("sgd + constant(1)", parameterCount: 3))
        }, "made for 3"
      ),
    ]
    for (found, expected) in cases {
      #expect(found.contains(expected) && !found.contains("\n"), "\(found): \(expected)")
    }
  }
}
