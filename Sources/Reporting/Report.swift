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
  /// each file at once or not at all; tables and pictures that were there before and are none of these
  /// go.
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
    for folder in ["tables", "figures"] { try Files.makeFolder(directory + "/" + folder) }
    var written: Set<String> = []
    func write(_ text: String, _ file: String) throws(ExperimentError) {
      try Files.write(text, to: directory + "/" + file)
      written.insert(file)
    }
    let tables = contents.sections.flatMap(\.tables)
    for table in tables {
      try write(table.markdown, "tables/\(table.name).md")
      try write(table.csv, "tables/\(table.name).csv")
      try write(table.latex, "tables/\(table.name).tex")
    }
    for figure in contents.sections.flatMap(\.figures) {
      try write(figure.svg, "figures/\(figure.name).svg")
    }
    try write(Page(digested, contents).html, "report.html")
    try ResultsFolder.removeReport(in: directory, keeping: written)
    return tables
  }
}
