/// What has a recipe.
public protocol HasRecipe: Sendable {
  static var recipe: Recipe<Self> { get }
}

/// What is made by a recipe, all of whose arguments it keeps: its initialiser checks them by
/// ``checkDeclared()``, and its coded form has them under their labels, checked again when it is
/// decoded.
public protocol Declared: HasRecipe, Codable {}

extension Declared {
  /// Stops the program where a property is outside its range; for initialisers.
  public func checkDeclared() {
    for field in Self.recipe.fields {
      if let fault = field.fault(self) { stop(fault) }
    }
  }

  public init(from decoder: any Decoder) throws {
    let recipe = Self.recipe
    let container: KeyedDecodingContainer<Label>
    do {
      container = try decoder.container(keyedBy: Label.self)
    } catch DecodingError.typeMismatch(let type, let context) {
      throw DecodingError.typeMismatch(
        type,
        .init(
          codingPath: context.codingPath,
          debugDescription: "expected the arguments of \(recipe.expectation(Self.self)), found none"
        ))
    }
    try recipe.checkKeys(container, of: Self.self)
    self = try recipe.decoding(container)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Label.self)
    for field in Self.recipe.fields { try field.encode(self, &container) }
  }

  /// How a text makes it: its name, and the arguments that differ from the defaults.
  public var spelled: String {
    let recipe = Self.recipe
    let arguments = recipe.fields.compactMap { field in
      field.text(self).map { field.label == "_" ? $0 : "\(field.label): \($0)" }
    }
    return arguments.isEmpty ? recipe.name : "\(recipe.name)(\(arguments.joined(separator: ", ")))"
  }
}

/// A hyperparameter that is one number, by its label: what a schedule may set and a tower may learn.
public struct Hyperparameter<Root>: Sendable, Equatable {
  public let label: String
  public let domain: Domain
  private let place: WritablePlace<Root>

  public init(_ label: String, _ path: WritableKeyPath<Root, Double>, _ domain: Domain) {
    self.label = label
    self.domain = domain
    place = WritablePlace(path: path)
  }

  public var path: WritableKeyPath<Root, Double> { place.path }

  public static func == (a: Hyperparameter, b: Hyperparameter) -> Bool { a.label == b.label }
}

/// See ``Place``.
private struct WritablePlace<Root>: @unchecked Sendable {
  let path: WritableKeyPath<Root, Double>
}

extension Declared {
  /// The numbers among the arguments that may be changed, in the initialiser's order.
  public static var hyperparameters: [Hyperparameter<Self>] {
    recipe.fields.compactMap { field in
      guard let domain = field.domain,
        let path = field.number?.path as? WritableKeyPath<Self, Double>
      else { return nil }
      return Hyperparameter(field.label, path, domain)
    }
  }
}

extension Recipe {
  /// What a coded form of it is to hold, in words.
  fileprivate func expectation(_ type: Any.Type) -> String {
    let labels = fields.map { "'\(Label($0.label).stringValue)'" }.joined(separator: ", ")
    return "'\(name)' (\(type))" + (labels.isEmpty ? "" : ", which are \(labels)")
  }

  /// - Throws: an error that names all that is missing, and what is there instead.
  fileprivate func checkKeys(
    _ container: KeyedDecodingContainer<Label>, of type: Any.Type
  ) throws {
    let missing = fields.filter { $0.isNeeded && !container.contains(Label($0.label)) }
    guard !missing.isEmpty else { return }
    let lacks = missing.map { "'\(Label($0.label).stringValue)'" }.joined(separator: ", ")
    let found = container.allKeys.map { "'\($0.stringValue)'" }.sorted()
    let holds = found.isEmpty ? "nothing" : found.prefix(20).joined(separator: ", ")
    throw DecodingError.dataCorrupted(
      .init(
        codingPath: container.codingPath,
        debugDescription: "expected the arguments of \(expectation(type)): \(lacks) "
          + "\(missing.count == 1 ? "is" : "are") missing; the file holds \(holds)"))
  }
}
