internal import PortableMath
internal import Records
public import Reporting
internal import Statistics

extension Shares {
  /// The default from every start less each other method, from every start and from its tuned one, with
  /// intervals over tasks.
  public var rivals: Table {
    var columns = [Table.Column.bare("Method")]
    for group in ["from any start", "from its tuned start"] {
      for name in ["difference", "low", "high"] {
        columns.append(.bare(name, group: group, unit: "points", format: .fixed(1)))
      }
    }
    let rows = methods.indices.filter { methods[$0] != "default" }.map { method in
      [.text(methods[method])]
        + [false, true].flatMap { isTuned -> [Table.Cell] in
          let differences = tasks.compactMap { task in
            difference(task, methods[method], isTuned: isTuned).map { 100 * $0 }
          }
          let interval = Samples.interval(
            ofMean: differences,
            key: RandomKey("study.rivals \(methods[method])", isTuned ? 1 : 0))
          return [
            .optional(mean(differences)), .optional(interval?.low), .optional(interval?.high),
          ]
        }
    }
    return Table(
      name: "rivals", title: title + ", the default less the others",
      caption:
        "The default's share of successes from any start, less the other's from any start and from "
        + "its tuned one: mean over tasks, rules with equal weight; low and high: "
        + "\(Samples.words(tasks: tasks.count)). Where they hold 0, the tasks do not tell the two apart.",
      provenance: provenance, columns: columns, rows: rows)
  }

  private func difference(_ task: String, _ method: String, isTuned: Bool) -> Double? {
    mean(
      rules.compactMap { rule in
        guard let own = untuned(task, rule, "default"),
          let other = isTuned ? tuned(task, rule, method) : untuned(task, rule, method)
        else { return nil }
        return own - other
      })
  }
  /// Methods by starting rate: the share of successes from each, in decades over the reference.
  public var byStart: Table {
    let exponents = self.exponents
    let columns =
      [Table.Column.bare("Method")]
      + exponents.map {
        Table.Column.bare(
          "\($0 < 0 ? "−" : "")\(Int($0.magnitude))", group: "decades", unit: "%",
          format: .percent(0))
      } + [
        .bare("below", group: "mean", unit: "%", format: .percent(1)),
        .bare("at or above", group: "mean", unit: "%", format: .percent(1)),
      ]
    let rows = methods.map { method -> [Table.Cell] in
      let at = share(method) { $0 == $1 }
      var row: [Table.Cell] = [.text(method)]
      for exponent in exponents { row.append(.optional(at(exponent))) }
      row.append(.optional(share(method) { start, _ in start < 0 }(0)))
      row.append(.optional(share(method) { start, _ in start >= 0 }(0)))
      return row
    }
    return Table(
      name: "by-start", title: title + ", by starting rate",
      caption:
        "The share of successes by the starting rate, in decades over the best fixed rate of the task "
        + "and rule; mean over tasks and rules. Below, and at or above: over all starting rates on that "
        + "side, so that methods that only lower the rate can be seen apart.",
      provenance: provenance, columns: columns, rows: rows)
  }

  /// A mean over tasks and rules of the runs whose exponent is as wanted.
  private func share(
    _ method: String, _ isIn: @escaping (_ start: Double, _ wanted: Double) -> Bool
  ) -> (Double) -> Double? {
    { wanted in
      mean(
        tasks.flatMap { task in
          rules.compactMap { rule in
            mean(
              self.reported(task, rule, method).filter {
                $0.rateExponent.map { isIn($0, wanted) } ?? false
              }.map { $0.reached ? 1 : 0 })
          }
        })
    }
  }

  /// Tasks: what the default's rate did.
  public var moves: Table {
    var columns = [Table.Column.bare("Task")]
    for rule in rules {
      columns += [
        .bare("retaken", group: rule, format: .fixed(1)),
        .bare("restored", group: rule, format: .fixed(1)),
        .bare("height", group: rule, unit: "decades", format: .fixed(1)),
        .bare("depth", group: rule, unit: "decades", format: .fixed(1)),
      ]
    }
    let rows = tasks.map { task in
      [.text(task)]
        + rules.flatMap { rule -> [Table.Cell] in
          let runs = reported(task, rule, "default")
          guard let rate = suite.tasks.first(where: { $0.name == task })?.references[rule]?.rate
          else { return [Table.Cell](repeating: .missing, count: 4) }
          func decades(_ rates: [Double]) -> Double? {
            median(rates.filter { $0 > 0 }.map { decimalLog($0 / rate) })
          }
          return [
            .optional(mean(runs.map { Double($0.retakenSteps) })),
            .optional(mean(runs.map { Double($0.restoredSteps ?? 0) })),
            .optional(decades(runs.map(\.largestLearningRate))),
            .optional(decades(runs.map(\.smallestLearningRate))),
          ]
        }
    }
    return Table(
      name: "moves", title: title + ", what the default's rate did",
      caption:
        "Means of a run: steps taken again (together they take less than 20 from the logarithm of the "
        + "rate, less than 3 after 200 steps), returns to the best parameters; medians: the largest "
        + "rate and the least that was applied, over the best fixed one. The least is that of the "
        + "annealing, or of the start. "
        + ends,
      provenance: provenance, columns: columns, rows: rows)
  }

  /// How many of the default's runs ended badly.
  private var ends: String {
    let runs = tasks.flatMap { task in rules.flatMap { reported(task, $0, "default") } }
    let worse = runs.count { $0.status == .worse }
    let lost = runs.count { $0.status.isDiverged } - worse
    return
      "Of its \(runs.count) runs \(worse) ended above the first loss, \(lost) diverged otherwise."
  }

  /// Tasks with held-out examples: losses at the end.
  public var heldOut: Table? {
    let compared = ["fixed", "cosine", "plateau", "start-up and cosine", "default"]
    let shown = tasks.filter { task in
      rules.contains { rule in
        methods.contains { reported(task, rule, $0).contains { $0.testLoss != nil } }
      }
    }
    guard !shown.isEmpty else { return nil }
    let columns =
      [Table.Column.bare("Task"), Table.Column.bare("Rule"), Table.Column.bare("Method")]
      + ["training loss", "held-out loss"].map { .bare($0, format: .significant(3)) }
      + [.bare("held-out accuracy", unit: "%", format: .percent(1))]
    let rows = shown.flatMap { task in
      rules.flatMap { rule in
        methods.filter(compared.contains).map { method -> [Table.Cell] in
          let runs = reported(task, rule, method).filter { !$0.status.isDiverged }
          return [
            .text(task), .text(rule), .text(method), .optional(median(runs.map(\.finalLoss))),
            .optional(median(runs.compactMap(\.testLoss))),
            .optional(median(runs.compactMap(\.testAccuracy))),
          ]
        }
      }
    }
    return Table(
      name: "held-out", title: title + ", held-out scores",
      caption:
        "Medians at the end over all starting rates and reported seeds of the runs that did not "
        + "diverge.",
      provenance: provenance, columns: columns, rows: rows)
  }
}
