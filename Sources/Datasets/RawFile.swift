internal import Foundation

/// A file, pipe or device, read forward as it is.
package final class RawFile {
  package let path: String
  /// In bytes; `nil` for what is no regular file.
  package let size: Int?
  private let descriptor: Int32

  /// - Throws: an error that names the file and why it can't be read.
  package init(_ path: String) throws(DataError) {
    self.path = path
    descriptor = FileName.withBytes(path) { open($0, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else {
      throw DataError(path, Self.isAbsent ? "no such file" : "can't be read: \(Self.lastReason)")
    }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else {
      let reason = Self.lastReason
      close(descriptor)
      throw DataError(path, "can't be read: \(reason)")
    }
    guard facts.st_mode & S_IFMT != S_IFDIR else {
      close(descriptor)
      throw DataError(path, "expected a file, found a directory")
    }
    size = facts.st_mode & S_IFMT == S_IFREG ? Int(facts.st_size) : nil
  }

  deinit { close(descriptor) }

  /// The next bytes, at most so many; none at the end.
  package func read(_ count: Int = 1 << 18) throws(DataError) -> [UInt8] {
    var result = 0
    var reason = ""
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { space, written in
      repeat {
        result = Foundation.read(descriptor, space.baseAddress, count)
      } while result < 0 && errno == EINTR
      if result < 0 { reason = Self.lastReason }
      written = max(0, result)
    }
    guard result >= 0 else { throw DataError(path, "can't be read: \(reason)") }
    return bytes
  }

  /// Whether the last call that failed found nothing at the path.
  static var isAbsent: Bool { errno == ENOENT || errno == ENOTDIR }

  /// The system's word for the last call that failed.
  static var lastReason: String { String(cString: strerror(errno)) }
}
