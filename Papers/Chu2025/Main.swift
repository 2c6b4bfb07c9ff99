internal import ArgumentParser
internal import Datasets
internal import Foundation
internal import Records
internal import Reporting

/// Any mistake of the user's ends in one line on standard error and exit code 1.
@main
enum Main {
  static func main() {
    let command: Chu2025
    do { command = try Chu2025.parse() } catch {
      if Chu2025.exitCode(for: error).isSuccess { Chu2025.exit(withError: error) }
      fail(Chu2025.message(for: error))
    }
    do { try command.run() } catch { fail("\(error)") }
  }

  private static func fail(_ message: String) -> Never {
    FileHandle.standardError.write(Data("chu2025: \(message)\n".utf8))
    exit(1)
  }
}

struct Chu2025: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chu2025",
    abstract: "HDM-Best of Chu et al. 2025 on LIBSVM data, beside the recorded runs.")

  @Option(help: "The folder of the LIBSVM files a1a, a2a and a3a.")
  var data: String
  @Option(help: "The recorded runs, osgm_reference.json.")
  var reference: String
  @Option(help: "Further runs of each configuration, from starts moved by 1e-12.")
  var perturbations = 5
  @Option(help: "Threads; results do not depend on them.")
  var jobs = 2
  @Option(help: "The folder for the tables.")
  var out = "results/chu2025"

  func run() throws {
    guard (0...1000).contains(perturbations) else {
      throw ExperimentError("--perturbations is \(perturbations), expected 0 to 1000")
    }
    guard jobs >= 1 else { throw ExperimentError("--jobs is \(jobs), expected at least 1") }
    guard FileManager.default.fileExists(atPath: reference) else {
      throw ExperimentError("there is no file \(reference): expected the recorded runs, JSON")
    }
    let recorded: [String: Reference]
    do { recorded = try Reference.load(reference) } catch {
      throw ExperimentError("\(reference) does not hold the recorded runs")
    }
    try Files.makeFolder(out)
    let names = recorded.keys.sorted()
    let comparisons = try Workers.map(names, jobs: jobs) { name in
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
    let page = "# Chu et al. 2025: HDM-Best\n\n" + comparisons.map(text).joined(separator: "\n")
    try Files.write(page, to: out + "/chu2025.md")
    print(page)
    print("tables: \(out)/chu2025.md")
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
