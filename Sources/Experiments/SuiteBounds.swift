internal import Foundation
internal import Records

/// What a suite's names may be, and how far its numbers may go.
extension SuiteFile {
  /// What is wrong with names. They stand in CSV files as they are, and in the names of files.
  static func nameFaults(in suite: Suite) -> [SuiteFault] {
    var found: [SuiteFault] = []
    if let fault = fault(ofName: suite.name) {
      found.append(SuiteFault(["name"], "'name' is to be \(fault)"))
    } else if suite.name.contains("/") || suite.name.hasPrefix(".") {
      found.append(SuiteFault(["name"], "'name' is to be a word that can name a folder"))
    }
    let lists: [(kind: String, place: [SuiteFault.Place], names: [String])] = [
      ("rules", ["rules"], suite.rules.map(\.name)),
      ("methods", ["methods"], suite.methods.map(\.name)),
      ("tasks", ["tasks"], suite.tasks.map(\.name)),
      ("map.methods", ["map", "methods"], suite.map?.methods.map(\.name) ?? []),
    ]
    for (kind, place, names) in lists {
      var seen: Set<String> = []
      for (index, name) in names.enumerated() {
        let place = place + [.item(index), "name"]
        if let fault = fault(ofName: name) {
          found.append(
            SuiteFault(place, "the name '\(shown(name))' in '\(kind)' is to be \(fault)"))
        } else if name.contains(where: { $0 == "," || $0 == "\"" }) {
          found.append(
            SuiteFault(
              place, "the name '\(name)' in '\(kind)' is to have no comma, quote or line break"))
        } else if !seen.insert(name).inserted {
          found.append(SuiteFault(place, "the name '\(name)' stands twice in '\(kind)'"))
        }
      }
    }
    return found
  }

  /// The most bytes of a name: with what goes before and after, it is to be a file's.
  static let longestName = 100

  private static func fault(ofName name: String) -> String? {
    if name.isEmpty { return "a word that can name a folder" }
    if name.utf8.count > longestName { return "at most \(longestName) bytes long" }
    let hasHidden = name.unicodeScalars.contains {
      switch $0.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: true
      default: false
      }
    }
    return hasHidden ? "without comma, quote or line break, and all of it visible" : nil
  }

  static func shown(_ name: String) -> String { StandardStreams.oneLine(name, most: 60) }

  /// What is wrong with numbers that everything takes time or memory by.
  static func numberFaults(in suite: Suite) -> [SuiteFault] {
    var found: [SuiteFault] = []
    func add(_ place: SuiteFault.Place..., because message: String) {
      found.append(SuiteFault(place, message))
    }
    func check(_ key: String, _ value: Int?, _ limits: ClosedRange<Int>) {
      if let value, let fault = RunLimits.fault("'\(key)'", value, limits) {
        add(.key(key), because: fault)
      }
    }
    if suite.version < 1 {
      add("version", because: "'version' is \(suite.version), not at least 1")
    }
    check("steps", suite.steps, RunLimits.steps)
    check("epochs", suite.epochs, RunLimits.epochs)
    check("evaluations", suite.evaluations, RunLimits.evaluations)
    let grids: [(key: String, place: [SuiteFault.Place], rates: Suite.StartingRates?)] = [
      ("startingRates", ["startingRates"], suite.startingRates),
      ("map.startingRates", ["map", "startingRates"], suite.map?.startingRates),
      ("referenceGrid", ["referenceGrid"], suite.referenceGrid),
    ]
    for (key, place, rates) in grids {
      guard let rates else { continue }
      if !(rates.low.isFinite && rates.high.isFinite && rates.low <= rates.high)
        || !(1...10_000).contains(rates.count)
      {
        found.append(
          SuiteFault(place, "'\(key)' is to have finite low ≤ high and a count in 1...10000"))
      } else if rates.low < -Self.largestExponent || rates.high > Self.largestExponent {
        found.append(SuiteFault(place, "'\(key)' has exponents of ten, from -300 to 300"))
      }
    }
    let grid = suite.startingRates
    for (index, exponent) in suite.tracedExponents.enumerated()
    where !(exponent >= grid.low && exponent <= grid.high) && grid.low <= grid.high {
      add(
        "tracedExponents", .item(index),
        because: "'tracedExponents' has \(exponent), which is not in \(grid.low)...\(grid.high), "
          + "the exponents of 'startingRates'")
    }
    for (index, rule) in suite.rules.enumerated() {
      let taken = Set(rule.variables?.keys.map(\.self) ?? []).intersection(ownNames)
      if let name = taken.min() {
        add(
          "rules", .item(index), "variables", .key(name),
          because: "'\(name)' is no variable of rule '\(shown(rule.name))': it has a meaning of "
            + "its own in the texts of methods")
      }
    }
    for (index, method) in (suite.map?.methods ?? []).enumerated() {
      let name = "'hyperLearningRates' of '\(shown(method.name))' in 'map'"
      func add(_ message: String) {
        found.append(
          SuiteFault(["map", "methods", .item(index), "hyperLearningRates"], name + message))
      }
      if method.hyperLearningRates.isEmpty { add(" is empty") }
      var seen: Set<Double> = []
      if let rate = method.hyperLearningRates.first(where: { !seen.insert($0).inserted }) {
        add(" has \(rate) twice")
      }
      if let rate = method.hyperLearningRates.first(where: { !$0.isFinite }) {
        add(" has \(rate), not a number")
      }
    }
    return found
  }

  /// Names in the texts of methods that a suite gives no number to.
  private static let ownNames = Set(Suite.sampleVariables.keys).union(["rule"])
  private static let largestExponent = 300.0
}
