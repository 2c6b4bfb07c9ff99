internal import Foundation
internal import Hypergradient
internal import HypergradientCatalogue
internal import Testing

/// What holds after a horizon, for every schedule that has one, and what combinators make of it.
@Suite struct PastHorizonTests {
  /// Every schedule with a horizon T of 8, under a policy.
  static func schedules(_ past: PastHorizon) -> [any FiniteSchedule] {
    [
      CosineSchedule(from: 0.3, to: 0.02, over: 8, past: past),
      LinearSchedule(from: 0.3, to: 0.02, over: 8, past: past),
      PolynomialSchedule(from: 0.3, to: 0.02, over: 8, power: 1.7, past: past),
      RexSchedule(from: 0.3, to: 0.02, over: 8, past: past),
      FlatCosineSchedule(from: 0.3, to: 0.02, over: 8, flat: 0.5, past: past),
      OneCycleSchedule(peak: 0.3, over: 8, past: past),
      OneCycleSchedule(peak: 0.3, over: 8, fall: 0.7, shape: .linear, past: past),
      WarmupStableDecaySchedule(peak: 0.3, to: 0.02, over: 8, warmup: 3, decay: 2, past: past),
      TriStageSchedule(peak: 0.3, warmup: 3, hold: 1, decay: 4, past: past),
      PiecewiseSchedule(at: [1, 3, 8], values: [0.1, 0.3, 0.2], past: past),
      TableSchedule([0.3, 0.1, 0.2, 0.05], every: 2, past: past),
    ]
  }

  @Test func holdKeepsTheLastValue() {
    for schedule in Self.schedules(.hold) {
      #expect(schedule.horizon == 8 && schedule.lastStep == .infinity)
      for step in [8, 8.5, 9, 1e9, 1e300] { #expect(schedule(step) == schedule.value(at: 8)) }
    }
  }

  @Test func restartBeginsAgain() {
    for schedule in Self.schedules(.restart) {
      #expect(schedule(8) == schedule(0))
      for step in [0, 0.5, 3, 7.75] {
        #expect(schedule(step + 8) == schedule(step) && schedule(step + 800) == schedule(step))
      }
    }
  }

  @Test func mirrorGoesBackAndForth() {
    for schedule in Self.schedules(.mirror) {
      #expect(schedule(8) == schedule.value(at: 8) && schedule(16) == schedule(0))
      for step in [0, 0.5, 3, 7.75] {
        #expect(schedule(16 - step) == schedule(step) && schedule(16 + step) == schedule(step))
      }
    }
  }

  @Test func stretchEndsAtEveryMultiple() {
    for schedule in Self.schedules(.stretch) {
      for k in 1...5 { #expect(schedule(8 * k) == schedule.value(at: 8)) }
      #expect(schedule(9) == schedule.value(at: 4.5) && schedule(21) == schedule.value(at: 7))
    }
  }

  @Test func allPoliciesAgreeBeforeTheHorizon() {
    for (index, schedule) in Self.schedules(.hold).enumerated() {
      for past in PastHorizon.allCases {
        let other = Self.schedules(past)[index]
        for step in stride(from: 0, to: 8, by: 0.25) { #expect(other(step) == schedule(step)) }
      }
    }
  }

  @Test func errorHasALastStepAndStopsThere() async {
    for schedule in Self.schedules(.error) {
      #expect(schedule.lastStep == (schedule is TableSchedule ? 8.0.nextDown : 8))
      #expect(schedule(schedule.lastStep) == schedule.value(at: 8))
    }
    await #expect(processExitsWith: .failure) {
      _ = CosineSchedule(from: 1, to: 0, over: 8, past: .error)(8.0.nextUp)
    }
    await #expect(processExitsWith: .failure) { _ = TableSchedule([1, 2], past: .error)(2) }
  }

  @Test func combinatorsKnowTheLastStep() {
    let line = LinearSchedule(from: 1, to: 0, over: 8, past: .error)
    #expect(line.shifted(by: 5).lastStep == 13)
    #expect(line.scaled(by: 2).lastStep == 8)
    #expect(line.clamped(to: 0...1).lastStep == 8)
    #expect(line.warmedUp(over: 3).lastStep == 8)
    #expect(line.looped(every: 8).lastStep == .infinity)
    #expect(line.looped(every: 9).lastStep == 8)
    #expect(line.followed(by: .constant(1), at: 8).lastStep == .infinity)
    #expect(line.followed(by: .constant(1), at: 9).lastStep == 8)
    #expect(ConstantSchedule(1).followed(by: line, at: 4).lastStep == 12)
    #expect(line.shifted(by: 5)(13) == 0)
  }

  @Test func aTextKnowsWhetherTheRunIsLonger() throws {
    let text = "sgd + scheduled(cosine(over: 50, past: .error))"
    #expect(throws: Never.self) { try TextReader(text, variables: ["steps": 51]).method() }
    let error = try #require(throws: SpecError.self) {
      try TextReader(text, variables: ["steps": 52]).method()
    }
    #expect(error.message.contains("ends at step 50, before the 52 steps of the run"))
  }

  /// No jump between neighbouring Doubles, where the form has none.
  @Test func continuousFormsHaveNoJumps() {
    let continuous: [any Schedule] =
      Self.schedules(.hold).filter { !($0 is TableSchedule) }
      + Self.schedules(.mirror).filter { !($0 is TableSchedule) }
      + [
        TriangularSchedule(from: 0.1, to: 0.4, rise: 3, fall: 5.5),
        NoamSchedule(width: 16, warmup: 7),
        WarmupSchedule(over: 8, shape: .cosine, from: 0.2),
        InverseTimeSchedule(from: 0.3, rate: 0.05, degree: 0.7).shifted(by: 4),
        GeometricSchedule(from: 0.3, factor: 0.8, floor: 0.1),
      ]
    for schedule in continuous {
      for step in stride(from: 0.25, through: 40, by: 0.25) {
        let jump = abs(schedule(step) - schedule(step.nextDown))
        #expect(jump <= 1e-14, "\(schedule) jumps by \(jump) at \(step)")
      }
    }
  }

  @Test func aClosureIsAScheduleThatCannotBeStored() throws {
    let closure = ClosureSchedule { 0.1 / (1 + $0 / 100) }
    var control = Scheduled(closure)
    #expect(control.learningRate(for: StepSignals(step: 100)) == 0.05)
    #expect(throws: EncodingError.self) { try JSONEncoder().encode(closure) }
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(ClosureSchedule.self, from: Data("{}".utf8))
    }
    let table = closure.tabulated(over: 200)
    let copy = try LawFixtures.coded(table)
    for step in 0..<200 { #expect(copy(step) == closure(step)) }
    #expect(copy(1000) == closure(199))
  }
}
