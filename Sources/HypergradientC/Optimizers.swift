public import CHypergradient
internal import Hypergradient

@c @implementation
public func hg_optimizer_create(
  _ text: UnsafePointer<CChar>?, _ variables: UnsafePointer<hg_variable>?, _ variable_count: Int,
  _ scalar: Int32, _ lengths: UnsafePointer<UInt64>?, _ part_count: Int,
  _ optimizer: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    guard let optimizer else { throw Fault.null("the place of the optimizer") }
    optimizer.pointee = nil
    optimizer.pointee = Handle.make(
      try OptimizerObject.make(
        Origin(text, variables, variable_count), scalar, Scalars.lengths(lengths, part_count)))
  }
}

@c @implementation
public func hg_optimizer_free(_ optimizer: UnsafeMutablePointer<OpaquePointer?>?) -> hg_status {
  answer(nil) { try Handle.free(optimizer, as: OptimizerObject.self) }
}

@c @implementation
public func hg_optimizer_get_info(
  _ optimizer: OpaquePointer?, _ info: UnsafeMutablePointer<hg_optimizer_info>?,
  _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    let object = try Handle.object(optimizer, as: OptimizerObject.self)
    guard let info else { throw Fault.null("the place of the info") }
    info.pointee = object.info
  }
}

@c @implementation
public func hg_optimizer_set_threads(
  _ optimizer: OpaquePointer?, _ threads: Int32, _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    let object = try Handle.object(optimizer, as: OptimizerObject.self)
    guard (1...1024) ~= threads else { throw Fault.value("\(threads) threads, not 1 to 1024") }
    object.setThreads(Int(threads))
  }
}

@c @implementation
public func hg_optimizer_set_rate(
  _ optimizer: OpaquePointer?, _ rate: Double, _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    let object = try Handle.object(optimizer, as: OptimizerObject.self)
    guard rate.isFinite, rate >= 0 else {
      throw Fault.value("the rate is \(rate), not a finite number of at least 0")
    }
    try object.setRate(rate)
  }
}

@c @implementation
public func hg_optimizer_check(
  _ optimizer: OpaquePointer?, _ inputs: UnsafePointer<hg_inputs>?,
  _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    try Handle.object(optimizer, as: OptimizerObject.self).check(Inputs(inputs))
  }
}

@c @implementation
public func hg_optimizer_step(
  _ optimizer: OpaquePointer?, _ parameters: UnsafePointer<UnsafeMutableRawPointer?>?,
  _ gradients: UnsafePointer<UnsafeRawPointer?>?, _ lengths: UnsafePointer<UInt64>?,
  _ part_count: Int, _ inputs: UnsafePointer<hg_inputs>?,
  _ decision: UnsafeMutablePointer<hg_decision>?, _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    let object = try Handle.object(optimizer, as: OptimizerObject.self)
    let made = try object.step(
      .init(parameters: parameters, gradients: gradients, lengths: lengths, count: part_count),
      Inputs(inputs))
    decision?.pointee = made
  }
}

/// A step on one vector.
private func step(
  _ optimizer: OpaquePointer?, isDouble: Bool, _ parameters: UnsafeMutableRawPointer?,
  _ gradient: UnsafeRawPointer?, _ length: UInt64, _ inputs: UnsafePointer<hg_inputs>?,
  _ decision: UnsafeMutablePointer<hg_decision>?, _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    let object = try Handle.object(optimizer, as: OptimizerObject.self)
    guard object.isDouble == isDouble else {
      throw Fault.value("the optimizer is of the other type of numbers")
    }
    guard gradient != nil || length == 0 else { throw Fault.null("the gradient") }
    try withUnsafePointer(to: parameters) { parameters in
      try withUnsafePointer(to: gradient) { gradient in
        try withUnsafePointer(to: length) { length in
          let made = try object.step(
            .init(parameters: parameters, gradients: gradient, lengths: length, count: 1),
            Inputs(inputs))
          decision?.pointee = made
        }
      }
    }
  }
}

@c @implementation
public func hg_optimizer_step_float(
  _ optimizer: OpaquePointer?, _ parameters: UnsafeMutablePointer<Float>?,
  _ gradient: UnsafePointer<Float>?, _ length: UInt64, _ inputs: UnsafePointer<hg_inputs>?,
  _ decision: UnsafeMutablePointer<hg_decision>?, _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  step(optimizer, isDouble: false, parameters, gradient, length, inputs, decision, error)
}

