internal import HypergradientRecipes

/// What a training method may ask of the objective, at any point it likes.
///
/// Every answer is counted. Randomness is keyed by (step, draw): within one step, the same `draw`
/// is the same minibatch or the same noise, at whatever point it is asked; another `draw` is
/// independent of it. Draw 0 is the one that a plain optimizer would see at this step.
public protocol Oracle<Scalar> {
  associatedtype Scalar: ParameterScalar

  var parameterCount: Int { get }

  /// f and ∇f at `point`.
  ///
  /// - Returns: the loss, and the gradient, which is valid until the next question.
  mutating func evaluate(
    at point: UnsafePointer<Scalar>, draw: Int
  ) -> (loss: Double, gradient: UnsafePointer<Scalar>)

  /// f at `point`.
  mutating func loss(at point: UnsafePointer<Scalar>, draw: Int) -> Double

  /// ∇²f(point)·v.
  ///
  /// - Returns: the product, valid until the next question.
  mutating func hessianVectorProduct(
    at point: UnsafePointer<Scalar>, _ vector: UnsafePointer<Scalar>, draw: Int
  ) -> UnsafePointer<Scalar>

  /// The rate that a step is to apply where the method wants `rate`: the same, unless a
  /// ``RateLimited`` around the method holds it. A method whose next points are not made of the
  /// parameters alone (averages, sums of its own) asks, once a step and group, before it moves; the
  /// move of one that does not ask is scaled. It is no question about the objective.
  mutating func heldRate(_ rate: Double, of group: Int) -> Double

  /// Whether every draw and every step gives the same answer at a point: what was asked at a trial
  /// may then serve the next step.
  var isDeterministic: Bool { get }

  /// What is known of the run as a whole.
  var run: RunFacts { get }

  /// Epochs begun before this step, a fraction inside one; `nil` without epochs.
  var epoch: Double? { get }

  /// A validation metric, at the steps that have one.
  var metric: Double? { get }

  /// Whether some steps have a metric: a controller that waits for one says at the first step that
  /// there is none.
  var hasMetric: Bool { get }
}

extension Oracle {
  public mutating func heldRate(_ rate: Double, of group: Int) -> Double { rate }
  public var isDeterministic: Bool { false }
  public var run: RunFacts { RunFacts() }
  public var epoch: Double? { nil }
  public var metric: Double? { nil }
  public var hasMetric: Bool { false }

  /// f and ∇f on the step's own draw; `nil` where an element of ∇f is not finite, as of a step that is
  /// to be left out.
  mutating func finiteGradient(
    at point: UnsafePointer<Scalar>
  ) -> (loss: Double, gradient: UnsafePointer<Scalar>)? {
    let answer = evaluate(at: point, draw: 0)
    return VectorLoops.isFinite(answer.gradient, count: parameterCount) ? answer : nil
  }

  /// The metric as an optimizer is told it: `nil` where no step has one.
  var passedMetric: Double?? { hasMetric ? .some(metric) : nil }
}

/// What is known of a run before it begins, for a method that draws random numbers of its own or knows
/// its end.
public struct RunFacts: Sendable, Equatable {
  /// Names the run's draws; at least 0.
  public var seed: Int
  /// T, the gradients that the run may pay; `nil` where nobody says.
  public var steps: Int?

  public init(seed: Int = 0, steps: Int? = nil) {
    self.seed = seed
    self.steps = steps
  }
}

/// How often an oracle was asked.
public struct EvaluationCounts: Sendable, Codable, Equatable {
  /// Loss and gradient together.
  public var gradients = 0
  /// The loss alone.
  public var losses = 0
  public var hessianVectorProducts = 0

  public init(gradients: Int = 0, losses: Int = 0, hessianVectorProducts: Int = 0) {
    self.gradients = gradients
    self.losses = losses
    self.hessianVectorProducts = hessianVectorProducts
  }

  /// What they cost, in thirds of a gradient: a loss alone is one, a Hessian-vector product, a
  /// central difference of gradients, six.
  public var thirds: Int { 3 * gradients + losses + 6 * hessianVectorProducts }
}

/// An oracle of a function that writes a gradient and returns a loss.
///
/// A loss alone is taken from the same function. A Hessian-vector product is a central difference of
/// two gradients along v, with step ε = ∛u·(1 + ‖x‖)/‖v‖, u the unit roundoff: about ten correct
/// digits in Double.
public struct FunctionOracle<Scalar: ParameterScalar>: Oracle {
  /// Writes ∇f(point) of a draw, and returns f.
  public typealias Function = (
    _ point: UnsafeBufferPointer<Scalar>, _ gradient: UnsafeMutableBufferPointer<Scalar>,
    _ draw: Int
  ) -> Double

