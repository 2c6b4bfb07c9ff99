internal import ArgumentParser
internal import Foundation
internal import Records
internal import Reporting

/// Any mistake of the user's ends in one line on standard error and exit code 1.
@main
enum Main {
  static func main() {
    let command: DefaultController
    do { command = try DefaultController.parse() } catch {
      if DefaultController.exitCode(for: error).isSuccess {
        DefaultController.exit(withError: error)
      }
      fail(DefaultController.message(for: error))
    }
    do { try command.run() } catch { fail("\(error)") }
  }

  private static func fail(_ message: String) -> Never {
    FileHandle.standardError.write(Data("default-controller: \(message)\n".utf8))
    exit(1)
  }
}

struct DefaultController: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "default-controller",
    abstract: "Prints the page Documentation/DefaultController.md of stored results.")

  @Argument(help: "Folders that 'hypergrad compare' wrote: what is reported.")
  var folders: [String]
  @Option(
    parsing: .upToNextOption, help: "Folders of the suites on which the constants were chosen.")
  var development: [String] = []

  func run() throws {
    print(String(decoding: PackageResources.introduction_md, as: UTF8.self))
    try printTables(folders)
    if development.isEmpty { return }
    print("# Development\n")
    print(
      "What the constants and parts were chosen on: these numbers flatter the default, and every "
        + "other choice that was looked at.\n")
    try printTables(development)
  }

  private func printTables(_ folders: [String]) throws {
    for folder in folders {
      let shares = try Shares(folder)
      print(shares.summary.markdown)
      print(shares.byTask.markdown)
    }
  }
}
