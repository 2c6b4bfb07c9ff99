public import CHypergradient
internal import Hypergradient
internal import HypergradientCatalogue

/// A controller with the count of its steps.
final class ControllerObject: Handled {
  static var mark: UInt64 { 0x4847_636f_6e74_726f }
  static var kind: String { "controller" }

  let origin: Origin
  var controller: any LearningRateController
  var steps = 0
  /// Those that a schedule counts.
  var counted = 0

  init(_ origin: Origin) throws {
    self.origin = origin
    controller = try Catalogue.standard.controller(origin.text, variables: origin.variables)
  }

  /// The signals of a step, of which the controller can decide.
  func checked(_ passed: hg_signals) throws -> StepSignals {
    var signals = StepSignals(step: try Signals.step(passed.step, own: counted))
    try Signals.fill(&signals, from: passed)
    try Signals.check(signals, controller.requirements)
    return signals
  }

  func decide(_ passed: hg_signals) throws -> hg_decision {
    let signals = try checked(passed)
    let decision = controller.decide(signals)
    steps += 1
    if decision.counts(isFinite: Signals.areFinite(passed)) { counted = signals.step + 1 }
    return hg_decision(decision, rate: controller.learningRate)
  }

  private enum Keys: String, CodingKey { case origin, steps, counted, state }

  func saved() throws -> [UInt8] {
    try StateBytes.encode(Self.kind, keyedBy: Keys.self) {
      try $0.encode(origin, forKey: .origin)
      try $0.encode(steps, forKey: .steps)
      try $0.encode(counted, forKey: .counted)
      try $0.encode(controller, forKey: .state)
    }
  }

  func load(_ bytes: UnsafeRawBufferPointer) throws {
    let container = try StateBytes.decoder(bytes, kind: Self.kind).container(keyedBy: Keys.self)
    try origin.expect(try container.decode(Origin.self, forKey: .origin))
    let steps = try container.count(.steps)
    let counted = try container.count(.counted)
    func read<C: LearningRateController>(_: C) throws -> any LearningRateController {
      try container.decode(C.self, forKey: .state)
    }
    controller = try read(controller)
    (self.steps, self.counted) = (steps, counted)
  }
}

extension hg_decision {
  init(_ decision: StepDecision, rate: Double) {
    switch decision {
    case .step(let rate): self.init(kind: Int32(HG_DECISION_STEP), rate: rate)
    case .skip: self.init(kind: Int32(HG_DECISION_SKIP), rate: rate)
    case .retake(let rate): self.init(kind: Int32(HG_DECISION_RETAKE), rate: rate)
    case .restore(let rate): self.init(kind: Int32(HG_DECISION_RESTORE), rate: rate)
    }
  }
}

/// The signals between C and Swift: a signal's bit in C is its number in Swift, and the numbers of
/// `hg_signals` stand in that order.
enum Signals {
  static let noMetric = UInt32(HG_SIGNAL_NO_METRIC)
  static let metric = UInt32(HG_SIGNAL_METRIC)
  /// What `hg_inputs` may have.
  static let ofInputs = UInt32(HG_SIGNAL_LOSS) | metric | noMetric | UInt32(HG_SIGNAL_EPOCH)
  private static let numbers = MemoryLayout<hg_signals>.offset(of: \.alignment)!

  static func bit(_ signal: StepSignals.Signal) -> UInt32 { 1 << UInt32(signal.rawValue) }

  /// The bits of needs.
  static func bits(_ needs: StepSignals.Needs) -> UInt32 {
    StepSignals.Signal.allCases.reduce(0) { needs.contains($1) ? $0 | bit($1) : $0 }
  }

  /// Runs over the signals that were passed.
  private static func forEach(
    _ passed: hg_signals, _ body: (StepSignals.Signal, Double) -> Void
  ) {
    withUnsafeBytes(of: passed) { bytes in
      for number in 0..<11 where passed.present & (1 << UInt32(number)) != 0 {
        body(
          StepSignals.Signal(rawValue: number)!,
          bytes.load(fromByteOffset: numbers + 8 * number, as: Double.self))
      }
    }
  }

  static func step(_ step: Int64, own: Int) throws -> Int {
    guard step >= 0 else { return own }
    guard step <= 1 << 48 else {
      throw Fault.value("step \(step) is beyond any that a run reaches")
    }
    return Int(step)
  }

