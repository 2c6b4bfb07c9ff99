internal import Hypergradient
internal import Records
internal import Tasks

/// What `hypergrad list` shows of one recipe.
struct Listing {
  /// What it is one of, such as "controller" or "schedule modifier".
  let kind: String
  let name: String
  let signature: String
  let summary: String
  let parameters: [Parameter]

  init<Product>(_ recipe: Recipe<Product>, _ kind: String, prefix: String = "") {
    self.kind = kind
    name = recipe.name
    signature = prefix + recipe.signature
    summary = recipe.summary
    parameters = recipe.parameters
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
    for parameter in parameters {
      let label = parameter.label == "_" ? "(first)" : parameter.label
      let unit = parameter.unit.isEmpty ? "" : " [\(parameter.unit)]"
      let range = parameter.kind.rangeDescription.map { ", \($0)" } ?? ""
      let standard = parameter.defaultText.map { ", default \($0)" } ?? ", needed"
      lines += wrapped(
        "\(label)\(unit): \(parameter.summary)\(range)\(standard)", width, indent: 6, hanging: 8)
    }
    return lines
  }

  static let width = 80
}

extension Listing {
  static var rules: [Listing] {
    Catalogue.rules.map { Listing($0, "rule") }
      + Catalogue.ruleModifiers.map { Listing($0, "rule modifier", prefix: ".") }
  }
  static var controllers: [Listing] {
    Catalogue.controllers.map { Listing($0, "controller") }
      + Catalogue.controllerModifiers.map { Listing($0, "controller modifier", prefix: ".") }
  }
  static var schedules: [Listing] {
    Catalogue.schedules.map { Listing($0, "schedule") }
      + Catalogue.scheduleModifiers.map { Listing($0, "schedule modifier", prefix: ".") }
  }
  static var methods: [Listing] { Catalogue.methods.map { Listing($0, "method") } }
  static var tasks: [Listing] { TaskList.all.map { Listing($0, "task") } }

  static var all: [Listing] { tasks + methods + rules + controllers + schedules }
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
