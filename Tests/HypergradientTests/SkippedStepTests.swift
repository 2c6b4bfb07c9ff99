internal import Foundation
internal import Hypergradient
internal import Testing

/// A step whose gradient is discarded because it, or its loss, is not finite is none for a schedule,
/// whether it is skipped, the last one is retaken or the best parameters are restored.
@Suite struct SkippedStepTests {
  /// What takes the place of a step.
  enum Answer: String, Codable, CaseIterable {
    case skip, retake, restore

    func decision(_ rate: Double) -> StepDecision {
      switch self {
      case .skip: .skip
      case .retake: .retake(rate)
      case .restore: .restore(rate)
      }
    }
  }

  /// Takes no step where a loss is not finite, or where it is told to.
  private struct Skipper<Base: LearningRateController>: LearningRateController {
    var base: Base
    var skipsAt: Set<Int> = []
    var answer: Answer
    private var seen = 0
    init(_ base: Base, skipsAt: Set<Int> = [], by answer: Answer = .skip) {
      (self.base, self.skipsAt, self.answer) = (base, skipsAt, answer)
    }
    var requirements: ControllerRequirements {
      var all = base.requirements.with(signals: base.requirements.signals.union([.loss]))
      all.alwaysSteps = false
      all.keepsDirection = answer == .retake
      all.keepsBest = answer == .restore
      return all
    }
    var learningRate: Double { base.learningRate }
    mutating func decide(_ signals: StepSignals) -> StepDecision {
      defer { seen += 1 }
      return signals.loss.isFinite && !skipsAt.contains(seen)
        ? base.decide(signals) : answer.decision(learningRate)
    }
  }

