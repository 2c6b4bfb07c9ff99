package import ArgumentParser
package import Experiments
internal import HypergradientRecipes
internal import Records

/// A command that reads texts.
package protocol NamingCommand: ParsableCommand {
  /// - Parameter names: all that texts may name.
  func run(_ names: Names) throws
}

extension NamingCommand {
  /// Runs it. A text that can't be read and is a name that a built-in suite has for a text is told so.
  ///
  /// - Parameter names: all that texts may name.
  package func runNaming(_ names: Names) throws {
    do { try run(names) } catch let error as SpecError {
      guard !Listings(names).all.contains(where: { $0.name == error.text }),
        let meaning = SuiteFile.meaning(of: error.text, names: names)
      else { throw error }
      throw ExperimentError(meaning)
    }
  }
}

/// The commands in the order of the help, but for the one that measures speed, whose module is compiled
/// beside this one.
package let subcommands: [any ParsableCommand.Type] = [
  Compare.self, Train.self, FindRate.self, SearchRate.self, Replay.self, List.self,
  ReportAgain.self, Calibrate.self,
]
