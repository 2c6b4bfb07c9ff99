internal import Foundation
internal import Records

/// What a suite's names may be, and how far its numbers may go.
extension SuiteFile {
  /// What is wrong with names. They stand in CSV files as they are, and in the names of files.
  static func nameProblems(in suite: Suite) -> [String] {
    var found: [String] = []
    if let fault = fault(ofName: suite.name) {
      found.append("'name' is to be \(fault)")
    } else if suite.name.contains("/") || suite.name.hasPrefix(".") {
      found.append("'name' is to be a word that can name a folder")
    }
    for (kind, names) in [
      ("rules", suite.rules.map(\.name)), ("methods", suite.methods.map(\.name)),
      ("tasks", suite.tasks.map(\.name)), ("map.methods", suite.map?.methods.map(\.name) ?? []),
    ] {
      if Set(names).count != names.count { found.append("a name stands twice in '\(kind)'") }
      for name in names {
        if let fault = fault(ofName: name) {
          found.append("the name '\(shown(name))' in '\(kind)' is to be \(fault)")
        } else if name.contains(where: { $0 == "," || $0 == "\"" }) {
          found.append("the name '\(name)' in '\(kind)' is to have no comma, quote or line break")
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

  private static func shown(_ name: String) -> String { StandardStreams.oneLine(name, most: 60) }

  /// What is wrong with numbers that everything takes time or memory by.
  static func numberProblems(in suite: Suite) -> [String] {
    var found: [String] = []
    func check(_ key: String, _ value: Int?, _ limits: ClosedRange<Int>) {
      if let value, let fault = RunLimits.fault("'\(key)'", value, limits) { found.append(fault) }
    }
    check("steps", suite.steps, RunLimits.steps)
    check("epochs", suite.epochs, RunLimits.epochs)
    check("evaluations", suite.evaluations, RunLimits.evaluations)
    for (key, rates) in [
      ("startingRates", suite.startingRates), ("map.startingRates", suite.map?.startingRates),
      ("referenceGrid", suite.referenceGrid),
    ] {
      guard let rates else { continue }
      if !(rates.low.isFinite && rates.high.isFinite && rates.low <= rates.high)
        || !(1...10_000).contains(rates.count)
      {
        found.append("'\(key)' is to have finite low ≤ high and a count in 1...10000")
      } else if rates.low < -Self.largestExponent || rates.high > Self.largestExponent {
        found.append("'\(key)' has exponents of ten, from -300 to 300")
      }
    }
    if let exponent = suite.tracedExponents.first(where: { !(abs($0) <= Self.largestExponent) }) {
      found.append("'tracedExponents' has exponents of ten, from -300 to 300, not \(exponent)")
    }
    for task in suite.tasks where !(task.commonTarget > 0 && task.commonTarget.isFinite) {
      found.append(
        "the 'commonTarget' of task '\(shown(task.name))' is \(task.commonTarget), not a number "
          + "above 0")
    }
    for method in suite.map?.methods ?? [] {
      if method.hyperLearningRates.isEmpty {
        found.append("'hyperLearningRates' of '\(shown(method.name))' in 'map' is empty")
      }
      if let rate = method.hyperLearningRates.first(where: { !$0.isFinite }) {
        found.append(
          "'hyperLearningRates' of '\(shown(method.name))' in 'map' has \(rate), not a number")
      }
    }
    return found
  }

  private static let largestExponent = 300.0
}
