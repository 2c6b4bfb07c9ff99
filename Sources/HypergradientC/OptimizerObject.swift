internal import CHypergradient
internal import Hypergradient
internal import HypergradientCatalogue

/// An optimizer of either type of numbers.
class OptimizerObject: Handled {
  static var mark: UInt64 { 0x4847_6f70_7469_6d69 }
  static var kind: String { "optimizer" }

  /// Pointers to the parts, as a caller passes them.
  struct Parts {
    let parameters: UnsafePointer<UnsafeMutableRawPointer?>?
    let gradients: UnsafePointer<UnsafeRawPointer?>?
    let lengths: UnsafePointer<UInt64>?
    let count: Int
  }

  let origin: Origin
  let lengths: [Int]
  /// Whether a step copies the parts into one vector.
  let gathers: Bool

  init(_ origin: Origin, _ lengths: [Int], gathers: Bool) {
    (self.origin, self.lengths, self.gathers) = (origin, lengths, gathers)
  }

  var isDouble: Bool { fatalError("of a type of numbers") }
  var info: hg_optimizer_info { fatalError("of a type of numbers") }
  var looksAhead: Bool { fatalError("of a type of numbers") }
  func setThreads(_ threads: Int) { fatalError("of a type of numbers") }
  func setRate(_ rate: Double) throws { fatalError("of a type of numbers") }
  /// Throws what a step would, of what the trainer passes.
  func check(_ inputs: Inputs) throws { fatalError("of a type of numbers") }
  func step(_ parts: Parts, _ inputs: Inputs) throws -> hg_decision { fatalError("of a type") }
  func sums(_ parts: Parts) throws -> StepSums { fatalError("of a type of numbers") }
  func direction(_ parts: Parts, _ all: StepSums, _ inputs: Inputs) throws -> StepSums {
    fatalError("of a type of numbers")
  }
  func step(_ parts: Parts, _ all: StepSums, _ inputs: Inputs) throws -> hg_decision {
    fatalError("of a type of numbers")
  }
  func saved() throws -> [UInt8] { fatalError("of a type of numbers") }
  func load(_ bytes: UnsafeRawBufferPointer) throws { fatalError("of a type of numbers") }

  static func make(_ origin: Origin, _ scalar: Int32, _ lengths: [Int]) throws -> OptimizerObject {
    try Scalars.isDouble(scalar)
      ? OptimizerOf<Double>(origin, lengths) : OptimizerOf<Float>(origin, lengths)
  }

  /// Compares what a step passes with what the optimizer was made for.
  func check(_ parts: Parts) throws {
    guard parts.parameters != nil else { throw Fault.null("the array of parameters") }
    guard parts.gradients != nil else { throw Fault.null("the array of gradients") }
    guard let given = parts.lengths else { throw Fault.null("the array of lengths") }
    guard parts.count == lengths.count else {
      throw Fault.length(
        "the optimizer was made for \(lengths.count) parts, and was given "
          + "\(UInt(bitPattern: parts.count))")
    }
    for k in lengths.indices where given[k] != UInt64(lengths[k]) {
      throw Fault.length("part \(k) has \(lengths[k]) parameters, and was given \(given[k])")
    }
  }
}

/// An optimizer of numbers of one type: an `AnyOptimizer` for each part, or one for all where the rule
/// must look at them together.
final class OptimizerOf<S: ParameterScalar>: OptimizerObject {
  private var optimizers: [AnyOptimizer<S>]
  /// θ and g of all parts, where a step gathers.
  private let gathered: (parameters: UnsafeMutablePointer<S>, gradient: UnsafeMutablePointer<S>)?
  private let total: Int
  /// Where a step by sums is.
  private var hasDirection = false

  init(_ origin: Origin, _ lengths: [Int]) throws {
    total = lengths.reduce(0, +)
    func make(_ count: Int) throws -> AnyOptimizer<S> {
      try AnyOptimizer<S>(origin.text, parameterCount: count, variables: origin.variables)
    }
    let sample = try make(0)
    let fault = sample.faultInParts
    let gathers = lengths.count > 1 && fault != nil
    try Scalars.expectRoom(sample.memoryVectors + 3, total, MemoryLayout<S>.size)
    optimizers = try gathers ? [make(total)] : lengths.map(make)
    if gathers {
      let memory = UnsafeMutablePointer<S>.allocate(capacity: 2 * total)
      memory.initialize(repeating: 0, count: 2 * total)
      gathered = (memory, memory + total)
    } else {
      gathered = nil
    }
    super.init(origin, lengths, gathers: gathers)
  }

  deinit { gathered?.parameters.deallocate() }

