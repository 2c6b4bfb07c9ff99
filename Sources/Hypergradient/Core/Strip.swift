public import Kernels

/// What is the same for every element of one step.
public struct RuleStep {
  /// Steps taken before this one.
  public let index: Int
  /// ‖∇f(θ)‖, if the rule asked for it; NaN otherwise.
  public let gradientNorm: Double
  /// The minibatch loss, if the rule asked for it; NaN otherwise.
  public let loss: Double
  /// The rule's scalar state.
  public let scalars: RuleScalars

  @inlinable @inline(__always)
  public init(
    index: Int, gradientNorm: Double, loss: Double = .nan, scalars: RuleScalars
  ) {
    self.index = index
    self.gradientNorm = gradientNorm
    self.loss = loss
    self.scalars = scalars
  }

  /// The step of a rule that has only the first of the scalars.
  func first(scalars count: Int) -> RuleStep { with(scalars.numbers.prefix(count)) }

  /// The step of a rule whose scalars begin `count` places further.
  func following(scalars count: Int) -> RuleStep { with(scalars.numbers.dropFirst(count)) }

  private func with(_ numbers: Slice<UnsafeMutableBufferPointer<Double>>) -> RuleStep {
    RuleStep(
      index: index, gradientNorm: gradientNorm, loss: loss,
      scalars: RuleScalars(UnsafeMutableBufferPointer(rebasing: numbers)))
  }
}

/// A run of neighbouring elements: the gradient, the parameters, the state and the direction.
public struct Strip<Scalar> {
  public let count: Int
  /// g, `count` elements.
  public let gradient: UnsafePointer<Scalar>
  /// θ_{t−1}, `count` elements.
  public let parameters: UnsafePointer<Scalar>
  /// u_t, `count` elements, to be written.
  public let direction: UnsafeMutablePointer<Scalar>
  /// Elements that `direction` has room for; fewer than `count` only where the direction is not kept
  /// (``StripMove/keepsDirection``).
  public let room: Int
  /// Threads that may share the elements.
  public let threads: Int
  @usableFromInline let stateBase: UnsafeMutablePointer<Scalar>
  @usableFromInline let stride: Int
  /// State vectors that the rule has declared.
  @usableFromInline let stateVectors: Int

  /// - Parameters:
  ///   - state: this strip's part of the first state vector.
  ///   - stride: the distance from one state vector to the next, in elements.
  ///   - stateVectors: as many as the rule's ``RuleRequirements/stateVectors``.
  ///   - room: elements that `direction` has room for; `count` by default.
  @inlinable @inline(__always)
  public init(
    count: Int, gradient: UnsafePointer<Scalar>, parameters: UnsafePointer<Scalar>,
    direction: UnsafeMutablePointer<Scalar>, state: UnsafeMutablePointer<Scalar>, stride: Int,
    stateVectors: Int, room: Int? = nil, threads: Int = 1
  ) {
    self.count = count
    self.gradient = gradient
    self.parameters = parameters
    self.direction = direction
    self.stateBase = state
    self.stride = stride
    self.stateVectors = stateVectors
    self.room = room ?? count
    self.threads = threads
  }

  /// This strip's part of a state vector, `count` elements; the program stops where the rule has
  /// declared fewer vectors.
  @inlinable @inline(__always)
  public func state(
    _ index: Int, file: StaticString = #fileID, line: UInt = #line
  ) -> UnsafeMutablePointer<Scalar> {
    expectDeclared("state vector", index, of: stateVectors, file: file, line: line)
    return stateBase + index * stride
  }

  /// Elements of a part that stays in the nearest cache, or that threads can share.
  @inlinable @inline(__always)
  func partLength() -> Int {
    min(room, threads > 1 ? VectorKernels.threadedLength : stripLength)
  }

  /// Elements `start` and later, `count` of them; in the same place where the direction has no room.
  @inlinable @inline(__always)
  func part(from start: Int, count: Int) -> Strip {
    Strip(
      count: count, gradient: gradient + start, parameters: parameters + start,
      direction: direction + (room < self.count ? 0 : start), state: stateBase + start,
      stride: stride, stateVectors: stateVectors, threads: threads)
  }

  /// The same strip for a rule that has only the first of the state vectors.
  func first(stateVectors count: Int) -> Strip {
    Strip(
      count: self.count, gradient: gradient, parameters: parameters, direction: direction,
      state: stateBase, stride: stride, stateVectors: count, room: room, threads: threads)
  }

  /// The same strip for a rule whose state vectors begin `count` places further and whose gradient
  /// is what an earlier rule wrote.
  func following(stateVectors count: Int) -> Strip {
    Strip(
      count: self.count, gradient: UnsafePointer(direction), parameters: parameters,
      direction: direction, state: stateBase + count * stride, stride: stride,
      stateVectors: stateVectors - count, room: room, threads: threads)
  }

