internal import HypergradientCatalogue
internal import HypergradientRecipes
public import Records

extension Suite {
  /// The suite with fewer tasks, methods, seeds or steps; `nil` leaves a part as it is. A name that
  /// the suite has not, and the catalogue has, is added by the text that its recipe carries, see
  /// ``BenchmarkText``; a recipe's name stands for all of its texts.
  ///
  /// - Throws: ``ExperimentError`` that names an unknown word and the nearest known one.
  public func narrowed(
    tasks: [String]? = nil, methods: [String]? = nil, rules: [String]? = nil, seeds: [Int]? = nil,
    steps: Int? = nil, judgedBy: JudgedLoss? = nil, names: Names = .standard
  ) throws(ExperimentError) -> Suite {
    var suite = self
    if let judgedBy {
      suite.judgedBy = judgedBy
      if let fault = SuiteFile.targetFaults(in: suite).first {
        throw ExperimentError("--judged-by \(judgedBy.rawValue): \(fault.message)")
      }
    }
    let rules = rules.map { suite.add(rules: $0, from: names) }
    let over = rules.map { chosen in suite.rules.filter { chosen.contains($0.name) } }
    let methods = methods.map { suite.add(methods: $0, over: over ?? suite.rules, from: names) }
    suite.add(tasks: tasks ?? [], from: names)
    suite.readMethods(names.catalogue)
    let known = suite
    if let tasks {
      suite.tasks = try pick(tasks, from: suite.tasks, .task, names, \.name)
    } else {
      suite.tasks = suite.tasks.filter { $0.onRequest != true }
      if suite.tasks.isEmpty, !self.tasks.isEmpty {
        throw ExperimentError("suite '\(name)': no task runs unless --tasks names it")
      }
    }
    if let methods {
      suite.methods = try pick(methods, from: suite.methods, .method, names, \.name)
      if var map = suite.map {
        map.methods = map.methods.filter { methods.contains($0.name) }
        suite.map = map.methods.isEmpty ? nil : map
      }
    }
    if let rules {
      suite.rules = try pick(rules, from: suite.rules, .rule, names, \.name)
      suite.methods = suite.methods.compactMap { method in
        let listed = known.rules(of: method)
        let kept = listed.filter(rules.contains)
        if kept.isEmpty { return nil }
        var method = method
        // A method of all rules stays one of all that are left.
        if listed.count < known.rules.count { method.rules = kept }
        return method
      }
      if suite.methods.isEmpty {
        throw ExperimentError(
          "no method of suite '\(name)' that is left is listed with the rules "
            + rules.joined(separator: ", "))
      }
    }
    if let seeds {
      guard !seeds.isEmpty, Set(seeds).count == seeds.count, seeds.allSatisfy({ $0 >= 0 }) else {
        throw ExperimentError("the seeds \(seeds) are to be different numbers of at least 0")
      }
      // The references stay those of the whole suite.
      suite.referenceSeeds = calibrationSeeds
      suite.tuningSeeds = seeds.filter { tuningSeeds.contains($0) }
      suite.reportSeeds = seeds.filter { !tuningSeeds.contains($0) }
      if suite.reportSeeds.isEmpty {
        // All the seeds asked for are tuning seeds: report on them, and say so in the tables.
        suite.reportSeeds = suite.tuningSeeds
        suite.tuningSeeds = []
      }
      if var map = suite.map {
        map.seeds = map.seeds.filter { seeds.contains($0) }
        suite.map = map.seeds.isEmpty ? nil : map
      }
    }
    if let steps {
      if let fault = RunLimits.fault("--steps", steps, RunLimits.steps) {
        throw ExperimentError(fault)
      }
      suite.steps = steps
      suite.epochs = nil
    }
    return suite
  }

  /// The suite with more tasks, by their texts; each is named for the call, with a number where the
  /// suite has that name.
  ///
  /// - Returns: the names, too.
  /// - Throws: ``SpecError`` for a text that is no call.
  package func adding(tasks texts: [String]) throws -> (suite: Suite, names: [String]) {
    var suite = self
    var added: [String] = []
    for text in texts {
      let call = try SpecText(text, variables: ["steps"]).single("a task").name
      let name = free(call, among: suite.tasks.map(\.name))
      suite.tasks.append(SuiteTask(name: name, spec: text))
      added.append(name)
    }
    return (suite, added)
  }

