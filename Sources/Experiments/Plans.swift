internal import Hypergradient
internal import PortableMath

extension Suite {
  /// 10^exponent times the reference rate, log-spaced.
  func exponents(_ rates: StartingRates) -> [Double] {
    (0..<rates.count).map { i in
      rates.count == 1
        ? rates.low : rates.low + (rates.high - rates.low) * Double(i) / Double(rates.count - 1)
    }
  }

  /// Every seed of the sweep and the map, ascending.
  var allSeeds: [Int] {
    Set(tuningSeeds + reportSeeds + (map?.seeds ?? [])).sorted()
  }

  /// How many runs ``plans(for:seed:rules:horizon:)`` makes.
  func runCount(seed: Int, rules: Int) -> Int {
    let sweeps = tuningSeeds.contains(seed) || reportSeeds.contains(seed)
    let sweep = sweeps ? methods.count * startingRates.count : 0
    guard let map, map.seeds.contains(seed) else { return rules * sweep }
    let hyper = map.methods.reduce(0) { $0 + $1.hyperLearningRates.count }
    return rules * (sweep + hyper * map.startingRates.count)
  }

  /// The runs of one task and seed for some of the rules, in a fixed order.
  ///
  /// - Throws: ``SpecError`` for a text that names no rule or controller.
  func plans(
    for task: SuiteTask, seed: Int, rules chosen: [Int], horizon: Int
  ) throws(SpecError) -> [RunPlan] {
    let sweeps = tuningSeeds.contains(seed) || reportSeeds.contains(seed)
    let maps = map.map { $0.seeds.contains(seed) } ?? false
    return planned(
      try plans(for: task, rules: chosen, horizon: horizon, sweeps: sweeps, maps: maps), seed: seed)
  }

  /// Plans of no seed as those of one.
  func planned(_ plans: [RunPlan], seed: Int) -> [RunPlan] {
    let isReported = reportSeeds.contains(seed)
    return plans.map { plan in
      var plan = plan
      plan.seed = seed
      plan.isTraced = plan.isTraced && isReported
      return plan
    }
  }

  /// The runs of one task for some of the rules, whatever the seed: of the sweep, the map or both.
  func plans(
    for task: SuiteTask, rules chosen: [Int], horizon: Int, sweeps: Bool, maps: Bool
  ) throws(SpecError) -> [RunPlan] {
    let seed = 0
    var plans: [RunPlan] = []
    let exponents = exponents(startingRates)
    let traced = Set(
      tracedExponents.compactMap { wanted in
        exponents.indices.min { abs(exponents[$0] - wanted) < abs(exponents[$1] - wanted) }
      })
    for index in chosen {
      let rule = rules[index]
      let update = try SpecReader(rule.spec).rule()
      guard let reference = task.references[rule.name] else { continue }
      for method in sweeps ? methods : [] {
        for (rateIndex, exponent) in exponents.enumerated() {
          let rate = reference.rate * Portable.pow(10, exponent)
          plans.append(
            RunPlan(
              part: .sweep, rule: index, methodName: method.name, seed: seed,
              rateIndex: rateIndex, startingRate: rate, rateExponent: exponent,
              isTraced: traced.contains(rateIndex),
              update: update,
              controller: try SpecReader(
                method.spec, variables: variables(rule, rate: rate, horizon: horizon)
              ).controller()))
        }
      }
      guard let map, maps else { continue }
      for method in map.methods {
        for (rateIndex, exponent) in self.exponents(map.startingRates).enumerated() {
          for (hyperIndex, beta) in method.hyperLearningRates.enumerated() {
            let rate = reference.rate * Portable.pow(10, exponent)
            var variables = variables(rule, rate: rate, horizon: horizon)
            variables["beta"] = beta
            plans.append(
              RunPlan(
                part: .map, rule: index, methodName: method.name, seed: seed,
                rateIndex: rateIndex, startingRate: rate, rateExponent: exponent,
                hyperLearningRate: beta, hyperIndex: hyperIndex, isTraced: false,
                update: update,
                controller: try SpecReader(method.spec, variables: variables).controller()))
          }
        }
      }
    }
    return plans
  }

  private func variables(_ rule: Named, rate: Double, horizon: Int) -> [String: Double] {
    var variables = rule.variables ?? [:]
    variables["rate"] = rate
    variables["steps"] = Double(horizon)
    return variables
  }
}
