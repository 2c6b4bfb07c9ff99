public import CHypergradient
internal import Hypergradient

@c @implementation
public func hg_method_create(
  _ text: UnsafePointer<CChar>?, _ variables: UnsafePointer<hg_variable>?, _ variable_count: Int,
  _ scalar: Int32, _ parameters: UnsafeRawPointer?, _ parameter_count: UInt64,
  _ groups: UnsafePointer<UInt64>?, _ group_count: Int,
  _ method: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    guard let method else { throw Fault.null("the place of the method") }
    method.pointee = nil
    let origin = try Origin(text, variables, variable_count)
    let count = try Scalars.length(parameter_count)
    var (ranges, start) = ([Range<Int>](), 0)
    if group_count != 0 {
      for length in try Scalars.lengths(groups, group_count) {
        ranges.append(start..<(start + length))
        start += length
      }
      guard start == count else {
        throw Fault.length("the groups have \(start) parameters together, not \(count)")
      }
    } else {
      ranges = [0..<count]
    }
    method.pointee = Handle.make(try MethodObject.make(origin, scalar, parameters, count, ranges))
  }
}

@c @implementation
public func hg_method_free(_ method: UnsafeMutablePointer<OpaquePointer?>?) -> hg_status {
  answer(nil) { try Handle.free(method, as: MethodObject.self) { $0.close() } }
}

@c @implementation
public func hg_method_get_info(
  _ method: OpaquePointer?, _ info: UnsafeMutablePointer<hg_method_info>?,
  _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    let object = try Handle.object(method, as: MethodObject.self)
    guard let info else { throw Fault.null("the place of the info") }
    info.pointee = object.info
  }
}

@c @implementation
public func hg_method_step(
  _ method: OpaquePointer?, _ parameters: UnsafeMutableRawPointer?, _ parameter_count: UInt64,
  _ inputs: UnsafePointer<hg_inputs>?, _ evaluate: hg_evaluate?,
  _ context: UnsafeMutableRawPointer?, _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    let object = try Handle.object(method, as: MethodObject.self)
    try object.expect(parameter_count)
    guard let evaluate else { throw Fault.null("the function that evaluates") }
    try object.step(parameters, Inputs(inputs), evaluate, context)
  }
}

@c @implementation
public func hg_method_begin(
  _ method: OpaquePointer?, _ parameters: UnsafeRawPointer?, _ parameter_count: UInt64,
  _ inputs: UnsafePointer<hg_inputs>?, _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    let object = try Handle.object(method, as: MethodObject.self)
    try object.expect(parameter_count)
    try object.begin(parameters, Inputs(inputs))
  }
}

@c @implementation
public func hg_method_propose(
  _ method: OpaquePointer?, _ question: UnsafeMutablePointer<hg_question>?,
  _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    let object = try Handle.object(method, as: MethodObject.self)
    guard let question else { throw Fault.null("the place of the question") }
    question.pointee = try object.propose()
  }
}

@c @implementation
public func hg_method_observe(
  _ method: OpaquePointer?, _ loss: Double, _ gradient: UnsafeRawPointer?,
  _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    try Handle.object(method, as: MethodObject.self).observe(loss, gradient)
  }
}

@c @implementation
public func hg_method_end(
  _ method: OpaquePointer?, _ parameters: UnsafeMutableRawPointer?, _ parameter_count: UInt64,
  _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    let object = try Handle.object(method, as: MethodObject.self)
    try object.expect(parameter_count)
    try object.end(parameters)
  }
}

@c @implementation
public func hg_method_save(
  _ method: OpaquePointer?, _ buffer: UnsafeMutablePointer<UInt8>?, _ capacity: Int,
  _ size: UnsafeMutablePointer<Int>?, _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    let object = try Handle.object(method, as: MethodObject.self)
    try Bytes.hand(try object.saved(), to: buffer, capacity, size)
  }
}

@c @implementation
public func hg_method_load(
  _ method: OpaquePointer?, _ bytes: UnsafePointer<UInt8>?, _ size: Int,
  _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    let object = try Handle.object(method, as: MethodObject.self)
    try object.load(try StateBytes.buffer(bytes, size))
  }
}
