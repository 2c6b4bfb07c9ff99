public import ArgumentParser
internal import Reporting

public struct Command: ParsableCommand {
  public static let configuration = CommandConfiguration(
    commandName: "default-controller",
    abstract: "Prints the page Documentation/DefaultController.md of stored results.")

  @Argument(help: "Folders that 'hypergrad compare' wrote: what is reported.")
  var folders: [String]
  @Option(
    parsing: .upToNextOption, help: "Folders of the suites on which the constants were chosen.")
  var development: [String] = []

  public init() {}

  public func run() throws {
    let (reported, chosen) = (try tables(folders), try tables(development))
    print(String(decoding: PackageResources.introduction_md, as: UTF8.self))
    for table in reported { print(table) }
    if development.isEmpty { return }
    print("# Development\n")
    print(
      "What the constants and parts were chosen on: these numbers flatter the default, and every "
        + "other choice that was looked at.\n")
    for table in chosen { print(table) }
  }

  private func tables(_ folders: [String]) throws -> [String] {
    try folders.flatMap { folder in
      let shares = try Shares(folder)
      let tables = [
        shares.summary, shares.rivals, shares.byStart, shares.byTask, shares.moves, shares.heldOut,
      ]
      return tables.compactMap { $0?.markdown }
    }
  }
}
