internal import HypergradientRecipes

/// A controller for an optimizer of someone else's, which one can't open but whose rate can be set: the
/// direction is recovered from what it did.
///
///     η_t = controller(⟨u_{t−1}, g_t⟩, …)
///     θ_t = the other's step with g_t at η_t
///     u_t = (θ_{t−1} − θ_t) / η_t
///
/// Valid where u_t depends on no rate, neither its own nor one before it:
///
///     θ_t = θ_{t−1} − η_t · u_t(g_1 … g_t, θ_0 … θ_{t−1})
///
/// So for PyTorch's SGD with momentum (v ← μv + g, θ ← θ − ηv), RMSProp, Adam and decoupled decay; not
/// where the velocity contains the rate (v ← μv − ηg, θ ← θ + v: Keras, Sutskever et al. 2013), where
/// a line search or a trust ratio answers to the rate, or for methods that ask at several points.
/// ``ForeignOptimizer/fault(count:tolerance:step:)`` tries it.
///
/// In floating point u is recovered to about ε·‖θ‖/(η‖u‖) of its length, ε the unit roundoff: in Float a
/// rate whose steps change no more than the last digits of θ is not learned from. At a rate of zero
/// there is no direction to recover, and the next alignment is zero.
///
/// Its state can be coded between steps, and taken over by ``takeState(from:)``.
///
/// - Complexity: two vectors as long as the parameters, three with a trace; a step allocates nothing.
public struct Follower<Scalar: ParameterScalar>: Sendable {
  public internal(set) var controller: any LearningRateController
  public let parameterCount: Int
  /// Steps begun, but for those skipped because of a number that is not finite.
  public internal(set) var stepCount = 0
  /// θ_{t−1}, between ``rate(at:gradient:loss:passing:epoch:)`` and ``moved(to:)``.
  private var origin: [Scalar]
  var direction: [Scalar]
  var trace: [Scalar]
  var hasDirection = false
  var slope = 0.0
  /// Whether the other optimizer is to move.
  public internal(set) var isWaiting = false

  /// - Precondition: ``fault(of:)`` is `nil`, and the count is at least 1.
  public init(_ controller: any LearningRateController, parameterCount: Int) {
    if let fault = Self.fault(of: controller) { stop(fault) }
    require(parameterCount >= 1, "\(parameterCount) is not a count of parameters")
    self.controller = controller
    lastRate = controller.learningRate
    self.parameterCount = parameterCount
    origin = [Scalar](repeating: 0, count: parameterCount)
    direction = origin
    trace = controller.needs.containsTrace ? origin : []
  }

  /// Why a controller can't lead an optimizer from outside; `nil` where it can.
  public static func fault(of controller: any LearningRateController) -> String? {
    let requirements = controller.requirements
    if requirements.signals.containsNewDirection {
      return "the controller looks at the new direction, which is known only once it is taken"
    }
    if requirements.mayTakeBack {
      return
        "the controller may take back a step or restore parameters, the other optimizer's affair"
    }
    return nil
  }

  /// The rate that the last step was given; the initial one before the first.
  public var learningRate: Double { lastRate }
  var lastRate: Double

  /// The rate that the other optimizer is to be given for its next step; `nil` where it is to take
  /// none with this gradient: then ``moved(to:)`` is not called. Where a trainer takes no step all the
  /// same, as after an overflow of scaled gradients, it is not called either, and the next alignment is
  /// zero.
  ///
  /// - Parameters:
  ///   - theta: θ_{t−1}, before it moves.
  ///   - gradient: ∇f there.
  ///   - metric: `nil` of a trainer that has none, `.some(nil)` at a step that has none.
  /// - Precondition: the signals that the controller needs of the trainer are passed.
  public mutating func rate(
    at theta: UnsafeBufferPointer<Scalar>, gradient: UnsafeBufferPointer<Scalar>,
    loss: Double? = nil, passing metric: Double?? = nil, epoch: Double? = nil
  ) -> Double? {
    require(
      theta.count == parameterCount && gradient.count == parameterCount,
      "the follower was made for \(parameterCount) parameters")
    // A rate that was asked for and not used: g stands in the direction's place.
    if isWaiting { hasDirection = false }
    let needs = controller.needs
    var signals = StepSignals(step: stepCount, epoch: epoch, loss: loss)
    if let metric { signals.metric = metric }
    let g = gradient.baseAddress!
    direction.withUnsafeBufferPointer {
      signals.pass(
        needs, gradient: g, direction: hasDirection ? $0.baseAddress : nil, trace: trace,
        slope: slope, count: parameterCount)
    }
    guard case .step(let rate) = controller.decide(signals) else {
      let isFinite =
        (loss?.isFinite ?? true) && VectorLoops.isFinite(g, count: parameterCount)
      if isFinite { stepCount += 1 }
      return nil
    }
    lastRate = rate
    let count = parameterCount
    origin.withUnsafeMutableBufferPointer {
      $0.baseAddress!.update(from: theta.baseAddress!, count: count)
    }
    // ⟨u_t, g_t⟩ is asked for after the move: g is kept in the direction's place till then.
    direction.withUnsafeMutableBufferPointer { $0.baseAddress!.update(from: g, count: count) }
    stepCount += 1
    isWaiting = true
    return rate
  }

