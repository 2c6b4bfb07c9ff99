internal import Foundation
internal import Hypergradient
internal import HypergradientCatalogue
internal import PortableMath
internal import Testing

/// What a bound, a largest growth and a freeze hold of every method that trains on line.
@Suite struct RateLimitedTests {
  /// All of the catalogue's but `fds`, which trains a whole run again and again.
  static let texts = MethodFixtures.texts.filter { !$0.hasPrefix("fds") }

  private struct Row: Equatable {
    var theta: [Double]
    var rate: Double
    var distance: Double?
    var counts: StepCounts
  }

  private static func run(
    _ made: any TrainingMethod<Double>, steps: Int = 60, isDeterministic: Bool = false
  ) -> [Row] {
    func open<M: TrainingMethod<Double>>(_ made: M) -> [Row] {
      var method = made
      var theta = LawFixtures.start(MethodFixtures.count, Double.self)
      method.begin(at: theta)
      let clock = MethodFixtures.Clock()
      var oracle = MethodFixtures.oracle(clock, Double.self)
      var exact = FunctionOracle<Double>(
        parameterCount: MethodFixtures.count, isDeterministic: true
      ) { point, gradient, _ in
        let g: [Double] = LawFixtures.gradient(Array(point))
        for i in g.indices { gradient[i] = g[i] }
        return LawFixtures.objective(Array(point), penalty: 0)
      }
      return (0..<steps).map { step in
        clock.step = step
        if isDeterministic { method.step(&theta, &exact) } else { method.step(&theta, &oracle) }
        return Row(
          theta: theta, rate: method.learningRate, distance: method.distanceEstimate,
          counts: method.stepCounts)
      }
    }
    return open(made)
  }

  private static func method(_ text: String) throws -> any TrainingMethod<Double> {
    try MethodFixtures.method(text).double
  }

  /// A rate in the middle of those of the method alone, so that a bound there is met from both sides.
  private static func middle(_ rows: [Row]) -> Double {
    let rates = rows.map(\.rate).filter { $0 > 0 }.sorted()
    return rates[rates.count / 2]
  }

  /// Steps that were taken, not skipped, taken again or gone back from.
  private static func taken(_ rows: [Row]) -> [Row] {
    var last = StepCounts()
    return rows.filter { row in
      defer { last = row.counts }
      return row.counts == last
    }
  }

