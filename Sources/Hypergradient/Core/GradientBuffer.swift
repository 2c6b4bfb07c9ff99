internal import HypergradientRecipes

/// Memory for a gradient that an optimizer may keep, giving its last direction's memory for it: a step
/// of gradient descent, which keeps its direction for the next alignment, then copies nothing.
///
/// ```swift
/// var optimizer = Optimizer(
///   GradientDescent<Float>(), HypergradientDescent(initial: 0.1, hyperLearningRate: 1e-3),
///   parameterCount: 100_000)
/// var parameters = [Float](repeating: 1, count: 100_000)
/// var gradient = GradientBuffer<Float>(count: 100_000)
/// gradient.withUnsafeMutableBufferPointer { for i in $0.indices { $0[i] = parameters[i] } }
/// optimizer.step(&parameters, exchanging: &gradient)
/// ```
public struct GradientBuffer<Scalar: ParameterScalar>: ~Copyable, Sendable {
  /// Elements of the gradient.
  public let count: Int
  @usableFromInline var memory: RuleMemory

  /// Zeros.
  ///
  /// - Precondition: `count` is at least 0.
  public init(count: Int) {
    require(count >= 0, "\(count) is not a count of parameters")
    self.count = count
    memory = RuleMemory(
      byteCount: (count * MemoryLayout<Scalar>.stride + 63) / 64 * 64)
  }

  @inlinable var elements: UnsafeMutableBufferPointer<Scalar> {
    UnsafeMutableBufferPointer(start: memory.elements(at: 0, of: Scalar.self), count: count)
  }

  /// The elements, to be written; what they are after a step is not told.
  @inlinable
  public mutating func withUnsafeMutableBufferPointer<Result>(
    _ body: (UnsafeMutableBufferPointer<Scalar>) throws -> Result
  ) rethrows -> Result {
    try body(elements)
  }
}

extension RuleState {
  /// Whether u_t is g_t itself and all that is kept, so that the memory can be exchanged for g_t's.
  @inlinable var exchanges: Bool {
    Rule.self == GradientDescent<Scalar>.self && keepsDirection && layout.ownVectorCount == 0
  }

  /// u_t = g_t, by exchanging their memory.
  @usableFromInline mutating func exchange(_ gradient: inout RuleMemory) {
    steps += 1
    swap(&memory, &gradient)
    // A copy of this host may still have it.
    if !isKnownUniquelyReferenced(&gradient) { gradient = gradient.copy() }
  }
}

extension Optimizer {
  /// One step whose gradient the optimizer may keep, with the bits of the common one.
  ///
  /// - Parameters:
  ///   - parameters: θ, changed in place.
  ///   - gradient: ∇f(θ), as long as θ; its elements are any numbers after the step.
  ///   - loss: the minibatch loss, for a controller or a rule that needs it.
  ///   - epoch: epochs begun, a fraction inside one, for a schedule in epochs.
  /// - Complexity: nothing is copied where the rule is ``GradientDescent`` and its direction alone is
  ///   kept.
  @inlinable
  @discardableResult
  public mutating func step(
    _ parameters: inout [Scalar], exchanging gradient: inout GradientBuffer<Scalar>,
    loss: Double? = nil, epoch: Double? = nil
  ) -> StepDecision {
    parameters.withUnsafeMutableBufferPointer {
      step($0, exchanging: &gradient, loss: loss, epoch: epoch)
    }
  }

  /// The same on a buffer.
  @inlinable
  @discardableResult
  public mutating func step(
    _ parameters: UnsafeMutableBufferPointer<Scalar>,
    exchanging gradient: inout GradientBuffer<Scalar>, loss: Double? = nil, epoch: Double? = nil
  ) -> StepDecision {
    let elements = UnsafeBufferPointer(gradient.elements)
    guard isPlain, host.exchanges, elements.count == parameterCount else {
      return step(parameters, elements, loss, passing: nil, epoch)
    }
    return withUnsafeMutablePointer(to: &gradient.memory) {
      take(parameters, elements, loss, nil, epoch, isPlain: true, exchanging: $0)
    }
  }
}