  public let parameterCount: Int
  public let isDeterministic: Bool
  public private(set) var counts = EvaluationCounts()
  public var epoch: Double?
  /// Set at the steps that have one, to `nil` at the others.
  public var metric: Double? { didSet { hasMetric = true } }
  public private(set) var hasMetric = false
  private let function: Function
  private let storage: Storage

  /// - Parameter isDeterministic: that the function depends on nothing but the point.
  /// - Precondition: `parameterCount` is at least 1.
  public init(
    parameterCount: Int, isDeterministic: Bool = false, _ function: @escaping Function
  ) {
    require(parameterCount >= 1, "parameterCount is \(parameterCount), not at least 1")
    self.isDeterministic = isDeterministic
    self.parameterCount = parameterCount
    self.function = function
    storage = Storage(count: parameterCount)
  }

  public mutating func evaluate(
    at point: UnsafePointer<Scalar>, draw: Int
  ) -> (loss: Double, gradient: UnsafePointer<Scalar>) {
    counts.gradients += 1
    return (write(storage.gradient, at: point, draw), UnsafePointer(storage.gradient))
  }

  public mutating func loss(at point: UnsafePointer<Scalar>, draw: Int) -> Double {
    counts.losses += 1
    return write(storage.gradient, at: point, draw)
  }

  public mutating func hessianVectorProduct(
    at point: UnsafePointer<Scalar>, _ vector: UnsafePointer<Scalar>, draw: Int
  ) -> UnsafePointer<Scalar> {
    counts.hessianVectorProducts += 1
    let (above, below) = (storage.gradient, storage.second)
    CentralDifference.product(
      at: point, along: vector, count: parameterCount, moved: storage.moved, above: above,
      below: below
    ) { point, gradient in _ = write(gradient, at: point, draw) }
    return UnsafePointer(above)
  }

  private func write(
    _ gradient: UnsafeMutablePointer<Scalar>, at point: UnsafePointer<Scalar>, _ draw: Int
  ) -> Double {
    function(
      UnsafeBufferPointer(start: point, count: parameterCount),
      UnsafeMutableBufferPointer(start: gradient, count: parameterCount), draw)
  }

  private final class Storage {
    let gradient: UnsafeMutablePointer<Scalar>
    let second: UnsafeMutablePointer<Scalar>
    let moved: UnsafeMutablePointer<Scalar>

    init(count: Int) {
      gradient = .allocate(capacity: 3 * count)
      gradient.initialize(repeating: 0, count: 3 * count)
      second = gradient + count
      moved = second + count
    }

    deinit { gradient.deallocate() }
  }
}

/// ∇²f(x)·v ≈ (∇f(x + εv) − ∇f(x − εv)) / 2ε.
public enum CentralDifference {
  /// Writes the product over `above`.
  ///
  /// - Parameters:
  ///   - moved: scratch, `count` elements.
  ///   - gradient: writes ∇f of a point.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func product<Scalar: ParameterScalar>(
    at x: UnsafePointer<Scalar>, along v: UnsafePointer<Scalar>, count: Int,
    moved: UnsafeMutablePointer<Scalar>, above: UnsafeMutablePointer<Scalar>,
    below: UnsafeMutablePointer<Scalar>,
    gradient: (UnsafePointer<Scalar>, UnsafeMutablePointer<Scalar>) -> Void
  ) {
    let length = VectorLoops.norm(v, count: count)
    guard length > 0, length.isFinite else {
      for i in 0..<count { above[i] = length == 0 ? 0 : .nan }
      return
    }
    let size = VectorLoops.norm(x, count: count)
    let cubeRoot = Scalar.self == Float.self ? 0x1p-8 : 0x1p-18
    let epsilon = cubeRoot * (1 + size) / length
    let step = Scalar.nearest(to: epsilon)
    for i in 0..<count { moved[i] = x[i] + step * v[i] }
    gradient(moved, above)
    for i in 0..<count { moved[i] = x[i] - step * v[i] }
    gradient(moved, below)
    for i in 0..<count { above[i] = (above[i] - below[i]) / (2 * step) }
  }
}
