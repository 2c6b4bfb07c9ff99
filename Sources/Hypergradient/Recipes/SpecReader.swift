/// Turns texts into rules, controllers, schedules and methods, by the recipes of the catalogue.
public struct SpecReader: Sendable {
  let text: String
  let variables: [String: Double]
  private let boundRule: RulePair?

  /// - Parameters:
  ///   - variables: names that stand for numbers in the text, such as `rate` and `steps`.
  ///   - rule: what the word `rule` stands for where a rule is expected.
  public init(_ text: String, variables: [String: Double] = [:], rule: RulePair? = nil) {
    self.text = text
    self.variables = variables
    boundRule = rule
  }

  /// A rule: `adam(beta1: 0.95).then(weightDecay(0.01))`.
  public func rule() throws(SpecError) -> RulePair {
    try rule(try single("a rule"))
  }

  /// A controller: `hypergradient(initial: 1e-3, hyperLearningRate: 1e-7).clamped(to: 0...1)`.
  public func controller() throws(SpecError) -> any LearningRateController {
    try controller(try single("a controller"))
  }

  /// A schedule: `cosine(from: 0.1, to: 0, over: 1000)`.
  public func schedule() throws(SpecError) -> any Schedule {
    try schedule(try single("a schedule"))
  }

  /// A rule and a controller: `adam + constant(1e-3)`.
  public func method() throws(SpecError) -> (rule: RulePair, controller: any LearningRateController)
  {
    let nodes = try parse()
    guard nodes.count == 2 else {
      throw SpecError(
        text: text, column: 1,
        message: "a method is 'rule + controller', such as 'adam + constant(1e-3)'")
    }
    return (try rule(nodes[0]), try controller(nodes[1]))
  }

  /// What trains: `adam + constant(1e-3)`, or a method that is not a rule times a controller, such
  /// as `armijo(adam, initial: 1)`; and, where `rule` is bound, a controller alone.
  public func training() throws(SpecError) -> Training {
    let nodes = try parse()
    if nodes.count == 1 {
      let node = nodes[0]
      if let recipe = Catalogue.methods.first(where: { $0.name == node.name }) {
        if let modifier = node.modifiers.first {
          throw error(modifier, "a method has no '.\(modifier.name)'")
        }
        return .method(try recipe.build(node, self))
      }
      // A rule or a controller alone is half of a method, not a mistyped one.
      let controllers = Catalogue.controllers.map(\.name)
      let halves = controllers + Catalogue.rules.map(\.name)
      let known = Catalogue.methods.map(\.name)
      let isController =
        boundRule != nil && nearestName(to: node.name, among: controllers) != nil
      if !halves.contains(node.name), !isController, nearestName(to: node.name, among: known) != nil
      {
        throw error(node, unknownName(node.name, kind: "method", among: known))
      }
      if let boundRule { return .pair(boundRule, try controller(node)) }
    }
    let pair = try method()
    return .pair(pair.rule, pair.controller)
  }

  /// What a text names, whether or not it can be built.
  public struct Mentions: Sendable {
    /// The calls that the text adds up: a rule and a controller, or one thing alone.
    public let calls: [String]
    /// Those of the variables that it uses.
    public let variables: Set<String>
    /// Whether the word `rule` stands where a rule is expected.
    public let rule: Bool
  }

  /// What the text names.
  public func mentions() throws(SpecError) -> Mentions {
    func hasRule(_ value: SpecValue) -> Bool {
      switch value {
      case .call(let call): isRule(call) || hasRule(in: call)
      case .list(let items): items.contains(where: hasRule)
      case .number, .range: false
      }
    }
    func isRule(_ call: SpecNode) -> Bool { call.name == "rule" && call.arguments.isEmpty }
    func hasRule(in node: SpecNode) -> Bool {
      node.arguments.contains { hasRule($0.value) } || node.modifiers.contains(where: hasRule)
    }
    var parser = SpecParser(text, variables: variables)
    let nodes = try parser.sum()
    return Mentions(
      calls: nodes.map(\.name), variables: parser.variablesMet,
      rule: nodes.contains { isRule($0) || hasRule(in: $0) })
  }

  /// The one call of a text, built by a list of recipes: for tasks, whose recipes stand elsewhere.
  public func product<Product>(
    _ kind: String, of recipes: [Recipe<Product>]
  ) throws(SpecError) -> Product {
    let node = try single(kind)
    if let modifier = node.modifiers.first {
      throw error(modifier, "\(kind) has no '.\(modifier.name)'")
    }
    return try find(node, kind, recipes).build(node, self)
  }

  // MARK: Calls

  func rule(_ node: SpecNode) throws(SpecError) -> RulePair {
    if node.name == "rule", let boundRule, node.arguments.isEmpty, node.modifiers.isEmpty {
      return boundRule
    }
    var rule = try find(node, "rule", Catalogue.rules).build(node, self)
    for modifier in node.modifiers {
      let recipe = try find(modifier, "rule modifier", Catalogue.ruleModifiers)
      rule = try recipe.build(modifier, self)(rule)
    }
    return rule
  }

  func controller(_ node: SpecNode) throws(SpecError) -> any LearningRateController {
    var controller = try find(node, "controller", Catalogue.controllers).build(node, self)
    for modifier in node.modifiers {
      let recipe = try find(modifier, "controller modifier", Catalogue.controllerModifiers)
      controller = try recipe.build(modifier, self)(controller)
    }
    return controller
  }