  override var isDouble: Bool { S.self == Double.self }
  override var looksAhead: Bool { optimizers[0].looksAhead }
  override func setThreads(_ threads: Int) {
    for k in optimizers.indices { optimizers[k].threads = threads }
  }

  override func setRate(_ rate: Double) throws {
    var controller = optimizers[0].controller
    controller.project(learningRate: rate)
    // Some keep theirs in single precision.
    guard abs(controller.learningRate - rate) <= 1e-6 * rate else {
      throw Fault(
        HG_ERROR_UNSUPPORTED,
        "the controller has its own rate, \(controller.learningRate), and takes none from outside")
    }
    for k in optimizers.indices {
      optimizers[k].changeController { $0.project(learningRate: rate) }
    }
  }

  override var info: hg_optimizer_info {
    let first = optimizers[0]
    let counts = first.stepCounts
    return hg_optimizer_info(
      inputs: Signals.bits(first.controllerRequirements.signals) & Signals.ofInputs
        | (first.fault(loss: nil, passing: .some(nil), epoch: 0) == .missing(.loss)
          ? UInt32(HG_SIGNAL_LOSS) : 0),
      steps: Int64(first.stepCount), skipped: Int64(counts.skipped),
      retaken: Int64(counts.retaken), restored: Int64(counts.restored), rate: first.learningRate,
      memory_vectors: Int64(first.memoryVectors + (gathers ? 2 : 0)),
      parameter_count: UInt64(total), gathers: gathers ? 1 : 0,
      looks_ahead: looksAhead ? 1 : 0)
  }

  // MARK: Pointers

  private func parameters(_ parts: Parts, _ k: Int) throws -> UnsafeMutableBufferPointer<S> {
    try Scalars.mutable(parts.parameters![k], lengths[k], "a part's parameters", of: S.self)
  }

  /// `nil` for a part without a gradient.
  private func gradient(_ parts: Parts, _ k: Int) throws -> UnsafeBufferPointer<S>? {
    guard let pointer = parts.gradients![k] else {
      return lengths[k] == 0 ? UnsafeBufferPointer(start: nil, count: 0) : nil
    }
    return try Scalars.vector(pointer, lengths[k], "a part's gradient", of: S.self)
  }

  /// All that can be told before anything moves.
  private func expect(_ parts: Parts) throws {
    try check(parts)
    for k in lengths.indices {
      let theta = try parameters(parts, k)
      if let g = try gradient(parts, k), let base = g.baseAddress, g.count > 0,
        UnsafeRawPointer(base) == UnsafeRawPointer(theta.baseAddress)
      {
        throw Fault.value("part \(k) has its parameters for a gradient")
      }
    }
  }

  override func check(_ inputs: Inputs) throws {
    if let fault = optimizers[0].fault(
      loss: inputs.loss, passing: inputs.metric, epoch: inputs.epoch)
    {
      throw Fault(fault)
    }
  }

  // MARK: Steps

  override func step(_ parts: Parts, _ inputs: Inputs) throws -> hg_decision {
    try expect(parts)
    guard !hasDirection else {
      throw Fault(HG_ERROR_ORDER, "hg_optimizer_direction was called: the step in sums follows")
    }
    try check(inputs)
    if let gathered { return try stepGathered(gathered, parts, inputs) }
    if lengths.count == 1, let g = try gradient(parts, 0) {
      return decided(stepWhole(try parameters(parts, 0), g, inputs))
    }
    if optimizers[0].faultInParts != nil {
      throw Fault(HG_ERROR_UNSUPPORTED, "there is no gradient, and the rule looks at all of it")
    }
    var all = try added(parts)
    if looksAhead {
      let new = try directed(parts, all, inputs)
      (all.directionAlignment, all.directionSquare) = (new.directionAlignment, new.directionSquare)
    }
    return try stepInParts(parts, all, inputs)
  }

  private func stepWhole(
    _ theta: UnsafeMutableBufferPointer<S>, _ g: UnsafeBufferPointer<S>, _ inputs: Inputs
  ) -> StepDecision {
    if let metric = inputs.metric {
      return optimizers[0].step(
        theta, gradient: g, loss: inputs.loss, metric: metric, epoch: inputs.epoch)
    }
    return optimizers[0].step(theta, gradient: g, loss: inputs.loss, epoch: inputs.epoch)
  }

