internal import Records
internal import ArgumentParser
internal import Datasets
internal import Foundation
public import Programs

public struct Command: PaperCommand {
  public static let name = "chandra2022"
  public static let abstract = "Towers of optimizers on MNIST, beside the numbers of Chandra et al."
  public static let data = mnistFolder

  @OptionGroup var options: PaperOptions<Self>
  @Option(help: "Seeds, from 1; each names a start; default 5.", transform: OptionText.whole)
  var seeds = 5

  public init() {}

  public func validate() throws { try check("--seeds", seeds, in: 1...10_000) }

  public func run() throws {
    let mnist = try MNIST.load(directory: options.data)
    guard mnist.train.featureCount == 784 else {
      throw ExperimentError("\(options.data) has \(mnist.train.featureCount) pixels, expected 784")
    }
    let (train, test) = (Examples(mnist.train), Examples(mnist.test))
    try options.makeFolder()
    let cells = Row.all.flatMap { row in (1...seeds).map { (row, $0) } }
    let outcomes = try Workers.map(cells, jobs: options.jobs) { row, seed in
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
    try options.publish(page, called: "table")
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
