internal import Hypergradient
internal import HypergradientCatalogue
internal import Records
internal import Tasks

extension SuiteFile {
  /// What is wrong with a suite's names, numbers and texts, each once.
  static func faults(in suite: Suite, _ names: Names = .standard) -> [SuiteFault] {
    var found =
      nameFaults(in: suite) + numberFaults(in: suite) + targetFaults(in: suite)
      + seedFaults(in: suite)
    func add(_ place: SuiteFault.Place..., because message: String) {
      found.append(SuiteFault(place, message))
    }
    if (suite.steps == nil) == (suite.epochs == nil) {
      add("epochs", because: "a suite has either 'steps' or 'epochs'")
    }
    for (key, isEmpty) in [
      ("rules", suite.rules.isEmpty), ("methods", suite.methods.isEmpty),
      ("tasks", suite.tasks.isEmpty),
    ] where isEmpty {
      add(.key(key), because: "'\(key)' needs one entry at least")
    }
    for (index, task) in suite.tasks.enumerated() {
      if let message = message({ () throws(SpecError) in
        _ = try TaskList.read(task.spec, variables: ["steps": 1000], among: names.tasks)
      }) {
        add("tasks", .item(index), "spec", because: message)
      }
    }
    found += textFaults(in: suite, names.catalogue)
    var seen: Set<SuiteFault> = []
    return found.filter { seen.insert($0).inserted }
  }

  private static func seedFaults(in suite: Suite) -> [SuiteFault] {
    var found: [SuiteFault] = []
    func check(_ lists: [(place: [SuiteFault.Place], name: String, seeds: [Int])]) {
      let names = lists.map { "'\($0.name)'" }.joined(separator: " and ")
      var seen: Set<Int> = []
      for (place, name, seeds) in lists {
        for (index, seed) in seeds.enumerated() {
          if seed < 0 {
            found.append(
              SuiteFault(place + [.item(index)], "'\(name)' has \(seed): seeds are at least 0"))
          }
          if !seen.insert(seed).inserted {
            found.append(
              SuiteFault(place + [.item(index)], "the seed \(seed) stands twice in \(names)"))
          }
        }
      }
    }
    if suite.reportSeeds.isEmpty {
      found.append(SuiteFault(["reportSeeds"], "'reportSeeds' is empty"))
    }
    if suite.referenceSeeds?.isEmpty == true {
      found.append(SuiteFault(["referenceSeeds"], "'referenceSeeds' is empty"))
    }
    check([
      (["tuningSeeds"], "tuningSeeds", suite.tuningSeeds),
      (["reportSeeds"], "reportSeeds", suite.reportSeeds),
    ])
    check([(["referenceSeeds"], "referenceSeeds", suite.referenceSeeds ?? [])])
    check([(["map", "seeds"], "map.seeds", suite.map?.seeds ?? [])])
    return found
  }

  /// What is wrong with the texts of rules and methods, and with the rules that methods name.
  private static func textFaults(in suite: Suite, _ catalogue: Catalogue) -> [SuiteFault] {
    var found: [SuiteFault] = []
    let names = suite.rules.map(\.name)
    for (index, method) in suite.methods.enumerated() {
      guard let listed = method.rules else { continue }
      let place: [SuiteFault.Place] = ["methods", .item(index), "rules"]
      if listed.isEmpty {
        found.append(SuiteFault(place, "'rules' of method '\(method.name)' is empty"))
      }
      for (at, word) in listed.enumerated() where !names.contains(word) {
        found.append(
          SuiteFault(
            place + [.item(at)],
            "method '\(method.name)': "
              + unknownName(word, kind: "rule of the suite", among: names)))
      }
    }
    for (index, rule) in suite.rules.enumerated() {
      if let message = message({ () throws(SpecError) in
        _ = try catalogue.rule(rule.spec, for: Double.self)
      }) {
        found.append(SuiteFault(["rules", .item(index), "spec"], message))
        continue
      }
      var bound = Suite.sampleVariables.merging(rule.variables ?? [:]) { $1 }
      bound["beta"] = nil
      if let steps = suite.steps, RunLimits.steps.contains(steps) { bound["steps"] = Double(steps) }
      func fault(_ spec: String, _ variables: [String: Double]) -> String? {
        message { () throws(SpecError) in
          _ = try catalogue.method(spec, for: Double.self, variables: variables, rule: rule.spec)
        }
      }
      for (index, method) in suite.methods.enumerated()
      where method.rules?.contains(rule.name) ?? true {
        guard let message = fault(method.spec, bound) else { continue }
        found.append(SuiteFault(["methods", .item(index), "spec"], message))
      }
      for (index, method) in (suite.map?.methods ?? []).enumerated() {
        let place: [SuiteFault.Place] = ["map", "methods", .item(index)]
        // One that is no finite number is told with the bounds.
        let rates = method.hyperLearningRates.enumerated().filter(\.element.isFinite)
        let messages = rates.map { fault(method.spec, bound.merging(["beta": $0.element]) { $1 }) }
        // What no rate cures is the text's.
        if let message = messages.first ?? nil, messages.allSatisfy({ $0 != nil }) {
          found.append(SuiteFault(place + ["spec"], message))
          continue
        }
        for (rate, message) in zip(rates, messages) {
          guard let message else { continue }
          found.append(
            SuiteFault(
              place + ["hyperLearningRates", .item(rate.offset)],
              "with the hyper-learning-rate \(rate.element): " + message))
        }
        let variables = Set(bound.keys).union(["beta"])
        if let text = try? SpecText(method.spec, variables: variables),
          !text.variables.contains("beta")
        {
          found.append(
            SuiteFault(
              place + ["spec"],
              "'\(method.name)' in 'map' has no 'beta' in its text, which stands for the "
                + "hyper-learning-rate"))
        }
      }
    }
    return found
  }

  /// What is wrong with a text, if anything.
  private static func message(_ body: () throws(SpecError) -> Void) -> String? {
    do throws(SpecError) {
      try body()
      return nil
    } catch { return error.description }
  }
}
