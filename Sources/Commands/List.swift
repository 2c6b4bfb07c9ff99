internal import ArgumentParser
internal import Experiments
internal import HypergradientCatalogue
internal import Programs
internal import Records
internal import Reporting

struct List: NamingCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists what a text can name: with arguments, defaults, units and one line each.",
    discussion: """
      Without a word it lists the names; with the name of one thing, that thing;
      with any other word or words all that they may mean; with 'compared' what
      'hypergrad compare' adds by its name; with 'suites' and a suite's name, that
      suite's file, to begin one of one's own with.

      Examples:
        hypergrad list controllers
        hypergrad list plateau
        hypergrad list suites smoke
        hypergrad list momentum
        hypergrad list 'reduce on plateau'
        hypergrad list schedules --markdown
        hypergrad list schedules --markdown --pictures schedules
      """)

  enum Kind: String, CaseIterable {
    case tasks, methods, rules, controllers, schedules, compared, suites
  }

  @Argument(
    help:
      "tasks, methods, rules, controllers, schedules, compared, suites, a name, or a word to look for."
  )
  var what: String?
  @Argument(help: "After 'suites': the suite whose file is printed.")
  var suite: String?
  @Flag(help: "Prints the documentation's page; for schedules.")
  var markdown = false
  @Option(
    help: "With --markdown: the folder into which the page's pictures are written, SVG.",
    transform: OptionText.output)
  var pictures: String?

  func validate() throws {
    if markdown && what != Kind.schedules.rawValue {
      throw ValidationError("--markdown is for schedules")
    }
    if pictures != nil, !markdown { throw ValidationError("--pictures is for --markdown") }
    if let suite, what != Kind.suites.rawValue {
      throw ValidationError("'\(suite)' is one word too many; 'list suites NAME' prints a suite")
    }
  }

  /// The kind that a word names, in the plural or, where nothing else is named so, in the singular.
  private func kind(_ what: String, _ listings: Listings) -> Kind? {
    Kind(rawValue: what) ?? (listings.named(what).isEmpty ? Kind(rawValue: what + "s") : nil)
  }

  /// What a word that names nothing is told.
  private func check(_ what: String, _ listings: Listings) throws {
    guard kind(what, listings) == nil, listings.named(what).isEmpty,
      ListSearch.found(what, among: listings.all).isEmpty
    else { return }
    let known =
      Kind.allCases.map(\.rawValue) + listings.all.map(\.name) + listings.compared
      + ListSearch.synonyms.flatMap(\.words)
    let near = nearestName(to: what, among: known).map { "did you mean '\($0)'?" }
    let kinds = Kind.allCases.map(\.rawValue).joined(separator: ", ")
    throw ExperimentError("nothing is named '\(what)'; \(near ?? "there are \(kinds)")")
  }

  func run(_ names: Names) throws {
    let listings = Listings(names)
    if let what { try check(what, listings) }
    if markdown {
      let page = SchedulePage(catalogue: names.catalogue)
      if let pictures {
        let made = try page.pictures()
        try Files.makeFolder(pictures)
        for picture in made {
          try Files.write(picture.svg, to: "\(pictures)/\(picture.name).svg")
        }
      }
      print(page.text, terminator: "")
      return
    }
    if let suite {
      print(try SuiteFile.text(ofBuiltIn: suite), terminator: "")
      return
    }
    guard let what else { return showNames(listings) }
    switch kind(what, listings) {
    case .tasks: show(listings.tasks)
    case .rules: show(listings.rules)
    case .controllers: show(listings.controllers)
    case .schedules: show(listings.schedules)
    case .methods: try showMethods(listings, names)
    case .compared: showCompared(names)
    case .suites: try showSuites(names)
    case nil:
      let named = listings.named(what)
      for listing in named {
        print("a \(listing.kind):")
        show([listing])
      }
      if named.isEmpty { showMeanings(of: what, listings) }
    }
  }

  /// What a word may mean, a line or two each.
  private func showMeanings(of word: String, _ listings: Listings) {
    print("nothing is named '\(word)'; it may mean:")
    for listing in ListSearch.found(word, among: listings.all) {
      for line in wrapped(
        "\(listing.title), a \(listing.kind): \(listing.summary)", Listing.width, indent: 4,
        hanging: 8)
      { print(line) }
    }
    print("'hypergrad list NAME' shows each with its arguments.")
  }

  private func show(_ listings: [Listing]) {
    for listing in listings { for line in listing.lines() { print(line) } }
  }

  private func showNames(_ listings: Listings) {
    let kinds: [(Kind, [String])] = [
      (.tasks, listings.tasks.map(\.title)), (.methods, listings.methods.map(\.title)),
      (.rules, listings.rules.map(\.title)), (.controllers, listings.controllers.map(\.title)),
      (.schedules, listings.schedules.map(\.title)), (.compared, listings.compared),
      (.suites, SuiteFile.builtInNames),
    ]
    for (kind, names) in kinds {
      print("\(kind.rawValue):")
      for line in wrapped(names.joined(separator: ", "), Listing.width, indent: 4, hanging: 4) {
        print(line)
      }
    }
  }

  private func showMethods(_ listings: Listings, _ names: Names) throws {
    print("Methods that decide themselves where to look. Others are 'rule + controller', of")
    print("'hypergrad list rules' and 'hypergrad list controllers'.\n")
    show(listings.methods)
    print("\nControllers that the suite 'core' puts over each of its rules, with 'rate' the")
    print("starting rate and 'steps' the horizon:\n")
    let core = try SuiteFile.load("core", names: names)
    for rule in core.rules { print("rule \(rule.name): \(rule.spec)") }
    for method in core.methods {
      print(method.name)
      for line in wrapped(method.spec, Listing.width, indent: 4, hanging: 8) { print(line) }
    }
  }

  /// The lines that 'hypergrad compare' adds by their names.
  private func showCompared(_ names: Names) {
    print("What 'hypergrad compare' adds to a suite by its name, as text; beside these, schedules.")
    let rules = names.ruleLines()
    for (kind, lines) in [
      ("--rules", rules.map { ($0.name, $0.spec) }),
      ("--methods", names.methodLines(over: rules).map { ($0.name, $0.spec) }),
    ] {
      print("\n\(kind):")
      for (name, text) in lines {
        for line in wrapped("\(name): \(text)", Listing.width, indent: 4, hanging: 8) {
          print(line)
        }
      }
    }
  }

  private func showSuites(_ names: Names) throws {
    for name in SuiteFile.builtInNames {
      let suite = try SuiteFile.load(name, names: names)
      print(name)
      for line in wrapped(suite.summary, Listing.width, indent: 4, hanging: 4) { print(line) }
      let counts =
        "\(suite.tasks.count) tasks, \(suite.rules.count) rules, \(suite.methods.count) methods, "
        + "\(suite.startingRates.count) starting rates, "
        + "\(suite.tuningSeeds.count + suite.reportSeeds.count) seeds"
      for line in wrapped(counts, Listing.width, indent: 4, hanging: 4) { print(line) }
    }
  }
}