  /// The suite with more methods, by their texts, each named for its call like a task.
  ///
  /// - Parameters:
  ///   - texts: names as well, which stay as they are.
  ///   - rules: those that a text without a rule of its own runs over; all of the suite's by default.
  /// - Returns: the names, in the texts' order.
  /// - Throws: ``SpecError`` for a text that names no method.
  package func adding(
    methods texts: [String], over rules: [String]? = nil, names: Names = .standard
  ) throws -> (suite: Suite, names: [String]) {
    var suite = self
    var added: [String] = []
    for text in texts {
      guard text.contains(where: { $0 == "(" || $0 == "+" }) else {
        added.append(text)
        continue
      }
      var variables = Self.sampleVariables
      variables["steps"] = Double(steps ?? 1000)
      for rule in suite.rules { variables.merge(rule.variables ?? [:]) { mine, _ in mine } }
      let spec = try SpecText(text, variables: Set(variables.keys))
      let rule = try suite.rules.first.map { try SpecText($0.spec) }
      let _: NamedMethod<Double> = try names.catalogue.method(
        spec, variables: variables, rule: rule)
      let call = spec.calls.map(\.name).joined(separator: "+")
      let name = free(call, among: suite.methods.map(\.name))
      let chosen = suite.rules.filter { rules?.contains($0.name) ?? true }
      suite.methods.append(names.method(text, named: name, over: chosen))
      added.append(name)
    }
    return (suite, added)
  }

  /// A call's name, with a number where it is taken.
  private func free(_ call: String, among taken: [String]) -> String {
    var name = call
    var number = 2
    while taken.contains(name) {
      name = "\(call)-\(number)"
      number += 1
    }
    return name
  }

  /// Adds what the catalogue has of the names that the suite has not. A rule gets the variables of the
  /// suite's first, so that the methods' texts can be read.
  ///
  /// - Returns: the names of the lines.
  private mutating func add(rules words: [String], from names: Names) -> [String] {
    words.flatMap { word in
      if rules.contains(where: { $0.name == word }) { return [word] }
      let lines = names.rules(named: word, variables: rules.first?.variables)
      rules += lines.filter { line in !rules.contains { $0.name == line.name } }
      return lines.isEmpty ? [word] : lines.map(\.name)
    }
  }

  private mutating func add(
    methods words: [String], over chosen: [Named], from names: Names
  ) -> [String] {
    words.flatMap { word in
      if methods.contains(where: { $0.name == word }) { return [word] }
      let lines = names.methods(named: word, over: chosen)
      methods += lines.filter { line in !methods.contains { $0.name == line.name } }
      return lines.isEmpty ? [word] : lines.map(\.name)
    }
  }

  private mutating func add(tasks words: [String], from names: Names) {
    for word in words where !tasks.contains(where: { $0.name == word }) {
      if let task = names.task(named: word) { tasks.append(task) }
    }
  }

  private func pick<Item>(
    _ words: [String], from items: [Item], _ part: SuitePart, _ names: Names,
    _ name: (Item) -> String
  ) throws(ExperimentError) -> [Item] {
    let own = items.map(name)
    if let word = words.first(where: { !own.contains($0) }) {
      throw ExperimentError(unknown(word, part, among: own, names))
    }
    return items.filter { words.contains(name($0)) }
  }

  /// What a name is told that neither the suite nor the catalogue has, with the nearest of both.
  private func unknown(
    _ word: String, _ part: SuitePart, among own: [String], _ names: Names
  ) -> String {
    let kind = "\(part.rawValue) of suite '\(name)' or of the catalogue"
    func told(_ other: SuitePart) -> String? {
      other != part && names.named(other).contains(word)
        ? "no \(kind) named '\(word)': it is a \(other.rawValue), for --\(other.rawValue)s" : nil
    }
    if let text = told(.rule) ?? told(.method) { return text }
    if part != .task, let text = names.example(with: word) {
      return "no \(kind) named '\(word)': it is compared by a text that has it, such as '\(text)'"
    }
    if let text = told(.task) { return text }
    let known = own + names.named(part)
    if nearestName(to: word, among: known) != nil {
      return unknownName(word, kind: kind, among: known)
    }
    return unknownName(word, kind: kind, among: own)
      + ", and those of 'hypergrad list \(part == .task ? "tasks" : "compared")'"
  }
}
