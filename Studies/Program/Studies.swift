internal import ArgumentParser
internal import DefaultController
internal import Programs
internal import StationarityGuard

/// Prints what this package's own studies found. A study is one line here.
@main
struct Studies: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "studies",
    abstract: "Prints the tables of this package's own studies.",
    subcommands: [
      DefaultController.Command.self,
      StationarityGuard.Command.self,
    ])

  static func main() { mainWithStreams() }
}
