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
      throw error(node, unknownName(node.name, kind: kind, among: recipes.map(\.name)))
    }
    if let modifier = node.modifiers.first {
      throw error(modifier, "\(title.isEmpty ? "this" : title) has no '.\(modifier.name)'")
    }
    return try recipe.make(SpecCall(node: node, reader: self))
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

  /// Every argument has a parameter, and none two.
  func check(_ parameters: [ParameterDescription]) throws(SpecError) {
    var given: Set<String> = []
    for argument in node.arguments {
      let label = argument.label ?? "_"
      guard let parameter = parameters.first(where: { $0.label == label }) else {
        throw SpecError(
          text: reader.text, column: argument.column, message: unknown(argument, parameters))
      }
      guard given.insert(label).inserted else {
        throw SpecError(
          text: reader.text, column: argument.column,
          message: "\(parameter.title) of '\(node.name)' is given twice")
      }
    }
    let missing = parameters.filter { $0.standard == nil && !given.contains($0.label) }
    if !missing.isEmpty {
      let list = missing.map { ($0.label == "_" ? "a value" : $0.title) + ": " + $0.summary }
      throw error("'\(node.name)' needs \(list.joined(separator: "; "))")
    }
  }

  private func unknown(_ argument: SpecArgument, _ parameters: [ParameterDescription]) -> String {
    if parameters.isEmpty { return "'\(node.name)' has no arguments" }
    let labels = parameters.map(\.label).filter { $0 != "_" }
    let signature = parameters.map { $0.label == "_" ? "a value without a label" : "'\($0.label)'" }
    let all = "it has \(signature.joined(separator: ", "))"
    guard let label = argument.label else {
      return "'\(node.name)' has no argument without a label; \(all)"
    }
    if let near = nearestName(to: label, among: labels) {
      return "no argument of '\(node.name)' named '\(label)'; did you mean '\(near)'?"
    }
    return "no argument of '\(node.name)' named '\(label)'; \(all)"
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
