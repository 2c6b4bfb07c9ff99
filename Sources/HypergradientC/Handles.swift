internal import CHypergradient

/// What a handle stands for.
protocol Handled: AnyObject {
  /// The first eight bytes behind a handle of this kind.
  static var mark: UInt64 { get }
  /// What the kind is called in a message.
  static var kind: String { get }
}

/// What a handle points to.
private struct HandleHead {
  var mark: UInt64
  var object: Unmanaged<AnyObject>
}

/// The way between handles and objects.
enum Handle {
  static func make<Object: Handled>(_ object: Object) -> OpaquePointer {
    let head = UnsafeMutablePointer<HandleHead>.allocate(capacity: 1)
    head.initialize(
      to: HandleHead(mark: Object.mark, object: Unmanaged.passRetained(object as AnyObject)))
    return OpaquePointer(head)
  }

  static func object<Object: Handled>(
    _ handle: OpaquePointer?, as _: Object.Type = Object.self
  ) throws -> Object {
    guard let handle else { throw Fault.null("the \(Object.kind)") }
    let object = try head(handle, Object.self).pointee.object.takeUnretainedValue()
    return unsafeDowncast(object, to: Object.self)
  }

  /// Ends a handle, and sets the caller's to NULL.
  static func free<Object: Handled>(
    _ place: UnsafeMutablePointer<OpaquePointer?>?, as _: Object.Type,
    _ end: (Object) -> Void = { _ in }
  ) throws {
    guard let place else { throw Fault.null("the \(Object.kind)'s address") }
    guard let handle = place.pointee else { return }
    let head = try head(handle, Object.self)
    end(try object(handle, as: Object.self))
    head.pointee.mark = 0
    head.pointee.object.release()
    head.deinitialize(count: 1)
    head.deallocate()
    place.pointee = nil
  }

  private static func head<Object: Handled>(
    _ handle: OpaquePointer, _: Object.Type
  ) throws -> UnsafeMutablePointer<HandleHead> {
    let address = UInt(bitPattern: handle)
    guard address % UInt(MemoryLayout<HandleHead>.alignment) == 0, address >= 4096,
      UnsafePointer<UInt64>(handle).pointee == Object.mark
    else { throw Fault(HG_ERROR_HANDLE, "what was passed is no \(Object.kind), or was freed") }
    return UnsafeMutablePointer(handle)
  }
}
