internal import Hypergradient
internal import HypergradientCatalogue
internal import Testing

/// Every recorded case of every library, through the text that a user would write.
@Suite struct ScheduleConformanceTests {
  @Test func pyTorch() throws { try check("schedules_torch", tolerance: 1e-12, Self.pyTorch) }
  @Test func keras() throws { try check("schedules_keras", Self.keras) }
  @Test func optax() throws { try check("schedules_optax", Self.optax) }

  private func check(
    _ file: String, tolerance: Double? = nil, _ text: (ConformanceCase) throws -> String?
  ) throws {
    let file = try ConformanceFile(file)
    #expect(!file.cases.isEmpty)
    for (index, item) in file.cases.enumerated() {
      let text = try #require(try text(item), "case \(index), \(item.name), is not checked")
      let schedule = try TextReader(text).schedule()
      let bound = try #require(tolerance ?? item.tolerance)
      #expect(!item.learningRates.isEmpty)
      for (step, expected) in item.learningRates.enumerated() {
        let value = schedule(step)
        #expect(
          relativeDifference(value, expected) <= bound,
          "\(item.name), case \(index), step \(step): \(value), recorded \(expected); \(text)")
      }
    }
  }

  // MARK: - The other libraries' schedules as texts

  static func pyTorch(_ item: ConformanceCase) throws -> String? {
    func value(_ key: String) throws -> String { "\(try item.number(key))" }
    let base = try value("base")
    switch item.name {
    case "StepLR":
      return "step(from: \(base), every: \(try value("step_size")), factor: \(try value("gamma")))"
    case "MultiStepLR":
      return "multiStep(from: \(base), at: \(try item.list("milestones")), "
        + "factor: \(try value("gamma")))"
    case "ExponentialLR":
      return "geometric(from: \(base), factor: \(try value("gamma")))"
    case "CosineAnnealingLR":
      return "torchCosineAnnealing(from: \(base), tMax: \(try value("T_max")), "
        + "etaMin: \(try value("eta_min")))"
    case "CosineAnnealingWarmRestarts":
      return "warmRestarts(from: \(base), to: \(try value("eta_min")), every: \(try value("T_0")), "
        + "growth: \(try value("T_mult")))"
    case "LinearLR":
      return "linear(from: \(base)*\(try value("start_factor")), "
        + "to: \(base)*\(try value("end_factor")), over: \(try value("total_iters")))"
    case "ConstantLR":
      return "constant(\(base)*\(try value("factor")))"
        + ".followed(by: constant(\(base)), at: \(try value("total_iters")))"
    case "PolynomialLR":
      return "polynomial(from: \(base), over: \(try value("total_iters")), "
        + "power: \(try value("power")))"
    case "CyclicLR":
      let cycle =
        "from: \(try value("base_lr")), to: \(try value("max_lr")), "
        + "rise: \(try value("step_size_up")), fall: \(try value("step_size_down"))"
      let mode = try item.word("mode")
      return mode == "exp_range"
        ? "expRange(\(cycle), factor: \(try value("gamma")))" : "\(mode)(\(cycle))"
    case "OneCycleLR":
      let strategy = try item.word("anneal_strategy") == "cos" ? "cosine" : "linear"
      return
        "torchOneCycle(maxLr: \(try value("max_lr")), totalSteps: \(try value("total_steps")), "
        + "pctStart: \(try value("pct_start")), annealStrategy: .\(strategy), "
        + "divFactor: \(try value("div_factor")), finalDivFactor: \(try value("final_div_factor")), "
        + "threePhase: .\(item.flag("three_phase") ? "yes" : "no"))"
    case "LinearLR then CosineAnnealingLR (SequentialLR)":
      return "linear(from: \(base)*\(try value("start_factor")), to: \(base), "
        + "over: \(try value("warmup"))).followed(by: torchCosineAnnealing(from: \(base), "
        + "tMax: \(try value("T_max")), etaMin: \(try value("eta_min"))), at: \(try value("warmup")))"
    case "ConstantLR times ExponentialLR (ChainedScheduler)":
      return "constant(\(try value("factor"))).followed(by: constant(1), "
        + "at: \(try value("total_iters"))).times(geometric(from: \(base), "
        + "factor: \(try value("gamma"))))"
    default:
      return nil
    }
  }

  static func keras(_ item: ConformanceCase) throws -> String? {
    func value(_ key: String) throws -> String { "\(try item.number(key))" }
    func yes(_ key: String) -> String { item.flag(key) ? ".yes" : ".no" }
    switch item.name {
    case "ExponentialDecay", "InverseTimeDecay":
      return "keras\(item.name)(initialLearningRate: \(try value("initial")), "
        + "decaySteps: \(try value("decay_steps")), decayRate: \(try value("decay_rate")), "
        + "staircase: \(yes("staircase")))"
    case "PolynomialDecay":
      return "kerasPolynomialDecay(initialLearningRate: \(try value("initial")), "
        + "decaySteps: \(try value("decay_steps")), endLearningRate: \(try value("end")), "
        + "power: \(try value("power")), cycle: \(yes("cycle")))"
    case "CosineDecay":
      return "kerasCosineDecay(initialLearningRate: \(try value("initial")), "
        + "decaySteps: \(try value("decay_steps")), alpha: \(try value("alpha")))"
    case "CosineDecay with warmup":
      return "kerasWarmupCosineDecay(initialLearningRate: \(try value("initial")), "
        + "warmupTarget: \(try value("warmup_target")), warmupSteps: \(try value("warmup_steps")), "
        + "decaySteps: \(try value("decay_steps")), alpha: \(try value("alpha")))"
    case "CosineDecayRestarts":
      return "kerasCosineDecayRestarts(initialLearningRate: \(try value("initial")), "
        + "firstDecaySteps: \(try value("first_decay_steps")), tMul: \(try value("t_mul")), "
        + "mMul: \(try value("m_mul")), alpha: \(try value("alpha")))"
    case "PiecewiseConstantDecay":
      return "kerasPiecewiseConstantDecay(boundaries: \(try item.list("boundaries")), "
        + "values: \(try item.list("values")))"
    default:
      return nil
    }
  }

  static func optax(_ item: ConformanceCase) throws -> String? {
    func value(_ key: String) throws -> String { "\(try item.number(key))" }
    func decay() throws -> String {
      "transitionSteps: \(try value("transition_steps")), decayRate: \(try value("decay_rate")), "
        + "transitionBegin: \(try value("transition_begin")), "
        + "staircase: .\(item.flag("staircase") ? "yes" : "no"), endValue: \(try value("end_value"))"
    }
    func cycle() throws -> String {
      "transitionSteps: \(try value("transition_steps")), peakValue: \(try value("peak_value")), "
        + "pctStart: \(try value("pct_start")), divFactor: \(try value("div_factor")), "
        + "finalDivFactor: \(try value("final_div_factor"))"
    }
    switch item.name {
    case "exponential_decay":
      return "optaxExponentialDecay(initValue: \(try value("init_value")), \(try decay()))"
    case "polynomial_schedule":
      return "optaxPolynomial(initValue: \(try value("init_value")), "
        + "endValue: \(try value("end_value")), power: \(try value("power")), "
        + "transitionSteps: \(try value("transition_steps")), "
        + "transitionBegin: \(try value("transition_begin")))"
    case "warmup_cosine_decay_schedule":
      return "optaxWarmupCosineDecay(initValue: \(try value("init_value")), "
        + "peakValue: \(try value("peak_value")), warmupSteps: \(try value("warmup_steps")), "
        + "decaySteps: \(try value("decay_steps")), endValue: \(try value("end_value")), "
        + "exponent: \(try value("exponent")))"
    case "warmup_exponential_decay_schedule":
      return "optaxWarmupExponentialDecay(initValue: \(try value("init_value")), "
        + "peakValue: \(try value("peak_value")), warmupSteps: \(try value("warmup_steps")), "
        + "\(try decay()))"
    case "linear_onecycle_schedule":
      return "optaxLinearOneCycle(\(try cycle()), pctFinal: \(try value("pct_final")))"
    case "cosine_onecycle_schedule":
      return "optaxCosineOneCycle(\(try cycle()))"
    default:
      return nil
    }
  }
}
