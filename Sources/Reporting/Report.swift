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
  /// each file at once or not at all; of what was there before, tables and pictures that an earlier
  /// report wrote and that are none of these go. `report-files.txt` names those of this one.
  ///
  /// - Throws: ``ExperimentError`` that names the file and the reason.
  public static func write(_ results: Results, to directory: String) throws(ExperimentError) {
    _ = try write(Digested(results), to: directory, jobs: 1)
  }

  /// Writes the same of stored results, beside them, on several threads, reading one run at a time.
  ///
  /// - Returns: the tables, in the order of the page; the first is the robustness table.
  /// - Throws: ``ExperimentError`` for a damaged file, and one that can't be written.
  public static func write(_ stored: StoredResults, jobs: Int) throws -> [Table] {
    try write(Digested(stored, jobs: jobs), to: stored.folder, jobs: jobs)
  }

  private static func write(
    _ digested: Digested, to directory: String, jobs: Int
  ) throws(ExperimentError) -> [Table] {
    let contents = Contents(digested, jobs: jobs)
    let tables = contents.sections.flatMap(\.tables)
    var files: [(name: String, text: () -> String)] = []
    for table in tables {
      files.append(("tables/\(table.name).md", { table.markdown }))
      files.append(("tables/\(table.name).csv", { table.csv }))
      files.append(("tables/\(table.name).tex", { table.latex }))
    }
    for figure in contents.sections.flatMap(\.figures) {
      files.append(("figures/\(figure.name).svg", { figure.svg }))
    }
    files.append(("report.html", { Page(digested, contents).html }))
    for folder in ["tables", "figures"] { try Files.makeFolder(directory + "/" + folder) }
    let names = Set(files.map(\.name))
    let before = try ResultsFolder.reportFiles(in: directory) ?? []
    // Whoever ends this, the next report knows what is to go.
    try ResultsFolder.list(reportFiles: before.union(names), in: directory)
    for file in files { try Files.write(file.text(), to: directory + "/" + file.name) }
    try ResultsFolder.removeReport(in: directory, keeping: names)
    try ResultsFolder.list(reportFiles: names, in: directory)
    return tables
  }
}
