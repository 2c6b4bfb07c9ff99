internal import ArgumentParser
internal import Datasets
internal import Foundation
internal import Records
internal import Reporting

/// Any mistake of the user's ends in one line on standard error and exit code 1.
@main
enum Main {
  static func main() {
    let command: Chandra2022
    do { command = try Chandra2022.parse() } catch {
      if Chandra2022.exitCode(for: error).isSuccess { Chandra2022.exit(withError: error) }
      fail(Chandra2022.message(for: error))
    }
    do { try command.run() } catch { fail("\(error)") }
  }

  private static func fail(_ message: String) -> Never {
    FileHandle.standardError.write(Data("chandra2022: \(message)\n".utf8))
    exit(1)
  }
}

struct Chandra2022: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chandra2022",
    abstract: "Towers of optimizers on MNIST, beside the numbers of Chandra et al.")

  @Option(help: "The folder of MNIST's four IDX files, plain or .gz.")
  var data: String
  @Option(help: "Seeds, from 1; each names a start.")
  var seeds = 5
  @Option(help: "Threads; results do not depend on them.")
  var jobs = 2
  @Option(help: "The folder for the table.")
  var out = "results/chandra2022"

  func run() throws {
    for (name, value) in [("--seeds", seeds), ("--jobs", jobs)] where value < 1 {
      throw ExperimentError("\(name) is \(value), expected a number of at least 1")
    }
    let mnist = try MNIST.load(directory: data)
    guard mnist.train.featureCount == 784 else {
      throw ExperimentError("\(data) has \(mnist.train.featureCount) pixels, expected 784")
    }
    let (train, test) = (Examples(mnist.train), Examples(mnist.test))
    try Files.makeFolder(out)
    let cells = Row.all.flatMap { row in (1...seeds).map { (row, $0) } }
    let outcomes = try Workers.map(cells, jobs: jobs) { row, seed in
      try row.run(seed: seed, train: train, test: test)
    }
    var page = "# Chandra et al.: towers of optimizers on MNIST\n\n"
    page +=
      "Test accuracy in percent after one epoch, mean of \(seeds) seeds, and the last rate.\n\n"
    page += "| method | accuracy | range | published | run again | last rate | theirs |\n"
    page += "|---|---|---|---|---|---|---|\n"
    for (index, row) in Row.all.enumerated() {
      let own = Array(outcomes[index * seeds..<(index + 1) * seeds])
      page += line(row, own) + "\n"
    }
    try Files.write(page, to: out + "/chandra2022.md")
    print(page)
    print("table: \(out)/chandra2022.md")
  }

  private func line(_ row: Row, _ outcomes: [Outcome]) -> String {
    let accuracies = outcomes.map(\.accuracy)
    let rates = outcomes.map(\.rate)
    func fixed(_ x: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", x) }
    let mean = accuracies.reduce(0, +) / Double(accuracies.count)
    let cells = [
      row.name, fixed(mean, 2),
      "\(fixed(accuracies.min()!, 2))–\(fixed(accuracies.max()!, 2))", fixed(row.published, 2),
      row.rerun.map { fixed($0, 2) } ?? "", "\(fixed(rates.min()!, 4))–\(fixed(rates.max()!, 4))",
      row.rate.map {
        $0.lowerBound == $0.upperBound
          ? fixed($0.lowerBound, 4) : "\(fixed($0.lowerBound, 4))–\(fixed($0.upperBound, 4))"
      } ?? "",
    ]
    return "| " + cells.joined(separator: " | ") + " |"
  }
}
