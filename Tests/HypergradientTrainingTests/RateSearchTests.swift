import HypergradientRecipes
import HypergradientTraining
import PortableMath
import Testing

@Suite struct RateSearchTests {
  /// Gradient descent on ½λx² for each seed its λ, run step by step, and a record of what was asked.
  private struct Runs {
    var lambda: (RateSearch.Part, Int) -> Double
    private var points: [String: (step: Int, x: Double)] = [:]
    private(set) var orders: [RateSearch.Order] = []
    private(set) var gradients = 0

    init(_ lambda: @escaping (RateSearch.Part, Int) -> Double) { self.lambda = lambda }

    /// In any order: the reports are in that of the orders.
    mutating func carryOut(_ orders: [RateSearch.Order], reversed: Bool) -> [RateSearch.Report] {
      var reports = [RateSearch.Report?](repeating: nil, count: orders.count)
      for place in reversed ? Array(orders.indices.reversed()) : Array(orders.indices) {
        let order = orders[place]
        self.orders.append(order)
        let name = "\(order.part) \(order.exponent) \(order.seed)"
        var (step, x) = points[name] ?? (0, 1)
        #expect(step == order.from, "a run is continued from where it is, and begun once")
        #expect(order.to > order.from)
        let lambda = lambda(order.part, order.seed)
        let first = lambda / 2
        var paid = 0
        while step < order.to {
          if (x * x).isFinite {
            x -= order.rate * lambda * x
            paid += 1
          }
          step += 1
        }
        points[name] = (step, x)
        gradients += paid
        reports[place] = RateSearch.Report(
          initialLoss: first, loss: lambda / 2 * x * x, gradients: paid)
      }
      return reports.map { $0! }
    }
  }

