internal import ArgumentParser
internal import Foundation
internal import Records
internal import Reporting

struct ReportAgain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Writes tables, pictures and the report again from stored results.",
    discussion: """
      Example:
        hypergrad report results/core
        hypergrad report results/core --page Documentation/core.md
      """)

  @Argument(help: "A folder that 'hypergrad compare' wrote.")
  var folder: String
  @Option(
    help: """
      A page in Markdown whose tables are put in anew: each section under a table's title becomes that \
      table, all other words stay.
      """)
  var page: String?
  @Option(help: "Threads.")
  var jobs = ProcessInfo.processInfo.activeProcessorCount

  func validate() throws {
    if jobs < 1 || jobs > 1024 { throw ValidationError("--jobs is \(jobs), not in 1...1024") }
  }

  func run() throws {
    try inOneLine {
      guard FileManager.default.fileExists(atPath: folder + "/manifest.json") else {
        _ = try ResultsFolder.open(folder)
        return
      }
      let lock = try FolderLock(making: folder)
      defer { withExtendedLifetime(lock) {} }
      let results = try ResultsFolder.open(folder)
      let words = try page.map { file in
        guard let words = String(validating: try Files.read(file), as: UTF8.self) else {
          throw ExperimentError("\(file): not UTF-8 text")
        }
        try Files.checkWritable(file)
        return words
      }
      let tables = try Report.write(results, jobs: jobs)
      if let page, let words {
        try Files.write(
          try PageTables.renewed(words, file: page, tables: tables, digest: results.digest),
          to: page)
      }
      for table in tables.prefix(1) { print(table.terminal(width: 100)) }
      for remark in Report.remarks(tables) { print(remark) }
      print("report: \(folder)/report.html")
      print("digest of runs.jsonl: \(results.digest)")
    }
  }
}
