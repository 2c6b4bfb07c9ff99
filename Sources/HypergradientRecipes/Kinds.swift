// The kinds of arguments: numbers, counts, choices, ranges, lists, and what may be left out.

extension Kind where Value == Double {
  /// A number in a domain.
  public static func number(_ domain: Domain) -> Kind {
    Kind(
      range: domain.description, domain: domain,
      read: { argument, site throws(SpecError) in
        guard case .number(let number) = argument.value else {
          throw site.noNumber(argument, domain)
        }
        return try site.checked(try site.value(number, argument), domain, argument)
      },
      write: short, fault: { domain.contains($0) ? nil : domain.description }, coding: .plain)
  }
}

extension Kind where Value == Int {
  /// A whole number in a domain. One that a variable stands in, such as `steps/100`, is rounded
  /// down, to 1 at least; one such as `2.5` is a mistake.
  public static func count(_ domain: Domain) -> Kind {
    Kind(
      range: "whole, \(domain.description)", domain: domain,
      read: { argument, site throws(SpecError) in
        guard case .number(let number) = argument.value else {
          throw site.noNumber(argument, domain)
        }
        let x = try site.value(number, argument)
        let isComputed = !number.variables.isEmpty
        let whole = x > 0 && x < 1 && isComputed ? 1 : x.rounded(.down)
        guard whole == x || isComputed else {
          throw site.wrong(argument, "a whole number, not \(short(x))")
        }
        let count = try site.checked(whole, domain, argument)
        guard abs(count) <= 1e15 else {
          throw site.wrong(argument, "at most 1e15, not \(short(x))")
        }
        return Int(count)
      },
      write: { "\($0)" },
      fault: { domain.contains(Double($0)) ? nil : "whole, \(domain.description)" },
      coding: .plain)
  }
}

extension Kind where Value: RawRepresentable<String> & CaseIterable & Codable {
  /// One of the cases of an enumeration, by its word.
  ///
  /// - Parameter cases: those that may be chosen; all by default.
  public static func choice(among cases: [Value]? = nil) -> Kind {
    let words = (cases ?? Array(Value.allCases)).map(\.rawValue)
    return Kind(
      placeholder: words.map { ".\($0)" }.joined(separator: "|"),
      range: words.map { ".\($0)" }.joined(separator: " or "), words: words,
      read: { argument, site throws(SpecError) in
        guard case .call(let call) = argument.value else {
          throw site.wrong(argument, "one of \(words.joined(separator: ", "))")
        }
        guard words.contains(call.name), let value = Value(rawValue: call.name) else {
          throw SpecError(
            text: site.reader.text, column: argument.column,
            message: unknownName(call.name, kind: "choice for '\(site.label)'", among: words))
        }
        return value
      },
      write: { ".\($0.rawValue)" }, coding: .plain)
  }
}

extension Kind where Value == Bool {
  /// `.yes` or `.no`.
  public static var flag: Kind {
    let words = ["no", "yes"]
    return Kind(
      placeholder: ".no|.yes", range: ".no or .yes", words: words,
      read: { argument, site throws(SpecError) in
        guard case .call(let call) = argument.value else {
          throw site.wrong(argument, "one of no, yes")
        }
        guard words.contains(call.name) else {
          throw SpecError(
            text: site.reader.text, column: argument.column,
            message: unknownName(call.name, kind: "choice for '\(site.label)'", among: words))
        }
        return call.name == "yes"
      },
      write: { $0 ? ".yes" : ".no" }, coding: .plain)
  }
}

extension Kind where Value == String {
  /// A text in quotes, with a character in it that is no space.
  public static var text: Kind {
    let expected = "a text in quotes, not empty, without line breaks"
    let fault: @Sendable (String) -> String? = { text in
      text.allSatisfy(\.isPlain) && !text.allSatisfy(\.isWhitespace) ? nil : expected
    }
    return Kind(
      placeholder: "\"…\"", range: "a text in quotes",
      read: { argument, site throws(SpecError) in
        guard case .text(let text) = argument.value, fault(text) == nil else {
          throw site.wrong(argument, expected)
        }
        return text
      },
      write: quoted, fault: fault, coding: .plain)
  }
}

extension Kind where Value == ClosedRange<Double> {
  /// `low...high`.
  public static var range: Kind {
    Kind(
      placeholder: "low...high", range: "low...high",
      read: { argument, site throws(SpecError) in
        guard case .range(let low, let high) = argument.value else {
          throw site.wrong(argument, "a range, low...high")
        }
        let (a, b) = (try site.value(low, argument), try site.value(high, argument))
        guard a <= b else { throw site.wrong(argument, "a range low...high with low ≤ high") }
        return a...b
      },
      write: { "\(short($0.lowerBound))...\(short($0.upperBound))" }, coding: .plain)
  }
}

