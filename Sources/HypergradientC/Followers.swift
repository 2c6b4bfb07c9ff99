public import CHypergradient
internal import Hypergradient
internal import HypergradientCatalogue

/// A follower of either type of numbers.
class FollowerObject: Handled {
  static var mark: UInt64 { 0x4847_666f_6c6c_6f77 }
  static var kind: String { "follower" }

  func before(
    _ parameters: UnsafeRawPointer?, _ gradient: UnsafeRawPointer?, _ count: UInt64,
    _ inputs: Inputs
  ) throws -> hg_decision { fatalError("of a type of numbers") }
  func after(_ parameters: UnsafeRawPointer?, _ count: UInt64) throws { fatalError("of a type") }
  func saved() throws -> [UInt8] { fatalError("of a type") }
  func load(_ bytes: UnsafeRawBufferPointer) throws { fatalError("of a type") }
}

final class FollowerOf<S: ParameterScalar>: FollowerObject {
  private let origin: Origin
  private var follower: Follower<S>

  init(_ origin: Origin, _ count: Int) throws {
    self.origin = origin
    let controller = try Catalogue.standard.controller(origin.text, variables: origin.variables)
    if let fault = Follower<S>.fault(of: controller) { throw Fault(HG_ERROR_UNSUPPORTED, fault) }
    try Scalars.expectRoom(3, count, MemoryLayout<S>.size)
    follower = Follower(controller, parameterCount: count)
  }

  private func expect(_ count: UInt64) throws {
    guard count == UInt64(follower.parameterCount) else {
      throw Fault.length(
        "the follower was made for \(follower.parameterCount) parameters, and was given \(count)")
    }
  }

  override func before(
    _ parameters: UnsafeRawPointer?, _ gradient: UnsafeRawPointer?, _ count: UInt64,
    _ inputs: Inputs
  ) throws -> hg_decision {
    try expect(count)
    let n = follower.parameterCount
    let theta = try Scalars.vector(parameters, n, "the parameters", of: S.self)
    let g = try Scalars.vector(gradient, n, "the gradient", of: S.self)
    let requirements = follower.controller.requirements
    if requirements.signals.contains(.loss), inputs.loss == nil {
      throw Fault(StepFault.missing(.loss))
    }
    try inputs.check(requirements, step: follower.stepCount)
    let rate = follower.rate(
      at: theta, gradient: g, loss: inputs.loss, passing: inputs.metric, epoch: inputs.epoch)
    return rate.map { hg_decision(kind: Int32(HG_DECISION_STEP), rate: $0) }
      ?? hg_decision(kind: Int32(HG_DECISION_SKIP), rate: follower.learningRate)
  }

  override func after(_ parameters: UnsafeRawPointer?, _ count: UInt64) throws {
    try expect(count)
    let n = follower.parameterCount
    let theta = try Scalars.vector(parameters, n, "the parameters", of: S.self)
    guard follower.isWaiting else {
      throw Fault(HG_ERROR_ORDER, "hg_follower_before comes before hg_follower_after")
    }
    follower.moved(to: theta)
  }

  private enum Keys: String, CodingKey { case origin, isDouble, count, state }

  override func saved() throws -> [UInt8] {
    guard !follower.isWaiting else {
      throw Fault(HG_ERROR_ORDER, "hg_follower_after comes before hg_follower_save")
    }
    return try StateBytes.encode(Self.kind, keyedBy: Keys.self) {
      try $0.encode(origin, forKey: .origin)
      try $0.encode(S.self == Double.self, forKey: .isDouble)
      try $0.encode(follower.parameterCount, forKey: .count)
      try $0.encode(follower, forKey: .state)
    }
  }

  override func load(_ bytes: UnsafeRawBufferPointer) throws {
    let decoder = try StateBytes.decoder(bytes, kind: Self.kind)
    try origin.expect(decoder, isDouble: S.self == Double.self)
    let container = try decoder.container(keyedBy: Keys.self)
    let count = try container.decode(Int.self, forKey: .count)
    guard count == follower.parameterCount else {
      throw Fault.state(
        "the state is of \(count) parameters, expected \(follower.parameterCount)")
    }
    try follower.takeState(from: try container.superDecoder(forKey: .state))
  }
}

@c @implementation
public func hg_follower_create(
  _ text: UnsafePointer<CChar>?, _ variables: UnsafePointer<hg_variable>?, _ variable_count: Int,
  _ scalar: Int32, _ parameter_count: UInt64, _ follower: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    guard let follower else { throw Fault.null("the place of the follower") }
    follower.pointee = nil
    let origin = try Origin(text, variables, variable_count)
    let count = try Scalars.length(parameter_count)
    let object: FollowerObject =
      try Scalars.isDouble(scalar)
      ? FollowerOf<Double>(origin, count) : FollowerOf<Float>(origin, count)
    follower.pointee = Handle.make(object)
  }
}

@c @implementation
public func hg_follower_free(_ follower: UnsafeMutablePointer<OpaquePointer?>?) -> hg_status {
  answer(nil) { try Handle.free(follower, as: FollowerObject.self) }
}

@c @implementation
public func hg_follower_before(
  _ follower: OpaquePointer?, _ parameters: UnsafeRawPointer?, _ gradient: UnsafeRawPointer?,
  _ parameter_count: UInt64, _ inputs: UnsafePointer<hg_inputs>?,
  _ decision: UnsafeMutablePointer<hg_decision>?, _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    let object = try Handle.object(follower, as: FollowerObject.self)
    guard let decision else { throw Fault.null("the place of the decision") }
    decision.pointee = try object.before(parameters, gradient, parameter_count, Inputs(inputs))
  }
}

@c @implementation
public func hg_follower_after(
  _ follower: OpaquePointer?, _ parameters: UnsafeRawPointer?, _ parameter_count: UInt64,
  _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    try Handle.object(follower, as: FollowerObject.self).after(parameters, parameter_count)
  }
}

@c @implementation
public func hg_follower_save(
  _ follower: OpaquePointer?, _ buffer: UnsafeMutablePointer<UInt8>?, _ capacity: Int,
  _ size: UnsafeMutablePointer<Int>?, _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    let object = try Handle.object(follower, as: FollowerObject.self)
    try Bytes.hand(try object.saved(), to: buffer, capacity, size)
  }
}

@c @implementation
public func hg_follower_load(
  _ follower: OpaquePointer?, _ bytes: UnsafePointer<UInt8>?, _ size: Int,
  _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    let object = try Handle.object(follower, as: FollowerObject.self)
    try object.load(try StateBytes.buffer(bytes, size))
  }
}

@c @implementation
public func hg_follower_check(
  _ step: hg_foreign_step?, _ context: UnsafeMutableRawPointer?, _ parameter_count: UInt64,
  _ tolerance: Double, _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    guard let step else { throw Fault.null("the step") }
    let count = try Scalars.length(parameter_count)
    try Scalars.expectRoom(8, count, MemoryLayout<Double>.size)
    guard tolerance > 0, tolerance < 1 else {
      throw Fault.value("the tolerance is \(tolerance), not in (0, 1)")
    }
    let fault = ForeignOptimizer.fault(count: count, tolerance: tolerance) {
      number, theta, gradient, rate in
      theta.withUnsafeMutableBufferPointer { theta in
        gradient.withUnsafeBufferPointer { gradient in
          step(
            context, Int32(number), theta.baseAddress, gradient.baseAddress, UInt64(count), rate)
            == 0
        }
      }
    }
    if let fault { throw Fault(HG_ERROR_UNSUPPORTED, fault) }
  }
}