@c @implementation
public func hg_optimizer_step_double(
  _ optimizer: OpaquePointer?, _ parameters: UnsafeMutablePointer<Double>?,
  _ gradient: UnsafePointer<Double>?, _ length: UInt64, _ inputs: UnsafePointer<hg_inputs>?,
  _ decision: UnsafeMutablePointer<hg_decision>?, _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  step(optimizer, isDouble: true, parameters, gradient, length, inputs, decision, error)
}

@c @implementation
public func hg_optimizer_save(
  _ optimizer: OpaquePointer?, _ buffer: UnsafeMutablePointer<UInt8>?, _ capacity: Int,
  _ size: UnsafeMutablePointer<Int>?, _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    let object = try Handle.object(optimizer, as: OptimizerObject.self)
    try Bytes.hand(try object.saved(), to: buffer, capacity, size)
  }
}

@c @implementation
public func hg_optimizer_load(
  _ optimizer: OpaquePointer?, _ bytes: UnsafePointer<UInt8>?, _ size: Int,
  _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    let object = try Handle.object(optimizer, as: OptimizerObject.self)
    try object.load(try StateBytes.buffer(bytes, size))
  }
}

// MARK: By sums

extension StepSums {
  fileprivate init(_ sums: hg_sums) {
    self.init()
    (alignment, gradientSquare, previousDirectionSquare) = (
      sums.values.0, sums.values.1, sums.values.2
    )
    (previousDirectionAlignment, traceAlignment, traceSquare) = (
      sums.values.3, sums.values.4, sums.values.5
    )
    (plainGradientSquare, directionAlignment, directionSquare) = (
      sums.values.6, sums.values.7, sums.values.8
    )
  }

  fileprivate var inC: hg_sums {
    hg_sums(
      values: (
        alignment, gradientSquare, previousDirectionSquare, previousDirectionAlignment,
        traceAlignment, traceSquare, plainGradientSquare, directionAlignment, directionSquare
      ))
  }
}

@c @implementation
public func hg_optimizer_sums(
  _ optimizer: OpaquePointer?, _ parameters: UnsafePointer<UnsafeMutableRawPointer?>?,
  _ gradients: UnsafePointer<UnsafeRawPointer?>?, _ lengths: UnsafePointer<UInt64>?,
  _ part_count: Int, _ sums: UnsafeMutablePointer<hg_sums>?,
  _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    let object = try Handle.object(optimizer, as: OptimizerObject.self)
    guard let sums else { throw Fault.null("the place of the sums") }
    sums.pointee = try object.sums(
      .init(parameters: parameters, gradients: gradients, lengths: lengths, count: part_count)
    ).inC
  }
}

@c @implementation
public func hg_optimizer_direction(
  _ optimizer: OpaquePointer?, _ parameters: UnsafePointer<UnsafeMutableRawPointer?>?,
  _ gradients: UnsafePointer<UnsafeRawPointer?>?, _ lengths: UnsafePointer<UInt64>?,
  _ part_count: Int, _ inputs: UnsafePointer<hg_inputs>?, _ sums: UnsafeMutablePointer<hg_sums>?,
  _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    let object = try Handle.object(optimizer, as: OptimizerObject.self)
    guard let sums else { throw Fault.null("the sums") }
    let new = try object.direction(
      .init(parameters: parameters, gradients: gradients, lengths: lengths, count: part_count),
      StepSums(sums.pointee), Inputs(inputs))
    sums.pointee.values.7 = new.directionAlignment
    sums.pointee.values.8 = new.directionSquare
  }
}

@c @implementation
public func hg_optimizer_step_in_sums(
  _ optimizer: OpaquePointer?, _ parameters: UnsafePointer<UnsafeMutableRawPointer?>?,
  _ gradients: UnsafePointer<UnsafeRawPointer?>?, _ lengths: UnsafePointer<UInt64>?,
  _ part_count: Int, _ sums: UnsafePointer<hg_sums>?, _ inputs: UnsafePointer<hg_inputs>?,
  _ decision: UnsafeMutablePointer<hg_decision>?, _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    let object = try Handle.object(optimizer, as: OptimizerObject.self)
    guard let sums else { throw Fault.null("the sums") }
    let made = try object.step(
      .init(parameters: parameters, gradients: gradients, lengths: lengths, count: part_count),
      StepSums(sums.pointee), Inputs(inputs))
    decision?.pointee = made
  }
}
