internal import Foundation
internal import Hypergradient
internal import Tasks

/// Prints what each guard repairs; see README.md. No arguments, or the number of instances.
@main
enum Main {
  static func main() {
    let given = CommandLine.arguments.dropFirst().first.map { Int($0) } ?? 5
    guard let count = given, (1...1000).contains(count) else {
      FileHandle.standardError.write(
        Data("stationarity-guard: expected a number of instances, 1 to 1000\n".utf8))
      exit(1)
    }
    let instances = 101...(100 + count)
    let best = Cell.all.map { $0.bestConstant() }
    print("Expected losses and rates of the best constant, and of others over it:\n")
    print("| | " + Cell.all.map(\.name).joined(separator: " | ") + " |")
    print("|---|" + Cell.all.map { _ in "---|" }.joined())
    row("constant", best.map { "\(short($0.loss)) (\(short($0.scale)))" })
    row(
      "constant, 2T steps",
      zip(Cell.all, best).map { short($0.bestConstant(times: 2).loss / $1.loss) })
    row("cosine", zip(Cell.all, best).map { short($0.bestCosine.loss / $1.loss) })
    for initial in [0.05, 1e-3, 0.5] {
      print(
        "\nFrom α₀ = \(initial): median loss over it (median rate at the end), \(count) instances\n"
      )
      print("| guard | gradients | " + Cell.all.map(\.name).joined(separator: " | ") + " |")
      print("|---|---|" + Cell.all.map { _ in "---|" }.joined())
      for each in Guard.all {
        let cells = zip(Cell.all, best).map { cell, best in
          let found = each.result(
            in: cell, from: initial, instances: instances, best: best.loss)
          return "\(short(found.ratio)) (\(short(found.rate)))"
        }
        print("| \(each.name) | \(each.gradients) | " + cells.joined(separator: " | ") + " |")
      }
    }
  }

  private static func row(_ name: String, _ cells: [String]) {
    print("| \(name) | " + cells.joined(separator: " | ") + " |")
  }

  /// Two significant digits.
  private static func short(_ value: Double) -> String { String(format: "%.2g", value) }
}
