internal import ArgumentParser
internal import Datasets
internal import Experiments
internal import Records
public import Programs
internal import Reporting
internal import Tasks

public struct Command: PaperCommand {
  public static let name = "baydin2018"
  public static let abstract =
    "MNIST logistic regression of Baydin et al. 2018, against the published logs."
  public static let data = mnistFolder

  @OptionGroup var options: PaperOptions<Self>
  @Option(
    help: "Seeds, from 1; each names a start and an order of the examples; default 9.",
    transform: OptionText.whole)
  var seeds = 9

  public init() {}

  public func validate() throws { try check("--seeds", seeds, in: 2...10_000) }

  public func run() throws {
    let mnist = try MNIST.load(directory: options.data)
    try options.makeFolder()
    let perSeed = try Workers.map(Array(0...seeds), jobs: options.jobs) { seed in
      let task = DenseClassification.softmaxRegression(
        data: mnist.train, heldOut: mnist.test, batch: 128, instance: seed)
      let reference =
        seed == 0 ? ReferenceSeed(data: mnist.train, batch: 128, epochs: 10) : nil
      let logs = try train(Method.all, on: task, seed: seed, epochs: 10, as: reference)
      Progress.say(seed == 0 ? "the published seed is done" : "seed \(seed) is done")
      return logs
    }
    try report(
      Method.all.indices.flatMap { method in perSeed[1...].map { $0[method] } },
      replay: perSeed[0])
  }

  private func report(_ logs: [TrainingLog], replay: [TrainingLog]) throws {
    let runs = TrainingLog.csv(replay + logs)
    let result = ComparisonTables(
      comparisons: PublishedValue.all.compactMap { Comparison($0, logs) }, replay: replay,
      seeds: seeds,
      provenance: "\(seeds) seeds, 10 epochs, batch 128; SHA-256 of runs.csv \(Digest.sha256(runs))"
    )
    var page = "# Baydin et al. 2018: logistic regression on MNIST\n\n\(result.summary)\n"
    for table in result.tables { page += "\n" + table.markdown }
    try options.publish(
      page, record: ("runs.csv", runs), others: result.tables.map { ("\($0.name).csv", $0.csv) })
  }
}