  /// The same strip with its direction for a gradient.
  @inlinable @inline(__always)
  func withDirectionAsGradient() -> Strip {
    Strip(
      count: count, gradient: UnsafePointer(direction), parameters: parameters,
      direction: direction, state: stateBase, stride: stride, stateVectors: stateVectors,
      room: room, threads: threads)
  }
}

/// Elements of a strip whose vectors all stay in the nearest caches.
@inlinable var stripLength: Int { 4096 }

/// θ −= η·u, for the elements of a strip.
public struct StripMove<Scalar> {
  /// θ, as many elements as the strip.
  public let parameters: UnsafeMutablePointer<Scalar>
  /// η, to be rounded to Scalar once.
  public let rate: Double
  /// Whether u has to be written, too.
  public let keepsDirection: Bool

  @inlinable @inline(__always)
  public init(
    parameters: UnsafeMutablePointer<Scalar>, rate: Double, keepsDirection: Bool
  ) {
    self.parameters = parameters
    self.rate = rate
    self.keepsDirection = keepsDirection
  }

  @inlinable @inline(__always)
  func part(from start: Int) -> StripMove {
    StripMove(parameters: parameters + start, rate: rate, keepsDirection: keepsDirection)
  }
}

extension StripMove where Scalar: ParameterScalar {
  /// Moves along a direction that has been written.
  @inlinable @inline(__always)
  func move(along u: UnsafePointer<Scalar>, count: Int, threads: Int) {
    let kind = VectorKernels.kind(of: Scalar.self)
    guard kind != 0 else {
      return Elementwise.subtract(parameters, Scalar.nearest(to: rate), u, count)
    }
    VectorKernels.take(
      RuleKernel(.gradient), kind: kind, count: count, gradient: u, parameters: parameters,
      direction: nil, moved: parameters, state: nil, stride: 0, rate: rate, threads: threads)
  }
}

extension Strip where Scalar: ParameterScalar {
  /// Lets a rule's kernel do all the work, if there is one for this type.
  @inlinable @inline(__always)
  func take(_ kernel: RuleKernel, moving: StripMove<Scalar>?) -> Bool {
    let kind = VectorKernels.kind(of: Scalar.self)
    if kind == 0 { return false }
    // In debug alone: a step of few elements would feel it.
    assert(
      kernel.stateVectors <= stateVectors, "the kernel reads more state than the rule declares")
    var written: UnsafeMutableRawPointer? = UnsafeMutableRawPointer(direction)
    var moved: UnsafeMutableRawPointer?
    var rate = 0.0
    if let moving {
      if !moving.keepsDirection { written = nil }
      moved = UnsafeMutableRawPointer(moving.parameters)
      rate = moving.rate
    }
    VectorKernels.take(
      kernel, kind: kind, count: count, gradient: gradient, parameters: parameters,
      direction: written, moved: moved, state: stateBase, stride: stride, rate: rate,
      threads: threads)
    return true
  }

  /// Lets a kernel do a survey, if there is one for this type: the sum of its terms.
  ///
  /// - Parameter constants: its constants, to be rounded to Scalar once.
  func take(survey: hg_survey, constants: SIMD8<Double>) -> Double? {
    let kind = VectorKernels.kind(of: Scalar.self)
    if kind == 0 { return nil }
    return VectorKernels.take(
      survey: survey, kind: kind, count: count, gradient: gradient, state: stateBase,
      stride: stride, constants: constants)
  }

  /// ±g + λθ in the direction, and the strip that has it for a gradient.
  @inlinable @inline(__always)
  func withGradient(of objective: Objective) -> Strip {
    let (penalty, maximizes) = (objective.penalty, objective.maximizes)
    var made = self
    if penalty != 0 {
      // −g + λθ is the negative of g − λθ, to the last bit.
      writePenalisedGradient(maximizes ? -penalty : penalty)
      made = withDirectionAsGradient()
    }
    if maximizes {
      made.writeNegativeGradient()
      made = made.withDirectionAsGradient()
    }
    return made
  }

  /// −g into the direction.
  @inlinable
  func writeNegativeGradient() {
    if !take(RuleKernel(.scaled, -1), moving: nil) {
      for i in 0..<count { direction[i] = -gradient[i] }
    }
  }

  /// g + penalty·θ into the direction.
  @inlinable @inline(__always)
  func writePenalisedGradient(_ penalty: Double) {
    if !take(RuleKernel(.penalised, penalty), moving: nil) {
      Elementwise.addPenalty(
        direction, gradient, Scalar.nearest(to: penalty), parameters, count)
    }
  }
}
