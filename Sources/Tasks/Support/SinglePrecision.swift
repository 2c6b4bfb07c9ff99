internal import HypergradientRecipes
public import Hypergradient

/// A task of Doubles as a task of Floats: parameters and draws are Floats, and each gradient is the
/// base's at these, computed in Double and rounded once. So what differs from the base is what single
/// precision does to training, not to the task.
public struct SinglePrecision<Base: BenchmarkTask>: BenchmarkTask where Base.Scalar == Double {
  public typealias Scalar = Float
  public let base: Base
  public let start: [Float]

  public init(_ base: Base) {
    self.base = base
    start = base.start.map { Float($0) }
  }

  public var dimension: Int { base.dimension }
  public var parameterGroups: [Range<Int>] { base.parameterGroups }
  public var isDeterministic: Bool { base.isDeterministic }
  public var reference: ReferenceValue { base.reference }
  public var stepsPerEpoch: Int? { base.stepsPerEpoch }
  public var stepsPerBlock: Int { base.stepsPerBlock }
  /// Two Floats hold a Double: parameters, gradient, scratch, and one for their alignment.
  public var scratchCount: Int { 2 * (2 * base.dimension + base.scratchCount + 1) }

  public func draws(seed: Int, steps: Range<Int>) -> Draws<Float> {
    let draws = base.draws(seed: seed, steps: steps)
    return Draws(
      steps: steps, valuesPerStep: draws.valuesPerStep, values: draws.values.map { Float($0) },
      labelsPerStep: draws.labelsPerStep, labels: draws.labels)
  }

  public func gradient(
    at theta: UnsafePointer<Float>, step: Int, draws: Draws<Float>,
    into gradient: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
  ) -> Double {
    withDoubles(theta, scratch) { theta, wide, scratch in
      let loss = base.gradient(
        at: theta, step: step, draws: widened(draws, step), into: wide, scratch: scratch)
      for i in 0..<dimension { gradient[i] = Float(wide[i]) }
      return loss
    }
  }

  public func loss(
    at theta: UnsafePointer<Float>, step: Int, scratch: UnsafeMutablePointer<Float>
  ) -> Double {
    withDoubles(theta, scratch) { theta, _, scratch in
      base.loss(at: theta, step: step, scratch: scratch)
    }
  }

  public func exactGradient(
    at theta: UnsafePointer<Float>, step: Int, into gradient: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    withDoubles(theta, scratch) { theta, wide, scratch in
      base.exactGradient(at: theta, step: step, into: wide, scratch: scratch)
      for i in 0..<dimension { gradient[i] = Float(wide[i]) }
    }
  }

  public func heldOutScore(
    at theta: UnsafePointer<Float>, scratch: UnsafeMutablePointer<Float>
  ) -> HeldOutScore? {
    withDoubles(theta, scratch) { theta, _, scratch in
      base.heldOutScore(at: theta, scratch: scratch)
    }
  }

  /// The draws of one step.
  private func widened(_ draws: Draws<Float>, _ step: Int) -> Draws<Double> {
    if draws.valuesPerStep == 0 {
      return Draws(steps: draws.steps, labelsPerStep: draws.labelsPerStep, labels: draws.labels)
    }
    let place = step - draws.steps.lowerBound
    func part<Element>(_ all: [Element], _ count: Int) -> ArraySlice<Element> {
      all[place * count..<(place + 1) * count]
    }
    return Draws(
      steps: step..<(step + 1), valuesPerStep: draws.valuesPerStep,
      values: part(draws.values, draws.valuesPerStep).map { Double($0) },
      labelsPerStep: draws.labelsPerStep, labels: Array(part(draws.labels, draws.labelsPerStep)))
  }

  /// Hands on the parameters as Doubles, space for a gradient, and the base's scratch.
  private func withDoubles<Result>(
    _ theta: UnsafePointer<Float>, _ scratch: UnsafeMutablePointer<Float>,
    _ body: (UnsafePointer<Double>, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>) ->
      Result
  ) -> Result {
    let wide = UnsafeMutableRawPointer(scratch)
      .alignedUp(toMultipleOf: MemoryLayout<Double>.alignment)
      .bindMemory(to: Double.self, capacity: 2 * dimension + base.scratchCount)
    defer { UnsafeMutableRawPointer(scratch).bindMemory(to: Float.self, capacity: scratchCount) }
    for i in 0..<dimension { wide[i] = Double(theta[i]) }
    return body(wide, wide + dimension, wide + 2 * dimension)
  }
}

extension SinglePrecision: GameTask where Base: GameTask {
  public var players: [Range<Int>] { base.players }

  public func loss(
    ofPlayer player: Int, at theta: UnsafePointer<Float>, step: Int,
    scratch: UnsafeMutablePointer<Float>
  ) -> Double {
    withDoubles(theta, scratch) { theta, _, scratch in
      base.loss(ofPlayer: player, at: theta, step: step, scratch: scratch)
    }
  }
}

/// The scalars of a task's parameters and gradients.
public enum Precision: String, CaseIterable, Codable, Sendable {
  case double
  /// See ``SinglePrecision``, and ``SingleNetwork`` for small networks.
  case single

  /// A task in this precision.
  func task<Task: BenchmarkTask>(_ task: Task) -> any BenchmarkTask where Task.Scalar == Double {
    self == .double ? task : SinglePrecision(task)
  }
}

extension Parameter where Value == Precision {
  static var precision: Parameter {
    .choice("precision", default: .double, "of parameters and gradients")
  }
}
