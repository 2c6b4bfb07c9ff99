internal import Records

extension Page {
  /// The rules by which the numbers were made; empty where the results do not say.
  var protocolSection: String {
    guard !digested.protocolText.isEmpty else { return "" }
    return
      "<section id=\"protocol\"><h2>Protocol</h2><p class=\"lead\">How these numbers were made; "
      + "the package's Documentation/HowToReadTheTables.md has it at length.</p><ul>"
      + digested.protocolText.map { "<li>\(HTML.escaped($0))</li>" }.joined() + "</ul></section>\n"
  }

  /// What the fields of the files beside the page hold.
  var fieldsSection: String {
    var out =
      "<section id=\"fields\"><h2>Files and fields</h2><p class=\"lead\">What a program finds beside "
      + "this page. In CSV and JSON a share is a fraction, numbers are in full, and infinities are inf "
      + "and -inf, in JSON as texts.</p>"
    out += Self.list(
      "runs.jsonl", "a JSON object a line: every run", RunRecord.fields)
    out += Self.list(
      "traces.csv", "a row for each evaluated step of some of the runs", RunTrace.fields)
    out += Self.list(
      "timings.csv", "wall-clock times, on which no number depends", ResultsFolder.timingFields)
    out +=
      "<p><a href=\"manifest.json\">manifest.json</a>: the suite as it was run, the digests, the "
      + "command, the data and the machine.</p>"
    for table in contents.sections.flatMap(\.tables) {
      let rows = zip(table.keys, table.columns).map { key, column in
        "<tr><td class=\"l\"><code>\(key)</code></td><td class=\"l\">"
          + "\(HTML.escaped(column.fullHeading))</td><td class=\"w\">\(HTML.escaped(column.about))</td>"
          + "</tr>"
      }
      out += Self.details(
        "<a href=\"tables/\(table.name).csv\">tables/\(table.name).csv</a>: "
          + "\(HTML.escaped(table.title))",
        ["column", "in the table", "what it holds"], rows.joined())
    }
    return out + "</section>\n"
  }

  private static func list(_ file: String, _ about: String, _ fields: [Field]) -> String {
    let rows = fields.map { field in
      "<tr><td class=\"l\"><code>\(field.name)</code></td><td class=\"l\">\(field.kind)</td>"
        + "<td class=\"w\">\(HTML.escaped(field.about))</td></tr>"
    }
    return details(
      "<a href=\"\(file)\">\(file)</a>: \(about)", ["field", "kind", "what it holds"],
      rows.joined())
  }

  private static func details(_ summary: String, _ heads: [String], _ rows: String) -> String {
    "<details><summary>\(summary)</summary><div class=\"scroll\"><table class=\"data\"><thead><tr>"
      + heads.map { "<th class=\"l\" scope=\"col\">\($0)</th>" }.joined()
      + "</tr></thead><tbody>\(rows)</tbody></table></div></details>\n"
  }
}
