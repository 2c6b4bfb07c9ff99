internal import Experiments
internal import HypergradientCatalogue
internal import Records
internal import Testing

/// The suite `all` is the whole catalogue.
@Suite struct CatalogueSuiteTests {
  @Test func everyRecipeHasALine() throws {
    let suite = try SuiteFile.load("all")
    func words(_ specs: [String]) -> Set<Substring> {
      Set(
        specs.flatMap { spec in
          spec.split { !$0.isASCII || !($0.isLetter || $0.isNumber || $0 == "_") }
        })
    }
    let methods = words(suite.methods.map(\.spec))
    // A rule has references of its own, or is measured by those of the rule next to it.
    let rules = words(suite.rules.map(\.spec)).union(methods)
    func expect<Product>(_ recipes: [Recipe<Product>], _ kind: String, in written: Set<Substring>) {
      for recipe in recipes {
        #expect(
          written.contains { recipe.answers(to: String($0)) },
          "the \(kind) '\(recipe.name)' is to have a line in Sources/Experiments/Suites/all.yaml")
      }
    }
    expect(Catalogue.standard.double.rules, "rule", in: rules)
    expect(Catalogue.standard.controllers, "controller", in: methods)
    expect(Catalogue.standard.double.methods, "method", in: methods)
  }

  /// Every text that a recipe of any list declares to be compared by is a line.
  @Test func everyDeclaredTextHasALine() throws {
    let suite = try SuiteFile.load("all")
    let written = Set(
      (suite.rules + suite.methods.map { .init(name: $0.name, spec: $0.spec) }).map(\.spec))
    var count = 0
    func expect<Product>(_ recipes: [Recipe<Product>]) {
      for recipe in recipes {
        for text in recipe.declaredTexts {
          let bare = text.text.hasSuffix("()") ? String(text.text.dropLast(2)) : text.text
          #expect(
            written.contains(text.text) || written.contains(bare),
            "'\(text.text)' of '\(recipe.name)' is no line of suite 'all'")
          count += 1
        }
      }
    }
    let all = Catalogue.standard
    expect(all.double.rules)
    expect(all.double.ruleModifiers)
    expect(all.controllers)
    expect(all.controllerModifiers)
    expect(all.schedules)
    expect(all.double.methods)
    expect(all.double.methodModifiers)
    #expect(count > 20)
  }

  /// Where a task and a rule are those of core, so are the references.
  @Test func referencesAreThoseOfCore() throws {
    let (all, core) = (try SuiteFile.load("all"), try SuiteFile.load("core"))
    #expect(all.tasks.map(\.spec) == core.tasks.map(\.spec))
    #expect(
      all.steps == core.steps && all.startingRates == core.startingRates
        && all.tuningSeeds == core.tuningSeeds && all.reportSeeds == core.reportSeeds)
    for (ours, theirs) in zip(all.tasks, core.tasks) {
      for rule in ["sgd", "nesterov", "adam"] {
        #expect(ours.references[rule] == theirs.references[rule], "\(ours.name), \(rule)")
      }
    }
  }

  /// A line of the suite is one method over one, some or all rules.
  @Test func methodsAreListedWithRules() throws {
    let suite = try SuiteFile.load("all")
    func rules(_ name: String) throws -> [String] {
      suite.rules(of: try #require(suite.methods.first { $0.name == name }))
    }
    #expect(try rules("fixed") == suite.rules.map(\.name))
    #expect(try rules("armijo") == ["sgd", "adam"] && rules("prodigy") == ["adam"])
    let narrow = try suite.narrowed(rules: ["adam"])
    #expect(narrow.rules.map(\.name) == ["adam"])
    #expect(!narrow.methods.contains { $0.name == "dog" })
    #expect(narrow.methods.first { $0.name == "armijo" }?.rules == ["adam"])
    // A method of its own rule stays with the rule that it was listed with.
    var own = suite
    own.methods = [.init(name: "dog", spec: "dog()"), .init(name: "fixed", spec: "constant(rate)")]
    #expect(try own.narrowed(rules: ["sgd"]).methods.map(\.name) == ["dog", "fixed"])
    #expect(try own.narrowed(rules: ["adam"]).methods.map(\.name) == ["fixed"])
    own.methods.removeLast()
    #expect(
      message { _ = try own.narrowed(rules: ["adam"]) }
        == "no method of suite 'all' that is left is listed with the rules adam")
  }

  @Test func wrongLinesAreSaid() throws {
    func wrong(_ line: String) -> String {
      message {
        _ = try SuiteFile.parse(
          TinySuite.replacing("  - name: cosine\n", "  - \(line)\n  - name: cosine\n"),
          file: "s.yaml")
      }
    }
    #expect(wrong("{name: dog, spec: \"dog()\"}") == "nothing")
    #expect(wrong("{name: search, spec: \"armijo(rule)\", rules: [adam]}") == "nothing")
    #expect(wrong("{name: own, spec: \"nesterov + constant(rate)\"}") == "nothing")
    #expect(
      wrong("{name: dog, spec: \"dgo()\"}")
        == "s.yaml:16: no method named 'dgo'; did you mean 'dog'? (column 1 of 'dgo()')")
    #expect(
      wrong("{name: dog, spec: \"dog()\", rules: [sdg]}")
        == "s.yaml:16: method 'dog': no rule of the suite named 'sdg'; did you mean 'sgd'?")
    #expect(
      wrong("{name: dog, spec: \"dog()\", rules: []}")
        == "s.yaml:16: 'rules' of method 'dog' is empty")
    #expect(
      wrong("{name: dog, spec: \"dog()\", variables: {a: 1}}")
        == "s.yaml:16: no key of methods named 'variables'; there are name, rules, spec")
  }
}
