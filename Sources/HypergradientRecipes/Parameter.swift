/// One argument of a recipe: a hyperparameter's label, default, range, unit and sentence, stated once.
///
/// `Root` is what the recipe makes, `Value` what its initialiser takes. Where the value is kept as
/// it was given, a key path says where: the initialiser's check, the coded form and `.varying` come
/// from it.
///
/// ```swift
/// let parameter: Parameter<Adam<Float>, Double> = .number(
///   "beta2", \.beta2, in: .from(0, below: 1), default: 0.999, "decay of the mean square")
/// ```
public struct Parameter<Root, Value: Sendable>: Sendable {
  /// As in the Swift initialiser; "_" for an argument without a label.
  public let label: String
  /// What a text may say, and how it is shown.
  let kind: Kind<Value>
  /// What stands for it when it is left out; `nil` where it can't be.
  let standard: Value?
  /// The unit in words; empty for a pure number.
  public let unit: String
  public let summary: String
  let place: Place<Root, Value>?

  public init(
    _ label: String, _ path: KeyPath<Root, Value>?, _ kind: Kind<Value>, default standard: Value?,
    unit: String = "", _ summary: String
  ) {
    self.label = label
    self.kind = kind
    self.standard = standard
    self.unit = unit
    self.summary = summary
    place = path.map(Place.init)
  }

  /// The same with another sentence.
  public func described(as summary: String) -> Parameter {
    Parameter(
      label, place?.path, kind, default: standard, unit: unit, summary)
  }
}

/// A key path to a stored property: no captured values, so that threads may share it.
struct Place<Root, Value>: @unchecked Sendable {
  let path: KeyPath<Root, Value>
}

/// How a kind of value is read from a text, shown in one, and checked.
public struct Kind<Value: Sendable>: Sendable {
  /// What a signature shows where there is no default.
  public let placeholder: String
  /// What the value may be, in words; `nil` where the placeholder says it all.
  public let range: String?
  /// The words of a choice.
  public let words: [String]
  /// The numbers it may be, where it is one number.
  public let domain: Domain?
  let read: @Sendable (SpecArgument, Site) throws(SpecError) -> Value
  let write: @Sendable (Value) -> String
  /// What is wrong with a value that Swift passes; `nil` where nothing is.
  let fault: @Sendable (Value) -> String?
  let coding: Coding<Value>?

  init(
    placeholder: String = "…", range: String? = nil, words: [String] = [], domain: Domain? = nil,
    read: @escaping @Sendable (SpecArgument, Site) throws(SpecError) -> Value,
    write: @escaping @Sendable (Value) -> String,
    fault: @escaping @Sendable (Value) -> String? = { _ in nil }, coding: Coding<Value>? = nil
  ) {
    self.placeholder = placeholder
    self.range = range
    self.words = words
    self.domain = domain
    self.read = read
    self.write = write
    self.fault = fault
    self.coding = coding
  }
}

/// How a value is kept in a coded form, under its label.
struct Coding<Value: Sendable>: Sendable {
  /// Whether the coded form may lack it.
  var isOptional = false
  let encode: @Sendable (Value, inout KeyedEncodingContainer<Label>, Label) throws -> Void
  let decode: @Sendable (KeyedDecodingContainer<Label>, Label) throws -> Value
}

extension Coding where Value: Codable {
  static var plain: Coding {
    Coding(
      encode: { value, container, label in try container.encode(value, forKey: label) },
      decode: { container, label in try container.decode(Value.self, forKey: label) })
  }
}

/// A label as a coding key.
struct Label: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(_ label: String) { stringValue = label == "_" ? "value" : label }
  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

/// Where in a text an argument stands, for its messages.
struct Site: Sendable {
  let reader: SpecReader
  let call: String
  let label: String

  /// How a message names the argument.
  var title: String { label == "_" ? "the value" : "'\(label)'" }

  func wrong(_ argument: SpecArgument, _ expected: String) -> SpecError {
    SpecError(
      text: reader.text, column: argument.column,
      message: "\(title) of '\(call)' is to be \(expected)")
  }

  /// What is to be a number is something else, such as a name that is near to a number's.
  func noNumber(_ argument: SpecArgument, _ domain: Domain) -> SpecError {
    var found = ""
    if case .call(let node) = argument.value, node.arguments.isEmpty, node.modifiers.isEmpty {
      let names = reader.variables.keys.sorted()
      found =
        nearestName(to: node.name, among: names) == nil
        ? ", not '\(node.name.prefix(80))'"
        : ": " + unknownName(node.name, kind: "number", among: names)
    }
    return wrong(argument, "a number, \(domain.description)\(found)")
  }
}
