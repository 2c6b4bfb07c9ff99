public import Hypergradient
public import HypergradientRecipes
internal import PortableMath

/// The learning-rate range test: a step at each rate from a smallest to a largest one, and what the
/// loss makes of them.
///
///     η_i = from·(to/from)^(i/(n−1))      exponential        i = 0, …, n − 1
///     η_i = from + (to − from)·i/(n−1)    linear
///
/// The loss that belongs to η_i is the one *after* the step at η_i: the next step's, or a last one
/// that is asked for alone. So n rates cost n + 1 gradients, and the largest rate that improved the
/// loss is the one at the minimum, not the one before. (Other libraries pair a rate with the loss
/// before its step.) With minibatches, each loss is that of the next batch.
///
/// ```swift
/// let test = try RateRangeTest(from: 1e-4, to: 10, count: 60)
/// let oracle = FunctionOracle<Double>(parameterCount: 1, isDeterministic: true) { x, gradient, _ in
///   gradient[0] = x[0]
///   return x[0] * x[0] / 2
/// }
/// let curve = test.curve(of: GradientDescent<Double>(), at: [4], on: oracle)
/// print(curve.suggestion(.largest))  // the last rate below 2
/// ```
///
/// It works on copies: parameters, optimizer and oracle stay as they were. An oracle that is a class,
/// or whose function keeps something elsewhere, changes as if it was asked n + 1 times.
///
/// On a quadratic with largest eigenvalue λ, gradient descent is stable up to 2/λ. No rate below it
/// makes the loss rise, so that ``RateSuggestion/largest`` is never below the last rate of the test
/// under 2/λ. Where all curvatures are λ, it is that rate. Otherwise the steps near 1/λ have made the
/// part along λ small before it begins to grow, and the rise shows late: with rates that are close,
/// that part is back at its first size at the rate X/λ with
///
///     ∫₀^X ln|1 − x| / x dx = 0,    X = 12.595
///
/// however many rates there are. So the delay is at most a factor X/2 = 6.3 where the loss has been
/// below that first size by then, and hardly more where it has not, since growth is fast there. A
/// rate that hits 1/λ almost exactly removes that part, and delays more; the default ones, nine
/// decades in a hundred ratios, keep away from powers of ten.
///
/// > Source: L. N. Smith, Cyclical Learning Rates for Training Neural Networks (2017), section 3.3.
public struct RateRangeTest: Sendable, Equatable {
  /// How the rates lie between the smallest and the largest.
  public enum Spacing: String, Sendable, Codable, CaseIterable { case exponential, linear }

  public let smallest, largest: Double
  /// Rates, at least 2.
  public let count: Int
  public let spacing: Spacing
  /// β of the averages, in [0, 1); `nil` to choose it from the noise. See ``RateCurve``.
  public let smoothing: Double?

  /// - Throws: ``Refusal`` for a range that is empty or reversed, for fewer than 2 rates, a smallest
  ///   rate that is not above 0, and for a smoothing that is not in [0, 1).
  public init(
    from smallest: Double = 1e-7, to largest: Double = 100, count: Int = 101,
    spacing: Spacing = .exponential, smoothing: Double? = nil
  ) throws(Refusal) {
    guard smallest.isFinite, smallest > 0 else {
      throw Refusal("the smallest rate is \(smallest), not a number above 0")
    }
    guard largest.isFinite else {
      throw Refusal("the largest rate is \(largest), not a finite number")
    }
    guard smallest != largest else {
      throw Refusal("the range from \(smallest) to \(largest) is empty: give two different rates")
    }
    guard smallest < largest else {
      throw Refusal(
        "the range from \(smallest) to \(largest) is reversed: the smallest rate comes first")
    }
    guard count >= 2 else { throw Refusal("\(count) rates make no range: give at least 2") }
    if let smoothing, !(smoothing >= 0 && smoothing < 1) {
      throw Refusal("the smoothing is \(smoothing), not in [0, 1)")
    }
    self.smallest = smallest
    self.largest = largest
    self.count = count
    self.spacing = spacing
    self.smoothing = smoothing
  }

  /// η_0, …, η_{n−1}; the ends are exact.
  public var rates: [Double] {
    (0..<count).map { i in
      if i == 0 { return smallest }
      if i == count - 1 { return largest }
      let share = Double(i) / Double(count - 1)
      return switch spacing {
      case .linear: smallest + (largest - smallest) * share
      case .exponential:
        smallest * Portable.exp(share * (Portable.log(largest) - Portable.log(smallest)))
      }
    }
  }

