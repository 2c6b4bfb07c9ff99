/// What a text may name of each kind: rules, controllers, schedules, tasks.
public struct Vocabulary: Sendable {
  private var lists: [ObjectIdentifier: any Sendable] = [:]
  /// What each list holds, in words, and the names in it.
  private var kinds: [ObjectIdentifier: [(kind: String, names: Set<String>)]] = [:]

  public init() {}

  /// The names of things of one kind.
  public subscript<Product>(_: Product.Type) -> Lexicon<Product>? {
    get { lists[ObjectIdentifier(Product.self)] as? Lexicon<Product> }
    set {
      lists[ObjectIdentifier(Product.self)] = newValue
      kinds[ObjectIdentifier(Product.self)] = newValue.map { lexicon in
        [
          (lexicon.kind, Set(lexicon.recipes.flatMap { [$0.name] + $0.aliases })),
          ("\(lexicon.kind) modifier", Set(lexicon.modifiers.map(\.name))),
        ]
      }
    }
  }

  /// What a name is, in words: "schedule".
  func kinds(named word: String) -> [String] {
    Set(kinds.values.joined().filter { $0.names.contains(word) }.map(\.kind)).sorted()
  }
}

/// The recipes of one kind of things, and of what makes one of another.
public struct Lexicon<Product>: Sendable {
  /// What it is, in words: "rule".
  public var kind: String
  public var recipes: [Recipe<Product>]
  public var modifiers: [Recipe<Modifier<Product>>]

  public init(
    _ kind: String, _ recipes: [Recipe<Product>], modifiers: [Recipe<Modifier<Product>>] = []
  ) {
    self.kind = kind
    self.recipes = recipes
    self.modifiers = modifiers
  }
}

/// What makes one thing of another of its kind, such as `.clamped(to: 0...1)`; it may refuse what it
/// can't be applied to.
public struct Modifier<Product>: Sendable {
  let apply: @Sendable (Product) -> Result<Product, Refusal>

  public init(_ apply: @escaping @Sendable (Product) -> Product) {
    self.apply = { .success(apply($0)) }
  }

  public init(refusing apply: @escaping @Sendable (Product) -> Result<Product, Refusal>) {
    self.apply = apply
  }
}