  private func stepGathered(
    _ memory: (parameters: UnsafeMutablePointer<S>, gradient: UnsafeMutablePointer<S>),
    _ parts: Parts, _ inputs: Inputs
  ) throws -> hg_decision {
    var start = 0
    for k in lengths.indices where lengths[k] > 0 {
      guard let g = try gradient(parts, k) else {
        throw Fault(
          HG_ERROR_UNSUPPORTED, "part \(k) has no gradient, and the rule looks at all of it")
      }
      (memory.parameters + start).update(
        from: try parameters(parts, k).baseAddress!, count: lengths[k])
      (memory.gradient + start).update(from: g.baseAddress!, count: lengths[k])
      start += lengths[k]
    }
    let decision = stepWhole(
      UnsafeMutableBufferPointer(start: memory.parameters, count: total),
      UnsafeBufferPointer(start: memory.gradient, count: total), inputs)
    start = 0
    for k in lengths.indices where lengths[k] > 0 {
      try parameters(parts, k).baseAddress!.update(
        from: memory.parameters + start, count: lengths[k])
      start += lengths[k]
    }
    return decided(decision)
  }

  private func added(_ parts: Parts) throws -> StepSums {
    var all = StepSums()
    for k in lengths.indices {
      guard let g = try gradient(parts, k) else { continue }
      all = all + optimizers[k].sums(try parameters(parts, k), gradient: g)
    }
    return all
  }

  private func directed(_ parts: Parts, _ all: StepSums, _ inputs: Inputs) throws -> StepSums {
    var new = StepSums()
    for k in lengths.indices {
      guard let g = try gradient(parts, k) else { continue }
      new =
        new
        + optimizers[k].makeDirection(
          try parameters(parts, k), gradient: g, all: all, loss: inputs.loss)
    }
    return new
  }

  private func stepInParts(
    _ parts: Parts, _ all: StepSums, _ inputs: Inputs
  ) throws -> hg_decision {
    var decision = StepDecision.skip
    for k in lengths.indices {
      decision = optimizers[k].step(
        try parameters(parts, k), gradient: try gradient(parts, k), all: all, loss: inputs.loss,
        passing: inputs.metric, epoch: inputs.epoch)
    }
    return decided(decision)
  }

  private func decided(_ decision: StepDecision) -> hg_decision {
    hg_decision(decision, rate: optimizers[0].learningRate)
  }

  // MARK: Steps by sums

  private func expectParts() throws {
    if let fault = optimizers[0].faultInParts { throw Fault(HG_ERROR_UNSUPPORTED, fault) }
  }

  override func sums(_ parts: Parts) throws -> StepSums {
    try expect(parts)
    try expectParts()
    return try added(parts)
  }

  override func direction(_ parts: Parts, _ all: StepSums, _ inputs: Inputs) throws -> StepSums {
    try expect(parts)
    try expectParts()
    guard looksAhead else {
      throw Fault(HG_ERROR_UNSUPPORTED, "the controller does not look at the new direction")
    }
    guard !hasDirection else { throw Fault(HG_ERROR_ORDER, "the direction is made already") }
    try check(inputs)
    hasDirection = true
    return try directed(parts, all, inputs)
  }

  override func step(_ parts: Parts, _ all: StepSums, _ inputs: Inputs) throws -> hg_decision {
    try expect(parts)
    try expectParts()
    guard hasDirection == looksAhead else {
      throw Fault(HG_ERROR_ORDER, "the controller looks ahead: hg_optimizer_direction comes first")
    }
    if !hasDirection { try check(inputs) }
    hasDirection = false
    return try stepInParts(parts, all, inputs)
  }

  // MARK: State

  private enum Keys: String, CodingKey { case origin, isDouble, lengths, optimizers }

  override func saved() throws -> [UInt8] {
    guard !hasDirection else { throw Fault(HG_ERROR_ORDER, "the step in sums is open") }
    return try StateBytes.encode(Self.kind, keyedBy: Keys.self) {
      try $0.encode(origin, forKey: .origin)
      try $0.encode(isDouble, forKey: .isDouble)
      try $0.encode(lengths, forKey: .lengths)
      try $0.encode(optimizers, forKey: .optimizers)
    }
  }

  override func load(_ bytes: UnsafeRawBufferPointer) throws {
    let decoder = try StateBytes.decoder(bytes, kind: Self.kind)
    try origin.expect(decoder, isDouble: isDouble)
    let container = try decoder.container(keyedBy: Keys.self)
    guard try container.decode([Int].self, forKey: .lengths) == lengths else {
      throw Fault.state("the state is of parts of other lengths")
    }
    var read = try container.decode([AnyOptimizer<S>].self, forKey: .optimizers)
    guard read.map(\.parameterCount) == optimizers.map(\.parameterCount),
      read.allSatisfy({ $0.text == origin.text }),
      read.allSatisfy({ $0.stepCount == read[0].stepCount })
    else { throw Fault.state("the parts are not those of one optimizer") }
    let threads = optimizers[0].threads
    for k in read.indices { read[k].threads = threads }
    optimizers = read
    hasDirection = false
  }
}
