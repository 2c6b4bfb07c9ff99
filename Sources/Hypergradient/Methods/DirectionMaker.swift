/// A rule with its state, for methods that choose the rate after they have seen the direction.
///
/// u_t is kept until the next one is made; η is not applied here.
public struct DirectionMaker<Rule: UpdateRule>: Sendable, Codable {
  public typealias Scalar = Rule.Scalar
  /// The rule; its hyperparameters may be changed between steps.
  public var rule: Rule
  public private(set) var stepCount = 0
  /// u_t.
  public private(set) var direction: [Scalar] = []
  private var state: [Scalar] = []
  private var scalars: [Double]

  /// - Precondition: the rule has no penalty of its own; the oracle's objective has it.
  public init(_ rule: Rule) {
    precondition(rule.penalty == 0, "a penalty belongs to the objective that the oracle evaluates")
    self.rule = rule
    scalars = rule.initialScalars
  }

  /// The rule's vectors.
  public var memoryVectors: Int { rule.stateVectorCount }

  public mutating func begin(parameterCount: Int) {
    direction = [Scalar](repeating: 0, count: parameterCount)
    state = []
    state.reserveCapacity(rule.stateVectorCount * parameterCount)
    for index in 0..<rule.stateVectorCount {
      state.append(
        contentsOf: repeatElement(rule.initialValue(ofStateVector: index), count: parameterCount))
    }
  }

  /// Makes u_t and returns ⟨u_t, g_t⟩.
  ///
  /// - Parameter loss: f(θ), which the gradient belongs to.
  @discardableResult
  public mutating func make(
    _ theta: UnsafeMutablePointer<Scalar>, _ gradient: UnsafePointer<Scalar>, loss: Double
  ) -> Double {
    let count = direction.count
    let norm =
      rule.needs.contains(.gradientNorm)
      ? VectorLoops.dot(gradient, gradient, count: count).squareRoot() : .nan
    let rule = rule
    let index = stepCount
    stepCount += 1
    return scalars.withUnsafeMutableBufferPointer { scalars in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: 1) { none in
        let step = RuleStep(
          index: index, gradientNorm: norm, loss: loss,
          scalars: scalars.baseAddress ?? none.baseAddress!)
        rule.begin(step)
        return state.withUnsafeMutableBufferPointer { state in
          direction.withUnsafeMutableBufferPointer { direction in
            let u = direction.baseAddress!
            let strip = Strip(
              count: count, gradient: gradient, parameters: UnsafePointer(theta), direction: u,
              state: state.baseAddress ?? u, stride: count)
            if !rule.accelerated(strip, step, moving: nil) { rule.direction(strip, step) }
            return VectorLoops.dot(u, gradient, count: count)
          }
        }
      }
    }
  }

  /// point ← θ − rate·u.
  public func move(
    from theta: UnsafeMutablePointer<Scalar>, by rate: Double, into point: inout [Scalar]
  ) {
    let count = direction.count
    point.withUnsafeMutableBufferPointer { point in
      point.baseAddress!.update(from: theta, count: count)
      apply(point.baseAddress!, rate: rate)
    }
  }

  /// θ −= rate·u.
  public func apply(_ theta: UnsafeMutablePointer<Scalar>, rate: Double) {
    direction.withUnsafeBufferPointer {
      VectorLoops.move(theta, by: rate, along: $0.baseAddress!, count: $0.count)
    }
  }
}
