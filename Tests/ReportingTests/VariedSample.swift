import Foundation
import Hypergradient
import HypergradientCatalogue
import HypergradientRecipes
import PortableMath
import Records
import Tasks

@testable import Experiments

/// A comparison in which every row, column and quantile differs, so that none can stand for another:
/// random curves, scored as those of a run are. Some runs are stopped, some end above their start, some
/// pass the target and leave it.
///
/// Five starting rates; three seeds tune and five are reported, few enough for intervals that are
/// ranges. Of the tasks, `grid` has a held-out loss and `hill` an accuracy, too; `free` has no starting
/// rate, `slow` is in the map as well and not traced on `hill`, and `wild` escapes at the highest rate.
enum VariedSample {
  static let tasks = ["dune", "grid", "hill"]
  static let rules = ["sgd", "adam"]
  static let methods = ["fixed", "slow", "wild", "free"]
  static let tuning = [1, 2, 3]
  static let report = [11, 12, 13, 14, 15]
  static let exponents = [-2.0, -1, 0, 1, 2]
  static let traced = [0, 2, 4]
  static let mapped = ["slow", "bent"]
  static let hypers = [0.01, 0.1, 1]
  static let steps = 200

  /// - Parameter isComplete: whether every method is listed with every rule.
  static func suite(isComplete: Bool) -> Records.Suite {
    func list(_ names: [String], _ more: (Int) -> String = { _ in "" }) -> String {
      names.enumerated().map { "{\"name\": \"\($1)\", \"spec\": \"\"\(more($0))}" }
        .joined(separator: ", ")
    }
    let json = """
      {"name": "varied", "version": 1, "summary": "For tests.", "steps": \(steps), "evaluations": 9,
       "tracedExponents": [-2, 0, 2], "tuningSeeds": \(tuning), "reportSeeds": \(report),
       "startingRates": {"low": -2, "high": 2, "count": 5},
       "rules": [\(list(rules))],
       "methods": [\(list(methods) { !isComplete && $0 == 2 ? ", \"rules\": [\"adam\"]" : "" })],
       "tasks": [\(list(tasks) { task in
        let references = rules.indices.map { rule in
          "\"\(rules[rule])\": {\"rate\": \(rate(task, rule)), \"target\": \(target(task, rule))}"
        }.joined(separator: ", ")
        return ", \"commonTarget\": \(commonTarget(task)), \"references\": {\(references)}"
      })],
       "map": {"startingRates": {"low": -2, "high": 0, "count": 3}, "seeds": [2, 3, 11, 13, 15],
         "methods": [\(list(mapped) { _ in ", \"hyperLearningRates\": \(hypers)" })]}}
      """
    // The text above is a suite.
    var suite = try! JSONDecoder().decode(Records.Suite.self, from: Data(json.utf8))
    for index in methods.indices {
      suite.methods[index].reading = MethodReading(
        hasOwnRule: false, hasStartingRate: methods[index] != "free")
    }
    return suite
  }

  static func rate(_ task: Int, _ rule: Int) -> Double { [0.3, 0.02, 0.7][task] / [1, 30][rule] }
  static func target(_ task: Int, _ rule: Int) -> Double {
    [0.05, 0.02, 0.1][task] / [1, 3][rule]
  }
  static func commonTarget(_ task: Int) -> Double { target(task, 0) * 1.5 }

  static func results(isComplete: Bool = true) -> Results {
    let suite = suite(isComplete: isComplete)
    var made: [(record: RunRecord, trace: RunTrace?)] = []
    for (t, task) in tasks.enumerated() {
      for (r, rule) in rules.enumerated() {
        for (m, method) in suite.methods.enumerated()
        where suite.rules(of: method).contains(rule) {
          for seed in tuning + report {
            for rate in method.name == "free" ? 0..<1 : 0..<5 {
              made.append(run(task, rule, method.name, seed, rate, key: [t, r, m, rate, 0]))
            }
          }
        }
        for (m, method) in mapped.enumerated() {
          for seed in suite.map?.seeds ?? [] {
            for (rate, hyper) in (0..<9).map({ ($0 / 3, $0 % 3) }) {
              // On the seeds that tune, two places are equally good.
              let isTwin = tuning.contains(seed) && (rate, hyper) == (1, 0)
              let like = isTwin ? (rate: 0, hyper: 2) : (rate: rate, hyper: hyper)
              made.append(
                run(
                  task, rule, method, seed, rate, hyper: hyper,
                  key: [t, r, m, like.rate, like.hyper + 1]))
            }
          }
        }
      }
    }
    return Results(
      suite: suite, runs: made.map(\.record), traces: made.compactMap(\.trace), digest: "feed",
      provenance: [])
  }

  private static let method = PlannedMethod(
    try! SpecText("constant(rate)", variables: ["rate"]), rule: nil, [:], .standard)

