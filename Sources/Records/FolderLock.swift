internal import Foundation

/// One writer at a time in a folder. The lock is on the folder itself and goes with the process: a
/// killed one leaves none behind, and nothing lies in the folder.
package final class FolderLock {
  private let descriptor: Int32
  /// The folder, if it was not there before.
  private let made: String?

  /// Makes the folder with those above it, and takes the lock.
  ///
  /// - Throws: ``ExperimentError`` where the folder can't be made or written to, or another process
  ///   writes to it.
  package init(making folder: String) throws(ExperimentError) {
    made = access(folder, F_OK) == 0 ? nil : folder
    try Files.makeFolder(folder)
    descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
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
    // A first write shows at once whether there is a place to write to.
    let test = folder + "/writing.test"
    do { try Files.write("", to: test) } catch {
      close(descriptor)
      throw error
    }
    unlink(test)
  }

  deinit {
    // A folder that nothing came into.
    if let made { rmdir(made) }
    close(descriptor)
  }
}
