/// How something is made from a text: its name, its arguments as in its Swift initialiser, and one
/// line of what it is for. The text form, the list command, the documentation's tables, the suite
/// files, the coded form and the initialiser's own checks all come from it.
///
/// ```swift
/// struct Decay: Declared {
///   let rate: Double
///
///   init(by rate: Double = 0.5) {
///     self.rate = rate
///     checkDeclared()
///   }
///
///   static let recipe = Recipe(
///     "decay", Decay.init(by:), .number("by", \.rate, in: .from(0, below: 1), default: 0.5, "a share"),
///     summary: "keeps a share", examples: ["decay(by: 0.1)"], standard: { Decay() })
/// }
/// ```
///
/// The compiler sees that there are as many parameters as the initialiser has arguments, each of its
/// type. That the defaults agree with the initialiser's is a law over the catalogue, which compares
/// what the text without arguments makes with what Swift makes (`standard`).
public struct Recipe<Product>: Sendable {
  public let name: String
  /// Other names that a text may use, from earlier releases; never shown.
  public let aliases: [String]
  public let summary: String
  /// Texts of it with other arguments, for the documentation and for the laws, which run over them.
  public let examples: [String]
  /// How a suite of everything compares it; `nil` where ``benchmarkTexts`` makes it of the parameters,
  /// empty where it does not.
  let compared: [BenchmarkText]?
  public let parameters: [ParameterDescription]
  /// What Swift makes with its own defaults, and the examples' values where there are none.
  public let standard: (@Sendable () -> Product)?
  let make: @Sendable (SpecCall) throws(SpecError) -> Product
  let fields: [Field<Product>]
  let decoding: @Sendable (KeyedDecodingContainer<Label>) throws -> Product
  /// What is wrong with arguments in the initialiser's order.
  private let faultOfArguments: @Sendable ([Any]) -> String?

  /// - Parameters:
  ///   - make: the initialiser, or a function that calls it.
  ///   - parameters: one for each of its arguments, in order.
  ///   - fault: why arguments that are right one by one can't go together; the initialiser checks the
  ///     same.
  ///   - refusing: the same with what the text is bound to, such as the steps of the run.
  ///   - compared: how a suite of everything compares it; made of the parameters where left out.
  public init<each Value: Sendable>(
    _ name: String, _ make: @escaping @Sendable (repeat each Value) -> Product,
    _ parameters: repeat Parameter<Product, each Value>,
    unless fault: (@Sendable (repeat each Value) -> String?)? = nil,
    refusing: (@Sendable (SpecReader, repeat each Value) -> String?)? = nil,
    summary: String, examples: [String] = [], aliases: [String] = [],
    compared: [BenchmarkText]? = nil, standard: (@Sendable () -> Product)? = nil
  ) {
    self.name = name
    self.aliases = aliases
    self.summary = summary
    self.examples = examples
    self.compared = compared
    self.standard = standard
    var descriptions: [ParameterDescription] = []
    repeat descriptions.append(ParameterDescription(each parameters))
    let parametersToCheck = descriptions
    self.parameters = descriptions
    var fields: [Field<Product>] = []
    repeat fields.append(Field(each parameters))
    self.fields = fields
    self.make = { call throws(SpecError) in
      try call.check(parametersToCheck)
      let values = (repeat try call.value(of: each parameters))
      if let fault, let message = fault(repeat each values) { throw call.error(message) }
      if let refusing, let message = refusing(call.reader, repeat each values) {
        throw call.error(message)
      }
      return make(repeat each values)
    }
    faultOfArguments = { arguments in
      var place = 0
      func next<Argument>(_ parameter: Parameter<Product, Argument>) -> Argument {
        guard place < arguments.count, let argument = arguments[place] as? Argument else {
          stop("'\(name)' is checked with other arguments than its recipe has")
        }
        place += 1
        return argument
      }
      let values = (repeat next(each parameters))
      var first: String?
      func look<Argument>(_ parameter: Parameter<Product, Argument>, _ value: Argument) {
        first = first ?? parameter.fault(of: value)
      }
      repeat look(each parameters, each values)
      return first ?? fault?(repeat each values)
    }
    decoding = { container in
      let values = (repeat try (each parameters).decoded(from: container))
      if let fault, let message = fault(repeat each values) {
        throw DecodingError.dataCorrupted(
          .init(codingPath: container.codingPath, debugDescription: "'\(name)': \(message)"))
      }
      return make(repeat each values)
    }
  }

  /// Stops the program where arguments are outside their ranges or can't go together; for
  /// initialisers of types that do not keep them all.
  ///
  /// - Parameter values: the arguments, in order, of the types that the recipe reads.
  public func check<each Value>(_ values: repeat each Value) {
    var list: [Any] = []
    repeat list.append(each values)
    if let fault = faultOfArguments(list) { stop(fault) }
  }

