/// A method on an objective other than the trainer's own: what it asks of an oracle is answered for
/// ±f + (λ/2)‖θ‖².
///
///     f̃ = ±f + (λ/2)‖θ‖²        ∇f̃ = ±∇f + λθ        ∇²f̃·v = ±∇²f·v + λv
public struct ObjectiveMethod<Base: TrainingMethod>: MethodWrapper {
  public typealias Scalar = Base.Scalar

  public private(set) var base: Base
  public let objective: Objective
  /// Room for ∇f̃; no part of a checkpoint.
  private var gradient: [Scalar] = []

  private enum CodingKeys: CodingKey { case base, objective }

  public init(_ base: Base, on objective: Objective) {
    self.base = base
    self.objective = objective
  }

  public var memoryVectors: Int { base.memoryVectors + 1 }
  public var maximizes: Bool { objective.maximizes != base.maximizes }

  public func limited(by limit: RateLimit) -> any TrainingMethod<Scalar> {
    base.limited(by: limit).on(objective)
  }

  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    base.begin(at: parameters, groups: groups)
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    var room: [Scalar] = []
    swap(&room, &gradient)
    if room.count != parameters.count {
      room = [Scalar](repeating: 0, count: parameters.count)
    }
    room.withUnsafeMutableBufferPointer { room in
      var seen = ObjectiveOracle(oracle, objective, room.baseAddress!)
      base.step(parameters, &seen)
      oracle = seen.base
    }
    swap(&room, &gradient)
  }
}

extension TrainingMethod {
  /// This method on another objective; itself, where the objective is the trainer's.
  public func on(_ objective: Objective) -> any TrainingMethod<Scalar> {
    objective == .plain ? self : ObjectiveMethod(self, on: objective)
  }
}

/// An oracle of ±f + (λ/2)‖θ‖² from one of f.
struct ObjectiveOracle<Base: Oracle>: Oracle {
  typealias Scalar = Base.Scalar
  var base: Base
  let objective: Objective
  let gradient: UnsafeMutablePointer<Scalar>

  init(_ base: Base, _ objective: Objective, _ gradient: UnsafeMutablePointer<Scalar>) {
    self.base = base
    self.objective = objective
    self.gradient = gradient
  }

  var parameterCount: Int { base.parameterCount }
  var isDeterministic: Bool { base.isDeterministic }
  var metric: Double? { base.metric }
  var hasMetric: Bool { base.hasMetric }
  var epoch: Double? { base.epoch }
  var run: RunFacts { base.run }

  mutating func evaluate(
    at point: UnsafePointer<Scalar>, draw: Int
  ) -> (loss: Double, gradient: UnsafePointer<Scalar>) {
    let (loss, g) = base.evaluate(at: point, draw: draw)
    add(point, to: g)
    return (seen(loss, point), UnsafePointer(gradient))
  }

  mutating func loss(at point: UnsafePointer<Scalar>, draw: Int) -> Double {
    seen(base.loss(at: point, draw: draw), point)
  }

  mutating func hessianVectorProduct(
    at point: UnsafePointer<Scalar>, _ vector: UnsafePointer<Scalar>, draw: Int
  ) -> UnsafePointer<Scalar> {
    add(vector, to: base.hessianVectorProduct(at: point, vector, draw: draw))
    return UnsafePointer(gradient)
  }

  mutating func heldRate(_ rate: Double, of group: Int) -> Double {
    base.heldRate(rate, of: group)
  }

  private func seen(_ loss: Double, _ point: UnsafePointer<Scalar>) -> Double {
    let square = VectorLoops.dot(point, point, count: parameterCount)
    return objective.seen(loss) + objective.penalty / 2 * square
  }

  /// ±g + λ·vector.
  private func add(_ vector: UnsafePointer<Scalar>, to g: UnsafePointer<Scalar>) {
    VectorLoops.sum(
      gradient, g, negated: objective.maximizes, Scalar.nearest(to: objective.penalty), vector,
      parameterCount)
  }
}

extension ObjectiveMethod {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    base = try state.value(.base)
    objective = try state.value(.objective)
  }
}