extension Kind where Value == [Double] {
  /// `[a, b, …]`, each in a domain.
  public static func list(_ domain: Domain) -> Kind {
    Kind(
      placeholder: "[…]", range: domain.description,
      read: { argument, site throws(SpecError) in
        guard case .list(let items) = argument.value else {
          throw site.wrong(argument, "a list, [a, b, …]")
        }
        var numbers: [Double] = []
        for item in items {
          guard case .number(let number) = item else {
            throw site.wrong(argument, "a list of numbers")
          }
          numbers.append(try site.checked(try site.value(number, argument), domain, argument))
        }
        return numbers
      },
      write: { "[\($0.map(short).joined(separator: ", "))]" },
      fault: { numbers in
        numbers.allSatisfy { domain.contains($0) } ? nil : "numbers, each \(domain.description)"
      }, coding: .plain)
  }
}

extension SpecArgument {
  /// Whether it says that there is nothing, as defaults are shown.
  var isNone: Bool {
    guard case .call(let node) = value else { return false }
    return node.name == "none" && node.arguments.isEmpty && node.modifiers.isEmpty
  }
}

extension Kind {
  /// The same, or nothing, which a text writes as `none`.
  static func optional<Wrapped>(_ kind: Kind<Wrapped>) -> Kind where Value == Wrapped? {
    Kind(
      placeholder: kind.placeholder, range: kind.range, words: kind.words, domain: kind.domain,
      read: { argument, site throws(SpecError) in
        argument.isNone ? nil : try kind.read(argument, site)
      },
      write: { $0.map(kind.write) ?? "none" }, fault: { $0.flatMap(kind.fault) },
      coding: kind.coding.map { coding in
        Coding(
          isOptional: true,
          encode: { value, container, label in
            if let value { try coding.encode(value, &container, label) }
          },
          decode: { container, label in
            container.contains(label) ? try coding.decode(container, label) : nil
          })
      })
  }

  /// A call that a list of recipes makes, such as `.by(0.5, after: 5)`.
  ///
  /// - Parameter shown: how a value is written, for the defaults that a signature shows.
  public static func call(
    _ recipes: [Recipe<Value>], shown: @escaping @Sendable (Value) -> String = { _ in "…" }
  ) -> Kind {
    Kind(
      placeholder: recipes.count == 1 ? ".\(recipes[0].name)(…)" : ".…(…)",
      read: { argument, site throws(SpecError) in
        guard case .call(let node) = argument.value else {
          throw site.wrong(
            argument, "one of \(recipes.map { ".\($0.signature)" }.joined(separator: ", "))")
        }
        return try site.reader.made(
          node, by: recipes, kind: "choice for '\(site.label)'", of: site.title)
      },
      write: shown)
  }

  /// Something that the vocabulary names: a rule, a controller, a schedule.
  public static func named(
    _ placeholder: String, shown: @escaping @Sendable (Value) -> String = { _ in "…" }
  ) -> Kind {
    Kind(
      placeholder: placeholder,
      read: { argument, site throws(SpecError) in
        guard case .call(let node) = argument.value else {
          throw site.wrong(argument, "a \(placeholder)")
        }
        return try site.reader.read(node, as: Value.self)
      },
      write: shown)
  }
}

/// A word of the text as it stands, such as `.momentum`.
public struct SpecName: Sendable, Equatable {
  public let word: String
}

extension Parameter where Value == SpecName {
  /// A word that is looked up later, among the names of what a modifier is applied to.
  public static func name(_ label: String, _ summary: String) -> Parameter {
    Parameter(
      label, nil,
      Kind(
        placeholder: ".name",
        read: { argument, site throws(SpecError) in
          guard case .call(let call) = argument.value, call.arguments.isEmpty else {
            throw site.wrong(argument, "a name, such as .momentum")
          }
          return SpecName(word: call.name)
        }, write: { ".\($0.word)" }),
      default: nil, summary)
  }
}

extension Kind {
  /// Something that the vocabulary names, and what is made of it with what the text is bound to; or
  /// what it is to be instead.
  public static func refined<Named: Sendable>(
    _ placeholder: String, shown: @escaping @Sendable (Value) -> String = { _ in "…" },
    _ refine: @escaping @Sendable (SpecReader, Named) -> Result<Value, Refusal>
  ) -> Kind {
    let kind = Kind<Named>.named(placeholder)
    return Kind(
      placeholder: placeholder,
      read: { argument, site throws(SpecError) in
        switch refine(site.reader, try kind.read(argument, site)) {
        case .success(let value): return value
        case .failure(let refusal): throw site.wrong(argument, refusal.description)
        }
      }, write: shown)
  }

  /// One of a few calls or nothing, where a recipe may stand in another of its own kind.
  public static func calls<Wrapped>(
    _ placeholder: String, _ recipes: @escaping @Sendable () -> [Recipe<Wrapped>]
  ) -> Kind where Value == Wrapped? {
    Kind(
      placeholder: ".\(placeholder)(…)",
      read: { argument, site throws(SpecError) in
        argument.isNone ? nil : try Kind<Wrapped>.call(recipes()).read(argument, site)
      }, write: { $0 == nil ? "none" : "…" })
  }
}

