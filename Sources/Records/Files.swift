internal import Foundation
internal import Synchronization

/// Files that are there whole or not at all.
public enum Files {
  /// Writes through a temporary file beside it, and renames; a device or a pipe, such as
  /// `/dev/stdout`, is written to as it is.
  ///
  /// - Throws: ``ExperimentError`` that names the file and the reason.
  public static func write(_ text: String, to path: String) throws(ExperimentError) {
    try write(Array(text.utf8), to: path)
  }

  package static func write(_ bytes: [UInt8], to path: String) throws(ExperimentError) {
    if isSpecial(path) {
      opening.add(1, ordering: .relaxed)
      let descriptor = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC)
      opening.subtract(1, ordering: .relaxed)
      guard descriptor >= 0 else { throw unwritable(path, lastReason) }
      var reason = bytes.withUnsafeBytes { fill(descriptor, with: $0) }
      if close(descriptor) != 0 { reason = reason ?? lastReason }
      if let reason { throw unwritable(path, reason) }
      return
    }
    let file = try PartFile(path)
    let reason = bytes.withUnsafeBytes { bytes -> ExperimentError? in
      do throws(ExperimentError) {
        try file.write(bytes)
        return nil
      } catch { return error }
    }
    if let reason { throw reason }
    try file.takePlace()
  }

  /// Whether a thread waits for somebody to read a pipe.
  package static var isOpening: Bool { opening.load(ordering: .relaxed) > 0 }
  private static let opening = Atomic(0)

  /// Whether what is to be made can be written there, as far as can be known before the work.
  ///
  /// - Throws: ``ExperimentError`` as ``write(_:to:)`` would.
  public static func checkWritable(_ path: String) throws(ExperimentError) {
    guard !path.isEmpty else { throw unwritable(path, "an empty name is no file's") }
    var facts = stat()
    if stat(path, &facts) == 0 {
      if facts.st_mode & S_IFMT == S_IFDIR {
        throw unwritable(path, String(cString: strerror(EISDIR)))
      }
      if isSpecial(path) {
        if access(path, W_OK) != 0 { throw unwritable(path, lastReason) }
        return
      }
    }
    guard let place = target(of: path) else { throw unwritable(path, Self.lostLink) }
    // A name may be too long with the part's ending.
    if lstat(place + ".part", &facts) != 0, errno != ENOENT { throw unwritable(path, lastReason) }
    let folder = parent(of: place)
    guard stat(folder, &facts) == 0, access(folder, W_OK | X_OK) == 0 else {
      throw unwritable(path, lastReason)
    }
  }

  /// Which file a path names, there or not, by whatever way: the same text for the same file. `nil` for
  /// what is no file, and where the folder is not there.
  package static func identity(of path: String) -> String? {
    var facts = stat()
    if stat(path, &facts) == 0 {
      return facts.st_mode & S_IFMT == S_IFREG ? "\(facts.st_dev) \(facts.st_ino)" : nil
    }
    guard let place = target(of: path), stat(parent(of: place), &facts) == 0 else { return nil }
    let name = place.lastIndex(of: "/").map { place[place.index(after: $0)...] } ?? place[...]
    return "\(facts.st_dev) \(facts.st_ino) \(name)"
  }

  /// Makes a folder with those above it.
  ///
  /// - Returns: those that were not there, the upper ones first.
  /// - Throws: ``ExperimentError`` that names the folder and the reason; none is left then.
  @discardableResult
  public static func makeFolder(_ path: String) throws(ExperimentError) -> [String] {
    guard !path.isEmpty else {
      throw ExperimentError("the folder '' can't be made: an empty name is no folder's")
    }
    var made: [String] = []
    if let reason = folderFault(path, &made) {
      removeEmpty(made)
      throw ExperimentError("the folder \(path) can't be made: \(reason)")
    }
    return made
  }

  /// Removes folders that were made, those that nothing is in.
  public static func removeEmpty(_ made: [String]) {
    for folder in made.reversed() { rmdir(folder) }
  }

  /// Makes it, or says why not.
  private static func folderFault(_ path: String, _ made: inout [String]) -> String? {
    var facts = stat()
    if stat(path, &facts) == 0 {
      return facts.st_mode & S_IFMT == S_IFDIR ? nil : String(cString: strerror(EEXIST))
    }
    guard errno == ENOENT else { return lastReason }
    let above = parent(of: path)
    if above != path, let reason = folderFault(above, &made) {
      // The path goes through a file.
      return reason == String(cString: strerror(EEXIST))
        ? String(cString: strerror(ENOTDIR)) : reason
    }
    if mkdir(path, 0o777) == 0 {
      made.append(path)
      return nil
    }
    // Someone else may have made it meanwhile.
    return errno == EEXIST ? nil : lastReason
  }

  /// The content of a file.
  ///
  /// - Parameters:
  ///   - hint: what to do where there is no such file.
  ///   - most: bytes; a device may have no end.
  /// - Throws: ``ExperimentError`` that names the file and the reason.
  package static func read(
    _ path: String, hint: String? = nil, most: Int = 1 << 30
  ) throws(ExperimentError) -> [UInt8] {
    var bytes: [UInt8] = []
    do {
      try TextFileReader.forEachPiece(of: path, hint: hint) { piece in
        guard bytes.count + piece.count <= most else {
          throw ExperimentError("\(path): more than \(most) bytes")
        }
        bytes.append(contentsOf: piece)
      }
    } catch let error as ExperimentError { throw error } catch {
      throw ExperimentError("\(path) can't be read: \(error)")
    }
    return bytes
  }

  /// The most bytes of a text that a person writes.
  package static let longestText = 16 << 20

  /// The names in a folder, sorted; none where there is no such folder.
  ///
  /// - Throws: ``ExperimentError`` that names the folder and the reason.
  package static func names(in folder: String) throws(ExperimentError) -> [String] {
    guard let listing = opendir(folder) else {
      if errno == ENOENT { return [] }
      throw ExperimentError("\(folder) can't be read: \(lastReason)")
    }
    defer { closedir(listing) }
    var names: [String] = []
    while let entry = readdir(listing) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Removes a file, or a folder with all that is in it; nothing where there is none.
  ///
  /// - Throws: ``ExperimentError`` that names the file and the reason.
  package static func remove(_ path: String) throws(ExperimentError) {
    var facts = stat()
    guard lstat(path, &facts) == 0 else {
      if errno == ENOENT { return }
      throw ExperimentError("\(path) can't be removed: \(lastReason)")
    }
    let isFolder = facts.st_mode & S_IFMT == S_IFDIR
    if isFolder { for name in try names(in: path) { try remove(path + "/" + name) } }
    guard (isFolder ? rmdir(path) : unlink(path)) == 0 || errno == ENOENT else {
      throw ExperimentError("\(path) can't be removed: \(lastReason)")
    }
  }

  /// Removes a file or a link; nothing where there is none, and a folder stays.
  ///
  /// - Throws: ``ExperimentError`` that names the file and the reason.
  package static func removeFile(_ path: String) throws(ExperimentError) {
    var facts = stat()
    if lstat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR { return }
    guard unlink(path) == 0 || errno == ENOENT || errno == ENOTDIR else {
      throw ExperimentError("\(path) can't be removed: \(lastReason)")
    }
  }

  /// Whether anything has that name, be it a link that leads nowhere.
  package static func isThere(_ path: String) -> Bool {
    var facts = stat()
    return lstat(path, &facts) == 0
  }

  /// Bytes that are free where a folder is; `nil` where the system does not say.
  package static func freeBytes(at folder: String) -> Double? {
    var facts = statvfs()
    guard statvfs(folder, &facts) == 0, facts.f_blocks > 0 else { return nil }
    return Double(facts.f_bavail) * Double(facts.f_frsize)
  }

  /// The system's word for the last call that failed.
  package static var lastReason: String { String(cString: strerror(errno)) }

  /// Said of links that lead to no place.
  static var lostLink: String { String(cString: strerror(ELOOP)) }

  static func unwritable(_ path: String, _ reason: String) -> ExperimentError {
    ExperimentError("\(path.isEmpty ? "''" : path) can't be written: \(reason)")
  }

  /// Writes all bytes; returns what went wrong.
  static func fill(_ descriptor: Int32, with bytes: UnsafeRawBufferPointer) -> String? {
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = UnsafeRawBufferPointer(rebasing: rest)
      let count = Foundation.write(descriptor, piece.baseAddress, piece.count)
      if count < 0 {
        if errno == EINTR { continue }
        return lastReason
      }
      rest = rest.dropFirst(count)
    }
    return nil
  }

  /// Whether something is there that is no file with a name, nor a folder, which gets the system's own
  /// word.
  private static func isSpecial(_ path: String) -> Bool {
    var facts = stat()
    guard stat(path, &facts) == 0 else { return false }
    return facts.st_mode & S_IFMT != S_IFREG || target(of: path) == nil
  }

  static func parent(of path: String) -> String {
    var words = path[...]
    while words.count > 1, words.hasSuffix("/") { words.removeLast() }
    guard let slash = words.lastIndex(of: "/") else { return "." }
    return slash == words.startIndex ? "/" : String(words[..<slash])
  }
}
