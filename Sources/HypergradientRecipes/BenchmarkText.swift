/// How a suite of everything compares what a recipe makes: a line of the suite, in which `rate` stands
/// for the starting rate, `steps` for the length of a run and `rule` for a rule of the suite.
///
///     compared: ["armijo(rule, initial: rate)", .init("dog(byGroup: .yes)", as: "ldog")]
public struct BenchmarkText: Sendable, Equatable, ExpressibleByStringLiteral {
  public var text: String
  /// The line's name; `nil` for the recipe's.
  public var name: String?
  /// The suite's rules that it runs over; `nil` for those that the suite says, or the first of them
  /// for what has a rule of its own.
  public var rules: [String]?

  public init(_ text: String, as name: String? = nil, over rules: [String]? = nil) {
    self.text = text
    self.name = name
    self.rules = rules
  }

  public init(stringLiteral text: String) { self.init(text) }
}

extension Recipe {
  /// How a suite of everything compares it: what the recipe says, or its call, with `rate` for every
  /// learning rate without a default, `steps` for every number of steps and `rule` for every rule; or,
  /// where that is not enough, its first example. Each has a name.
  public var benchmarkTexts: [BenchmarkText] {
    if let compared {
      return compared.map { BenchmarkText($0.text, as: $0.name ?? name, over: $0.rules) }
    }
    return (callForBenchmark ?? examples.first).map { [BenchmarkText($0, as: name)] } ?? []
  }

  /// What the recipe itself says, none where it says nothing.
  public var declaredTexts: [BenchmarkText] { compared == nil ? [] : benchmarkTexts }

  /// `nil` where an argument without a default is no rate, steps or rule.
  private var callForBenchmark: String? {
    var arguments: [String] = []
    for parameter in parameters where parameter.standard == nil {
      let value: String? =
        switch (parameter.unit, parameter.placeholder) {
        case ("learning rate", "…"): "rate"
        case ("steps", "…"): "steps"
        case (_, "rule"): "rule"
        default: nil
        }
      guard let value else { return nil }
      arguments.append(parameter.label == "_" ? value : "\(parameter.label): \(value)")
    }
    return "\(name)(\(arguments.joined(separator: ", ")))"
  }
}
