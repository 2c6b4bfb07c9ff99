public import CHypergradient
internal import Hypergradient
internal import HypergradientCatalogue

@c @implementation
public func hg_version() -> UInt32 { UInt32(1000 * HG_VERSION_MAJOR + HG_VERSION_MINOR) }

@c @implementation
public func hg_list(
  _ kind: Int32, _ buffer: UnsafeMutablePointer<CChar>?, _ capacity: Int,
  _ size: UnsafeMutablePointer<Int>?, _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    let names = try Shown.all(kind).map { $0.name + "\n" }.joined()
    try Bytes.hand(names, to: buffer, capacity, size)
  }
}

@c @implementation
public func hg_describe(
  _ kind: Int32, _ name: UnsafePointer<CChar>?, _ buffer: UnsafeMutablePointer<CChar>?,
  _ capacity: Int, _ size: UnsafeMutablePointer<Int>?, _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    let all = try Shown.all(kind)
    let name = try Bytes.text(name, "the name")
    guard let found = all.first(where: { $0.name == name }) else {
      let near = nearestName(to: name, among: all.map(\.name)).map { "; did you mean '\($0)'?" }
      throw Fault(HG_ERROR_TEXT, "there is no '\(name)' of that kind\(near ?? "")", column: 1)
    }
    try Bytes.hand(found.description, to: buffer, capacity, size)
  }
}

/// A recipe as it is shown.
private struct Shown {
  let name: String
  let description: String

  init<Product>(_ recipe: Recipe<Product>) {
    name = recipe.name
    var lines = [recipe.signature, recipe.summary]
    for parameter in recipe.parameters {
      var facts: [String] = []
      if let range = parameter.range { facts.append(range) }
      if !parameter.words.isEmpty { facts.append(parameter.words.joined(separator: " | ")) }
      if let standard = parameter.standard { facts.append("default \(standard)") }
      if !parameter.unit.isEmpty { facts.append("in \(parameter.unit)") }
      let label = parameter.label == "_" ? "first" : parameter.label
      let rest = facts.isEmpty ? "" : " (\(facts.joined(separator: "; ")))"
      lines.append("\(label): \(parameter.summary)\(rest)")
    }
    description = lines.joined(separator: "\n") + "\n"
  }

  static func all(_ kind: Int32) throws -> [Shown] {
    let catalogue = Catalogue.standard
    switch Int(kind) {
    case Int(HG_KIND_RULE): return catalogue.double.rules.map { Shown($0) }
    case Int(HG_KIND_CONTROLLER): return catalogue.controllers.map { Shown($0) }
    case Int(HG_KIND_METHOD): return catalogue.double.methods.map { Shown($0) }
    case Int(HG_KIND_SCHEDULE): return catalogue.schedules.map { Shown($0) }
    case Int(HG_KIND_RULE_MODIFIER): return catalogue.double.ruleModifiers.map { Shown($0) }
    case Int(HG_KIND_CONTROLLER_MODIFIER): return catalogue.controllerModifiers.map { Shown($0) }
    case Int(HG_KIND_METHOD_MODIFIER): return catalogue.double.methodModifiers.map { Shown($0) }
    case Int(HG_KIND_SCHEDULE_MODIFIER): return catalogue.scheduleModifiers.map { Shown($0) }
    default: throw Fault.value("\(kind) is no HG_KIND_…")
    }
  }
}