extension Site {
  fileprivate func value(
    _ number: SpecNumber, _ argument: SpecArgument
  ) throws(SpecError) -> Double {
    if number.isTooSmall(reader.variables) {
      throw wrong(argument, "a number that a Double holds, not a smaller one")
    }
    return number.value(reader.variables)
  }

  fileprivate func checked(
    _ x: Double, _ domain: Domain, _ argument: SpecArgument
  ) throws(SpecError) -> Double {
    if !domain.contains(x) {
      let finite = x.isFinite || domain == .any ? "" : "finite and "
      throw wrong(argument, "\(finite)\(domain.description), not \(short(x))")
    }
    return x
  }
}

// How a recipe writes them.

extension Parameter where Value == Double {
  public static func number(
    _ label: String, _ path: KeyPath<Root, Double>? = nil, in domain: Domain,
    default standard: Double? = nil, unit: String = "", _ summary: String
  ) -> Parameter {
    Parameter(label, path, .number(domain), default: standard, unit: unit, summary)
  }
}

extension Parameter where Value == Double? {
  /// A number that may be left out.
  public static func number(
    _ label: String, _ path: KeyPath<Root, Double?>? = nil, orNone domain: Domain,
    unit: String = "", _ summary: String
  ) -> Parameter {
    Parameter(label, path, .optional(.number(domain)), default: .some(nil), unit: unit, summary)
  }
}

extension Parameter where Value == Int {
  public static func count(
    _ label: String, _ path: KeyPath<Root, Int>? = nil, in domain: Domain,
    default standard: Int? = nil, unit: String = "", _ summary: String
  ) -> Parameter {
    Parameter(label, path, .count(domain), default: standard, unit: unit, summary)
  }
}

extension Parameter where Value == Int? {
  /// A count that may be left out.
  public static func count(
    _ label: String, _ path: KeyPath<Root, Int?>? = nil, orNone domain: Domain,
    unit: String = "", _ summary: String
  ) -> Parameter {
    Parameter(label, path, .optional(.count(domain)), default: .some(nil), unit: unit, summary)
  }
}

extension Parameter where Value: RawRepresentable<String> & CaseIterable & Codable {
  public static func choice(
    _ label: String, _ path: KeyPath<Root, Value>? = nil, default standard: Value? = nil,
    among cases: [Value]? = nil, _ summary: String
  ) -> Parameter {
    Parameter(label, path, .choice(among: cases), default: standard, summary)
  }
}

extension Parameter where Value == Bool {
  public static func flag(
    _ label: String, _ path: KeyPath<Root, Bool>? = nil, default standard: Bool, _ summary: String
  ) -> Parameter {
    Parameter(label, path, .flag, default: standard, summary)
  }
}

extension Parameter where Value == String {
  public static func text(
    _ label: String, _ path: KeyPath<Root, String>? = nil, default standard: String?,
    _ summary: String
  ) -> Parameter {
    Parameter(label, path, .text, default: standard, summary)
  }
}

extension Parameter where Value == ClosedRange<Double> {
  public static func range(
    _ label: String, _ path: KeyPath<Root, ClosedRange<Double>>? = nil,
    default standard: ClosedRange<Double>? = nil, unit: String = "", _ summary: String
  ) -> Parameter {
    Parameter(label, path, .range, default: standard, unit: unit, summary)
  }
}

extension Parameter where Value == ClosedRange<Double>? {
  /// A range that may be left out.
  public static func range(
    _ label: String, _ path: KeyPath<Root, ClosedRange<Double>?>? = nil, orNone unit: String,
    _ summary: String
  ) -> Parameter {
    Parameter(label, path, .optional(.range), default: .some(nil), unit: unit, summary)
  }
}

extension Parameter where Value == [Double] {
  public static func list(
    _ label: String, _ path: KeyPath<Root, [Double]>? = nil, in domain: Domain,
    default standard: [Double]? = nil, unit: String = "", _ summary: String
  ) -> Parameter {
    Parameter(label, path, .list(domain), default: standard, unit: unit, summary)
  }
}

extension Parameter {
  /// One of a few calls, each with a recipe of its own.
  public static func call(
    _ label: String, _ path: KeyPath<Root, Value>? = nil, by recipes: [Recipe<Value>],
    default standard: Value? = nil, shown: @escaping @Sendable (Value) -> String = { _ in "…" },
    unit: String = "", _ summary: String
  ) -> Parameter {
    Parameter(
      label, path, .call(recipes, shown: shown), default: standard, unit: unit, summary)
  }

  /// One of a few calls, or nothing.
  public static func call<Wrapped>(
    _ label: String, _ path: KeyPath<Root, Wrapped?>? = nil, orNone recipes: [Recipe<Wrapped>],
    unit: String = "", _ summary: String
  ) -> Parameter where Value == Wrapped? {
    Parameter(
      label, path, .optional(.call(recipes)), default: .some(nil), unit: unit, summary)
  }
}
