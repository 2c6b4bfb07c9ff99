internal import Records
internal import ArgumentParser
internal import Datasets
internal import Foundation
public import Programs

public struct Command: PaperCommand {
  public static let name = "chu2025"
  public static let abstract =
    "HDM-Best of Chu et al. 2025 on LIBSVM data, beside the recorded runs."
  public static let data = "The folder of the LIBSVM files a1a, a2a and a3a."

  @OptionGroup var options: PaperOptions<Self>
  @Option(
    help: "The recorded runs; default Papers/Chu2025/reference.json.", transform: OptionText.name)
  var reference = "Papers/Chu2025/reference.json"
  @Option(
    help: "Further runs of each configuration, from starts moved by 1e-12; default 5.",
    transform: OptionText.whole)
  var perturbations = 5

  public init() {}

  public func validate() throws { try check("--perturbations", perturbations, in: 0...1000) }

  public func run() throws {
    guard FileManager.default.fileExists(atPath: reference) else {
      throw ExperimentError("there is no file \(reference): expected the recorded runs, JSON")
    }
    let recorded: [String: Reference]
    do { recorded = try Reference.load(reference) } catch {
      throw ExperimentError("\(reference) does not hold the recorded runs")
    }
    guard !recorded.isEmpty, recorded.values.allSatisfy({ !$0.configurations.isEmpty }) else {
      throw ExperimentError(
        "\(reference) lacks recorded runs: a problem has none, or there is no problem")
    }
    try options.makeFolder()
    let (data, reference, perturbations) = (options.data, reference, perturbations)
    let comparisons = try Workers.map(recorded.keys.sorted(), jobs: options.jobs) { name in
      let parts = name.split(separator: "_")
      guard parts.count == 2, let kind = Problem.Kind(rawValue: String(parts[0])) else {
        throw ExperimentError("\(reference): no problem is named '\(name)'")
      }
      let rows = try LIBSVM.load(file: "\(data)/\(parts[1])").train
      let problem = Problem(kind, rows)
      let found = recorded[name]!
      guard found.start.count == problem.dimension else {
        throw ExperimentError(
          "\(data)/\(parts[1]) has \(rows.featureCount) features, expected "
            + "\(found.start.count - 1)")
      }
      return Comparison(name, problem, found, perturbations: perturbations)
    }
    try options.publish(
      "# Chu et al. 2025: HDM-Best\n\n" + comparisons.map(text).joined(separator: "\n"))
  }

  private func text(_ comparison: Comparison) -> String {
    let rows = comparison.rows
    func worst(_ value: (Comparison.Row) -> Double) -> String {
      "\(Float(rows.map(value).max() ?? 0))"
    }
    var text = "## \(comparison.name)\n\n"
    text += "Largest relative difference: first losses \(worst(\.lossDifference)), "
    text += "first gradients \(worst(\.gradientDifference)), "
    text += "hundredth loss \(worst(\.lateDifference)).\n\n"
    text += "| λ·L | λ of β | iterations | recorded | from perturbed starts |\n"
    text += "|---|---|---|---|---|\n"
    for row in rows {
      text += "| \(row.configuration.lrmul) | \(row.configuration.betalr) | \(row.iterations) "
      text += "| \(row.configuration.iters) "
      text += "| \(row.perturbed.lowerBound)–\(row.perturbed.upperBound) |\n"
    }
    return text
  }
}
