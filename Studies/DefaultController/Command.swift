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
  @Flag(help: "Print, in place of the page, which runs it is made of: introduction.runs.")
  var runs = false

  public init() {}

  public func run() throws {
    let pageRuns = try PageRuns(folders + development)
    if runs { return print(pageRuns.lines.joined(separator: "\n")) }
    let reported = try tables(folders) {
      [$0.summary, $0.rivals, $0.byStart, $0.byTask, $0.moves, $0.heldOut]
    }
    let chosen = try tables(development) { [$0.summary, $0.byTask] }
    print(pageRuns.opening)
    for table in reported { print(table) }
    if development.isEmpty { return }
    print("# Development\n")
    print(
      "What the constants and parts were chosen on: these numbers flatter the default, and every "
        + "other choice that was looked at.\n")
    for table in chosen { print(table) }
  }

  private func tables(
    _ folders: [String], _ shown: (Shares) -> [Table?]
  ) throws -> [String] {
    try folders.flatMap { folder in shown(try Shares(folder)).compactMap { $0?.markdown } }
  }
}