  func schedule(_ node: SpecNode) throws(SpecError) -> any Schedule {
    var schedule = try find(node, "schedule", Catalogue.schedules).build(node, self)
    for modifier in node.modifiers {
      let recipe = try find(modifier, "schedule modifier", Catalogue.scheduleModifiers)
      schedule = try recipe.build(modifier, self)(schedule)
    }
    return schedule
  }

  /// Matches a call's arguments with parameters, left to right for those without a label.
  func arguments(of node: SpecNode, _ parameters: [Parameter]) throws(SpecError) -> Arguments {
    var values: [String: Arguments.Value] = [:]
    for argument in node.arguments {
      guard let parameter = parameters.first(where: { $0.label == argument.label ?? "_" }) else {
        let labels = parameters.map(\.label)
        let message =
          argument.label.map { unknownName($0, kind: "argument of '\(node.name)'", among: labels) }
          ?? "'\(node.name)' has no argument without a label; it has \(labels.joined(separator: ", "))"
        throw SpecError(text: text, column: argument.column, message: message)
      }
      if values[parameter.label] != nil {
        throw SpecError(
          text: text, column: argument.column,
          message: "\(parameter.title) of '\(node.name)' is given twice")
      }
      values[parameter.label] = try value(argument, parameter, node)
    }
    for parameter in parameters where values[parameter.label] == nil {
      guard let standard = parameter.defaultText else {
        throw error(
          node,
          "'\(node.name)' needs \(parameter.label == "_" ? "a value" : parameter.title): "
            + parameter.summary)
      }
      values[parameter.label] =
        standard == "none" ? .absent : try reading(standard, parameter, node)
    }
    return Arguments(values: values, reader: self, node: node)
  }

  func error(_ node: SpecNode, _ message: String) -> SpecError {
    SpecError(text: text, column: node.column, message: message)
  }

  // MARK: Values

  private func reading(
    _ standard: String, _ parameter: Parameter, _ node: SpecNode
  ) throws(SpecError) -> Arguments.Value {
    let wrapped = SpecReader(
      "default(\(standard))", variables: variables, rule: boundRule)
    let parsed = try wrapped.single("a default")
    return try wrapped.value(parsed.arguments[0], parameter, node)
  }

  private func value(
    _ argument: SpecArgument, _ parameter: Parameter, _ node: SpecNode
  ) throws(SpecError) -> Arguments.Value {
    func wrong(_ expected: String) -> SpecError {
      SpecError(
        text: text, column: argument.column,
        message: "\(parameter.title) of '\(node.name)' is to be \(expected)")
    }
    func checked(_ x: Double, _ domain: Domain) throws(SpecError) -> Double {
      if !domain.contains(x) { throw wrong("\(domain.description), not \(short(x))") }
      return x
    }
    switch (parameter.kind, argument.value) {
    case (.number(let domain), .number(let x)):
      return .number(try checked(x, domain))
    case (.integer(let domain), .number(let x)):
      // A count such as `steps/100` is rounded down, to 1 at least; one such as `2.5` is a mistake.
      let whole = x > 0 && x < 1 && argument.isComputed ? 1 : x.rounded(.down)
      guard abs(x) <= 1e15, whole == x || argument.isComputed else {
        throw wrong("a whole number, not \(short(x))")
      }
      return .number(try checked(whole, domain))
    case (.range, .range(let low, let high)):
      guard low <= high else { throw wrong("a range low...high with low ≤ high") }
      return .range(low...high)
    case (.list(let domain), .list(let items)):
      var numbers: [Double] = []
      for item in items {
        guard case .number(let x) = item else { throw wrong("a list of numbers") }
        numbers.append(try checked(x, domain))
      }
      return .list(numbers)
    case (.choice(let words), .call(let call)):
      guard words.contains(call.name) else {
        throw SpecError(
          text: text, column: argument.column,
          message: unknownName(call.name, kind: "choice for '\(parameter.label)'", among: words))
      }
      return .choice(call.name)
    case (.rule, .call(let call)): return .rule(try rule(call))
    case (.controller, .call(let call)): return .controller(try controller(call))
    case (.schedule, .call(let call)): return .schedule(try schedule(call))
    case (.action, .call(let call)): return .action(call)
    case (.number(let domain), _), (.integer(let domain), _):
      throw wrong("a number, \(domain.description)")
    case (.range, _): throw wrong("a range, low...high")
    case (.list, _): throw wrong("a list, [a, b, …]")
    case (.choice(let words), _): throw wrong("one of \(words.joined(separator: ", "))")
    case (.rule, _): throw wrong("a rule")
    case (.controller, _): throw wrong("a controller")
    case (.schedule, _): throw wrong("a schedule")
    case (.action, _): throw wrong("an action such as .by(0.5, after: 5)")
    }
  }

  private func find<Product>(
    _ node: SpecNode, _ kind: String, _ recipes: [Recipe<Product>]
  ) throws(SpecError) -> Recipe<Product> {
    guard let recipe = recipes.first(where: { $0.name == node.name }) else {
      throw error(node, unknownName(node.name, kind: kind, among: recipes.map(\.name)))
    }
    return recipe
  }

  private func single(_ kind: String) throws(SpecError) -> SpecNode {
    let nodes = try parse()
    guard nodes.count == 1 else {
      throw SpecError(text: text, column: 1, message: "expected \(kind), found a sum")
    }
    return nodes[0]
  }

  private func parse() throws(SpecError) -> [SpecNode] {
    var parser = SpecParser(text, variables: variables)
    return try parser.sum()
  }
}