  /// On a quadratic the loss is unimodal in the rate, and the best rate is 1/λ.
  @Test(arguments: [1.0, 3, 17, 450, 1e5], [5, 40, 333])
  func findsTheBestOfTheGrid(_ lambda: Double, _ steps: Int) throws {
    let search = try RateSearch(seeds: [1, 2], finest: 1.2)
    var runs = Runs { _, _ in lambda }
    let result = search.run(steps: steps) { runs.carryOut($0, reversed: false) }
    #expect(result.ending == .finest || result.ending == .noise)
    func loss(_ exponent: Double) -> Double {
      var x = 1.0
      for _ in 0..<steps { x -= Portable.pow(10, exponent) * lambda * x }
      return x * x
    }
    // All rates at the last spacing.
    let count = Int(7 / result.spacing)
    let grid = (0...count).map { -7 + Double($0) * result.spacing }
    let least = grid.map(loss).min()!
    let best = try #require(result.bestExponent)
    #expect(loss(best) == least)
    #expect(result.best == Portable.pow(10, best))
    #expect(result.gradients == runs.gradients)
    #expect(result.gridGradients == (count + 1) * 2 * steps)
    #expect(result.gradients < result.gridGradients / 2)
    for entry in result.entries where entry.isFinished { #expect(entry.rungs.last?.step == steps) }
  }

  @Test func theOrderOfWorkChangesNothing() throws {
    let search = try RateSearch(seeds: [3, 5, 9])
    func result(_ reversed: Bool) -> RateSearchResult {
      var runs = Runs { part, seed in part == .subset ? 2 : 1 + Double(seed) / 10 }
      return search.run(steps: 64, subsetSteps: 16) { runs.carryOut($0, reversed: reversed) }
    }
    #expect(result(true) == result(false))
  }

  /// With a subset, the coarse part is run on it, and everything finer on all data, from the start.
  @Test func theSubsetComesFirst() throws {
    let search = try RateSearch(seeds: [1, 2, 3])
    var runs = Runs { part, _ in part == .subset ? 30 : 40 }
    let result = search.run(steps: 80, subsetSteps: 8) { runs.carryOut($0, reversed: false) }
    let coarse = runs.orders.filter { $0.part == .subset }
    #expect(Set(coarse.map(\.exponent)) == Set((-7...0).map { Double($0) }))
    #expect(coarse.allSatisfy { $0.to <= 8 })
    let fine = runs.orders.filter { $0.part == .whole }
    #expect(fine.count < runs.orders.count && fine.contains { $0.exponent == -2 && $0.from == 0 })
    #expect(result.entries.filter { $0.part == .whole }.allSatisfy { abs($0.exponent + 2) <= 1 })
    #expect(abs(try #require(result.best) * 40 - 1) < 0.3)
  }

  /// Losses of which a part depends on the seed and the rate alone.
  private func noisy(_ noise: Double, _ orders: [RateSearch.Order]) -> [RateSearch.Report] {
    orders.map { order in
      var stream = RandomStream(RandomKey("search", order.seed, Int(order.exponent * 1024)))
      let distance = order.exponent + 2.1
      let loss = 1 + distance * distance * 0.1 / (1 + distance * distance)
      return RateSearch.Report(
        initialLoss: 10, loss: loss + noise * stream.normal(), gradients: order.to - order.from)
    }
  }

  /// Finer than the noise is not searched: the more noise, the coarser the end.
  @Test func stopsAtTheNoise() throws {
    let search = try RateSearch(seeds: Array(1...8), finest: 1.01)
    var spacings: [Double] = []
    for noise in [0, 1e-4, 1e-3, 1e-2, 1e-1] {
      let result = search.run(steps: 10) { noisy(noise, $0) }
      spacings.append(result.spacing)
      #expect(result.ending == (noise == 0 ? .finest : .noise), "\(noise)")
      if result.ending == .noise {
        #expect(!result.neighbours.isEmpty)
        for neighbour in result.neighbours {
          #expect(neighbour.difference <= neighbour.noise && neighbour.fate != .diverged)
          #expect(neighbour.fate != .finished || neighbour.difference >= 0)
        }
      }
    }
    #expect(spacings == spacings.sorted(), "\(spacings)")
    #expect(spacings.first! < spacings.last!)
    // One seed has no noise to speak of.
    let single = try RateSearch(seeds: [1], finest: 1.2).run(steps: 10) { noisy(0.1, $0) }
    #expect(single.ending == .finest && single.neighbours.allSatisfy { $0.noise.isNaN })
  }

  /// A neighbour that diverges, or was dropped for more than the noise, differs by more than the noise,
  /// whatever the other one does.
  @Test(arguments: [true, false]) func oneNeighbourIsNotBoth(_ diverges: Bool) throws {
    let search = try RateSearch(lowest: -4, highest: 0, seeds: Array(1...8), finest: 1.1)
    // Below 0.1 a hundredth higher, with noise of a half; above it much higher, or lost.
    let result = search.run(steps: 16) { orders in
      orders.map { order in
        let noise = order.seed % 2 == 0 ? 0.5 : -0.5
        let loss =
          order.exponent == -1
          ? 1 : order.exponent < -1 ? 1.01 + noise : diverges ? Double.nan : 5 + noise
        return RateSearch.Report(
          initialLoss: 10, loss: loss, gradients: order.to - order.from)
      }
    }
    #expect(result.bestExponent == -1 && result.ending == .finest)
    #expect(result.neighbours.count == 2)
    for neighbour in result.neighbours {
      let isAbove = neighbour.rate > 0.1
      #expect((neighbour.difference > 3) == isAbove)
      #expect((neighbour.difference <= neighbour.noise) == !isAbove)
      #expect((neighbour.fate == .diverged) == (isAbove && diverges))
      #expect(!diverges || !isAbove || neighbour.step == 2)
    }
  }

  /// The best rate of the subset diverges on everything: smaller ones follow.
  @Test(arguments: [-1.0, -3, -4, -5]) func theSubsetsBestMayDiverge(_ largest: Double) throws {
    let search = try RateSearch(lowest: -4, highest: 0, seeds: [1, 2])
    let result = search.run(steps: 16, subsetSteps: 8) { orders in
      orders.map { order in
        let isLost = order.part == .whole && order.exponent > largest
        return RateSearch.Report(
          initialLoss: 10, loss: isLost ? .infinity : 1 - order.exponent,
          gradients: order.to - order.from)
      }
    }
    if largest < -4 {
      #expect(result.ending == .allDiverge && result.best == nil)
      #expect(result.entries.count { $0.part == .whole } == 5)
    } else {
      #expect(result.bestExponent == largest && result.ending == .finest)
    }
    #expect(result.isAtEnd == (largest == -4))
  }

  @Test(arguments: [Double.nan, .infinity, 1e300])
  func everyRateMayDiverge(_ loss: Double) throws {
    for subset in [nil, 4] {
      var asked = 0
      let result = try RateSearch().run(steps: 64, subsetSteps: subset) { orders in
        asked += orders.count
        return orders.map { _ in RateSearch.Report(initialLoss: 1, loss: loss, gradients: 8) }
      }
      #expect(result.ending == .allDiverge && result.best == nil && result.bestExponent == nil)
      #expect(asked == 24, "nothing goes on")
      #expect(result.entries.allSatisfy { $0.fate == .diverged && $0.rungs.count == 1 })
    }
  }

  /// All that are best until the middle of the run are lost then: the best that lagged goes on.
  @Test func theBestOfThoseThatLaggedGoesOn() throws {
    let search = try RateSearch(lowest: -7, highest: 0, seeds: [1, 2], finest: 3)
    var isContinued = false
    let result = search.run(steps: 80) { orders in
      orders.map { order in
        // Faster is better until step 20; then rates from 10⁻⁵ on diverge.
        let isLost = order.to > 20 && order.exponent > -5
        if order.exponent < -4, order.from > 0 { isContinued = true }
        return RateSearch.Report(
          initialLoss: 1, loss: isLost ? .infinity : 1 - 1e-3 * (order.exponent + 8), gradients: 1)
      }
    }
    #expect(isContinued)
    let best = try #require(result.best)
    #expect(best >= 0.9e-5 && best < 1e-4, "\(best)")
    #expect(result.ending != .allDiverge)
  }

  /// Of four rates three go on, of which the last is the best in the end.
  @Test func theBestThreeGoOn() throws {
    let search = try RateSearch(lowest: -3, highest: 0, seeds: [1], finest: 9)
    let result = search.run(steps: 80) { orders in
      orders.map { order in
        // Smaller rates are behind until step 10.
        let late = order.to > 10 && order.exponent == -2
        return RateSearch.Report(
          initialLoss: 10, loss: late ? 0 : 1 - order.exponent, gradients: 1)
      }
    }
    #expect(result.bestExponent == -2)
    #expect(result.entries.first { $0.exponent == -3 }?.rungs.count == 1)
  }

  @Test func oneSeedThatDivergesDropsTheRate() throws {
    let result = try RateSearch(seeds: [1, 2], finest: 5).run(steps: 8) { orders in
      orders.map { order in
        let isLost = order.seed == 2 && order.rate > 0.05
        return RateSearch.Report(
          initialLoss: 1, loss: isLost ? .nan : 1 - order.rate, gradients: order.to - order.from)
      }
    }
    #expect(result.best.map { $0 < 0.05 } == true)
    #expect(result.entries.first { $0.exponent == 0 }?.fate == .diverged)
  }

  @Test func saysWhereTheRangeEnds() throws {
    func result(_ best: Double) throws -> RateSearchResult {
      try RateSearch(lowest: -3, highest: 0).run(steps: 4) { orders in
        orders.map { order in
          RateSearch.Report(
            initialLoss: 100, loss: (order.exponent - best) * (order.exponent - best),
            gradients: order.to - order.from)
        }
      }
    }
    #expect(try result(-9).isAtEnd && result(5).isAtEnd)
    #expect(try !result(-1.5).isAtEnd)
    #expect(try result(5).best == 1)
  }

  @Test func refusesWhatIsNoSearch() {
    func message(_ make: () throws(Refusal) -> RateSearch) -> String? {
      do {
        _ = try make()
        return nil
      } catch { return error.description }
    }
    #expect(
      message { () throws(Refusal) in try RateSearch(lowest: 0, highest: -1) }?.contains("reversed")
        == true)
    #expect(message { () throws(Refusal) in try RateSearch(lowest: -90) }?.contains("1e30") == true)
    #expect(
      message { () throws(Refusal) in try RateSearch(seeds: []) }?.contains("no seed") == true)
    #expect(
      message { () throws(Refusal) in try RateSearch(seeds: [1, 1]) }?.contains("twice") == true)
    #expect(
      message { () throws(Refusal) in try RateSearch(finest: 1) }?.contains("above 1") == true)
  }
}
