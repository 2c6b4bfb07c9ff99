package import ArgumentParser
package import Experiments

/// A command that reads texts.
package protocol NamingCommand: ParsableCommand {
  /// - Parameter names: all that texts may name.
  func run(_ names: Names) throws
}

/// The commands in the order of the help, but for the one that measures speed, whose module is compiled
/// beside this one.
package let subcommands: [any ParsableCommand.Type] = [
  Compare.self, Train.self, FindRate.self, SearchRate.self, Replay.self, List.self,
  ReportAgain.self, Calibrate.self,
]
