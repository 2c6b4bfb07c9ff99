internal import ArgumentParser
internal import Foundation
internal import Programs
internal import Records
internal import Reporting

struct ReportAgain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Writes tables, pictures and the report again from stored results.",
    discussion: """
      Examples:
        hypergrad report results/core
        hypergrad report results/core --page core.md
      """)

  @Argument(help: "A folder that 'hypergrad compare' wrote.")
  var folder: String
  @Option(
    help: """
      A page in Markdown whose tables are put in anew, each under its title: caption, rows and the line \
      with the digest; all other words stay. Its tables are of the same suite and version.
      """)
  var page: String?
  @Flag(help: "With --page: also where its tables are of another suite or version.")
  var replace = false
  @OptionGroup var threads: JobsOption

  func validate() throws {
    if folder.isEmpty { throw ValidationError("the folder of results has an empty name") }
    if replace, page == nil { throw ValidationError("--replace is for --page") }
  }

  func run() throws {
    guard FileManager.default.fileExists(atPath: folder + "/manifest.json") else {
      _ = try ResultsFolder.open(folder)
      return
    }
    let lock = try FolderLock(making: folder)
    defer { withExtendedLifetime(lock) {} }
    let results = try ResultsFolder.open(folder)
    let old = try page.map { file in
      try Files.checkWritable(file)
      try checkApart(file)
      let bytes = try Files.read(file, most: Files.longestText)
      guard let words = String(validating: bytes, as: UTF8.self) else {
        throw ExperimentError("\(file): not UTF-8 text")
      }
      let old = PageTables(words, file: file)
      if !replace { try old.check(results.suite) }
      return old
    }
    let tables = try Report.write(results, jobs: threads.jobs)
    if let page, let old {
      let (words, left) = try old.renewed(tables, digest: results.digest)
      try Files.write(words, to: page)
      for title in left {
        Terminal.error("\(page): '\(title)' is no table of these results, and stays as it is")
      }
    }
    for table in tables.prefix(1) { print(table.terminal(width: 100)) }
    for remark in Report.remarks(tables) { print(remark) }
    print("report: \(folder)/report.html")
    print("digest of runs.jsonl: \(results.digest)")
  }

  /// A page of one's own is none of the files that are written anew.
  private func checkApart(_ page: String) throws(ExperimentError) {
    guard let file = Files.identity(of: page) else { return }
    let own = (try ResultsFolder.reportFiles(in: folder) ?? []).union(ResultsFolder.ownFiles)
    for name in own.sorted() where Files.identity(of: folder + "/" + name) == file {
      throw ExperimentError(
        "--page \(page) is \(folder)/\(name), which the report itself writes: name a copy")
    }
  }
}
