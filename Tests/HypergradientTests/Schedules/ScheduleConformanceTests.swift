internal import Hypergradient
internal import PortableMath
internal import Testing

/// Every recorded case is either reproduced or named here with the reason why it can't be.
@Suite struct ScheduleConformanceTests {
  enum Expression {
    case formula((Double) -> Double)
    case later(String)

    static func schedule(_ schedule: some Schedule) -> Expression { .formula { schedule($0) } }
  }

  @Test func pyTorch() throws {
    let later = try check("schedules_torch", tolerance: 1e-12) { try Self.pyTorch($0) }
    #expect(later == ["CyclicLR", "CyclicLR", "CyclicLR"])
  }

  @Test func keras() throws {
    let later = try check("schedules_keras") { try Self.keras($0) }
    #expect(later == ["InverseTimeDecay", "PolynomialDecay"])
  }

  @Test func optax() throws {
    let later = try check("schedules_optax") { try Self.optax($0) }
    #expect(later == ["warmup_cosine_decay_schedule"])
  }

  /// Compares every case, and returns the names of those left for later.
  private func check(
    _ file: String, tolerance: Double? = nil,
    _ express: (ConformanceCase) throws -> Expression?
  ) throws -> [String] {
    let file = try ConformanceFile(file)
    var later: [String] = []
    for (index, item) in file.cases.enumerated() {
      guard let expression = try express(item) else {
        Issue.record("case \(index), \(item.name), is neither checked nor listed")
        continue
      }
      switch expression {
      case .later(let reason):
        print("\(item.name) of \(file.source) is not checked: \(reason)")
        later.append(item.name)
      case .formula(let formula):
        let bound = try #require(tolerance ?? item.tolerance)
        #expect(!item.learningRates.isEmpty)
        for (step, expected) in item.learningRates.enumerated() {
          let value = formula(Double(step))
          #expect(
            relativeDifference(value, expected) <= bound,
            "\(item.name), case \(index), step \(step): \(value), recorded \(expected)")
        }
      }
    }
    return later
  }

  // MARK: - The other libraries' schedules in terms of ours

  static func pyTorch(_ item: ConformanceCase) throws -> Expression? {
    let base = try item.number("base")
    switch item.name {
    case "StepLR":
      return .schedule(
        StepDecay(
          from: base, every: try item.number("step_size"), factor: try item.number("gamma")))
    case "MultiStepLR":
      return .schedule(
        MultiStep(from: base, at: try item.list("milestones"), factor: try item.number("gamma")))
    case "ExponentialLR":
      return .schedule(GeometricDecay(from: base, factor: try item.number("gamma")))
    case "CosineAnnealingLR":
      return .schedule(
        Cosine(from: base, to: try item.number("eta_min"), over: try item.number("T_max")))
    case "CosineAnnealingWarmRestarts":
      let (floor, first) = (try item.number("eta_min"), try item.number("T_0"))
      let growth = try item.number("T_mult")
      return .formula(restarts(first: first, growth: growth) { _ in (base, floor) })
    case "LinearLR":
      return .schedule(
        LinearSchedule(
          from: base * (try item.number("start_factor")),
          to: base * (try item.number("end_factor")), over: try item.number("total_iters")))
    case "ConstantLR":
      return .schedule(
        ConstantSchedule(base * (try item.number("factor")))
          .followed(by: .constant(base), at: try item.number("total_iters")))
    case "PolynomialLR":
      return .schedule(
        Polynomial(
          from: base, to: 0, over: try item.number("total_iters"),
          power: try item.number("power")))
    case "OneCycleLR":
      return try oneCycle(item)
    case "LinearLR then CosineAnnealingLR (SequentialLR)":
      let warmup = try item.number("warmup")
      return .schedule(
        LinearSchedule(from: base * (try item.number("start_factor")), to: base, over: warmup)
          .followed(
            by: .cosine(
              from: base, to: try item.number("eta_min"), over: try item.number("T_max")),
            at: warmup))
    case "ConstantLR times ExponentialLR (ChainedScheduler)":
      return .schedule(
        ConstantSchedule(try item.number("factor"))
          .followed(by: .constant(1), at: try item.number("total_iters"))
          .scaled(by: .geometricDecay(from: base, factor: try item.number("gamma"))))
    case "CyclicLR":
      return .later("a cycle without end is no join of these schedules")
    default:
      return nil
    }
  }

  /// Phases end one step before a fraction of the whole, which may fall between steps.
  static func oneCycle(_ item: ConformanceCase) throws -> Expression {
    let (peak, total) = (try item.number("max_lr"), try item.number("total_steps"))
    let start = peak / (try item.number("div_factor"))
    let end = start / (try item.number("final_div_factor"))
    let rise = try item.number("pct_start") * total - 1
    let isCosine = try item.word("anneal_strategy") == "cos"
    func phase(_ from: Double, _ to: Double, _ length: Double) -> any Schedule {
      isCosine
        ? Cosine(from: from, to: to, over: length)
        : LinearSchedule(from: from, to: to, over: length)
    }
    func join(_ first: any Schedule, _ next: any Schedule, _ boundary: Double) -> any Schedule {
      func open(_ first: some Schedule, _ next: some Schedule) -> any Schedule {
        first.followed(by: next, at: boundary)
      }
      return open(first, next)
    }
    let schedule: any Schedule
    if item.flag("three_phase") {
      let fall = 2 * rise
      schedule = join(
        join(phase(start, peak, rise), phase(peak, start, fall - rise), rise),
        phase(start, end, total - 1 - fall), fall)
    } else {
      schedule = join(phase(start, peak, rise), phase(peak, end, total - 1 - rise), rise)
    }
    return .formula { schedule($0) }
  }

  /// Four cosine cycles, the n-th with its own peak and floor, joined.
  static func restarts(
    first: Double, growth: Double, _ cycle: (Int) -> (peak: Double, floor: Double)
  ) -> (Double) -> Double {
    let lengths = [1, growth, growth * growth, growth * growth * growth].map { first * $0 }
    let cosines = lengths.enumerated().map { index, length in
      let (peak, floor) = cycle(index)
      return Cosine(from: peak, to: floor, over: length)
    }
    let whole = cosines[0]
      .followed(by: cosines[1], at: lengths[0])
      .followed(by: cosines[2], at: lengths[0] + lengths[1])
      .followed(by: cosines[3], at: lengths[0] + lengths[1] + lengths[2])
    return { whole($0) }
  }

  static func keras(_ item: ConformanceCase) throws -> Expression? {
    switch item.name {
    case "ExponentialDecay":
      let (initial, steps) = (try item.number("initial"), try item.number("decay_steps"))
      let factor = try item.number("decay_rate")
      return item.flag("staircase")
        ? .schedule(StepDecay(from: initial, every: steps, factor: factor))
        : .schedule(GeometricDecay(from: initial, factor: Portable.pow(factor, 1 / steps)))
    case "InverseTimeDecay":
      if item.flag("staircase") { return .later("a staircase of inverse time decay") }
      return .schedule(
        InverseTime(
          from: try item.number("initial"),
          rate: try item.number("decay_rate") / (try item.number("decay_steps"))))
    case "PolynomialDecay":
      if item.flag("cycle") { return .later("polynomial decay with cycles") }
      return .schedule(
        Polynomial(
          from: try item.number("initial"), to: try item.number("end"),
          over: try item.number("decay_steps"), power: try item.number("power")))
    case "CosineDecay":
      let initial = try item.number("initial")
      return .schedule(
        Cosine(
          from: initial, to: initial * (try item.number("alpha")),
          over: try item.number("decay_steps")))
    case "CosineDecay with warmup":
      let (peak, warmup) = (try item.number("warmup_target"), try item.number("warmup_steps"))
      return .schedule(
        LinearSchedule(from: try item.number("initial"), to: peak, over: warmup)
          .followed(
            by: .cosine(
              from: peak, to: peak * (try item.number("alpha")),
              over: try item.number("decay_steps")),
            at: warmup))
    case "CosineDecayRestarts":
      let (initial, decay) = (try item.number("initial"), try item.number("m_mul"))
      let alpha = try item.number("alpha")
      return .formula(
        restarts(
          first: try item.number("first_decay_steps"), growth: try item.number("t_mul")
        ) { cycle in
          // What lies above the floor shrinks from cycle to cycle, the floor does not.
          let scale = (0..<cycle).reduce(1.0) { scale, _ in scale * decay }
          return (initial * ((1 - alpha) * scale + alpha), initial * alpha)
        })
    case "PiecewiseConstantDecay":
      // The old value still holds at a boundary: the new one begins a step later.
      let at = try item.list("boundaries").map { $0 + 1 }
      let values = try item.list("values").map { ConstantSchedule($0) }
      return .schedule(
        values[0].followed(by: values[1], at: at[0]).followed(by: values[2], at: at[1])
          .followed(by: values[3], at: at[2]))
    default:
      return nil
    }
  }

  static func optax(_ item: ConformanceCase) throws -> Expression? {
    switch item.name {
    case "exponential_decay":
      let initial = try item.number("init_value")
      let factor = Portable.pow(
        try item.number("decay_rate"), 1 / (try item.number("transition_steps")))
      // Its floor is not reached within the recorded steps.
      return .schedule(
        ConstantSchedule(initial).followed(
          by: .geometricDecay(from: initial, factor: factor),
          at: try item.number("transition_begin")))
    case "polynomial_schedule":
      let initial = try item.number("init_value")
      return .schedule(
        ConstantSchedule(initial).followed(
          by: .polynomial(
            from: initial, to: try item.number("end_value"),
            over: try item.number("transition_steps"), power: try item.number("power")),
          at: try item.number("transition_begin")))
    case "warmup_exponential_decay_schedule":
      let (peak, warmup) = (try item.number("peak_value"), try item.number("warmup_steps"))
      let begin = warmup + (try item.number("transition_begin"))
      return .schedule(
        LinearSchedule(from: try item.number("init_value"), to: peak, over: warmup)
          .followed(by: .constant(peak), at: warmup)
          .followed(
            by: .stepDecay(
              from: peak, every: try item.number("transition_steps"),
              factor: try item.number("decay_rate")),
            at: begin))
    case "linear_onecycle_schedule":
      let (peak, total) = (try item.number("peak_value"), try item.number("transition_steps"))
      let start = peak / (try item.number("div_factor"))
      let rise = (try item.number("pct_start") * total).rounded(.down)
      let fall = (try item.number("pct_final") * total).rounded(.down)
      return .schedule(
        LinearSchedule(from: start, to: peak, over: rise)
          .followed(by: .linear(from: peak, to: start, over: fall - rise), at: rise)
          .followed(
            by: .linear(
              from: start, to: start / (try item.number("final_div_factor")),
              over: total - fall),
            at: fall))
    case "cosine_onecycle_schedule":
      let (peak, total) = (try item.number("peak_value"), try item.number("transition_steps"))
      let start = peak / (try item.number("div_factor"))
      let rise = (try item.number("pct_start") * total).rounded(.down)
      return .schedule(
        Cosine(from: start, to: peak, over: rise)
          .followed(
            by: .cosine(
              from: peak, to: start / (try item.number("final_div_factor")), over: total - rise),
            at: rise))
    case "warmup_cosine_decay_schedule":
      return .later("a cosine to a power")
    default:
      return nil
    }
  }
}