  /// The curve of a rule from its start.
  ///
  /// - Parameters: as those of ``curve(of:at:on:beginStep:heldOut:)-(AnyOptimizer<_>,_,_,_,_)``.
  public func curve<Rule: UpdateRule, O: Oracle<Rule.Scalar>>(
    of rule: Rule, minimizing objective: Objective = .plain, at parameters: [Rule.Scalar],
    on oracle: O,
    beginStep: (_ step: Int, _ oracle: inout O) -> Void = { _, _ in },
    heldOut: ((UnsafeBufferPointer<Rule.Scalar>) -> RateCurve.HeldOut?)? = nil
  ) -> RateCurve {
    curve(
      of: AnyOptimizer(rule, ConstantRate(0), on: objective, parameterCount: parameters.count),
      at: parameters, on: oracle, beginStep: beginStep, heldOut: heldOut)
  }

  /// The curve of an optimizer's rule as it is now, state and all, on its objective.
  ///
  /// - Parameters:
  ///   - optimizer: its controller is not asked.
  ///   - parameters: where the first step begins.
  ///   - oracle: asked for a gradient and its loss at draw 0, n + 1 times at most.
  ///   - beginStep: sets the oracle to a step, from 0 to n, where it has to be told.
  ///   - heldOut: scores of parameters on data that no gradient sees.
  /// - Precondition: as many parameters as the oracle and the optimizer have.
  public func curve<O: Oracle>(
    of optimizer: AnyOptimizer<O.Scalar>, at parameters: [O.Scalar], on oracle: O,
    beginStep: (_ step: Int, _ oracle: inout O) -> Void = { _, _ in },
    heldOut: ((UnsafeBufferPointer<O.Scalar>) -> RateCurve.HeldOut?)? = nil
  ) -> RateCurve {
    require(
      parameters.count == oracle.parameterCount,
      "the oracle has \(oracle.parameterCount) parameters, and was given \(parameters.count)")
    var walk = Walk(optimizer.under(ConstantRate(0)), parameters, oracle)
    let rates = rates
    beginStep(0, &walk.oracle)
    var curve = walk.firstCurve(of: self, heldOut)
    for (index, rate) in rates.enumerated() where curve.end == nil {
      walk.step(at: rate)
      beginStep(index + 1, &walk.oracle)
      walk.observe(rate, &curve, heldOut)
    }
    curve.finish()
    return curve
  }

  /// Copies that walk up the rates.
  private struct Walk<O: Oracle> {
    var optimizer: AnyOptimizer<O.Scalar>
    var theta: [O.Scalar]
    var oracle: O
    private var gradient: [O.Scalar]
    private var loss = Double.nan

    init(_ optimizer: AnyOptimizer<O.Scalar>, _ theta: [O.Scalar], _ oracle: O) {
      self.optimizer = optimizer
      self.theta = theta
      self.oracle = oracle
      gradient = [O.Scalar](repeating: 0, count: theta.count)
    }

    /// Asks for the loss and the gradient at θ; the loss as the objective has it.
    private mutating func ask() -> Double {
      theta.withUnsafeBufferPointer { point in
        let (f, g) = oracle.evaluate(at: point.baseAddress!, draw: 0)
        gradient.withUnsafeMutableBufferPointer { copy in
          copy.baseAddress!.update(from: g, count: copy.count)
        }
        loss = f
      }
      return optimizer.objective.maximizes ? -loss : loss
    }

    mutating func firstCurve(
      of test: RateRangeTest, _ heldOut: ((UnsafeBufferPointer<O.Scalar>) -> RateCurve.HeldOut?)?
    ) -> RateCurve {
      let loss = ask()
      return RateCurve(
        initialLoss: loss, planned: test.count, isNoiseless: oracle.isDeterministic,
        smoothing: test.smoothing, unit: Double(O.Scalar.ulpOfOne),
        heldOut: theta.withUnsafeBufferPointer { heldOut?($0) })
    }

    mutating func step(at rate: Double) {
      optimizer.controller(as: ConstantRate.self) { $0.project(learningRate: rate) }
      theta.withUnsafeMutableBufferPointer { theta in
        gradient.withUnsafeBufferPointer { gradient in
          _ = optimizer.step(
            theta, gradient: gradient, loss: loss, metric: oracle.metric, epoch: oracle.epoch)
        }
      }
    }

    mutating func observe(
      _ rate: Double, _ curve: inout RateCurve,
      _ heldOut: ((UnsafeBufferPointer<O.Scalar>) -> RateCurve.HeldOut?)?
    ) {
      let loss = ask()
      let score = loss.isFinite ? theta.withUnsafeBufferPointer { heldOut?($0) } : nil
      curve.add(rate: rate, loss: loss, heldOut: score)
    }
  }
}
