internal import ArgumentParser
internal import Experiments
internal import Foundation
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

  @Argument(help: "Folders that 'hypergrad compare' wrote: tables by method, and by task.")
  var folders: [String]

  func run() throws {
    print(String(decoding: PackageResources.introduction_md, as: UTF8.self))
    for folder in folders {
      let shares = try Shares(folder)
      print(shares.summary.markdown)
      print(shares.byTask.markdown)
    }
  }
}