  /// How a run goes on; most are finished.
  private enum Fate { case finished, notFinite, escaped, worse, relapsed }

  /// - Parameter key: of the numbers that are drawn: task, rule, method, rate, and the map's place.
  private static func run(
    _ task: String, _ rule: String, _ name: String, _ seed: Int, _ rate: Int, hyper: Int? = nil,
    key: [Int]
  ) -> (record: RunRecord, trace: RunTrace?) {
    let (t, r, m) = (key[0], key[1], key[2])
    var draw = RandomStream(RandomKey("tests.varied", t, r, m, key[3], seed, key[4]))
    let evaluations = EvaluationSteps(horizon: steps, count: 9)
    let (first, reference) = (3.0 + Double(t), 0.5)
    let frame = ScoreFrame(
      taskName: task, evaluations: evaluations, initialLoss: first, referenceValue: reference,
      judgedBy: .training, startingDistance: 1, watching: nil)
    let start = name == "free" ? nil : self.rate(t, r) * Portable.pow(10, exponents[rate])
    let plan = RunPlan(
      part: hyper == nil ? .sweep : .map, rule: r, methodName: name, seed: seed, rateIndex: rate,
      startingRate: start, rateExponent: start.map { _ in exponents[rate] },
      hyperLearningRate: hyper.map { hypers[$0] }, hyperIndex: hyper,
      isTraced: hyper == nil && (start == nil || traced.contains(rate)) && (t, m) != (2, 1),
      method: method)
    var score = RunScore(
      frame, plan, ruleName: rule,
      goal: Goal(
        target: target(t, r) * Double(1 + seed % 3), commonTarget: commonTarget(t)))

    var fate: Fate =
      switch draw.uniform() * (m == 2 ? 0.7 : 1) {
      case ..<0.1: .notFinite
      case ..<0.18: .escaped
      case ..<0.25: .worse
      case ..<0.35: .relapsed
      default: .finished
      }
    if name == "wild", key[3] == 4 { fate = .escaped }
    // A third of those that are stopped end at once, all alike.
    let last = draw.uniform() < 0.3 ? 0 : Int(draw.uniform() * Double(steps))
    // Most decades at the middle rate; some all the way down.
    let depth = (3 - Double(abs(key[3] - 2)) * 0.6 - Double(m) * 0.3) * (0.5 + draw.uniform())
    let isDown = draw.uniform() < 0.05
    var rates = RateRange(last: start ?? 0.1)
    for (index, step) in evaluations.steps.enumerated() where score.isRunning {
      if step > last, fate == .escaped { score.check(squaredDistance: 1e20) }
      guard score.isRunning else { break }
      let way = Portable.log(Double(1 + step)) / Portable.log(Double(1 + steps))
      var gap = Portable.pow(10, -depth * way) * (1 + 0.3 * (draw.uniform() - 0.5))
      if step == 0 { gap = 1 }
      if step == 1 { gap *= 1 + 4 * draw.uniform() }
      if fate == .worse, step > steps / 2 { gap = 1 + 10 * draw.uniform() }
      if fate == .relapsed, step == steps - 4 { gap = 0.6 + 0.3 * draw.uniform() }
      if isDown, step >= steps / 2 { gap = 0 }
      if fate == .notFinite, step > last { gap = .nan }
      if step > 0 {
        rates.note((start ?? 0.1) * Portable.pow(10, move(m, &draw)))
        if draw.uniform() < 0.01 { rates.note(-0.1) }
      }
      score.record(
        reference + gap * (first - reference), step: step, evaluation: index,
        learningRate: step == 0 ? .nan : rates.last,
        heldOut: t == 0
          ? nil
          : HeldOutScore(
            loss: 0.2 + 2 * draw.uniform() * gap,
            accuracy: t == 1 ? nil : (0.2 + 0.7 * draw.uniform()) / (1 + gap)))
    }
    return score.finished(
      counts: EvaluationCounts(
        gradients: min(steps, max(1, score.isRunning ? steps : last)),
        losses: m == 2 ? Int(draw.uniform() * 90) : 0,
        hessianVectorProducts: m == 1 ? Int(draw.uniform() * 40) : 0),
      rates: rates,
      steps: StepCounts(
        skipped: Int(draw.uniform() * 9), retaken: Int(draw.uniform() * 30),
        restored: Int(draw.uniform() * 90)))
  }

  /// Decades from the start: not at all, less than a move, more, or far.
  private static func move(_ method: Int, _ draw: inout RandomStream) -> Double {
    switch method {
    case 0: draw.uniform() < 0.4 ? -0.007 : 0
    case 1: 0.02 * draw.uniform() - 0.007
    default: Double(method) * (draw.uniform() - 0.3)
    }
  }
}
