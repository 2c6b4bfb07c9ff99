internal import Hypergradient
internal import HypergradientCatalogue
internal import Testing

/// Steps of parameters in several parts, by the sums over all of them.
@Suite struct StepSumsTests {
  private static let lengths = [5, 0, 20, 12]
  private static let count = 37

  /// One step of all parts.
  private static func step<S: ParameterScalar>(
    _ parts: inout [AnyOptimizer<S>], _ lengths: [Int], _ theta: inout [S], _ g: [S], _ loss: Double
  ) -> [StepDecision] {
    theta.withUnsafeMutableBufferPointer { theta in
      g.withUnsafeBufferPointer { g in
        var (ranges, start) = ([Range<Int>](), 0)
        for length in lengths {
          ranges.append(start..<(start + length))
          start += length
        }
        func at(_ k: Int) -> (UnsafeMutableBufferPointer<S>, UnsafeBufferPointer<S>) {
          (
            UnsafeMutableBufferPointer(rebasing: theta[ranges[k]]),
            UnsafeBufferPointer(rebasing: g[ranges[k]])
          )
        }
        var all = StepSums()
        for k in parts.indices { all = all + parts[k].sums(at(k).0, gradient: at(k).1) }
        if parts[0].looksAhead {
          var new = StepSums()
          for k in parts.indices {
            new = new + parts[k].makeDirection(at(k).0, gradient: at(k).1, all: all, loss: loss)
          }
          all = all + new
        }
        return parts.indices.map {
          parts[$0].step(
            at($0).0, gradient: at($0).1, all: all, loss: loss, passing: .some(loss), epoch: 0)
        }
      }
    }
  }

  /// Every rule under one controller of each kind, every controller under one rule: all parts decide the
  /// same; one part has the bits of the optimizer; several have its rates to rounding.
  static let texts =
    LawFixtures.rules.map { "\($0) + hypergradient(initial: 1e-3, hyperLearningRate: 1e-9)" }
    + LawFixtures.controllers.map { "adam + \($0)" }

  @Test(arguments: texts) func partsAreTheWhole(_ text: String) throws {
    var whole = try AnyOptimizer<Double>(text, parameterCount: Self.count)
    guard whole.faultInParts == nil else { return }
    var one = [whole]
    var four = try Self.lengths.map { try AnyOptimizer<Double>(text, parameterCount: $0) }
    var theta: [Double] = LawFixtures.start(Self.count)
    var (single, parted) = (theta, theta)
    for step in 0..<12 {
      let loss = LawFixtures.objective(theta, penalty: 0)
      let decision = whole.step(
        &theta, gradient: LawFixtures.gradient(theta), loss: loss, metric: loss, epoch: 0)
      let alone = Self.step(
        &one, [Self.count], &single, LawFixtures.gradient(single),
        LawFixtures.objective(single, penalty: 0))
      #expect(alone == [decision], "step \(step)")
      // A run that is lost is lost to the same bits.
      #expect(single.map { CodedDouble($0) } == theta.map { CodedDouble($0) }, "step \(step)")
      let decisions = Self.step(
        &four, Self.lengths, &parted, LawFixtures.gradient(parted),
        LawFixtures.objective(parted, penalty: 0))
      #expect(decisions.allSatisfy { $0 == decisions[0] }, "step \(step): \(decisions)")
      let (rate, expected) = (four[2].learningRate, whole.learningRate)
      #expect(abs(rate - expected) <= 1e-9 * abs(expected), "step \(step): \(rate), \(expected)")
    }
  }

  /// A rule that looks at the whole gradient says so.
  @Test(arguments: [
    ("adam", false), ("autostep(initialRate: 0.1)", true), ("adam.guarded()", true),
    ("clipByNorm(1).then(adam)", false),
  ]) func aRuleThatNeedsAllSaysSo(_ rule: String, _ needsAll: Bool) throws {
    let optimizer = try AnyOptimizer<Double>("\(rule) + constant(0.1)", parameterCount: 2)
    #expect((optimizer.faultInParts != nil) == needsAll)
  }

  @Test func whatATrainerDoesNotPassIsSaid() throws {
    let optimizer = try AnyOptimizer<Double>("sgd + polyak(maximum: 1)", parameterCount: 2)
    #expect(optimizer.fault(loss: nil, passing: nil, epoch: nil) == .missing(.loss))
    #expect(optimizer.fault(loss: 1, passing: nil, epoch: nil) == nil)
    let plateau = try AnyOptimizer<Double>(
      "sgd + plateau(initial: 1, reduce: by(0.5, after: 1), watching: metric)", parameterCount: 2)
    #expect(plateau.fault(loss: 1, passing: nil, epoch: nil) == .missing(.metric))
    #expect(plateau.fault(loss: 1, passing: .some(nil), epoch: nil) == nil)
    var ending = try AnyOptimizer<Double>(
      "sgd + scheduled(linear(from: 1, to: 0, over: 2, past: error))", parameterCount: 1)
    var theta = [1.0]
    for _ in 0..<3 {
      #expect(ending.fault(loss: nil, passing: nil, epoch: nil) == nil)
      ending.step(&theta, gradient: [1])
    }
    guard case .ended = ending.fault(loss: nil, passing: nil, epoch: nil) else {
      Issue.record("the schedule has ended")
      return
    }
  }
}
