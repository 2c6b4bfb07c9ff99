internal import CHypergradient
internal import Hypergradient
internal import Kernels

/// What a trainer passes beside the gradient.
struct Inputs {
  var loss: Double?
  var metric: Double??
  var epoch: Double?

  init(_ passed: UnsafePointer<hg_inputs>?) throws {
    guard let passed = passed?.pointee else { return }
    let present = passed.present
    guard present & ~Signals.ofInputs == 0 else {
      throw Fault.value("'present' of the inputs has bits that are no loss, metric or epoch")
    }
    if present & UInt32(HG_SIGNAL_LOSS) != 0 { loss = passed.loss }
    if present & Signals.metric != 0 { metric = .some(passed.metric) }
    if present & Signals.noMetric != 0 {
      guard present & Signals.metric == 0 else {
        throw Fault.value("HG_SIGNAL_METRIC and HG_SIGNAL_NO_METRIC are both set")
      }
      metric = .some(nil)
    }
    if present & UInt32(HG_SIGNAL_EPOCH) != 0 {
      guard passed.epoch >= 0, passed.epoch.isFinite else {
        throw Fault.value("'epoch' is \(passed.epoch), not a number of at least 0")
      }
      epoch = passed.epoch
    }
  }

  /// Throws where the controllers of a method could not decide at its step.
  func check(_ requirements: ControllerRequirements, step: Int) throws {
    if requirements.signals.contains(.metric), metric == nil {
      throw Fault(StepFault.missing(.metric))
    }
    if requirements.signals.contains(.epoch), epoch == nil {
      throw Fault(StepFault.missing(.epoch))
    }
    if let end = requirements.end(afterSteps: step, epoch: epoch) {
      throw Fault(StepFault.ended(end))
    }
  }
}

extension Fault {
  init(_ fault: StepFault) {
    switch fault {
    case .missing: self.init(HG_ERROR_SIGNAL, fault.description)
    case .ended: self.init(HG_ERROR_ENDED, fault.description)
    case .value: self.init(HG_ERROR_VALUE, fault.description)
    }
  }
}

/// The types of numbers.
enum Scalars {
  static func isDouble(_ scalar: Int32) throws -> Bool {
    switch Int(scalar) {
    case Int(HG_FLOAT): return false
    case Int(HG_DOUBLE): return true
    default: throw Fault.value("the type \(scalar) is neither HG_FLOAT nor HG_DOUBLE")
    }
  }

  /// A vector of the caller's.
  static func vector<S>(
    _ pointer: UnsafeRawPointer?, _ count: Int, _ what: String, of _: S.Type
  ) throws -> UnsafeBufferPointer<S> {
    guard count > 0 else { return UnsafeBufferPointer(start: nil, count: 0) }
    guard let pointer else { throw Fault.null(what) }
    guard UInt(bitPattern: pointer) % UInt(MemoryLayout<S>.alignment) == 0 else {
      throw Fault.value("\(what) is not aligned to \(MemoryLayout<S>.alignment) bytes")
    }
    return UnsafeBufferPointer(start: pointer.assumingMemoryBound(to: S.self), count: count)
  }

  static func mutable<S>(
    _ pointer: UnsafeMutableRawPointer?, _ count: Int, _ what: String, of scalar: S.Type
  ) throws -> UnsafeMutableBufferPointer<S> {
    UnsafeMutableBufferPointer(mutating: try vector(pointer, count, what, of: scalar))
  }

  /// Lengths that memory can hold.
  static func lengths(_ pointer: UnsafePointer<UInt64>?, _ count: Int) throws -> [Int] {
    guard let pointer else { throw Fault.null("the array of lengths") }
    guard (1...(1 << 24)) ~= count else {
      throw Fault.length("\(UInt(bitPattern: count)) parts, not 1 to 16777216")
    }
    var (lengths, sum) = ([Int](), UInt64(0))
    for length in UnsafeBufferPointer(start: pointer, count: count) {
      guard length <= 1 << 40, sum + length <= 1 << 40 else {
        throw Fault.length("more than 2^40 parameters")
      }
      sum += length
      lengths.append(Int(length))
    }
    return lengths
  }

  static func length(_ count: UInt64) throws -> Int {
    guard (1...(1 << 40)) ~= count else {
      throw Fault.length("\(count) parameters, not 1 to 2^40")
    }
    return Int(count)
  }

  /// Throws where there is no memory for so many vectors, rather than end the program.
  static func expectRoom(_ vectors: Int, _ count: Int, _ size: Int) throws {
    let (bytes, overflow) = (vectors * size).multipliedReportingOverflow(by: count)
    guard !overflow, bytes < 1 << 20 || hg_has_room(bytes) else {
      throw Fault.length("there is no memory for \(vectors) vectors of \(count) parameters")
    }
  }
}