  /// What is wrong with arguments, in order, of the types that the recipe reads; `nil` where nothing
  /// is. For decoding, which throws what ``check(_:)`` stops the program with.
  public func fault<each Value>(of values: repeat each Value) -> String? {
    var list: [Any] = []
    repeat list.append(each values)
    return faultOfArguments(list).map { "'\(name)': \($0)" }
  }

  private init<Other>(_ other: Recipe<Other>, _ transform: @escaping @Sendable (Other) -> Product) {
    name = other.name
    aliases = other.aliases
    summary = other.summary
    examples = other.examples
    compared = other.compared
    parameters = other.parameters
    if let standard = other.standard {
      self.standard = { transform(standard()) }
    } else {
      standard = nil
    }
    make = { call throws(SpecError) in transform(try other.make(call)) }
    fields = []
    faultOfArguments = other.faultOfArguments
    decoding = { container in transform(try other.decoding(container)) }
  }

  /// The recipe of what a function makes of the product.
  public func map<Other>(_ transform: @escaping @Sendable (Product) -> Other) -> Recipe<Other> {
    Recipe<Other>(self, transform)
  }

  /// Texts that stand for it: the examples, or the name alone where there are none.
  public var texts: [String] { examples.isEmpty ? ["\(name)()"] : examples }

  /// Whether a text may call it so.
  public func answers(to word: String) -> Bool { name == word || aliases.contains(word) }

  /// `name(label: default, …)`, with `…` for what has no default.
  public var signature: String {
    if parameters.isEmpty { return name }
    let arguments = parameters.map { parameter in
      let value = parameter.standard ?? parameter.placeholder
      return parameter.label == "_" ? value : "\(parameter.label): \(value)"
    }
    return "\(name)(\(arguments.joined(separator: ", ")))"
  }
}

/// What there is to show of a parameter.
public struct ParameterDescription: Sendable, Equatable {
  /// As in the Swift initialiser; "_" for an argument without a label.
  public let label: String
  public let placeholder: String
  /// What the value may be, in words; `nil` where the placeholder says it all.
  public let range: String?
  /// The words of a choice.
  public let words: [String]
  public let domain: Domain?
  /// The default, as a text has it; `nil` where there is none.
  public let standard: String?
  /// The unit in words; empty for a pure number.
  public let unit: String
  public let summary: String

  init<Root, Value>(_ parameter: Parameter<Root, Value>) {
    label = parameter.label
    placeholder = parameter.kind.placeholder
    range = parameter.kind.range
    words = parameter.kind.words
    domain = parameter.kind.domain
    standard = parameter.standard.map(parameter.kind.write)
    unit = parameter.unit
    summary = parameter.summary
  }

  /// How a message names it.
  var title: String { label == "_" ? "the value" : "'\(label)'" }
}

/// A parameter as a property of what the recipe makes.
struct Field<Root>: Sendable {
  let label: String
  let number: Place<Root, Double>?
  let domain: Domain?
  /// Whether a coded form is to have it.
  let isNeeded: Bool
  let fault: @Sendable (Root) -> String?
  let encode: @Sendable (Root, inout KeyedEncodingContainer<Label>) throws -> Void
  /// How a text writes the value; `nil` where it is the default.
  let text: @Sendable (Root) -> String?

  init<Value>(_ parameter: Parameter<Root, Value>) {
    label = parameter.label
    number = (parameter.place?.path as? KeyPath<Root, Double>).map(Place.init)
    domain = parameter.kind.domain
    isNeeded = !(parameter.kind.coding?.isOptional ?? true)
    let (label, kind, place) = (label, parameter.kind, parameter.place)
    fault = { root in place.flatMap { parameter.fault(of: root[keyPath: $0.path]) } }
    encode = { root, container in
      guard let place, let coding = kind.coding else {
        stop("'\(label)' is no property that can be coded")
      }
      try coding.encode(root[keyPath: place.path], &container, Label(label))
    }
    let standard = parameter.standard.map(kind.write)
    text = { root in
      guard let place else { return nil }
      let text = kind.write(root[keyPath: place.path])
      return text == standard ? nil : text
    }
  }
}

extension Parameter {
  /// Stops the program where a value is not what a text may say; for initialisers that check one
  /// argument.
  public func check(_ value: Value) {
    if let fault = fault(of: value) { stop(fault) }
  }

  /// What is wrong with a value, such as `beta1 is 2.0, not in [0, 1)`; `nil` where nothing is.
  func fault(of value: Value) -> String? {
    kind.fault(value).map { "\(label == "_" ? "the value" : label) is \(value), not \($0)" }
  }

  /// The value under the label, checked.
  func decoded(from container: KeyedDecodingContainer<Label>) throws -> Value {
    guard let coding = kind.coding else { stop("'\(label)' can't be coded") }
    let value = try coding.decode(container, Label(label))
    if let expected = kind.fault(value) {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: container.codingPath + [Label(label)],
          debugDescription: "'\(label)' is \(value), not \(expected)"))
    }
    return value
  }
}
