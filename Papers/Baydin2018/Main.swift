internal import ArgumentParser
internal import Datasets
internal import Foundation
internal import Records
internal import Reporting
internal import Tasks

/// Any mistake of the user's ends in one line on standard error and exit code 1.
@main
enum Main {
  static func main() {
    let command: Baydin2018
    do { command = try Baydin2018.parse() } catch {
      if Baydin2018.exitCode(for: error).isSuccess { Baydin2018.exit(withError: error) }
      fail(Baydin2018.message(for: error))
    }
    do { try command.run() } catch { fail("\(error)") }
  }

  private static func fail(_ message: String) -> Never {
    FileHandle.standardError.write(Data("baydin2018: \(message)\n".utf8))
    exit(1)
  }
}

struct Baydin2018: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "baydin2018",
    abstract: "MNIST logistic regression of Baydin et al. 2018, against the published logs.")

  @Option(help: "The folder of MNIST's four IDX files, plain or .gz.")
  var data: String
  @Option(help: "Seeds, from 1; each names a start and an order of the examples.")
  var seeds = 9
  @Option(help: "Threads; results do not depend on them.")
  var jobs = 2
  @Option(help: "The folder for the tables.")
  var out = "results/baydin2018"

  func run() throws {
    for (name, value, least) in [("--seeds", seeds, 2), ("--jobs", jobs, 1)] where value < least {
      throw ExperimentError("\(name) is \(value), expected a number of at least \(least)")
    }
    guard seeds <= 10_000 else {
      throw ExperimentError("--seeds is \(seeds), expected a number of at most 10000")
    }
    let mnist = try MNIST.load(directory: data)
    try Files.makeFolder(out)
    let perSeed = try Workers.map(Array(0...seeds), jobs: jobs) { seed in
      let task = DenseClassification.softmaxRegression(
        data: mnist.train, heldOut: mnist.test, batch: 128, instance: seed)
      let reference =
        seed == 0 ? ReferenceSeed(data: mnist.train, batch: 128, epochs: 10) : nil
      let logs = train(Method.all, on: task, seed: seed, epochs: 10, as: reference)
      FileHandle.standardError.write(
        Data((seed == 0 ? "the published seed is done\n" : "seed \(seed) is done\n").utf8))
      return logs
    }
    try report(
      Method.all.indices.flatMap { method in perSeed[1...].map { $0[method] } },
      replay: perSeed[0])
  }

  private func report(_ logs: [TrainingLog], replay: [TrainingLog]) throws {
    let runs = TrainingLog.csv(replay + logs)
    let digest = Digest.sha256(runs)
    let result = ComparisonTables(
      comparisons: PublishedValue.all.compactMap { Comparison($0, logs) }, replay: replay,
      seeds: seeds,
      provenance: "\(seeds) seeds, 10 epochs, batch 128; SHA-256 of runs.csv \(digest)")
    try Files.write(runs, to: out + "/runs.csv")
    var page = "# Baydin et al. 2018: logistic regression on MNIST\n\n\(result.summary)\n"
    for table in result.tables {
      page += "\n" + table.markdown
      try Files.write(table.csv, to: "\(out)/\(table.name).csv")
    }
    try Files.write(page, to: out + "/baydin2018.md")
    print(page)
    print("SHA-256 of runs.csv: \(digest)")
    print("tables: \(out)/baydin2018.md")
  }
}
