internal import CHypergradient
internal import HypergradientCatalogue
internal import HypergradientRecipes

/// What a call is refused with.
struct Fault: Error {
  let status: hg_status
  let message: String
  var column = 0

  init(_ status: some BinaryInteger, _ message: String, column: Int = 0) {
    self.status = hg_status(truncatingIfNeeded: status)
    self.message = message
    self.column = column
  }

  static func null(_ what: String) -> Fault { Fault(HG_ERROR_NULL, "\(what) is NULL") }
  static func length(_ message: String) -> Fault { Fault(HG_ERROR_LENGTH, message) }
  static func value(_ message: String) -> Fault { Fault(HG_ERROR_VALUE, message) }
  static func state(_ message: String) -> Fault { Fault(HG_ERROR_STATE, message) }

  /// Any error, as what the caller is told.
  init(_ error: any Error) {
    switch error {
    case let fault as Fault: self = fault
    case let error as SpecError:
      self.init(HG_ERROR_TEXT, error.description, column: error.column)
    case let error as DecodingError: self = .state(error.line)
    default: self = .state("\(error)")
    }
  }

  /// Writes it where the caller wants it, in one line, cut to a whole character.
  func write(to error: UnsafeMutablePointer<hg_error>) {
    error.pointee.status = status
    error.pointee.column = Int32(clamping: column)
    let room = MemoryLayout<hg_error>.size - Fault.messageOffset
    let place = UnsafeMutableRawPointer(error) + Fault.messageOffset
    let bytes = Array(String(message.map { $0.isPlain ? $0 : " " }).utf8)
    var count = min(bytes.count, room - 1)
    while count > 0, count < bytes.count, bytes[count] & 0xC0 == 0x80 { count -= 1 }
    bytes.withUnsafeBytes {
      place.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(place), byteCount: count)
    }
    place.storeBytes(of: 0, toByteOffset: count, as: UInt8.self)
  }

  static let messageOffset = 2 * MemoryLayout<Int32>.size
}

extension DecodingError {
  /// The path and what is wrong there.
  fileprivate var line: String {
    let context: Context =
      switch self {
      case .typeMismatch(_, let context), .valueNotFound(_, let context),
        .keyNotFound(_, let context), .dataCorrupted(let context):
        context
      @unknown default: Context(codingPath: [], debugDescription: "\(self)")
      }
    let path = context.codingPath.map(\.stringValue).joined(separator: ".")
    return "the state is not what was saved: " + (path.isEmpty ? "" : "\(path): ")
      + context.debugDescription
  }
}

/// Runs the body of a call; what it throws is the call's status, and goes to `error`.
func answer(
  _ error: UnsafeMutablePointer<hg_error>?, _ body: () throws -> Void
) -> hg_status {
  do {
    try body()
    if let error {
      error.pointee.status = 0
      error.pointee.column = 0
      (UnsafeMutableRawPointer(error) + Fault.messageOffset)
        .storeBytes(of: 0, as: UInt8.self)
    }
    return 0
  } catch let thrown {
    let fault = Fault(thrown)
    if let error { fault.write(to: error) }
    return fault.status
  }
}
