import Foundation
import Records
import Reporting
import Testing

/// What the columns of each table hold, by their headings.
extension TableLawTests {
  func columns(_ table: Table, _ plain: PlainRuns) throws -> Columns {
    switch table.name.prefix(while: { $0 != "-" }) {
    case "robustness": table.name == "robustness" ? robustness(plain) : robustnessByTask(plain)
    case "best": table.name == "best-tuned" ? bestTuned(plain) : bestTunedByTask(plain)
    case "tuning": budget(plain)
    case "real": realData(plain)
    case "time": timeToTarget(plain)
    case "movement": movement(plain)
    case "diverged":
      perTask { row, task in
        Plain.share(plain.runs(task, row.rule, row.method), \.status.isDiverged)
      }
    case "hyper": hyperMap(plain)
    default: try #require(nil as Columns?, "\(table.name) is not told again")
    }
  }

  private func perTask(
    _ best: Column.Best = .none, _ value: @escaping (Row, String) -> Double?
  ) -> Columns {
    Dictionary(
      uniqueKeysWithValues: VariedSample.tasks.map { task in
        ("\(task) [%]", Column(best) { value($0, task) })
      })
  }

  private func robustness(_ plain: PlainRuns) -> Columns {
    func passed(_ rule: String, _ method: String) -> Double? {
      plain.overTasks(rule, method) { Plain.share($0) { $0.firstPassage != nil } }
    }
    var columns: Columns = [
      "robust [%]": Column(.greatest) { plain.robust($0.rule, $0.method) },
      "passed [%]": Column(.greatest) { passed($0.rule, $0.method) },
      "low [%]": Column { plain.robustByTask([$0.rule], $0.method).min() },
      "high [%]": Column { plain.robustByTask([$0.rule], $0.method).max() },
    ]
    let rules = VariedSample.rules
    for rule in rules {
      columns["\(rule) robust [%]"] = Column(.greatest) { plain.robust(rule, $0.method) }
      columns["\(rule) passed [%]"] = Column(.greatest) { passed(rule, $0.method) }
    }
    func all(_ method: String) -> [Double] { plain.robustByTask(rules, method) }
    let first = ["fixed", "slow", "wild"].max { Plain.mean(all($0))! < Plain.mean(all($1))! }!
    func behind(_ method: String) -> [Double] {
      method == first ? [] : zip(all(first), all(method)).map { $0 - $1 }
    }
    columns["all rules robust [%]"] = Column(.greatest) { Plain.mean(all($0.method)) }
    columns["all rules low [%]"] = Column { all($0.method).min() }
    columns["all rules high [%]"] = Column { all($0.method).max() }
    columns["all rules behind the first, low [%]"] = Column { behind($0.method).min() }
    columns["all rules behind the first, high [%]"] = Column { behind($0.method).max() }
    return columns
  }

  private func robustnessByTask(_ plain: PlainRuns) -> Columns {
    var columns = perTask(.greatest) { row, task in
      Plain.share(plain.runs(task, row.rule, row.method), \.reached)
    }
    columns["all tasks mean [%]"] = Column(.greatest) { plain.robust($0.rule, $0.method) }
    columns["all tasks low [%]"] = Column { plain.robustBySeed($0.rule, $0.method).min() }
    columns["all tasks high [%]"] = Column { plain.robustBySeed($0.rule, $0.method).max() }
    return columns
  }

  private func bestTuned(_ plain: PlainRuns) -> Columns {
    func numbers(_ group: String, _ rule: @escaping (Row) -> String) -> Columns {
      [
        group + "mean rank": Column(.least) { Plain.mean(plain.ranks(rule($0), $0.method)) },
        group + "rank low": Column { plain.ranks(rule($0), $0.method).min() },
        group + "rank high": Column { plain.ranks(rule($0), $0.method).max() },
        group + "log₁₀ gap [1]": Column(.least) { row in
          Plain.interquartileMean(
            VariedSample.tasks.flatMap { plain.tunedGaps($0, rule(row), row.method) })
        },
      ]
    }
    return VariedSample.rules.map { rule in numbers(rule + " ") { _ in rule } }
      .reduce(numbers("") { $0.rule }) { $0.merging($1) { first, _ in first } }
  }

  private func bestTunedByTask(_ plain: PlainRuns) -> Columns {
    func tuned(_ row: Row) -> [RunRecord] { plain.tuned(row.task, row.rule, row.method) }
    func gaps(_ row: Row) -> [Double] { plain.tunedGaps(row.task, row.rule, row.method) }
    return [
      "starting rate": Column { tuned($0)[0].startingRate },
      "over reference [decades]": Column { tuned($0)[0].rateExponent },
      "log₁₀ final gap median": Column(.least) { Plain.median(gaps($0)) },
      "log₁₀ final gap low": Column { gaps($0).min() },
      "log₁₀ final gap high": Column { gaps($0).max() },
      "diverged [%]": Column { Plain.share(tuned($0), \.status.isDiverged) },
      "seeds": Column { Double(tuned($0).count) },
    ]
  }

