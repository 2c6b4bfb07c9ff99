internal import ArgumentParser
internal import Baydin2018
internal import Chandra2022
internal import Chu2025
internal import Programs

/// Does again what papers did. A paper is one line here.
@main
struct Papers: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "papers",
    abstract: "Does again what papers published, and shows both side by side.",
    subcommands: [
      Baydin2018.Command.self,
      Chandra2022.Command.self,
      Chu2025.Command.self,
    ])

  static func main() { mainWithStreams() }
}
