internal import ArgumentParser
internal import Commands
@_exported public import Experiments
@_exported public import Hypergradient
@_exported public import HypergradientCatalogue
@_exported public import PortableMath
internal import Programs
internal import Records
@_exported public import Tasks

/// The program `hypergrad`, with what one adds to it.
///
///     import HypergradientBenchmark
///
///     var names = Names.standard
///     names.catalogue.add(rule: MyRule<Float>.self, MyRule<Double>.self)
///     names.catalogue.add(controller: MyController.self)
///     names.tasks.append(myTask)
///     Hypergrad.main(names)
///
/// Every command knows what was added by its name: `list` explains it, `train`, `replay` and suites
/// name it in their texts, `compare --methods` and the suite `all` compare it, and references are
/// computed for it.
public enum Hypergrad {
  /// Runs the command that the program was called with, and ends the program where it fails.
  ///
  /// - Parameter names: all that texts may name.
  public static func main(_ names: Names = .standard) {
    HypergradCommand.mainWithStreams { command in
      if let command = command as? any NamingCommand {
        try command.runNaming(names)
      } else {
        var command = command
        try command.run()
      }
    }
  }
}

struct HypergradCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hypergrad",
    abstract: "Learns learning rates online, and compares the ways to set them.",
    discussion: """
      Examples:
        hypergrad compare                  # the suite 'core', tables and pictures
        hypergrad compare --suite smoke    # the same in seconds
        hypergrad train --task 'ellipsoid(condition: 1e3)' \\
          --method 'adam + hypergradient(initial: 1e-3, hyperLearningRate: 1e-7)'
        hypergrad find-lr --task twoSpirals --rule adam
        hypergrad list controllers
      """,
    version: packageVersion,
    subcommands: Commands.subcommands + [Bench.self])
}