  /// Where the other optimizer has gone.
  ///
  /// - Precondition: ``rate(at:gradient:loss:passing:epoch:)`` comes before it.
  public mutating func moved(to theta: UnsafeBufferPointer<Scalar>) {
    require(
      theta.count == parameterCount, "the follower was made for \(parameterCount) parameters")
    require(isWaiting, "the optimizer has moved without having been given a rate")
    isWaiting = false
    let rate = Scalar.nearest(to: learningRate)
    guard rate != 0 else {
      hasDirection = false
      return
    }
    let decay = Scalar.nearest(to: hasDirection ? controller.requirements.traceDecay : 0)
    let count = parameterCount
    let readsSlope = controller.needs.contains(.previousDirectionAlignment)
    var slope = 0.0
    direction.withUnsafeMutableBufferPointer { direction in
      origin.withUnsafeMutableBufferPointer { origin in
        let (u, x) = (direction.baseAddress!, origin.baseAddress!)
        VectorLoops.direction(x, theta.baseAddress!, rate, count)
        if readsSlope { slope = VectorLoops.dot(UnsafePointer(u), UnsafePointer(x), count: count) }
        u.update(from: x, count: count)
      }
    }
    self.slope = slope
    if !trace.isEmpty {
      trace.withUnsafeMutableBufferPointer { trace in
        direction.withUnsafeBufferPointer {
          VectorLoops.decayAndAdd(trace.baseAddress!, decay, 1, $0.baseAddress!, count)
        }
      }
    }
    hasDirection = true
  }
}

/// Whether an optimizer's directions can be recovered from outside: see ``Follower``.
public enum ForeignOptimizer {
  /// Factors of the rate, a list for each trial; the second has another one at its first step, which
  /// tells the two faults apart.
  private static let trials: [[Double]] = [[1, 1, 1, 1], [0.25, 1, 4, 0.5], [1, 4, 0.25, 1]]

  /// Tries some steps at the same points with the same gradients and other rates: the directions
  /// (θ − θ′)/η must be the same.
  ///
  /// - Parameters:
  ///   - tolerance: of a direction's length; 1e-5 for an optimizer in Float.
  ///   - step: one step; its number in its trial, at 0 of which the optimizer is to be a new one, the
  ///     parameters, the gradient and the rate. Returns false to give up.
  /// - Returns: what differs; `nil` where the directions can be recovered.
  public static func fault(
    count: Int, tolerance: Double = 1e-5,
    step: (_ number: Int, _ parameters: inout [Double], _ gradient: [Double], _ rate: Double) ->
      Bool
  ) -> String? {
    require(count >= 1, "\(count) is not a count of parameters")
    var first: [[Double]] = []
    for trial in trials {
      for (number, factor) in trial.enumerated() {
        let rate = 0.0625 * factor
        let start = (0..<count).map { 0.125 * scattered($0, number, 1) }
        let gradient = (0..<count).map { scattered($0, number, 2) + 0.5 }
        var theta = start
        guard step(number, &theta, gradient, rate) else { return "it gave up at step \(number)" }
        guard theta.count == count else {
          return "it has \(theta.count) parameters after step \(number), not \(count)"
        }
        let u = zip(start, theta).map { ($0 - $1) / rate }
        guard u.allSatisfy(\.isFinite) else { return "its step \(number) is not finite" }
        guard first.count > number else {
          first.append(u)
          continue
        }
        let length = root(first[number])
        let difference = root(zip(first[number], u).map { $0 - $1 })
        if difference > tolerance * length {
          let part = difference / length
          let cause =
            number == 0
            ? "its step is not proportional to the rate that it is given"
            : "a direction depends on rates of other steps: its velocity contains the rate"
          return
            "\(cause) (step \(number) differs by \(short((1e4 * part).rounded() / 1e4)) of its length)"
        }
      }
    }
    return nil
  }

  private static func root(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  /// Numbers in −1…1 that look like none in particular, the same ever again.
  private static func scattered(_ i: Int, _ step: Int, _ kind: Int) -> Double {
    let n = (i &* 7919 &+ step &* 104_729 &+ kind &* 1_299_709 &+ 12_345) &* 2_654_435_761
    return Double((n >> 8) & 1023) / 511.5 - 1
  }
}
