internal import Records
internal import Statistics

/// The report as one HTML file: summary first, then every section with its tables and pictures.
struct Page {
  let digested: Digested
  let contents: Contents

  init(_ digested: Digested, _ contents: Contents) {
    self.digested = digested
    self.contents = contents
  }

  var html: String {
    let suite = digested.suite
    var out = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    out += "<meta name=\"color-scheme\" content=\"light dark\">\n"
    out += "<title>\(HTML.escaped(suite.name)): learning-rate controllers compared</title>\n"
    out += "<style>\(Self.style)</style></head><body>\n"
    out += "<header><h1>Learning-rate controllers compared: suite \(HTML.escaped(suite.name))</h1>"
    out += "<p>\(HTML.escaped(suite.summary))</p></header>\n"
    var links = contents.sections.map { ($0.name, $0.title) }
    if !digested.protocolText.isEmpty { links.append(("protocol", "Protocol")) }
    links.append(("fields", "Files and fields"))
    out += "<nav>" + links.map { "<a href=\"#\($0.0)\">\(HTML.escaped($0.1))</a>" }.joined()
    out += "</nav>\n<main>\n<section id=\"summary\"><h2>Summary</h2>\(summary)</section>\n"
    out += contents.sections.map(section).joined(separator: "\n")
    out +=
      "\n" + protocolSection + fieldsSection + "</main>\n" + footer
      + "\n<script>\(Self.script)</script>\n</body></html>\n"
    return out
  }

  private func section(_ section: Contents.Section) -> String {
    var out = "<section id=\"\(section.name)\"><h2>\(HTML.escaped(section.title))</h2>"
    out += "<p class=\"lead\">\(HTML.escaped(section.text))</p>"
    for block in section.blocks {
      let title = block.table?.title ?? block.figure?.title ?? ""
      var body = block.table?.html ?? ""
      if let figure = block.figure {
        body += "<figure id=\"figure-\(figure.name)\"><div class=\"scroll\" tabindex=\"0\">"
        body += "\(figure.svg)</div><figcaption>\(HTML.escaped(figure.caption)) "
        body += "<span class=\"links\"><a href=\"figures/\(figure.name).svg\">SVG</a></span>"
        body += "</figcaption></figure>"
      }
      out +=
        block.isOpen
        ? body
        : "<details><summary>\(block.table == nil ? "Picture" : "Table"): "
          + "\(HTML.escaped(title))</summary>\(body)</details>"
    }
    return out + "</section>"
  }

  /// What was run, and who comes first, in a few sentences that follow from the numbers.
  private var summary: String {
    let c = digested.comparison
    let suite = digested.suite
    let sweep = c.runCount
    let map = digested.map.runCount
    var facts: [(String, String)] = [
      ("tasks", c.tasks.joined(separator: ", ")), ("rules", c.rules.joined(separator: ", ")),
      ("methods", c.labels.map(\.shown).joined(separator: ", ")),
      (
        "starting rates",
        "\(suite.startingRates.count), from \(power(suite.startingRates.low)) to "
          + "\(power(suite.startingRates.high)) times the best fixed rate of the task and rule"
      ),
      ("seeds", "\(c.seeds.count): " + c.seeds.map(String.init).joined(separator: ", ")),
      ("runs", "\(sweep)" + (map == 0 ? "" : ", and \(map) for the hyper-learning-rate map")),
    ]
    if let data = digested.data { facts.insert(("data", data.sentence), at: 0) }
    if c.hasStart.contains(false) {
      facts.append(("†", "has no starting rate: one run for each task, rule and seed"))
    }
    if let steps = suite.steps { facts.append(("steps a run", "\(steps)")) }
    if let epochs = suite.epochs { facts.append(("epochs a run", "\(epochs)")) }
    var out = "<div class=\"cards\">"
    // A rule with one method alone has no first.
    for r in c.rules.indices where c.isComplete || c.listed[r].count > 1 { out += card(r) }
    out += "</div><dl>"
    for (name, value) in facts { out += "<dt>\(name)</dt><dd>\(HTML.escaped(value))</dd>" }
    return out + "</dl>"
  }

  private func card(_ rule: Int) -> String {
    let c = digested.comparison
    let all = c.methods.indices.compactMap { m in
      c.meanOverTasks(rule, m) { $0.share(.reached) }.map { (m, $0) }
    }
    let shares = all.filter { c.hasStart[$0.0] }
    let diverged = c.methods.indices.compactMap { m in
      c.meanOverTasks(rule, m) { $0.share(.diverged) }
    }
    // Equal shares stay in the order of the suite.
    let order = shares.sorted { ($0.1, -$0.0) > ($1.1, -$1.0) }
    var out = "<div class=\"card\"><h3>\(HTML.escaped(c.rules[rule]))</h3>"
    out += "<p>Most robust to the starting rate:</p><ol>"
    for (m, share) in order.prefix(3) { out += "<li>\(named(m, share))</li>" }
    out += "</ol>"
    let startless = all.filter { !c.hasStart[$0.0] }.sorted { ($0.1, -$0.0) > ($1.1, -$1.0) }
    if !startless.isEmpty {
      out += "<p>Without a starting rate, seeds that reach the target:</p><ol>"
      for (m, share) in startless.prefix(3) { out += "<li>\(named(m, share))</li>" }
      out += "</ol>"
    }
    if let last = order.last, order.count > 3 {
      out += "<p>Least: \(HTML.escaped(c.methods[last.0])) "
      out += "\(NumberFormat.percent(1).text(last.1)) %. "
      out += "Diverged, all methods: \(NumberFormat.percent(1).text(mean(diverged) ?? 0)) %.</p>"
    }
    return out + "</div>"
  }

  private func named(_ method: Int, _ share: Double) -> String {
    let label = HTML.escaped(digested.comparison.labels[method].shown)
    return "<span class=\"swatch\" style=\"background:\(SeriesStyle(method).colour)\"></span>"
      + "\(label) <b>\(NumberFormat.percent(1).text(share)) %</b>"
  }

  private func power(_ exponent: Double) -> String {
    if exponent == exponent.rounded() { return Axis.powerOfTen(Int(exponent)) }
    return "10^" + NumberFormat.fixed(2).text(exponent)
  }

  private var footer: String {
    var facts = digested.provenance.map { ($0.name, $0.value) }
    if !facts.contains(where: { $0.0 == "suite" }) {
      facts.insert(("suite", "\(digested.suite.name), version \(digested.suite.version)"), at: 0)
    }
    facts.append(("SHA-256 of the runs", digested.digest))
    var out = "<footer><h2>Where these numbers come from</h2><dl>"
    for (name, value) in facts {
      out += "<dt>\(HTML.escaped(name))</dt><dd>\(HTML.escaped(value))</dd>"
    }
    return out + "</dl><p>Every table is beside this page in <a href=\"tables/\">tables/</a> "
      + "(Markdown, CSV, LaTeX), every picture in <a href=\"figures/\">figures/</a> (SVG); "
      + "<a href=\"#fields\">Files and fields</a> says what they hold.</p></footer>"
  }
}
