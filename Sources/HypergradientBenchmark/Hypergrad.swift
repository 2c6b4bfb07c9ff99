internal import ArgumentParser
internal import Records

/// The program `hypergrad`.
public enum Hypergrad {
  /// Runs the command that the program was called with, and ends the program where it fails.
  public static func main() { HypergradCommand.main() }
}

struct HypergradCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hypergrad",
    abstract: "Learns learning rates online, and compares the ways to set them.",
    discussion: """
      Examples:
        hypergrad compare                          the suite 'core', tables and pictures
        hypergrad compare --suite smoke            the same in seconds
        hypergrad train --task 'ellipsoid(condition: 1e3)' \\
          --method 'adam + hypergradient(initial: 1e-3, hyperLearningRate: 1e-7)'
        hypergrad find-lr --task twoSpirals --rule adam
        hypergrad list controllers
      """,
    version: packageVersion,
    subcommands: [
      Compare.self, Train.self, FindRate.self, SearchRate.self, Replay.self, List.self,
      ReportAgain.self, Calibrate.self, Bench.self,
    ])
}
