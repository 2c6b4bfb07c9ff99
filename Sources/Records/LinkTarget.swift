internal import Foundation

extension Files {
  /// The place that a path's symbolic links lead to, there or not; any other path as it is. `nil` where
  /// they lead to none that has a name: in a circle, or to an open file that was removed.
  static func target(of path: String) -> String? {
    var facts = stat()
    var place = path
    for _ in 0..<mostLinks {
      guard lstat(place, &facts) == 0, facts.st_mode & S_IFMT == S_IFLNK else {
        // Links of the system's own may lead to what has no name.
        let isLost = place != path && lstat(place, &facts) != 0 && stat(path, &facts) == 0
        return isLost ? nil : place
      }
      if let real = realpath(place, nil) {
        defer { free(real) }
        return String(cString: real)
      }
      guard let words = words(ofLink: place) else { return nil }
      place = words.hasPrefix("/") ? words : parent(of: place) + "/" + words
    }
    return nil
  }

  private static func words(ofLink path: String) -> String? {
    var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = bytes.withUnsafeMutableBytes {
      readlink(path, $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
    }
    guard count > 0, count < bytes.count else { return nil }
    return String(validating: bytes[..<count], as: UTF8.self)
  }

  /// As the system follows them.
  private static let mostLinks = 40
}