  @Test(arguments: texts, [false, true])
  func noRateLeavesTheBounds(_ text: String, _ isDeterministic: Bool) throws {
    let alone = Self.run(try Self.method(text), isDeterministic: isDeterministic)
    let middle = Self.middle(alone)
    for bounds in [0...middle / 2, middle / 2...middle, 2 * middle...3 * middle] {
      // A first rate at the edge of 0 can't be found by halving.
      guard try Self.method(text).fault(limitedBy: .within(bounds)) == nil else { continue }
      let held = try Self.method(text).clamped(to: bounds)
      let rows = Self.run(held, isDeterministic: isDeterministic)
      for row in Self.taken(rows) where row.rate != 0 {
        #expect(bounds.contains(row.rate), "\(text): \(row.rate) is not in \(bounds)")
      }
      let moves = Self.taken(alone).contains { $0.rate != 0 && !bounds.contains($0.rate) }
      #expect(
        !moves || rows.map(\.theta) != alone.map(\.theta), "\(text): \(bounds) changes nothing")
      #expect(rows.allSatisfy { $0.theta.allSatisfy(\.isFinite) })
    }
  }

  @Test(arguments: texts, [1, 1.02, 1.5])
  func noRateGrowsByMoreThanTheFactor(_ text: String, _ most: Double) throws {
    let rows = Self.taken(Self.run(try Self.method(text).limitedGrowth(to: most)))
    #expect(rows.count > 1)
    for (last, row) in zip(rows, rows.dropFirst()) where last.rate > 0 {
      #expect(row.rate <= most * last.rate, "\(text): \(last.rate) → \(row.rate)")
    }
  }

  @Test(arguments: texts, [1, 11])
  func theRateStaysAfterSoManySteps(_ text: String, _ steps: Int) throws {
    let alone = Self.run(try Self.method(text))
    let rows = Self.run(try Self.method(text).frozen(after: steps))
    let rates = Self.taken(rows).map(\.rate)
    #expect(Set(rates.dropFirst(steps - 1)).count == 1, "\(text): \(rates)")
    // Up to there it is the method alone.
    var isSame = true
    for (row, other) in zip(rows, alone).prefix(steps) { isSame = isSame && row == other }
    #expect(isSame, "\(text)")
  }

  @Test(
    arguments: texts,
    [
      RateLimit.within(0...Double.greatestFiniteMagnitude), .growth(.greatestFiniteMagnitude),
      .freeze(after: 1_000_000),
    ])
  func whatHoldsNothingChangesNoBit(_ text: String, _ limit: RateLimit) throws {
    for isDeterministic in [false, true] {
      let alone = Self.run(try Self.method(text), isDeterministic: isDeterministic)
      let held = Self.run(
        try Self.method(text).limited(by: limit), isDeterministic: isDeterministic)
      #expect(held == alone, "\(text)")
    }
  }

  /// Where a step is η times a direction that does not depend on η, a bound at half the rate halves
  /// the step from a state that has no limit on it; over all that are, and those that are not are
  /// named.
  @Test(arguments: texts) func halfTheRateIsHalfTheStep(_ text: String) throws {
    let bent = [
      "dAdapt", "mechanic", "scheduleFree", "prodigy", "averaging: .yes", ").", "startUp",
      "byGroup", "trac", "ngnMomentum",
      "metaOptimize", "hyperparameterTower",
    ]
    if bent.contains(where: text.contains) { return }
    func step<M: TrainingMethod<Double>>(_ made: M) {
      var method = made
      var theta = LawFixtures.start(MethodFixtures.count, Double.self)
      method.begin(at: theta)
      _ = MethodFixtures.trajectory(&method, from: &theta, steps: 0..<20)
      var compared = 0
      for step in 20..<40 {
        let (before, start) = (method, theta)
        _ = MethodFixtures.trajectory(&method, from: &theta, steps: step..<step + 1)
        guard method.stepCounts == before.stepCounts, method.learningRate > 0 else { continue }
        var held = RateLimited(before, .within(0...method.learningRate / 2))
        var half = start
        _ = MethodFixtures.trajectory(&held, from: &half, steps: step..<step + 1)
        #expect(held.learningRate == method.learningRate / 2)
        for i in start.indices {
          let (whole, part) = (theta[i] - start[i], half[i] - start[i])
          #expect(
            abs(part - whole / 2) <= 1e-12 * max(abs(start[i]), abs(whole)),
            "\(text): \(part), \(whole)")
        }
        compared += 1
      }
      #expect(compared > 0, "\(text) takes no step")
    }
    step(try Self.method(text))
  }

  // MARK: Against what the equations become at a fixed rate

  private static let fixed = 0.02

  /// The iterates of gradient descent at one rate.
  private static func descent(_ steps: Int) -> [[Double]] {
    run(try! method("byGroup(sgd, rate: constant(\(fixed)))"), steps: steps).map(\.theta)
  }

  /// At a fixed rate these are gradient descent.
  @Test(
    arguments: [
      ("dog()", 0.0), ("dowg()", 0), ("dog(byGroup: .yes)", 0),
      ("dAdaptSGD(initialDistance: 0.1)", 1e-13),
      ("mechanic(sgd, initialScale: 0.01)", 1e-13), ("momo(momentum: 0)", 0),
      ("momo(momentum: 0, lowerBound: -1, adapting: .yes)", 0), ("ngnMomentum(momentum: 0)", 0),
      ("adaptiveDescent2(initial: 0.01)", 0),
      ("adaptiveDescent(initial: 0.01)", 0),
      ("barzilaiBorwein(initial: 0.01)", 0),
      ("rtho(sgd, initial: 0.01, hyperLearningRate: 1e-4)", 0),
      (
        "independentAlignment(sgd, by: hypergradient(initial: 0.01, hyperLearningRate: 1e-4), every: 4)",
        0
      ),
      ("metaOptimize(sgd, initial: 0.01)", 0),
      ("metaOptimize(sgd, initial: 0.01, byGroup: .yes)", 0),
      ("byGroup(sgd, rate: hypergradient(initial: 0.01, hyperLearningRate: 1e-4))", 0),
    ])
  func atAFixedRateItIsGradientDescent(_ text: String, _ tolerance: Double) throws {
    let held = Self.run(try Self.method(text).clamped(to: Self.fixed...Self.fixed), steps: 40)
    let expected = Self.descent(40)
    #expect(held.allSatisfy { $0.rate == Self.fixed }, "\(text)")
    for (row, theta) in zip(held, expected) {
      for (a, b) in zip(row.theta, theta) {
        #expect(abs(a - b) <= tolerance, "\(text): \(a), \(b)")
      }
    }
  }

  /// Schedule-free gradient descent held to c is that of rate c.
  @Test func scheduleFreeAtAFixedRate() throws {
    let held = Self.run(try Self.method("scheduleFreeSGD(rate: 0.5)").clamped(to: 0.02...0.02))
    let plain = Self.run(try Self.method("scheduleFreeSGD(rate: 0.02)"))
    #expect(held == plain)
  }

  /// Prodigy and D-Adaptation held to c are Adam without its bias correction at rate c, as long as d
  /// stays.
  @Test(arguments: ["prodigy(initialDistance: 1000)", "dAdaptAdam(initialDistance: 1000)"])
  func adamWithoutCorrectionAtAFixedRate(_ text: String) throws {
    let c = 0.003
    let rows = Self.run(try Self.method(text).clamped(to: c...c), steps: 30)
    #expect(rows.allSatisfy { $0.distance == 1000 && $0.rate == c })
    var theta = LawFixtures.start(MethodFixtures.count, Double.self)
    var m = theta.map { _ in 0.0 }
    var v = m
    let clock = MethodFixtures.Clock()
    var oracle = MethodFixtures.oracle(clock, Double.self)
    for (step, row) in rows.enumerated() {
      clock.step = step
      let g = theta.withUnsafeBufferPointer {
        Array(
          UnsafeBufferPointer(
            start: oracle.evaluate(at: $0.baseAddress!, draw: 0).gradient, count: theta.count))
      }
      for i in g.indices {
        m[i] = 0.9 * m[i] + 0.1 * g[i]
        v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i]
        theta[i] -= c * m[i] / (v[i].squareRoot() + 1e-8)
        #expect(abs(theta[i] - row.theta[i]) <= 1e-12, "step \(step), \(i)")
      }
      theta = row.theta
    }
  }

  // MARK: Estimates, forms, refusals

  /// DoG's is the largest distance from the start; those of the others are as their properties say.
  @Test func distancesAreReadable() throws {
    let start = LawFixtures.start(MethodFixtures.count, Double.self)
    let rows = Self.run(try Self.method("dog(initialDistance: 1e-3)"), steps: 50)
    var largest = 1e-3 * (1 + start.reduce(0) { $0 + $1 * $1 }.squareRoot())
    var before = start
    for row in rows {
      let r = zip(before, start).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
      largest = max(largest, r)
      #expect(relativeDifference(try #require(row.distance), largest) <= 1e-14)
      before = row.theta
    }
    for text in Self.texts {
      let name = text.prefix { $0 != "(" }
      let makesOne = [
        "dog", "dowg", "dAdaptSGD", "dAdaptAdam", "dAdaptLion", "prodigy", "mechanic", "trac",
      ]
      .contains(String(name))
      #expect((Self.run(try Self.method(text), steps: 3)[2].distance != nil) == makesOne, "\(text)")
    }
  }

  /// The distance of DoG is that of the points that are reached: at a rate that is held down it is less.
  @Test func theDistanceIsOfThePointsReached() throws {
    let alone = Self.run(try Self.method("dog(initialDistance: 1e-2)"), steps: 200)
    let held = Self.run(
      try Self.method("dog(initialDistance: 1e-2)").clamped(to: 0...1e-4), steps: 200)
    #expect(try #require(held.last?.distance) < 0.5 * (try #require(alone.last?.distance)))
  }

  /// A limit around a limit holds to both, whatever the order; the outer one has the last word.
  @Test(arguments: ["prodigy(initialDistance: 0.01)", "cocob()", "osgm(scalingRate: 0.5)"])
  func limitsNest(_ text: String) throws {
    let texts = [
      "\(text).clamped(to: 0...0.02).limitedGrowth(to: 1.1).frozen(after: 30)",
      "\(text).limitedGrowth(to: 1.1).frozen(after: 30).clamped(to: 0...0.02)",
    ]
    for text in texts {
      let rows = Self.taken(Self.run(try Self.method(text)))
      for (last, row) in zip(rows, rows.dropFirst()) where last.rate > 0 {
        #expect(row.rate <= 1.1 * last.rate && row.rate <= 0.02)
      }
      #expect(Set(rows.dropFirst(29).map(\.rate)).count == 1)
    }
  }

  /// A step that is skipped counts for nothing.
  @Test(arguments: ["dog(initialDistance: 1e-2)", "cocob()", "armijo(sgd, initial: 1)"])
  func skippedStepsDoNotCount(_ text: String) throws {
    func check<M: TrainingMethod<Double>>(_ made: M) {
      var method = made
      var theta = LawFixtures.start(MethodFixtures.count, Double.self)
      method.begin(at: theta)
      let clock = MethodFixtures.Clock()
      clock.fault = { $0 < 5 ? .nan : nil }
      var rates: [Double] = []
      var oracle = MethodFixtures.oracle(clock, Double.self)
      for step in 0..<20 {
        clock.step = step
        method.step(&theta, &oracle)
        rates.append(method.learningRate)
      }
      #expect(method.stepCounts.skipped >= 5)
      // Three rates of its own after the five, and the last of them from there on.
      #expect(Set(rates[7...]).count == 1 && rates[6] != rates[7], "\(text): \(rates)")
    }
    check(try Self.method(text).frozen(after: 3))
  }

  @Test func refusals() throws {
    func message(_ text: String) -> String {
      do {
        _ = try Catalogue.standard.method(text, for: Double.self)
        return "accepted"
      } catch { return "\(error)" }
    }
    let fds = Catalogue.standard.double.methods.first { $0.name == "fds" }!.texts[0]
    #expect(message("\(fds).frozen(after: 3)").contains("'fds' trains a whole run again and again"))
    #expect(message("dog().limitedGrowth(to: 0.9)").contains("at least 1"))
    #expect(message("dog().frozen(after: 0)").contains("in [1, "))
    #expect(message("dog().clamped(to: -1...1)").contains("finite and at least 0"))
    #expect(
      message("startUp(sgd, rate: constant(0.1)).clamped(to: 0...0)").contains("greater than 0"))
    #expect(message("dog().clamp(to: 0...1)").contains("clamped"))
  }

  @Test func limitsThatAreNoneStopTheProgram() async {
    await #expect(processExitsWith: .failure) { _ = DoG<Double>().limitedGrowth(to: 0.5) }
    await #expect(processExitsWith: .failure) { _ = DoG<Double>().frozen(after: 0) }
    await #expect(processExitsWith: .failure) { _ = DoG<Double>().clamped(to: -1...1) }
    await #expect(processExitsWith: .failure) {
      _ = DoG<Double>().clamped(to: 0...Double.infinity)
    }
  }
}
