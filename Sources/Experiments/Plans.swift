internal import Hypergradient
internal import PortableMath
internal import Records

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
  func runCount(seed: Int, rules chosen: [Int]) -> Int {
    var count = 0
    if tuningSeeds.contains(seed) || reportSeeds.contains(seed) {
      for method in methods {
        let names = self.rules(of: method)
        let own = chosen.count { names.contains(rules[$0].name) }
        count += own * (hasStartingRate(method) ? startingRates.count : 1)
      }
    }
    if let map, map.seeds.contains(seed) {
      let hyper = map.methods.reduce(0) { $0 + $1.hyperLearningRates.count }
      count += chosen.count * hyper * map.startingRates.count
    }
    return count
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
    var plans: [RunPlan] = []
    let listed = methods.map { Set(self.rules(of: $0)) }
    for index in chosen {
      let rule = rules[index]
      guard let reference = task.references[rule.name] else { continue }
      let place = Place(
        rule: index, update: try SpecReader(rule.spec).rule(), reference: reference.rate,
        horizon: horizon)
      if sweeps {
        for (method, names) in zip(methods, listed) where names.contains(rule.name) {
          plans += try sweep(method, place)
        }
      }
      if maps, let map {
        for method in map.methods { plans += try self.map(method, map.startingRates, place) }
      }
    }
    return plans
  }

  /// What the plans of one task and rule have in common.
  private struct Place {
    var rule: Int
    var update: RulePair
    /// The best fixed rate.
    var reference: Double
    var horizon: Int
  }

  /// One run for each starting rate, or one in all.
  private func sweep(_ method: Method, _ place: Place) throws(SpecError) -> [RunPlan] {
    let reading = try reading(method)
    let exponents = exponents(startingRates)
    let traced = Set(
      tracedExponents.compactMap { wanted in
        exponents.indices.min { abs(exponents[$0] - wanted) < abs(exponents[$1] - wanted) }
      })
    var plan = RunPlan(
      part: .sweep, rule: place.rule, methodName: method.name, seed: 0, rateIndex: 0,
      isTraced: !traced.isEmpty,
      training: try training(method.spec, place, variables(place, rate: nil)),
      hasSuiteRule: !reading.hasOwnRule)
    guard reading.hasStartingRate else { return [plan] }
    var plans: [RunPlan] = []
    for (rateIndex, exponent) in exponents.enumerated() {
      let rate = place.reference * Portable.pow(10, exponent)
      plan.rateIndex = rateIndex
      (plan.startingRate, plan.rateExponent) = (rate, exponent)
      plan.isTraced = traced.contains(rateIndex)
      plan.training = try training(method.spec, place, variables(place, rate: rate))
      plans.append(plan)
    }
    return plans
  }

  /// One run for each starting rate and hyper-learning-rate.
  private func map(
    _ method: MapMethod, _ rates: StartingRates, _ place: Place
  ) throws(SpecError) -> [RunPlan] {
    var plans: [RunPlan] = []
    for (rateIndex, exponent) in exponents(rates).enumerated() {
      for (hyperIndex, beta) in method.hyperLearningRates.enumerated() {
        let rate = place.reference * Portable.pow(10, exponent)
        var variables = variables(place, rate: rate)
        variables["beta"] = beta
        plans.append(
          RunPlan(
            part: .map, rule: place.rule, methodName: method.name, seed: 0, rateIndex: rateIndex,
            startingRate: rate, rateExponent: exponent, hyperLearningRate: beta,
            hyperIndex: hyperIndex, isTraced: false,
            training: try training(method.spec, place, variables)))
      }
    }
    return plans
  }

  private func training(
    _ spec: String, _ place: Place, _ variables: [String: Double]
  ) throws(SpecError) -> Training {
    try SpecReader(spec, variables: variables, rule: place.update).training()
  }

  /// - Parameter rate: `nil` where the text does not name it.
  private func variables(_ place: Place, rate: Double?) -> [String: Double] {
    var variables = rules[place.rule].variables ?? [:]
    variables["rate"] = rate ?? place.reference
    variables["steps"] = Double(place.horizon)
    return variables
  }
}
