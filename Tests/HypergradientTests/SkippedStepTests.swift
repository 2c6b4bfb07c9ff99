internal import Foundation
internal import Hypergradient
internal import Testing

/// A step that is skipped because its gradient or its loss is not finite is none for a schedule.
@Suite struct SkippedStepTests {
  /// Skips where a loss is not finite, or where it is told to.
  private struct Skipper<Base: LearningRateController>: LearningRateController {
    var base: Base
    var skipsAt: Set<Int> = []
    private var seen = 0
    init(_ base: Base, skipsAt: Set<Int> = []) { (self.base, self.skipsAt) = (base, skipsAt) }
    var requirements: ControllerRequirements {
      var all = base.requirements.with(signals: base.requirements.signals.union([.loss]))
      all.alwaysSteps = false
      return all
    }
    var learningRate: Double { base.learningRate }
    mutating func decide(_ signals: StepSignals) -> StepDecision {
      defer { seen += 1 }
      return signals.loss.isFinite && !skipsAt.contains(seen) ? base.decide(signals) : .skip
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
    #expect(optimizer.skippedSteps == losses.count - rates.count)
    return rates
  }

  private static let bad: [[Double]] = [
    [.nan, 1, 1, 1, 1, 1], [1, .infinity, 1, -.infinity, .nan, 1, 1, 1, 1], [1, 1, 1, 1, 1, .nan],
  ]

  /// Rates of the steps that were taken are those of a run without bad ones; with a checkpoint
  /// before every step, too.
  @Test(arguments: bad, [false, true])
  func noScheduleGoesOn(_ losses: [Double], _ recoding: Bool) throws {
    let good = losses.filter(\.isFinite)
    let schedule = CosineSchedule(from: 0.1, to: 0.01, over: 5)
    func check<C: LearningRateController>(_ control: C) throws {
      let rates = try rates(control, losses, recoding: recoding)
      #expect(try rates == self.rates(control, good) && Set(rates).count == good.count)
    }
    try check(Skipper(Scheduled(schedule)))
    try check(Skipper(ConstantRate(1)).scaled(by: schedule))
    try check(Scheduled(schedule).times(Skipper(ConstantRate(1))))
  }

  /// The bold driver skips until there is a first loss.
  @Test func theBoldDriverUnderAWarmUp() throws {
    let control = BoldDriver(initial: 0.1, within: 1e-6...1).scaled(by: .linearWarmup(over: 3))
    #expect(
      try rates(control, [.nan, .infinity, 3, 2, 1]) == rates(control, [3, 2, 1]))
  }

  /// A step that a controller skips for a reason of its own has been one.
  @Test func aSkipOfAnotherKindCounts() throws {
    let schedule = CosineSchedule(from: 0.1, to: 0.01, over: 5)
    let control = Skipper(Scheduled(schedule), skipsAt: [1])
    #expect(try rates(control, [1, 1, 1]) == [schedule(0), schedule(2)])
  }

  /// More skipped steps than are left in the schedule do not end it.
  @Test func aScheduleThatEndsIsNotReachedBySkips() throws {
    let control = Skipper(
      Scheduled(CosineSchedule(from: 0.1, to: 0.01, over: 3, past: .error)))
    let losses: [Double] = [1, .nan, .nan, .nan, .nan, .nan, 1]
    #expect(try rates(control, losses, recoding: true).count == 2)
  }

  /// No more steps can be uncounted than were skipped.
  @Test func aDamagedCountIsRefused() throws {
    var optimizer = Optimizer(
      GradientDescent<Double>(), Skipper(ConstantRate(1)), parameterCount: 1)
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