  private func rates<C: LearningRateController>(
    _ control: C, _ losses: [Double], recoding: Bool = false
  ) throws -> [Double] {
    var optimizer = Optimizer(GradientDescent<Double>(), control, parameterCount: 2)
    var theta = [1.0, 2]
    var rates: [Double] = []
    for loss in losses {
      if recoding { optimizer = try LawFixtures.coded(optimizer) }
      let gradient = loss.isFinite ? theta : [.nan, 1]
      if case .step(let rate) = optimizer.step(&theta, gradient: gradient, loss: loss) {
        rates.append(rate)
      }
    }
    #expect(optimizer.stepCount == losses.count)
    #expect(
      optimizer.skippedSteps + optimizer.retakenSteps + optimizer.restoredSteps
        == losses.count - rates.count)
    return rates
  }

  private static let bad: [[Double]] = [
    [.nan, 1, 1, 1, 1, 1], [1, .infinity, 1, -.infinity, .nan, 1, 1, 1, 1], [1, 1, 1, 1, 1, .nan],
  ]

  /// Rates of the steps that were taken are those of a run without bad ones; with a checkpoint
  /// before every step, too.
  @Test(arguments: bad, Answer.allCases)
  func noScheduleGoesOn(_ losses: [Double], _ answer: Answer) throws {
    let good = losses.filter(\.isFinite)
    let schedule = CosineSchedule(from: 0.1, to: 0.01, over: 5)
    func check<C: LearningRateController>(_ control: C) throws {
      for recoding in [false, true] {
        let rates = try rates(control, losses, recoding: recoding)
        #expect(try rates == self.rates(control, good) && Set(rates).count == good.count)
      }
    }
    try check(Skipper(Scheduled(schedule), by: answer))
    try check(Skipper(ConstantRate(1), by: answer).scaled(by: schedule))
    try check(Scheduled(schedule).times(Skipper(ConstantRate(1), by: answer)))
  }

  /// The steps that a controller is told; the losses and the gradient's finiteness are the test's.
  private struct Told: LearningRateController {
    var base: Skipper<ConstantRate>
    var steps: [Int] = []
    init(_ answer: Answer, at places: Set<Int>) {
      base = Skipper(ConstantRate(0.1), skipsAt: places, by: answer)
    }
    var requirements: ControllerRequirements { base.requirements }
    var learningRate: Double { base.learningRate }
    mutating func decide(_ signals: StepSignals) -> StepDecision {
      steps.append(signals.step)
      return base.decide(signals)
    }
  }

  /// The gradient alone may be bad, and in one part of several alone: the controller has another reason,
  /// or needs no norm.
  @Test(arguments: Answer.allCases) func aBadGradientUnderAGoodLoss(_ answer: Answer) {
    let control = Told(answer, at: [2, 4])
    var whole = Optimizer(GradientDescent<Double>(), control, parameterCount: 4)
    var parts = (0..<2).map { _ in
      Optimizer(GradientDescent<Double>(), control, parameterCount: 2)
    }
    var (theta, parted) = ([4.0, 3, 2, 1], [[4.0, 3], [2, 1]])
    for step in 0..<7 {
      // Step 2 is discarded with a bad gradient, step 4 with a good one.
      let bad = step == 2 ? Double.nan : 1
      whole.step(&theta, gradient: [1, 1, 1, bad], loss: 1)
      let gradients = [[1.0, 1], [1, bad]]
      var all = StepSums()
      for k in 0..<2 {
        parted[k].withUnsafeMutableBufferPointer { x in
          gradients[k].withUnsafeBufferPointer { all = all + parts[k].sums(x, gradient: $0) }
        }
      }
      for k in 0..<2 {
        parted[k].withUnsafeMutableBufferPointer { x in
          gradients[k].withUnsafeBufferPointer {
            _ = parts[k].step(x, gradient: $0, all: all, loss: 1)
          }
        }
      }
    }
    #expect(whole.controller.steps == [0, 1, 2, 2, 3, 4, 5])
    for part in parts { #expect(part.controller.steps == whole.controller.steps) }
    #expect(parted[0] + parted[1] == theta)
  }

  /// Controllers that take back a step at a number that is not finite: the warm-up's factors are those of
  /// the steps that are taken.
  @Test func theWarmUpOfWhatTakesBack() {
    func check<C: LearningRateController>(_ control: C) {
      func factors(_ bad: Set<Int>) -> [Double] {
        var optimizer = Optimizer(
          GradientDescent<Double>(), control.scaled(by: .linearWarmup(over: 6)), parameterCount: 2)
        var theta = [1.0, 2]
        var factors: [Double] = []
        for step in 0..<10 {
          let isBad = bad.contains(step)
          let gradient = isBad ? [.nan, theta[1]] : theta
          let loss = isBad ? Double.infinity : (theta[0] * theta[0] + theta[1] * theta[1]) / 2
          let decision = optimizer.step(&theta, gradient: gradient, loss: loss)
          if case .step(let rate) = decision {
            factors.append(rate / optimizer.controller.base.learningRate)
          } else {
            #expect(isBad)
          }
        }
        return factors
      }
      let (found, expected) = (factors([2, 3, 6]), factors([]))
      #expect(found.count == 7)
      for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-12) }
      #expect(abs(expected[0] - 1.0 / 6) < 1e-12 && abs(expected[6] - 1) < 1e-12)
    }
    check(BoldDriver(initial: 0.1, within: 1e-6...1))
    check(TraceAlignedRate(initial: 0.1, steps: 100))
    check(TraceAlignedRate(initial: 0.1, steps: 100, restoring: .never))
  }

  /// A method that asks for a second gradient: one that is not finite is none of its schedule's steps.
  @Test(arguments: Answer.allCases.dropLast()) func aSecondGradient(_ answer: Answer) {
    var step = 0
    var oracle = FunctionOracle<Double>(parameterCount: 1) { x, g, draw in
      g[0] = draw == 1 && step == 3 ? .nan : x[0]
      return x[0] * x[0] / 2
    }
    var method = IndependentAlignment(
      GradientDescent<Double>(), by: NormReader(answer), every: 1)
    var theta = [1.0]
    method.begin(at: theta)
    while step < 6 {
      method.step(&theta, &oracle)
      step += 1
    }
    #expect(method.controller.steps == [0, 1, 2, 3, 3, 4])
  }

  /// Nor is it one of those after which the method's rate stays.
  @Test(arguments: Answer.allCases.dropLast()) func aSecondGradientOfAFrozenMethod(
    _ answer: Answer
  ) {
    var step = 0
    var oracle = FunctionOracle<Double>(parameterCount: 1) { x, g, draw in
      g[0] = draw == 1 && (3...4).contains(step) ? .nan : x[0]
      return x[0] * x[0] / 2
    }
    func rates<M: TrainingMethod<Double>>(_ made: M) -> [Double] {
      var method = made
      var theta = [1.0]
      method.begin(at: theta)
      return (0..<9).map {
        step = $0
        method.step(&theta, &oracle)
        return method.learningRate
      }
    }
    let found = rates(
      IndependentAlignment(GradientDescent<Double>(), by: NormReader(answer)).frozen(after: 5))
    #expect(found == [0, 1, 2, 2, 2, 3, 4, 4, 4].map(NormReader.rate))
  }

  /// Takes no step where the gradient's norm is not finite.
  private struct NormReader: LearningRateController {
    let answer: Answer
    var steps: [Int] = []
    var learningRate = rate(0)
    init(_ answer: Answer) { self.answer = answer }
    static func rate(_ step: Int) -> Double { 0.1 / Double(1 + step) }
    var requirements: ControllerRequirements {
      ControllerRequirements(
        signals: [.gradientNorm, .alignment], alwaysSteps: false, keepsDirection: true)
    }
    mutating func decide(_ signals: StepSignals) -> StepDecision {
      steps.append(signals.step)
      guard signals.gradientNorm.isFinite else { return answer.decision(learningRate) }
      learningRate = Self.rate(signals.step)
      return .step(learningRate)
    }
  }

  /// The bold driver skips until there is a first loss.
  @Test func theBoldDriverUnderAWarmUp() throws {
    let control = BoldDriver(initial: 0.1, within: 1e-6...1).scaled(by: .linearWarmup(over: 3))
    #expect(
      try rates(control, [.nan, .infinity, 3, 2, 1]) == rates(control, [3, 2, 1]))
  }

  /// What a plateau is told of a step that is refused or discarded before it sees it, it is told at the
  /// next one; with a checkpoint between the two as well.
  @Test(arguments: [0, 1, 2, 3]) func noMetricIsLost(_ kind: Int) throws {
    let plateau = Plateau(
      initial: 1e-9, reduce: .by(0.5, after: 1), comparing: .absolute(1e9),
      watching: .metric)
    /// The rate after each step; metrics at steps 1, 4, 7, …
    func rates(bad: Set<Int>) throws -> [Double] {
      var step = 0
      var oracle = FunctionOracle<Double>(parameterCount: 2) { x, g, draw in
        g[0] = bad.contains(step) && draw == 0 ? .infinity : x[0]
        g[1] = x[1]
        return 1
      }
      func run<M: TrainingMethod<Double>>(_ made: M) throws -> [Double] {
        var method = made
        var theta = [1.0, 2]
        method.begin(at: theta)
        var rates: [Double] = []
        while step < 18 {
          method = try LawFixtures.coded(method)
          oracle.metric = step % 3 == 1 ? 1 : nil
          method.step(&theta, &oracle)
          rates.append(method.learningRate)
          step += 1
        }
        return rates
      }
      switch kind {
      case 0:
        return try run(
          Optimizer(GradientDescent<Double>().guarded(), plateau, parameterCount: 2))
      case 1: return try run(GroupedOptimizer(GradientDescent<Double>(), rate: plateau))
      case 2: return try run(HypergradientStartUp(GradientDescent<Double>(), rate: plateau))
      default: return try run(IndependentAlignment(GradientDescent<Double>(), by: plateau))
      }
    }
    let (plain, found) = (try rates(bad: []), try rates(bad: [4, 10, 11]))
    // Rates at the steps with the metrics of both: each of them is there before the next metric.
    for step in stride(from: 3, to: 18, by: 3) {
      #expect(found[step] == plain[step], "step \(step)")
    }
    #expect(Set(plain).count > 4 && found[4] != plain[4])
  }

  /// A step that a controller discards for a reason of its own has been one.
  @Test(arguments: Answer.allCases) func aSkipOfAnotherKindCounts(_ answer: Answer) throws {
    let schedule = CosineSchedule(from: 0.1, to: 0.01, over: 5)
    let control = Skipper(Scheduled(schedule), skipsAt: [1], by: answer)
    #expect(try rates(control, [1, 1, 1]) == [schedule(0), schedule(2)])
  }

  /// More discarded steps than are left in the schedule do not end it.
  @Test(arguments: Answer.allCases)
  func aScheduleThatEndsIsNotReachedBySkips(_ answer: Answer) throws {
    let control = Skipper(
      Scheduled(CosineSchedule(from: 0.1, to: 0.01, over: 3, past: .error)), by: answer)
    let losses: [Double] = [1, .nan, .nan, .nan, .nan, .nan, 1]
    #expect(try rates(control, losses, recoding: true).count == 2)
  }

  /// No more steps can be uncounted than were discarded.
  @Test(arguments: Answer.allCases) func aDamagedCountIsRefused(_ answer: Answer) throws {
    var optimizer = Optimizer(
      GradientDescent<Double>(), Skipper(ConstantRate(1), by: answer), parameterCount: 1)
    var theta = [1.0]
    optimizer.step(&theta, gradient: [.nan], loss: .nan)
    let text = String(decoding: try JSONEncoder().encode(optimizer), as: UTF8.self)
    #expect(text.contains("\"uncountedSteps\":1"))
    for count in ["2", "-1", "9223372036854775807"] {
      let changed = text.replacingOccurrences(
        of: "\"uncountedSteps\":1", with: "\"uncountedSteps\":\(count)")
      #expect(throws: DecodingError.self) {
        try JSONDecoder().decode(
          Optimizer<GradientDescent<Double>, Skipper<ConstantRate>>.self, from: Data(changed.utf8))
      }
    }
  }
}
