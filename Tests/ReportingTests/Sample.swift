import Foundation
import Records

/// A comparison small enough to be recomputed by hand: 2 tasks × 1 rule × 3 methods × 3 rates × 4
/// seeds, of which 0 and 1 tune.
///
/// - `fixed` reaches the target at the middle rate and diverges at the highest;
/// - `both & half` (a name that needs escaping) reaches it at every rate, on the first task alone;
/// - `broken` always diverges.
enum Sample {
  static let seeds = [0, 1, 2, 3]
  static let exponents = [-2.0, 0, 2]

  static var suite: Suite {
    let json = """
      {"name": "sample", "version": 3, "summary": "A <small> one", "steps": 100, "evaluations": 9,
       "tracedExponents": [0],
       "tuningSeeds": [0, 1], "reportSeeds": [2, 3],
       "startingRates": {"low": -2, "high": 2, "count": 3},
       "rules": [{"name": "SGD", "spec": ""}],
       "methods": [{"name": "fixed", "spec": ""}, {"name": "both & half", "spec": ""},
         {"name": "broken", "spec": ""}],
       "tasks": [
         {"name": "bowl_1", "spec": "", "commonTarget": 0.01,
          "references": {"SGD": {"rate": 0.1, "target": 0.001}}},
         {"name": "valley", "spec": "", "commonTarget": 0.01,
          "references": {"SGD": {"rate": 0.1, "target": 0.001}}}],
       "map": {"startingRates": {"low": -2, "high": 2, "count": 3}, "seeds": [0],
         "methods": [{"name": "tuned", "spec": "", "hyperLearningRates": [0.01, 0.1]}]}}
      """
    // The text above is a suite.
    return try! JSONDecoder().decode(Suite.self, from: Data(json.utf8))
  }

  static func run(
    _ part: RunRecord.Part = .sweep, task: String, method: String, seed: Int, rate: Int,
    gap: Double, moved: Double = 1
  ) -> RunRecord {
    let start = [0.001, 0.1, 10][rate]
    let reached = gap <= 0.001
    return RunRecord(
      part: part, task: task, rule: "SGD", method: method, seed: seed, rateIndex: rate,
      startingRate: start, rateExponent: exponents[rate],
      status: gap.isFinite ? .finished : .nonFinite, initialLoss: 1, finalLoss: gap,
      finalGap: gap, bestGap: min(1, gap), worstGap: max(1, gap), halfGap: gap,
      areaUnderLogGap: reached ? -2 : 0, reached: reached, firstPassage: reached ? 40 + seed : nil,
      firstPassageCommon: gap <= 0.01 ? 20 : nil, gradientEvaluations: gap.isFinite ? 100 : 7,
      lossEvaluations: 0, finalLearningRate: start * moved, smallestLearningRate: start,
      largestLearningRate: start * moved, negativeSteps: 0, skippedSteps: 0, retakenSteps: 0)
  }

  static var runs: [RunRecord] {
    var runs: [RunRecord] = []
    for task in ["bowl_1", "valley"] {
      for seed in seeds {
        for rate in 0..<3 {
          let noise = 1 + Double(seed) / 10
          runs.append(
            run(
              task: task, method: "fixed", seed: seed, rate: rate,
              gap: [0.5, 1e-4 * noise, .infinity][rate]))
          runs.append(
            run(
              task: task, method: "both & half", seed: seed, rate: rate,
              gap: task == "bowl_1" ? 1e-5 * noise * Double(3 - rate) : 0.005, moved: 100))
          runs.append(
            run(task: task, method: "broken", seed: seed, rate: rate, gap: .infinity))
        }
      }
      for rate in 0..<3 {
        for hyper in 0..<2 {
          var cell = run(
            .map, task: task, method: "tuned", seed: 0, rate: rate, gap: hyper == 0 ? 1e-4 : 0.5)
          cell.hyperIndex = hyper
          cell.hyperLearningRate = [0.01, 0.1][hyper]
          runs.append(cell)
        }
      }
    }
    return runs
  }

  static var traces: [RunTrace] {
    ["fixed", "both & half", "broken"].flatMap { method in
      seeds.map { seed in
        let steps = method == "broken" ? [0, 1] : [0, 1, 10, 100]
        return RunTrace(
          task: "bowl_1", rule: "SGD", method: method, seed: seed, rateIndex: 1, steps: steps,
          gaps: steps.map { $0 == 0 ? 1 : 1 / Double($0 + seed) },
          losses: steps.map { $0 == 0 ? 1 : 1 / Double($0 + seed) },
          learningRates: steps.map { $0 == 10 ? -0.1 : 0.1 })
      }
    }
  }

  static var results: Results {
    Results(
      suite: suite, runs: runs, traces: traces, digest: "feed",
      provenance: [("machine", "any & all")])
  }

  /// With held-out scores, of which the line of a run that was not finite has those of its best step.
  static var realResults: Results {
    let runs = runs.filter { $0.part == .sweep }.map { run in
      var run = run
      if run.status != .nonFinite {
        (run.testLoss, run.testAccuracy) = (run.finalLoss * 2, 0.9 - run.finalGap)
      }
      run.bestTestAccuracy = 0.95
      return run
    }
    return Results(suite: suite, runs: runs, traces: traces, digest: "feed", provenance: [])
  }
}
