internal import Foundation
internal import Kernels

/// Files that are there whole or not at all, and on the disk.
enum DurableFile {
  /// Writes beside its place, brings it to the disk and renames it; what a symbolic link names is
  /// replaced.
  static func write(_ bytes: [UInt8], to path: String) throws(CheckpointError) {
    guard !path.isEmpty else { throw CheckpointError("''", "an empty name is no file's") }
    try expectFile(path)
    guard let place = target(of: path) else { throw failure(path) }
    let (part, descriptor) = newFile(beside: place)
    guard descriptor >= 0 else { throw failure(path) }
    let reason = bytes.withUnsafeBytes { bytes -> CheckpointError? in
      var rest = bytes[...]
      while !rest.isEmpty {
        let piece = UnsafeRawBufferPointer(rebasing: rest)
        let count = Foundation.write(descriptor, piece.baseAddress, piece.count)
        if count < 0, errno == EINTR { continue }
        if count < 0 { return failure(path) }
        rest = rest.dropFirst(count)
      }
      return fsync(descriptor) == 0 ? nil : failure(path)
    }
    let isClosed = close(descriptor) == 0
    if let reason = reason ?? (isClosed ? nil : failure(path)) {
      unlink(part)
      throw reason
    }
    guard rename(part, place) == 0 else {
      let reason = failure(path)
      unlink(part)
      throw reason
    }
    // The new name, too, is to outlive a loss of power; a file system that can't has done its best.
    let folder = open(String(parent(of: place)), O_RDONLY | O_CLOEXEC)
    if folder >= 0 {
      _ = fsync(folder)
      close(folder)
    }
  }

  /// A new file, open, for one write alone: two threads may write to one place. What stands there under
  /// its first names is of others, or of a process that was ended.
  private static func newFile(beside place: String) -> (path: String, descriptor: Int32) {
    var number = 0
    while true {
      let path = place + ".part-\(getpid())-\(number)"
      let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor >= 0 || errno != EEXIST { return (path, descriptor) }
      number += 1
    }
  }

  /// The place that a path's symbolic links lead to, there or not; `nil` where they lead to none.
  private static func target(of path: String) -> String? {
    var facts = stat()
    var place = path
    // As many as the system follows.
    for _ in 0..<40 {
      guard lstat(place, &facts) == 0, facts.st_mode & S_IFMT == S_IFLNK else {
        // A link of the system's own to an open file that was removed.
        if place != path, lstat(place, &facts) != 0, stat(path, &facts) == 0 { break }
        return place
      }
      if let real = realpath(place, nil) {
        defer { free(real) }
        return String(cString: real)
      }
      var words = [UInt8](repeating: 0, count: Int(PATH_MAX))
      let count = words.withUnsafeMutableBytes {
        readlink(place, $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
      }
      guard count > 0, count < words.count else { return nil }
      let link = String(decoding: words[..<count], as: UTF8.self)
      place = link.hasPrefix("/") ? link : parent(of: place) + "/" + link
    }
    errno = ELOOP
    return nil
  }

  /// A device or a pipe holds no checkpoint, and is replaced by none; a folder gets the system's word.
  static func expectFile(_ path: String) throws(CheckpointError) {
    var facts = stat()
    guard stat(path, &facts) == 0, facts.st_mode & S_IFMT != S_IFDIR else { return }
    if facts.st_mode & S_IFMT != S_IFREG {
      throw CheckpointError(path, "a checkpoint is a file, and this is none")
    }
  }

  /// - Parameter goesOn: whether the file may be what is looked for, by its beginning.
  static func read(
    _ path: String, while goesOn: (_ beginning: [UInt8]) -> Bool
  ) throws(CheckpointError) -> [UInt8] {
    try expectFile(path)
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw failure(path, "can't be read") }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Foundation.read(descriptor, &piece, piece.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure(path, "can't be read") }
      if count == 0 { return bytes }
      let isFirst = bytes.isEmpty
      bytes += piece[..<count]
      if isFirst, !goesOn(bytes) { return bytes }
    }
  }

  private static func parent(of path: String) -> Substring {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : path[..<slash]
  }

  private static func failure(_ path: String, _ what: String = "can't be written")
    -> CheckpointError
  {
    CheckpointError(path, "the checkpoint \(what): \(String(cString: strerror(errno)))")
  }
}

/// The digest of FIPS 180-4.
enum SHA256 {
  static func digest(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var state = hg_sha256()
    hg_sha256_init(&state)
    bytes.withUnsafeBytes { hg_sha256_update(&state, $0.baseAddress, $0.count) }
    var digest = [UInt8](repeating: 0, count: 32)
    hg_sha256_final(&state, &digest)
    return digest
  }
}
