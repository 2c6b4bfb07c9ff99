internal import HypergradientCatalogue
package import Records
internal import Tasks

/// The lines of suites that the catalogue makes: every rule, controller and method by the texts that
/// its recipe carries, see ``BenchmarkText``.
extension Names {
  /// A line for each rule that a controller drives, and for a modifier of rules that says so; those
  /// that hold a rate for every coordinate are methods, since their texts have the controller in
  /// them.
  package func ruleLines() -> [Suite.Named] { lines(of: ruleTexts(ofTheirOwn: false)) }

  /// A line for each text of a controller, a method, a rule that is one, and of a schedule or a
  /// modifier that says so itself.
  ///
  /// - Parameters:
  ///   - rules: those of the suite that a text runs over where it does not say: all of them, or the
  ///     first for one that has a rule of its own.
  ///   - known: those that it may say; the same by default.
  package func methodLines(
    over rules: [Suite.Named], among known: [Suite.Named]? = nil
  ) -> [Suite.Method] {
    methodTexts.flatMap(\.texts).map { line($0, over: rules, among: known ?? rules) }
  }

  /// What a command may name beyond a suite's own rules: a line of the catalogue, or all those of a
  /// recipe. None where there is none.
  func rules(named name: String, variables: [String: Double]?) -> [Suite.Named] {
    lines(of: Self.chosen(name, of: ruleTexts(ofTheirOwn: false))).map { line in
      var line = line
      line.variables = variables
      return line
    }
  }

  /// What a command may name beyond a suite's own methods: a line of the catalogue, all those of a
  /// recipe, or a schedule, which is the rate itself where it begins with one, and otherwise a factor
  /// of it. None where there is none.
  func methods(named name: String, over rules: [Suite.Named]) -> [Suite.Method] {
    let chosen = Self.chosen(name, of: methodTexts).flatMap(\.texts)
    if !chosen.isEmpty { return chosen.map { line($0, over: rules, among: rules) } }
    guard let schedule = catalogue.schedules.first(where: { $0.name == name }),
      let text = schedule.benchmarkTexts.first?.text
    else { return [] }
    let isRate =
      (try? SpecText(text, variables: Self.variables))?.variables.contains("rate") ?? true
    return [
      Suite.Method(
        name: name, spec: isRate ? "scheduled(\(text))" : "constant(rate).scaled(by: \(text))",
        rules: rules.map(\.name))
    ]
  }

  /// All names that ``rules(named:variables:)``, ``methods(named:over:)`` and ``task(named:)`` know.
  func named(_ kind: SuitePart) -> [String] {
    func all(_ texts: [RecipeTexts]) -> [String] {
      texts.filter { !$0.texts.isEmpty }.flatMap { $0.recipes + $0.texts.compactMap(\.name) }
    }
    return switch kind {
    case .task: tasks.map(\.name)
    case .rule: all(ruleTexts(ofTheirOwn: false))
    case .method: all(methodTexts) + catalogue.schedules.map(\.name)
    }
  }

  /// A text with a thing that is compared by no name alone; `nil` where it has none.
  func example(with name: String) -> String? {
    func find<Product>(_ recipes: [Recipe<Product>]) -> String? {
      recipes.first { $0.answers(to: name) }?.examples.first
    }
    return find(catalogue.double.methods) ?? find(catalogue.controllers)
      ?? find(catalogue.double.methodModifiers) ?? find(catalogue.controllerModifiers)
      ?? find(catalogue.double.rules) ?? find(catalogue.double.ruleModifiers)
  }

  /// The line of a text that a command has.
  func method(_ text: String, named name: String, over rules: [Suite.Named]) -> Suite.Method {
    line(BenchmarkText(text, as: name), over: rules, among: rules)
  }

  /// What a command may name beyond a suite's own tasks.
  func task(named name: String) -> Suite.SuiteTask? {
    guard let recipe = tasks.first(where: { $0.name == name }) else { return nil }
    let needsExample = recipe.parameters.contains { $0.standard == nil }
    return Suite.SuiteTask(name: name, spec: needsExample ? recipe.texts[0] : name)
  }

  private func line(
    _ text: BenchmarkText, over rules: [Suite.Named], among known: [Suite.Named]
  ) -> Suite.Method {
    var line = Suite.Method(name: text.name ?? "", spec: text.text)
    var variables = Suite.sampleVariables
    for rule in rules { variables.merge(rule.variables ?? [:]) { mine, _ in mine } }
    let reading = try? MethodReading(text.text, variables: variables, catalogue: catalogue)
    let names = rules.map(\.name)
    if let own = text.rules {
      line.rules = own.filter { name in known.contains { $0.name == name } }
    }
    if line.rules?.isEmpty ?? true {
      line.rules = reading?.hasOwnRule ?? false ? Array(names.prefix(1)) : names
    }
    return line
  }

  /// The lines' texts of a recipe, by its names.
  private struct RecipeTexts {
    let recipes: [String]
    var texts: [BenchmarkText]

    init<Product>(_ recipe: Recipe<Product>, _ texts: [BenchmarkText]) {
      recipes = [recipe.name] + recipe.aliases
      self.texts = texts
    }
  }

  private var methodTexts: [RecipeTexts] {
    catalogue.controllers.map { RecipeTexts($0, $0.benchmarkTexts) }
      + catalogue.controllerModifiers.map { RecipeTexts($0, $0.declaredTexts) }
      + catalogue.schedules.map { RecipeTexts($0, $0.declaredTexts) }
      + catalogue.double.methods.map { RecipeTexts($0, $0.benchmarkTexts) }
      + catalogue.double.methodModifiers.map { RecipeTexts($0, $0.declaredTexts) }
      + ruleTexts(ofTheirOwn: true)
  }

  /// The texts of rules that have their controller with them, or of the others.
  private func ruleTexts(ofTheirOwn areOwn: Bool) -> [RecipeTexts] {
    let texts =
      catalogue.double.rules.map { RecipeTexts($0, $0.benchmarkTexts) }
      + catalogue.double.ruleModifiers.map { RecipeTexts($0, $0.declaredTexts) }
    return texts.map { recipe in
      var recipe = recipe
      recipe.texts = recipe.texts.filter { text in
        let parsed = try? SpecText(text.text, variables: Self.variables)
        return ((parsed?.calls.count ?? 1) > 1) == areOwn
      }
      return recipe
    }
  }

  /// The line of a name, or all those of a recipe.
  private static func chosen(_ name: String, of all: [RecipeTexts]) -> [RecipeTexts] {
    for var recipe in all {
      guard let text = recipe.texts.first(where: { $0.name == name }) else { continue }
      recipe.texts = [text]
      return [recipe]
    }
    return all.filter { $0.recipes.contains(name) && !$0.texts.isEmpty }.prefix(1).map(\.self)
  }

  private func lines(of recipes: [RecipeTexts]) -> [Suite.Named] {
    recipes.flatMap(\.texts).map { Suite.Named(name: $0.name ?? "", spec: $0.text.trimmingCall) }
  }

  private static let variables: Set<String> = ["rate", "steps"]
}

/// What a comparison is narrowed by.
enum SuitePart: String, CaseIterable { case task, rule, method }

extension String {
  /// `adam` for `adam()`.
  fileprivate var trimmingCall: String { hasSuffix("()") ? String(dropLast(2)) : self }
}
