internal import HypergradientRecipes
public import Records

extension Suite {
  /// The suite with fewer tasks, methods, seeds or steps; `nil` leaves a part as it is.
  ///
  /// - Throws: ``ExperimentError`` that names an unknown word and the nearest known one.
  public func narrowed(
    tasks: [String]? = nil, methods: [String]? = nil, rules: [String]? = nil, seeds: [Int]? = nil,
    steps: Int? = nil
  ) throws(ExperimentError) -> Suite {
    var suite = self
    suite.readMethods()
    if let tasks {
      suite.tasks = try pick(tasks, from: suite.tasks, kind: "task", \.name)
    } else {
      suite.tasks = suite.tasks.filter { $0.onRequest != true }
    }
    if let methods {
      suite.methods = try pick(methods, from: suite.methods, kind: "method", \.name)
      if var map = suite.map {
        map.methods = map.methods.filter { methods.contains($0.name) }
        suite.map = map.methods.isEmpty ? nil : map
      }
    }
    if let rules {
      suite.rules = try pick(rules, from: suite.rules, kind: "rule", \.name)
      suite.methods = suite.methods.compactMap { method in
        let listed = self.rules(of: method)
        let kept = listed.filter(rules.contains)
        if kept.isEmpty { return nil }
        var method = method
        // A method of all rules stays one of all that are left.
        if listed.count < self.rules.count { method.rules = kept }
        return method
      }
      if suite.methods.isEmpty {
        throw ExperimentError(
          "no method of suite '\(name)' that is left is listed with the rules "
            + rules.joined(separator: ", "))
      }
    }
    if let seeds {
      guard !seeds.isEmpty, Set(seeds).count == seeds.count, seeds.allSatisfy({ $0 >= 0 }) else {
        throw ExperimentError("the seeds \(seeds) are to be different numbers of at least 0")
      }
      suite.tuningSeeds = seeds.filter { tuningSeeds.contains($0) }
      suite.reportSeeds = seeds.filter { !tuningSeeds.contains($0) }
      if suite.reportSeeds.isEmpty {
        // All the seeds asked for are tuning seeds: report on them, and say so in the tables.
        suite.reportSeeds = suite.tuningSeeds
        suite.tuningSeeds = []
      }
      if var map = suite.map {
        map.seeds = map.seeds.filter { seeds.contains($0) }
        suite.map = map.seeds.isEmpty ? nil : map
      }
    }
    if let steps {
      if let fault = RunLimits.fault("--steps", steps, RunLimits.steps) {
        throw ExperimentError(fault)
      }
      suite.steps = steps
      suite.epochs = nil
    }
    return suite
  }

  private func pick<Item>(
    _ names: [String], from items: [Item], kind: String, _ name: (Item) -> String
  ) throws(ExperimentError) -> [Item] {
    for word in names where !items.contains(where: { name($0) == word }) {
      throw ExperimentError(
        unknownName(word, kind: "\(kind) of suite '\(self.name)'", among: items.map(name)))
    }
    return items.filter { names.contains(name($0)) }
  }
}
