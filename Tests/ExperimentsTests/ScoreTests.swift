internal import Experiments
internal import Foundation
internal import PortableMath
internal import Records
internal import Testing

/// The scores of runs against their traces, and the ends that runs come to.
@Suite struct ScoreTests {
  /// Targets, holding and first passages, told again from the evaluated gaps.
  @Test func scoresAreThoseOfTheTraces() throws {
    let folder = try TemporaryFolder()
    let suite = try TinySuite.suite()
    let results = try folder.run(suite).results
    var (held, lost, never) = (0, 0, 0)
    for trace in results.traces {
      let run = try #require(
        results.runs.first {
          $0.part == .sweep && $0.task == trace.task && $0.rule == trace.rule
            && $0.method == trace.method && $0.seed == trace.seed
            && $0.rateIndex == trace.rateIndex
        })
      let task = try #require(suite.tasks.first { $0.name == trace.task })
      let target = try #require(run.target)
      let points = Array(zip(trace.steps, trace.gaps))
      #expect(trace.gaps[0] == 1 && trace.losses[0] == run.initialLoss)
      #expect(run.firstPassage == points.first { $0.1 <= target }?.0)
      #expect(run.firstPassageCommon == points.first { $0.1 <= task.commonTarget }?.0)
      #expect(run.bestGap == trace.gaps.min())
      let holds =
        run.status == .finished
        && points.filter { $0.0 >= 57 }.allSatisfy { $0.1 <= target }
      #expect(run.reached == holds)
      if run.status == .finished {
        #expect(run.worstGap == trace.gaps.max())
        #expect(run.finalGap == trace.gaps.last && run.finalLoss == trace.losses.last)
        #expect(run.halfGap == points.first { $0.0 == 30 }?.1)
        #expect(run.gradientEvaluations == 60)
        #expect(trace.steps.last == 60)
      }
      if run.reached {
        held += 1
      } else if run.firstPassage != nil {
        lost += 1
      } else {
        never += 1
      }
    }
    #expect(results.traces.count == 3 * 2 * 4 * 4)
    #expect(held > 5 && lost > 0 && never > 5, "\(held) held, \(lost) lost, \(never) never")
  }

  /// On each seed a run is held to what the reference rate and its two neighbours do there, told again
  /// by trainings of their own; to the reference's target where that was given, or where they do not get
  /// to half of the gap.
  @Test func theTargetIsWhatTheReferenceRateDoesOnTheSeed() throws {
    var suite = try TinySuite.suite()
    suite.reportSeeds = [101, 102]
    suite.tasks[2].references["adam"]?.key = Suite.Reference.given
    let results = try TemporaryFolder().run(suite).results
    var targets: Set<Double> = []
    for task in suite.tasks {
      for rule in suite.rules {
        let reference = try #require(task.references[rule.name])
        for seed in [1, 101, 102] {
          let levels = try [-0.125, 0, 0.125].map { exponent in
            let rate = reference.rate * Portable.pow(10, exponent)
            let run = try SingleTraining.run(
              SingleTraining.Request(
                task: task.spec, method: "\(rule.spec) + constant(\(rate))", seed: seed, steps: 60,
                epochs: 1, data: nil, evaluations: 12)
            ) { _, _ in }.record
            return run.status.isDiverged ? .infinity : max(run.halfGap, run.finalGap)
          }
          let own = max(1e-8, levels.sorted()[1])
          let isFixed = reference.key == Suite.Reference.given || own > 0.5
          let expected = isFixed ? reference.target : own
          let runs = results.runs.filter {
            $0.task == task.name && $0.rule == rule.name && $0.seed == seed
          }
          #expect(!runs.isEmpty && runs.allSatisfy { $0.target == expected })
          targets.insert(expected)
        }
      }
    }
    // The tasks that differ between seeds have a target for each.
    #expect(targets.count >= 8, "\(targets)")
  }

  private func train(
    _ task: String, _ method: String, steps: Int = 200, evaluations: Int = 20
  ) throws -> (record: RunRecord, trace: RunTrace) {
    try SingleTraining.run(
      SingleTraining.Request(
        task: task, method: method, seed: 1, steps: steps, epochs: 1, data: nil,
        evaluations: evaluations)
    ) { _, _ in }
  }

  /// Off the clock: the start, T/2, the end, log-spaced between, and every half per cent of the
  /// last five.
  @Test(arguments: [1, 2, 3, 7, 20, 100, 1000]) func evaluatedSteps(_ horizon: Int) throws {
    let steps = try train(
      "ellipsoid(dimension: 2)", "sgd + constant(0)", steps: horizon, evaluations: 40
    ).trace.steps
    #expect(steps.first == 0 && steps.last == horizon)
    #expect(zip(steps, steps.dropFirst()).allSatisfy { $0 < $1 })
    #expect(steps.contains(1) && steps.contains(max(1, horizon / 2)))
    #expect(steps.count <= 40 + 3 + 11)
    let hold = horizon - horizon / 20
    for tenth in 0...10 {
      #expect(steps.contains(hold + (horizon - hold) * tenth / 10))
    }
    if horizon == 1000 {
      #expect(steps.filter { $0 < 10 } == [0, 1, 2, 3, 4, 5, 6, 7, 8])
      #expect(steps.filter { $0 >= 950 }.count >= 11)
    }
  }

  /// What does not move ends where it began, which is no divergence.
  @Test func aRunThatStandsStillIsFinished() throws {
    let run = try train("ellipsoid(dimension: 5)", "sgd + constant(0)").record
    #expect(run.status == .finished)
    #expect(run.finalGap == 1 && run.bestGap == 1 && run.worstGap == 1 && run.areaUnderLogGap == 0)
    #expect(run.gradientEvaluations == 200 && run.moved == false)
  }

  @Test func aRunThatOverflowsIsNotFinite() throws {
    let run = try train("rosenbrock(dimension: 4)", "sgd + constant(1e200)").record
    #expect(run.status == .nonFinite && run.status.isDiverged)
    #expect(run.finalGap == .infinity && !run.reached && run.gradientEvaluations < 10)
  }

  /// Past 10⁸ starting distances a run is stopped; up to there it may come back.
  @Test func aRunThatEscapesIsStopped() throws {
    // Eigenvalues from 1 to 10: the factor of a step is at most 1 − 10η = −3.
    let run = try train("ellipsoid(dimension: 3, condition: 10)", "sgd + constant(0.4)").record
    #expect(run.status == .escaped && run.finalGap == .infinity)
    // 3^17 is the first power past 1e8; the distance is looked at every eighth step.
    #expect((17...32).contains(run.gradientEvaluations), "\(run.gradientEvaluations)")
  }

  @Test func aRunThatEndsAboveItsStartIsWorse() throws {
    let task = "ellipsoid(dimension: 3, condition: 10)"
    let run = try train(task, "sgd + constant(0.22)", steps: 30).record
    #expect(run.status == .worse && run.finalLoss > run.initialLoss && run.finalGap.isFinite)
    // A spike that recovers is no divergence: its height is on record.
    let spike = try train(
      task, "sgd + scheduled(step(from: 0.3, every: 6, factor: 0.3))", steps: 200
    ).record
    #expect(spike.status == .finished && spike.worstGap > 10 && spike.finalGap < 1)
  }

  /// A method that needs epochs can't be trained on a task without examples.
  @Test func signalsThatATaskLacksAreRefused() {
    #expect(
      message { _ = try train("rosenbrock", "sgd + scheduled(constant(1), in: .epochs)") }
        == "method 'sgd + scheduled(constant(1), in: .epochs)' counts epochs, and task "
        + "'rosenbrock' is not made of examples")
    #expect(
      message {
        _ = try train("logistic(examples: 64)", "sgd + scheduled(constant(1e-3), in: .epochs)")
      } == "nothing")
  }
}
