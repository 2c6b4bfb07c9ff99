internal import Foundation

/// A file that is written beside its place, as `NAME.part`, and takes its name once it is whole.
///
/// Two writers of one file wait for each other by a lock on the part, which goes with its process: a
/// killed one leaves a part that is in nobody's way, and that the next writer takes over. What is
/// replaced hands on its permissions; a symbolic link stays, and what it names is written or replaced.
final class PartFile {
  /// As the caller named it.
  private let path: String
  /// What a symbolic link names.
  private let place: String
  private let temporary: String
  /// −1 once it is closed.
  private var descriptor: Int32 = -1
  private var isPlaced = false

  /// - Throws: ``ExperimentError`` that names the file and the reason.
  init(_ path: String) throws(ExperimentError) {
    self.path = path
    guard !path.isEmpty else { throw Files.unwritable(path, "an empty name is no file's") }
    guard let place = Files.target(of: path) else { throw Files.unwritable(path, Files.lostLink) }
    self.place = place
    temporary = place + ".part"
    if let reason = Self.occupant(of: place) { throw Files.unwritable(path, reason) }
    repeat {
      descriptor = open(temporary, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
      guard descriptor >= 0 else { throw Files.unwritable(path, Files.lastReason) }
      // Where the file system has no locks there is none.
      while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
      // The writer before may have given the part its name meanwhile.
    } while isElsewhere()
    var facts = stat()
    if ftruncate(descriptor, 0) != 0 { throw failure(Files.lastReason) }
    if stat(place, &facts) == 0 { _ = fchmod(descriptor, facts.st_mode & 0o7777) }
  }

  /// Closes the file that was opened, where it is no longer the one of that name.
  private func isElsewhere() -> Bool {
    var (mine, there) = (stat(), stat())
    if fstat(descriptor, &mine) == 0, stat(temporary, &there) == 0, mine.st_ino == there.st_ino {
      return false
    }
    close(descriptor)
    descriptor = -1
    return true
  }

  deinit {
    if !isPlaced { discard() }
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(ExperimentError) {
    if let reason = Files.fill(descriptor, with: bytes) { throw failure(reason) }
  }

  /// No more is written; without an open file it waits for ``place()``.
  func seal() throws(ExperimentError) {
    // What a delayed write meets shows here.
    let isWritten = close(descriptor) == 0
    let reason = Files.lastReason
    descriptor = -1
    if !isWritten { throw failure(reason) }
  }

  /// Gives the file its name.
  func takePlace() throws(ExperimentError) {
    if descriptor >= 0 {
      // The same, and the lock is kept until the file has its name.
      let copy = dup(descriptor)
      if copy >= 0, close(copy) != 0 { throw failure(Files.lastReason) }
    }
    let occupant = Self.occupant(of: place)
    guard occupant == nil, rename(temporary, place) == 0 else {
      let reason = occupant ?? Files.lastReason
      discard()
      throw ExperimentError("\(path) can't be put in place: \(reason)")
    }
    isPlaced = true
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
  }

  /// What no file may replace: a device or a pipe, since others have it open. `nil` where a file or
  /// nothing is there.
  private static func occupant(of place: String) -> String? {
    var facts = stat()
    guard lstat(place, &facts) == 0 else { return nil }
    return switch facts.st_mode & S_IFMT {
    case S_IFREG, S_IFLNK: nil
    case S_IFDIR: String(cString: strerror(EISDIR))
    default: "a device or a pipe is there"
    }
  }

  private func failure(_ reason: String) -> ExperimentError {
    discard()
    return Files.unwritable(path, reason)
  }

  private func discard() {
    if isPlaced { return }
    isPlaced = true
    unlink(temporary)
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
  }
}
