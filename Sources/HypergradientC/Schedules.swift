public import CHypergradient
internal import Hypergradient
internal import HypergradientCatalogue

/// A schedule; it never changes.
final class ScheduleObject: Handled {
  static var mark: UInt64 { 0x4847_7363_6865_6475 }
  static var kind: String { "schedule" }

  let schedule: any Schedule

  init(_ origin: Origin) throws {
    schedule = try Catalogue.standard.schedule(origin.text, variables: origin.variables)
  }
}

@c @implementation
public func hg_schedule_create(
  _ text: UnsafePointer<CChar>?, _ variables: UnsafePointer<hg_variable>?, _ variable_count: Int,
  _ schedule: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    guard let schedule else { throw Fault.null("the place of the schedule") }
    schedule.pointee = nil
    schedule.pointee = Handle.make(try ScheduleObject(Origin(text, variables, variable_count)))
  }
}

@c @implementation
public func hg_schedule_free(_ schedule: UnsafeMutablePointer<OpaquePointer?>?) -> hg_status {
  answer(nil) { try Handle.free(schedule, as: ScheduleObject.self) }
}

@c @implementation
public func hg_schedule_value(
  _ schedule: OpaquePointer?, _ step: Double, _ value: UnsafeMutablePointer<Double>?,
  _ error: UnsafeMutablePointer<hg_error>?
) -> hg_status {
  answer(error) {
    let schedule = try Handle.object(schedule, as: ScheduleObject.self).schedule
    guard let value else { throw Fault.null("the place of the value") }
    guard step >= 0, step <= 0x1p53 else {
      throw Fault.value("the step is \(step), not in 0...2^53")
    }
    guard step <= schedule.lastStep else {
      throw Fault(HG_ERROR_ENDED, "the schedule ends at step \(schedule.lastStep)")
    }
    value.pointee = schedule(step)
  }
}
