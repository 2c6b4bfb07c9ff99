/// Reads the calls of one text by recipes.
public struct SpecReader: Sendable {
  public let text: String
  /// Names that stand for numbers in the text, such as `rate` and `steps`.
  public let variables: [String: Double]
  public let vocabulary: Vocabulary
  /// What words without arguments stand for, such as `rule`: a call of another text.
  let words: [String: SpecWord]

  /// - Parameter words: what words without arguments stand for.
  public init(
    _ text: String, variables: [String: Double] = [:], vocabulary: Vocabulary,
    words: [String: SpecWord] = [:]
  ) {
    self.text = text
    self.variables = variables
    self.vocabulary = vocabulary
    self.words = words
  }

  /// The thing that a call names, with its modifiers applied.
  public func read<Product>(
    _ node: SpecNode, as _: Product.Type = Product.self
  ) throws(SpecError) -> Product {
    guard let lexicon = vocabulary[Product.self] else {
      throw error(node, "nothing here can be a \(Product.self)")
    }
    var product: Product
    if let word = words[node.name], word.isA(Product.self), node.arguments.isEmpty {
      product = try word.reader.read(word.node)
    } else {
      product = try made(
        SpecNode(name: node.name, arguments: node.arguments, modifiers: [], column: node.column),
        by: lexicon.recipes, kind: lexicon.kind, of: "")
    }
    for modifier in node.modifiers {
      guard !lexicon.modifiers.isEmpty else {
        throw error(modifier, "a \(lexicon.kind) has no '.\(modifier.name)'")
      }
      let bare = SpecNode(
        name: modifier.name, arguments: modifier.arguments, modifiers: [], column: modifier.column)
      let change = try made(
        bare, by: lexicon.modifiers, kind: "\(lexicon.kind) modifier", of: "")
      switch change.apply(product) {
      case .success(let changed): product = changed
      case .failure(let refusal): throw error(modifier, refusal.description)
      }
    }
    return product
  }

  /// What one of a few recipes makes of a call.
  func made<Product>(
    _ node: SpecNode, by recipes: [Recipe<Product>], kind: String, of title: String
  ) throws(SpecError) -> Product {
    guard let recipe = recipes.first(where: { $0.answers(to: node.name) }) else {
      throw error(node, unknown(node.name, kind: kind, among: recipes.map(\.name)))
    }
    if let modifier = node.modifiers.first {
      throw error(modifier, "\(title.isEmpty ? "this" : title) has no '.\(modifier.name)'")
    }
    let call = SpecCall(node: node, reader: self, kind: kind) { label in
      recipes.filter { $0.parameters.contains { $0.label == label } }.map(\.name)
    }
    return try recipe.make(call)
  }

  /// What is wrong with a name: it may be one of another kind.
  private func unknown(_ name: String, kind: String, among names: [String]) -> String {
    let others = vocabulary.kinds(named: name)
    guard let other = others.first, !names.isEmpty else {
      return unknownName(name, kind: kind, among: names)
    }
    if other.hasSuffix(" modifier") {
      let owners = others.map { "a \($0.dropLast(" modifier".count))" }.joined(separator: " or ")
      return kind.hasSuffix(" modifier")
        ? "no \(kind) named '\(name)': it changes \(owners)"
        : "'\(name)' is no \(kind): it changes \(owners), written '….\(name)(…)'"
    }
    let hint: String
    switch (other, kind) {
    case ("schedule", "controller"): hint = ": write 'scheduled(\(name)(…))'"
    case ("schedule", "controller modifier"), ("schedule", "schedule modifier"):
      hint = ": '.scaled(by: \(name)(…))' multiplies with one"
    case ("method", _): hint = ", which stands alone: '\(name)(…)'"
    case ("rule", "controller"), ("controller", "rule"):
      hint = ": a method is 'rule + controller', such as 'adam + constant(1e-3)'"
    default: hint = ""
    }
    return "'\(name)' is a \(others.joined(separator: " and a ")), not a \(kind)\(hint)"
  }

  public func error(_ node: SpecNode, _ message: String) -> SpecError {
    SpecError(text: text, column: node.column, message: message)
  }
}

/// What a word stands for in another text: a call, and how it is read.
public struct SpecWord: Sendable {
  let node: SpecNode
  let reader: SpecReader
  /// The kinds of things it may be.
  private let kinds: Set<ObjectIdentifier>

  public init(_ node: SpecNode, _ reader: SpecReader, kinds: [Any.Type]) {
    self.node = node
    self.reader = reader
    self.kinds = Set(kinds.map { ObjectIdentifier($0) })
  }

  func isA(_ kind: Any.Type) -> Bool { kinds.contains(ObjectIdentifier(kind)) }
}

/// One call of a text, for a recipe to read its arguments.
struct SpecCall: Sendable {
  let node: SpecNode
  let reader: SpecReader
  /// What the recipe makes one of: "rule".
  let kind: String
  /// The recipes of that kind that have an argument of a label.
  let owners: @Sendable (_ label: String) -> [String]