  private func timeToTarget(_ plain: PlainRuns) -> Columns {
    func tuned(_ row: Row) -> [RunRecord] { plain.tuned(row.task, row.rule, row.method) }
    var columns: Columns = [
      "losses paid for [a run]": Column { row in
        Plain.median(tuned(row).map { Double($0.lossEvaluations) })
      },
      "Hessian-vector products [a run]": Column { row in
        Plain.median(tuned(row).map { Double($0.hessianVectorProducts ?? 0) })
      },
    ]
    for (group, passage) in [
      ("own target", \RunRecord.firstPassage), ("common target", \.firstPassageCommon),
    ] {
      func passages(_ row: Row) -> [Int?] { tuned(row).map { $0[keyPath: passage] } }
      func interval(_ row: Row) -> (low: Double, high: Double) {
        Plain.wilson(passages(row).count { $0 != nil }, of: passages(row).count)
      }
      columns["\(group) solved [%]"] = Column { Plain.share(passages($0)) { $0 != nil } }
      columns["\(group) low [%]"] = Column { interval($0).low }
      columns["\(group) high [%]"] = Column { interval($0).high }
      columns["\(group) time [gradients]"] = Column(.least) { plain.time(passages($0)) }
    }
    return columns
  }

  private func movement(_ plain: PlainRuns) -> Columns {
    func share(_ isOne: @escaping (RunRecord) -> Bool) -> Column {
      Column { row in plain.overTasks(row.rule, row.method) { Plain.share($0, isOne) } }
    }
    func all(_ row: Row) -> [RunRecord] {
      VariedSample.tasks.flatMap { plain.runs($0, row.rule, row.method) }
    }
    func up(_ run: RunRecord) -> Double {
      Plain.decades(run.largestLearningRate / run.startingRate!)
    }
    func down(_ run: RunRecord) -> Double {
      run.smallestLearningRate <= 0
        ? .infinity : Plain.decades(run.startingRate! / run.smallestLearningRate)
    }
    func hasMoved(_ run: RunRecord) -> Bool {
      run.startingRate != nil && (up(run) > 0.01 || down(run) > 0.01)
    }
    var columns: Columns = [
      "diverged all [%]": share(\.status.isDiverged),
      "diverged not finite [%]": share { $0.status == .nonFinite },
      "diverged escaped [%]": share { $0.status == .escaped },
      "diverged worse [%]": share { $0.status == .worse },
      "moved [%]": Column { row in
        row.method == "free"
          ? nil : plain.overTasks(row.rule, row.method) { Plain.share($0, hasMoved) }
      },
      "negative [%]": share { $0.negativeSteps > 0 },
    ]
    let extents: [(String, (RunRecord) -> Bool, (RunRecord) -> Double)] = [
      ("up", hasMoved, { max(0, up($0)) }), ("down", hasMoved, { max(0, down($0)) }),
      ("spike", { !$0.status.isDiverged }, { Plain.decades($0.worstGap) }),
    ]
    for (name, counts, extent) in extents {
      func extents(_ row: Row) -> [Double] { all(row).filter(counts).map(extent) }
      columns["\(name) [decades] median"] = Column { Plain.median(extents($0)) }
      columns["\(name) [decades] largest"] = Column { extents($0).max() }
    }
    let steps: [(String, (RunRecord) -> Int)] = [
      ("skipped", \.skippedSteps), ("retaken", \.retakenSteps),
      ("restored", { $0.restoredSteps ?? 0 }),
    ]
    for (name, count) in steps {
      columns["steps a run \(name)"] = Column { Plain.mean(all($0).map { Double(count($0)) }) }
    }
    return columns
  }

  private func hyperMap(_ plain: PlainRuns) -> Columns {
    var columns: Columns = ["hyper-learning-rate": Column { $0.hyper }]
    for rule in VariedSample.rules {
      columns["\(rule) robust [%]"] = Column(.greatest) { row in
        Plain.mean(
          VariedSample.tasks.compactMap { task in
            let all = plain.runs(task, rule, row.method, .map)
            return Plain.share(all.filter { $0.hyperLearningRate == row.hyper }, \.reached)
          })
      }
    }
    return columns
  }

  private func budget(_ plain: PlainRuns) -> Columns {
    var columns: Columns = ["places": Column { Double(plain.placeCount($0.method)) }]
    for trials in [1, 3, 9] {
      columns["trials after \(trials) [%]"] = Column(.greatest) {
        Plain.mean(plain.expected($0.method, trials: trials))
      }
    }
    // The sweep has the fewest places, five.
    columns["low [%]"] = Column { plain.expected($0.method, trials: 5).min() }
    columns["high [%]"] = Column { plain.expected($0.method, trials: 5).max() }
    return columns
  }

  private func realData(_ plain: PlainRuns) -> Columns {
    func middle(_ row: Row, _ stopped: Double, _ score: (RunRecord) -> Double?) -> Double? {
      Plain.median(
        plain.tuned(row.task, row.rule, row.method).compactMap { run in
          [.nonFinite, .escaped].contains(run.status) ? stopped : score(run)
        })
    }
    return [
      "starting rate": Column { plain.tuned($0.task, $0.rule, $0.method)[0].startingRate },
      "training loss": Column(.least) { middle($0, .infinity, \.finalLoss) },
      "test loss": Column(.least) { middle($0, .infinity, \.testLoss) },
      // `grid` learns numbers.
      "test accuracy [%]": Column(.greatest) {
        $0.task == "hill" ? middle($0, 0, \.testAccuracy) : nil
      },
      "best test accuracy [%]": Column(.greatest) { row in
        Plain.median(
          plain.tuned(row.task, row.rule, row.method).compactMap(\.bestTestAccuracy))
      },
    ]
  }
}
