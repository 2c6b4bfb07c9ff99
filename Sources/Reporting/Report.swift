internal import Foundation
public import Records

/// Tables, pictures and the page of a comparison: pure functions of its results, so that the same
/// results give the same bytes.
public enum Report {
  /// All tables, in the order of the page; the first is the robustness table.
  public static func tables(_ results: Results) -> [Table] {
    Contents(Digested(results), figures: false).sections.flatMap(\.tables)
  }

  /// All pictures, in the order of the page.
  public static func figures(_ results: Results) -> [Figure] {
    Contents(Digested(results), tables: false).sections.flatMap(\.figures)
  }

  /// `report.html`, which needs no other file.
  public static func page(_ results: Results) -> String {
    let digested = Digested(results)
    return Page(digested, Contents(digested)).html
  }

  /// Writes `tables/*.md`, `*.csv`, `*.tex`, `figures/*.svg` and `report.html` under `directory`,
  /// each file at once or not at all.
  public static func write(_ results: Results, to directory: String) throws(ReportError) {
    _ = try write(Digested(results), to: directory, jobs: 1)
  }

  /// Writes the same of stored results, beside them, on several threads, reading one run at a time.
  ///
  /// - Returns: the tables, in the order of the page; the first is the robustness table.
  /// - Throws: ``ReportError``, and ``ExperimentError`` for a damaged file.
  public static func write(_ stored: StoredResults, jobs: Int) throws -> [Table] {
    try write(Digested(stored, jobs: jobs), to: stored.folder, jobs: jobs)
  }

  private static func write(
    _ digested: Digested, to directory: String, jobs: Int
  ) throws(ReportError) -> [Table] {
    let contents = Contents(digested, jobs: jobs)
    let root = URL(fileURLWithPath: directory, isDirectory: true)
    let tables = root.appendingPathComponent("tables", isDirectory: true)
    let figures = root.appendingPathComponent("figures", isDirectory: true)
    do {
      for folder in [tables, figures] {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      }
    } catch {
      throw ReportError(path: directory, error)
    }
    for table in contents.sections.flatMap(\.tables) {
      try write(table.markdown, tables.appendingPathComponent("\(table.name).md"))
      try write(table.csv, tables.appendingPathComponent("\(table.name).csv"))
      try write(table.latex, tables.appendingPathComponent("\(table.name).tex"))
    }
    for figure in contents.sections.flatMap(\.figures) {
      try write(figure.svg, figures.appendingPathComponent("\(figure.name).svg"))
    }
    try write(Page(digested, contents).html, root.appendingPathComponent("report.html"))
    return contents.sections.flatMap(\.tables)
  }

  private static func write(_ text: String, _ file: URL) throws(ReportError) {
    do {
      try Data(text.utf8).write(to: file, options: .atomic)
    } catch {
      throw ReportError(path: file.path, error)
    }
  }
}

/// A file that could not be written.
public struct ReportError: Error, CustomStringConvertible {
  public let path: String
  /// One line.
  public let description: String

  init(path: String, _ error: any Error) {
    self.path = path
    let reason = (error as NSError).localizedDescription
    description =
      "\(path): cannot write the report: \(reason.split(separator: "\n").joined(separator: " "))"
  }
}
