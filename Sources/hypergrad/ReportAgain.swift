internal import ArgumentParser
internal import Experiments
internal import Reporting

struct ReportAgain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Writes tables, pictures and the report again from stored results.",
    discussion: """
      Example:
        hypergrad report results/core
      """)

  @Argument(help: "A folder that 'hypergrad compare' wrote.")
  var folder: String

  func run() throws {
    try inOneLine {
      let results = try ResultsFolder.read(folder)
      try Report.write(results, to: folder)
      for table in Report.tables(results).prefix(1) {
        print(table.terminal(width: 100))
      }
      print("report: \(folder)/report.html")
      print("digest of runs.jsonl: \(results.digest)")
    }
  }
}
