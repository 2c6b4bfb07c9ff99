internal import Foundation

/// One writer at a time in a folder. The lock is on the folder itself and goes with the process: a
/// killed one leaves none behind, and nothing lies in the folder.
package final class FolderLock: Sendable {
  private let descriptor: Int32
  /// The folders that were not there before.
  private let made: [String]

  /// Makes the folder with those above it, and takes the lock.
  ///
  /// - Throws: ``ExperimentError`` where the folder can't be made or written to, or another process
  ///   writes to it.
  package init(making folder: String) throws(ExperimentError) {
    var made: [String] = []
    var descriptor: Int32
    repeat {
      made += try Files.makeFolder(folder)
      descriptor = try Self.locked(folder)
      // Who had it before may have removed it, empty.
    } while !Self.isStill(descriptor, at: folder)
    // A first write shows at once whether there is a place to write to.
    let test = folder + "/writing.test"
    do { try Files.write("", to: test) } catch {
      Files.removeEmpty(made)
      close(descriptor)
      throw error
    }
    unlink(test)
    (self.descriptor, self.made) = (descriptor, made)
  }

  deinit {
    // What nothing came into.
    Files.removeEmpty(made)
    close(descriptor)
  }

  /// The open folder, whose lock is this process' own; another one's is left as it is.
  private static func locked(_ folder: String) throws(ExperimentError) -> Int32 {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw ExperimentError("the folder \(folder) can't be read: \(Files.lastReason)")
    }
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      if errno == EINTR { continue }
      // Where the file system has no locks there is none.
      guard errno == EWOULDBLOCK else { break }
      close(descriptor)
      throw ExperimentError(
        "another hypergrad is writing to the folder \(folder): wait for its end, or name another "
          + "folder by --out")
    }
    return descriptor
  }

  /// Whether an open folder is what has the name; closes it otherwise.
  private static func isStill(_ descriptor: Int32, at folder: String) -> Bool {
    var (own, named) = (stat(), stat())
    if fstat(descriptor, &own) == 0, stat(folder, &named) == 0, own.st_ino == named.st_ino,
      own.st_dev == named.st_dev
    {
      return true
    }
    close(descriptor)
    return false
  }
}