  /// Every argument has a parameter, none two, and none that is needed is missing; all that is wrong
  /// in one message.
  func check(_ parameters: [ParameterDescription]) throws(SpecError) {
    var faults: [(column: Int, message: String)] = []
    // What is given, or meant by an argument that is none.
    var given: Set<String> = []
    for argument in node.arguments {
      let label = argument.label ?? "_"
      guard let parameter = parameters.first(where: { $0.label == label }) else {
        let (message, meant) = unknown(argument, parameters)
        faults.append((argument.column, message))
        if let meant { given.insert(meant) }
        continue
      }
      if !given.insert(label).inserted {
        let twice = "\(parameter.title) of '\(node.name)' is given twice"
        let (hint, meant) = meaning(ofSurplus: argument, parameters) ?? ("", nil)
        faults.append((argument.column, twice + hint))
        if let meant { given.insert(meant) }
      }
    }
    let missing = parameters.filter { $0.standard == nil && !given.contains($0.label) }
    if !missing.isEmpty {
      let list = missing.map { ($0.label == "_" ? "a value" : $0.title) + ": " + $0.summary }
      faults.append((node.column, "'\(node.name)' needs \(list.joined(separator: "; "))"))
    }
    guard let first = faults.first else { return }
    throw SpecError(
      text: reader.text, column: first.column, message: inOneLine(faults.map(\.message)))
  }

  /// What is wrong with an argument that is none, and the parameter that is meant by it.
  private func unknown(
    _ argument: SpecArgument, _ parameters: [ParameterDescription]
  ) -> (message: String, meant: String?) {
    let labels = parameters.map(\.label)
    let named = labels.filter { $0 != "_" }
    let signature = labels.map { $0 == "_" ? "a value without a label" : "'\($0)'" }
    let all =
      parameters.isEmpty
      ? "it has no arguments" : "it has \(signature.joined(separator: ", "))"
    guard let label = argument.label else {
      if parameters.isEmpty { return ("'\(node.name)' has no arguments", nil) }
      let none = "'\(node.name)' has no argument without a label"
      guard let (hint, meant) = meaning(ofSurplus: argument, parameters) else {
        return ("\(none); \(all)", nil)
      }
      return (none + hint, meant)
    }
    let known = "no argument of '\(node.name)' named '\(label)'"
    let own = ownLabel(for: label, among: labels)
    if let own, own != "_" { return ("\(known); did you mean '\(own)'?", own) }
    if let near = nearestName(to: label, among: named) {
      return ("\(known); did you mean '\(near)'?", near)
    }
    if kind == "rule", meansLearningRate(label) {
      return ("\(known): the learning rate is the controller's, '\(node.name) + constant(…)'", nil)
    }
    if labels == ["_"] {
      return ("\(known); \(all): '\(node.name)(\(shown(argument.value)))'", "_")
    }
    let others = owners(label)
    if !others.isEmpty {
      let list = others.prefix(8).map { "'\($0)'" }.joined(separator: ", ")
      return ("\(known); \(all); \(list) \(others.count == 1 ? "has" : "have") '\(label)'", nil)
    }
    return ("\(known); \(all)", own)
  }

  /// What a value without a label that is one too many may be: what a decimal comma has cut off, or the
  /// one argument that is needed and not there, whose label is returned, too.
  private func meaning(
    ofSurplus argument: SpecArgument, _ parameters: [ParameterDescription]
  ) -> (hint: String, meant: String?)? {
    guard argument.label == nil else { return nil }
    if isBehindDecimalComma(argument.column, of: reader.text) {
      return ("; did you mean '.' for ','?", nil)
    }
    let labels = parameters.map(\.label)
    let surplus = node.arguments.count { $0.label == nil } - labels.count { $0 == "_" }
    let named = node.arguments.compactMap(\.label).map { ownLabel(for: $0, among: labels) ?? $0 }
    let missing = parameters.filter {
      $0.standard == nil && $0.label != "_" && !named.contains($0.label)
    }
    guard surplus == 1, missing.count == 1 else { return nil }
    let label = missing[0].label
    return ("; did you mean '\(label): \(shown(argument.value))'?", label)
  }

  /// A value as an example may have it.
  private func shown(_ value: SpecValue) -> String {
    guard case .number(let number) = value, number.variables.isEmpty else { return "…" }
    return short(number.value([:]))
  }

  /// The value of a parameter: what the text says, or its default.
  func value<Root, Value>(of parameter: Parameter<Root, Value>) throws(SpecError) -> Value {
    let label = parameter.label
    guard let argument = node.arguments.first(where: { ($0.label ?? "_") == label }) else {
      guard let standard = parameter.standard else {
        throw error("'\(node.name)' needs '\(label)'")
      }
      return standard
    }
    return try parameter.kind.read(
      argument, Site(reader: reader, call: node.name, label: label))
  }

  func error(_ message: String) -> SpecError { reader.error(node, message) }
}