  static func fill(_ signals: inout StepSignals, from passed: hg_signals) throws {
    let present = passed.present
    guard present & ~(noMetric | (1 << 11 - 1)) == 0 else {
      throw Fault.value("'present' has bits that are no HG_SIGNAL_…")
    }
    forEach(passed) { signal, x in
      if signal == .metric { signals.metric = x } else { signals[signal] = x }
    }
    if present & noMetric != 0 {
      guard present & metric == 0 else {
        throw Fault.value("HG_SIGNAL_METRIC and HG_SIGNAL_NO_METRIC are both set")
      }
      signals.metric = nil
    }
  }

  /// Throws where a controller could not decide.
  static func check(_ signals: StepSignals, _ requirements: ControllerRequirements) throws {
    guard requirements.signals.isSubset(of: signals.present) else {
      let missing = requirements.signals.subtracting(signals.present).signals
      throw Fault(
        HG_ERROR_SIGNAL,
        "the controller needs \(missing.map { "'\($0)'" }.joined(separator: ", ")), not passed")
    }
    let epoch = signals.present.contains(.epoch) ? signals.epoch : nil
    if let epoch, !(epoch >= 0 && epoch.isFinite) {
      throw Fault.value("'epoch' is \(epoch), not a number of at least 0")
    }
    if let end = requirements.end(afterSteps: signals.step, epoch: epoch) {
      throw Fault(StepFault.ended(end))
    }
  }

  static func areFinite(_ passed: hg_signals) -> Bool {
    var areFinite = true
    forEach(passed) { if !$1.isFinite { areFinite = false } }
    return areFinite
  }
}

@c @implementation
public func hg_controller_create(
  _ text: UnsafePointer<CChar>?, _ variables: UnsafePointer<hg_variable>?, _ variable_count: Int,
  _ controller: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    guard let controller else { throw Fault.null("the place of the controller") }
    controller.pointee = nil
    controller.pointee = Handle.make(
      try ControllerObject(Origin(text, variables, variable_count)))
  }
}

@c @implementation
public func hg_controller_free(
  _ controller: UnsafeMutablePointer<OpaquePointer?>?
) -> hg_status {
  answer(nil) { try Handle.free(controller, as: ControllerObject.self) }
}

@c @implementation
public func hg_controller_get_info(
  _ controller: OpaquePointer?, _ info: UnsafeMutablePointer<hg_controller_info>?,
  _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    let object = try Handle.object(controller, as: ControllerObject.self)
    guard let info else { throw Fault.null("the place of the info") }
    let requirements = object.controller.requirements
    info.pointee = hg_controller_info(
      signals: Signals.bits(requirements.signals), always_steps: requirements.alwaysSteps ? 1 : 0,
      keeps_direction: requirements.keepsDirection ? 1 : 0,
      keeps_best: requirements.keepsBest ? 1 : 0, is_best: requirements.isBest ? 1 : 0,
      trace_decay: requirements.traceDecay, rate: object.controller.learningRate,
      steps: Int64(object.steps))
  }
}

@c @implementation
public func hg_controller_check(
  _ controller: OpaquePointer?, _ signals: UnsafePointer<hg_signals>?,
  _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    let object = try Handle.object(controller, as: ControllerObject.self)
    guard let signals else { throw Fault.null("the signals") }
    _ = try object.checked(signals.pointee)
  }
}

@c @implementation
public func hg_controller_step(
  _ controller: OpaquePointer?, _ signals: UnsafePointer<hg_signals>?,
  _ decision: UnsafeMutablePointer<hg_decision>?, _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    let object = try Handle.object(controller, as: ControllerObject.self)
    guard let signals else { throw Fault.null("the signals") }
    guard let decision else { throw Fault.null("the place of the decision") }
    decision.pointee = try object.decide(signals.pointee)
  }
}

@c @implementation
public func hg_controller_set_rate(
  _ controller: OpaquePointer?, _ rate: Double, _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    let object = try Handle.object(controller, as: ControllerObject.self)
    guard rate.isFinite, rate >= 0 else {
      throw Fault.value("the rate is \(rate), not a finite number of at least 0")
    }
    object.controller.project(learningRate: rate)
  }
}

@c @implementation
public func hg_controller_save(
  _ controller: OpaquePointer?, _ buffer: UnsafeMutablePointer<UInt8>?, _ capacity: Int,
  _ size: UnsafeMutablePointer<Int>?, _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    let object = try Handle.object(controller, as: ControllerObject.self)
    try Bytes.hand(try object.saved(), to: buffer, capacity, size)
  }
}

@c @implementation
public func hg_controller_load(
  _ controller: OpaquePointer?, _ bytes: UnsafePointer<UInt8>?, _ size: Int,
  _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    let object = try Handle.object(controller, as: ControllerObject.self)
    try object.load(try StateBytes.buffer(bytes, size))
  }
}
