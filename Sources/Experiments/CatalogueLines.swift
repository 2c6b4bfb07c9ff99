internal import HypergradientCatalogue
internal import Records
internal import Tasks

/// The lines of suites that the catalogue makes: every rule, controller and method by the texts that
/// its recipe carries, see ``BenchmarkText``.
extension Names {
  /// A line for each rule that a controller drives, and for a modifier of rules that says so; those
  /// that hold a rate for every coordinate are methods, since their texts have the controller in
  /// them.
  func ruleLines() -> [Suite.Named] {
    rules(ofTheirOwn: false).map { text in
      Suite.Named(name: text.name ?? "", spec: text.text.trimmingCall)
    }
  }

  /// A line for each text of a controller, a method, a rule that is one, and of a schedule or a
  /// modifier that says so itself.
  ///
  /// - Parameters:
  ///   - rules: those of the suite that a text runs over where it does not say: all of them, or the
  ///     first for one that has a rule of its own.
  ///   - known: those that it may say; the same by default.
  func methodLines(
    over rules: [Suite.Named], among known: [Suite.Named]? = nil
  ) -> [Suite.Method] {
    let texts =
      catalogue.controllers.flatMap(\.benchmarkTexts)
      + catalogue.controllerModifiers.flatMap { $0.declaredTexts }
      + catalogue.schedules.flatMap { $0.declaredTexts }
      + catalogue.double.methods.flatMap(\.benchmarkTexts) + self.rules(ofTheirOwn: true)
    return texts.map { line($0, over: rules, among: known ?? rules) }
  }

  /// What a command may name beyond a suite's own rules.
  func rule(named name: String, variables: [String: Double]?) -> Suite.Named? {
    guard var line = ruleLines().first(where: { $0.name == name }) else { return nil }
    line.variables = variables
    return line
  }

  /// What a command may name beyond a suite's own methods: a line of the catalogue, or a schedule,
  /// which is the rate itself where it begins with one, and otherwise a factor of it.
  func method(named name: String, over rules: [Suite.Named]) -> Suite.Method? {
    if let line = methodLines(over: rules).first(where: { $0.name == name }) { return line }
    guard let schedule = catalogue.schedules.first(where: { $0.name == name }),
      let text = schedule.benchmarkTexts.first?.text
    else { return nil }
    let isRate =
      (try? SpecText(text, variables: Self.variables))?.variables.contains("rate") ?? true
    return Suite.Method(
      name: name, spec: isRate ? "scheduled(\(text))" : "constant(rate).scaled(by: \(text))",
      rules: rules.map(\.name))
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

  /// The texts of rules that have their controller with them, or of the others.
  private func rules(ofTheirOwn areOwn: Bool) -> [BenchmarkText] {
    let texts =
      catalogue.double.rules.flatMap(\.benchmarkTexts)
      + catalogue.double.ruleModifiers.flatMap { $0.declaredTexts }
    return texts.filter { text in
      let parsed = try? SpecText(text.text, variables: Self.variables)
      return ((parsed?.calls.count ?? 1) > 1) == areOwn
    }
  }

  private static let variables: Set<String> = ["rate", "steps"]
}

extension String {
  /// `adam` for `adam()`.
  fileprivate var trimmingCall: String { hasSuffix("()") ? String(dropLast(2)) : self }
}
