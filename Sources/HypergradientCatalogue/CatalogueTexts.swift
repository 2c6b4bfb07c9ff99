public import Hypergradient
public import HypergradientRecipes

/// What a text that trains describes.
public enum NamedMethod<Scalar: ParameterScalar>: Sendable {
  /// A rule times a controller.
  case pair(RuleOnObjective<Scalar>, any LearningRateController)
  /// A method that decides itself where to look.
  case method(any TrainingMethod<Scalar>)

  /// The method, or the optimizer of a rule times a controller as one.
  public func trainer(parameterCount: Int) -> any TrainingMethod<Scalar> {
    switch self {
    case .method(let method): return method
    case .pair(let rule, let controller):
      func open<R: UpdateRule<Scalar>, C: LearningRateController>(
        _ update: R, _ controller: C
      ) -> any TrainingMethod<Scalar> {
        Optimizer(update, controller, on: rule.objective, parameterCount: parameterCount)
      }
      return open(rule.rule, controller)
    }
  }
}

extension Catalogue {
  /// A rule: `adam(beta1: 0.95).then(weightDecay(0.01))`.
  public func rule<S: ParameterScalar>(
    _ text: SpecText, for _: S.Type = S.self, variables: [String: Double] = [:]
  ) throws(SpecError) -> RuleOnObjective<S> {
    try reader(text, variables).read(try text.single("a rule"))
  }

  /// A controller: `hypergradient(initial: 1e-3, hyperLearningRate: 1e-7).clamped(to: 0...1)`.
  public func controller(
    _ text: SpecText, variables: [String: Double] = [:]
  ) throws(SpecError) -> any LearningRateController {
    try reader(text, variables).read(try text.single("a controller"))
  }

  /// A schedule: `cosine(from: 0.1, to: 0, over: 1000)`.
  public func schedule(
    _ text: SpecText, variables: [String: Double] = [:]
  ) throws(SpecError) -> any Schedule {
    try reader(text, variables).read(try text.single("a schedule"))
  }

  /// What trains: `adam + constant(1e-3)`, or a method that is not a rule times a controller, such
  /// as `armijo(adam, initial: 1)`; and, where `rule` is bound, a controller alone.
  ///
  /// - Parameters:
  ///   - variables: values of the names that stand for numbers.
  ///   - rule: the text of what the word `rule` stands for where a rule is expected.
  public func method<S: ParameterScalar>(
    _ text: SpecText, for _: S.Type = S.self, variables: [String: Double] = [:],
    rule: SpecText? = nil
  ) throws(SpecError) -> NamedMethod<S> {
    let reader = try reader(text, variables, rule: rule)
    let nodes = text.calls
    if nodes.count == 1 {
      let node = nodes[0]
      if isMethod(node.name) { return .method(try reader.read(node)) }
      if let rule, isControllerWord(node.name) {
        return .pair(try self.rule(rule, variables: variables), try reader.read(node))
      }
      if !controllers.contains(where: { $0.answers(to: node.name) }),
        schedules.contains(where: { $0.answers(to: node.name) })
      {
        throw reader.error(
          node,
          "'\(node.name)' is a schedule, not a controller: write 'scheduled(\(node.name)(…))'")
      }
      if let message = faultOfHalf(node.name, hasRule: rule != nil) {
        throw reader.error(node, message)
      }
    }
    guard nodes.count == 2 else {
      throw SpecError(
        text: text.text, column: 1,
        message: "a method is 'rule + controller', such as 'adam + constant(1e-3)'")
    }
    return .pair(try reader.read(nodes[0]), try reader.read(nodes[1]))
  }

  /// Whether a name is a method's that is not a rule times a controller.
  public func isMethod(_ name: String) -> Bool {
    double.methods.contains { $0.answers(to: name) }
  }

  /// Whether a word is a controller's name, or nearer to one than to a method's.
  private func isControllerWord(_ name: String) -> Bool {
    let names = controllers.map(\.name)
    return controllers.contains { $0.answers(to: name) }
      || nearestName(to: name, among: names) != nil
        && nearestName(to: name, among: double.methods.map(\.name)) == nil
  }

  /// What is wrong with a call that stands alone and is no method; `nil` where the general message
  /// says it.
  private func faultOfHalf(_ name: String, hasRule: Bool) -> String? {
    let halves = controllers.map(\.name) + double.rules.map(\.name)
    let known = double.methods.map(\.name)
    if halves.contains(name) || nearestName(to: name, among: known) == nil { return nil }
    return unknownName(name, kind: "method", among: known)
  }

  private func reader(
    _ text: SpecText, _ variables: [String: Double], rule: SpecText? = nil
  ) throws(SpecError) -> SpecReader {
    var words: [String: SpecWord] = [:]
    if let rule {
      let reader = SpecReader(rule.text, variables: variables, vocabulary: vocabulary)
      words["rule"] = SpecWord(
        try rule.single("a rule"), reader,
        kinds: [RuleOnObjective<Float>.self, RuleOnObjective<Double>.self])
    }
    return SpecReader(text.text, variables: variables, vocabulary: vocabulary, words: words)
  }
}

// The same from texts that are not parsed yet.
extension Catalogue {
  public func rule<S: ParameterScalar>(
    _ text: String, for scalar: S.Type = S.self, variables: [String: Double] = [:]
  ) throws(SpecError) -> RuleOnObjective<S> {
    try rule(try SpecText(text, variables: Set(variables.keys)), variables: variables)
  }

  public func controller(
    _ text: String, variables: [String: Double] = [:]
  ) throws(SpecError) -> any LearningRateController {
    try controller(try SpecText(text, variables: Set(variables.keys)), variables: variables)
  }

  public func schedule(
    _ text: String, variables: [String: Double] = [:]
  ) throws(SpecError) -> any Schedule {
    try schedule(try SpecText(text, variables: Set(variables.keys)), variables: variables)
  }

  public func method<S: ParameterScalar>(
    _ text: String, for scalar: S.Type = S.self, variables: [String: Double] = [:],
    rule: String? = nil
  ) throws(SpecError) -> NamedMethod<S> {
    let names = Set(variables.keys)
    var bound: SpecText?
    if let rule { bound = try SpecText(rule, variables: names) }
    return try method(
      try SpecText(text, variables: names), variables: variables, rule: bound)
  }
}
