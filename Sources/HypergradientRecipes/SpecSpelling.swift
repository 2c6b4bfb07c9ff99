// One way to write a text: what two texts that mean the same have in common.

extension SpecReader {
  /// A call as ``SpecNode`` prints, under its recipe's own name, with every argument in the recipe's
  /// order and every default written out. What no recipe of this kind knows stays as it is.
  ///
  /// So `nesterov` and `nesterov(momentum: 0.9)` are one, and a default that changes shows.
  public func spelledOut<Product>(_ node: SpecNode, as _: Product.Type) -> String {
    let lexicon = vocabulary[Product.self]
    return Self.spelled(node, lexicon?.recipes ?? [])
      + node.modifiers.map { "." + Self.spelled($0, lexicon?.modifiers ?? []) }.joined()
  }

  /// The call without its modifiers.
  private static func spelled<Product>(_ node: SpecNode, _ recipes: [Recipe<Product>]) -> String {
    guard let recipe = recipes.first(where: { $0.answers(to: node.name) }) else {
      return SpecNode(name: node.name, arguments: node.arguments, modifiers: [], column: 1).spelled
    }
    let arguments = recipe.parameters.compactMap { parameter -> String? in
      let given = node.arguments.first { ($0.label ?? "_") == parameter.label }
      return (given?.value.spelled ?? parameter.standard).map { "\(parameter.label): \($0)" }
    }
    return "\(recipe.name)(\(arguments.joined(separator: ", ")))"
  }
}

extension Kind where Value == String? {
  /// The text of something that the vocabulary names, as it stands, where a word is what it stands for;
  /// or nothing. What it names is read, too, so that a mistake in it is found.
  public static func textOf<Product>(_ placeholder: String, _: Product.Type) -> Kind {
    Kind(
      placeholder: placeholder,
      read: { argument, site throws(SpecError) in
        if argument.isNone { return nil }
        guard case .call(let node) = argument.value else {
          throw site.wrong(argument, "a \(placeholder)")
        }
        let _: Product = try site.reader.read(node)
        return site.reader.meant(node, as: Product.self).spelled.replacing("()", with: "")
      },
      write: { $0 ?? "none" })
  }
}

extension SpecReader {
  /// A call, where a word is the call that it stands for.
  fileprivate func meant<Product>(_ node: SpecNode, as _: Product.Type) -> SpecNode {
    guard let word = words[node.name], word.isA(Product.self), node.arguments.isEmpty else {
      return node
    }
    var meant = word.reader.meant(word.node, as: Product.self)
    meant.modifiers += node.modifiers
    return meant
  }
}

extension SpecNode {
  /// The call as it stands, with numbers as Swift prints them.
  var spelled: String {
    let arguments = arguments.map { ($0.label.map { "\($0): " } ?? "") + $0.value.spelled }
    return "\(name)(\(arguments.joined(separator: ", ")))"
      + modifiers.map { "." + $0.spelled }.joined()
  }
}

extension SpecValue {
  var spelled: String {
    switch self {
    case .number(let x): x.spelled
    case .range(let a, let b): "\(a.spelled)...\(b.spelled)"
    case .call(let node): node.spelled
    case .list(let values): "[\(values.map(\.spelled).joined(separator: ", "))]"
    case .text(let text): quoted(text)
    }
  }
}

/// A text as another text has it: in quotes, with `\` before each quote and each `\`.
package func quoted(_ text: String) -> String {
  "\"" + text.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] } + "\""
}

extension SpecNumber {
  var spelled: String {
    switch self {
    case .literal(let x): short(x)
    case .variable(let name): name
    case .negative(let x): "-\(x.spelled)"
    case .product(let a, let b): "\(a.spelled)*\(b.spelled)"
    case .quotient(let a, let b): "\(a.spelled)/\(b.spelled)"
    }
  }
}
