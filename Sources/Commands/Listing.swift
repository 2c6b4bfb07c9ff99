internal import Experiments
internal import Hypergradient
internal import HypergradientCatalogue
internal import Records
internal import Tasks

/// What `hypergrad list` shows of one recipe.
struct Listing {
  /// What it is one of, such as "controller" or "schedule modifier".
  let kind: String
  let name: String
  let signature: String
  let summary: String
  let parameters: [ParameterDescription]
  /// The type that Swift makes; `nil` where the recipe does not say, and for a task, of which it says
  /// only how it is made.
  let swiftName: String?
  /// The names by which comparisons have it.
  let compared: [String]

  init<Product>(_ recipe: Recipe<Product>, _ kind: String, prefix: String = "") {
    self.kind = kind
    name = recipe.name
    signature = prefix + recipe.signature
    summary = recipe.summary
    parameters = recipe.parameters
    compared = (prefix.isEmpty ? recipe.benchmarkTexts : recipe.declaredTexts).compactMap(\.name)
    let made = recipe.standard.map { $0() as Any }
    let value = (made as? RuleOnObjective<Double>).map { $0.rule as Any } ?? made
    swiftName = value.flatMap { value in
      if value is TaskMaker { return nil }
      return String(String(describing: type(of: value)).prefix { $0 != "<" })
    }
  }

  /// The name as a text has it: modifiers come after a dot.
  var title: String { signature.hasPrefix(".") ? "." + name : name }

  /// Its call with all defaults, its one line, and a line for each argument with unit, range and
  /// default, none longer than `width`.
  func lines(_ width: Int = Listing.width) -> [String] {
    // A label and its value stay on one line.
    var lines = wrapped(
      signature.replacing(": ", with: ":\u{A0}"), width, indent: 0, hanging: 8
    ).map { $0.replacing("\u{A0}", with: " ") }
    lines += wrapped(summary, width, indent: 4, hanging: 4)
    if let swiftName { lines.append("    in Swift: \(swiftName)") }
    if kind != "task", !compared.isEmpty, compared != [name] {
      lines += wrapped(
        "in 'hypergrad compare --methods': \(compared.joined(separator: ", "))", width, indent: 4,
        hanging: 8)
    }
    for parameter in parameters {
      let label = parameter.label == "_" ? "(first)" : parameter.label
      let unit = parameter.unit.isEmpty ? "" : " [\(parameter.unit)]"
      let range = parameter.range.map { ", \($0)" } ?? ""
      let standard = parameter.standard.map { ", default \($0)" } ?? ", needed"
      lines += wrapped(
        "\(label)\(unit): \(parameter.summary)\(range)\(standard)", width, indent: 6, hanging: 8)
    }
    return lines
  }

  static let width = 80
}

/// What `hypergrad list` shows of everything that a text may name.
struct Listings {
  let rules, controllers, schedules, methods, tasks: [Listing]

  init(_ names: Names) {
    let catalogue = names.catalogue
    func listings<A, B>(
      _ kind: String, _ recipes: [Recipe<A>], _ modifiers: [Recipe<B>]
    ) -> [Listing] {
      recipes.map { Listing($0, kind) }
        + modifiers.map { Listing($0, "\(kind) modifier", prefix: ".") }
    }
    rules = listings("rule", catalogue.double.rules, catalogue.double.ruleModifiers)
    controllers = listings("controller", catalogue.controllers, catalogue.controllerModifiers)
    schedules = listings("schedule", catalogue.schedules, catalogue.scheduleModifiers)
    methods = listings("method", catalogue.double.methods, catalogue.double.methodModifiers)
    tasks = names.tasks.map { Listing($0, "task") }
  }

  var all: [Listing] { tasks + methods + rules + controllers + schedules }

  /// Things of this name, with a dot or without; where there is none those that comparisons have by it.
  func named(_ name: String) -> [Listing] {
    let named = all.filter { $0.name == name || $0.title == name }
    return named.isEmpty ? all.filter { $0.compared.contains(name) } : named
  }

  /// Names that comparisons have and no list.
  var compared: [String] {
    let names = Set(all.map(\.name))
    return all.filter { $0.kind != "task" }.flatMap(\.compared).filter { !names.contains($0) }
  }
}

/// A text in lines of at most `width` characters, broken at spaces; a word that is longer stands alone.
///
/// - Parameters:
///   - indent: spaces before the first line.
///   - hanging: spaces before the others.
func wrapped(_ text: String, _ width: Int, indent: Int, hanging: Int) -> [String] {
  var lines: [String] = []
  var line = String(repeating: " ", count: indent)
  var isEmpty = true
  for word in text.split(separator: " ") {
    if !isEmpty, line.count + 1 + word.count > width {
      lines.append(line)
      line = String(repeating: " ", count: hanging)
      isEmpty = true
    }
    line += (isEmpty ? "" : " ") + word
    isEmpty = false
  }
  return lines + [line]
}
