internal import Foundation

/// What each guard makes of each kind of noise, as Markdown.
public struct GuardTables {
  private let cells: [Cell]
  private let guards: [Guard]
  private let starts: [Double]
  private let instances: ClosedRange<Int>

  public init(
    cells: [Cell] = Cell.all, guards: [Guard] = Guard.all, starts: [Double] = [0.05, 1e-3, 0.5],
    instances: ClosedRange<Int>
  ) {
    self.cells = cells
    self.guards = guards
    self.starts = starts
    self.instances = instances
  }

  /// Line by line, as soon as each is known.
  public func forEachLine(_ say: (String) -> Void) {
    let best = cells.map { $0.bestConstant() }
    say("Expected losses and rates of the best constant, and of others over it:\n")
    say(row([""] + cells.map(\.name)))
    say(rule(columns: 1 + cells.count))
    say(row(["constant"] + best.map { "\(short($0.loss)) (\(short($0.scale)))" }))
    let twice = zip(cells, best).map { short($0.bestConstant(times: 2).loss / $1.loss) }
    say(row(["constant, 2T steps"] + twice))
    say(row(["cosine"] + zip(cells, best).map { short($0.bestCosine.loss / $1.loss) }))
    for start in starts {
      say(
        "\nFrom α₀ = \(start): median loss over it (median rate at the end), "
          + "\(instances.count) instances\n")
      say(row(["guard", "gradients"] + cells.map(\.name)))
      say(rule(columns: 2 + cells.count))
      for each in guards {
        let results = zip(cells, best).map { cell, best in
          let found = each.result(in: cell, from: start, instances: instances, best: best.loss)
          return "\(short(found.ratio)) (\(short(found.rate)))"
        }
        say(row([each.name, "\(each.gradients)"] + results))
      }
    }
  }

  private func row(_ cells: [String]) -> String {
    "|" + cells.map { $0.isEmpty ? " |" : " \($0) |" }.joined()
  }

  private func rule(columns: Int) -> String {
    "|" + String(repeating: "---|", count: columns)
  }

  /// Two significant digits.
  private func short(_ value: Double) -> String { String(format: "%.2g", value) }
}
