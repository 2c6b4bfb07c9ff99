internal import Foundation

/// Files that are there whole or not at all.
public enum Files {
  /// Writes through a temporary file beside it, and renames; a device or a pipe, such as
  /// `/dev/stdout`, is written to as it is.
  ///
  /// - Throws: ``ExperimentError`` that names the file and the reason.
  public static func write(_ text: String, to path: String) throws(ExperimentError) {
    var facts = stat()
    if stat(path, &facts) == 0, facts.st_mode & S_IFMT != S_IFREG {
      return try writeInPlace(text, to: path)
    }
    let temporary = path + ".part"
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: temporary))
    } catch {
      try? FileManager.default.removeItem(atPath: temporary)
      throw ExperimentError("\(path) can't be written: \(reason(error))")
    }
    guard rename(temporary, path) == 0 else {
      try? FileManager.default.removeItem(atPath: temporary)
      throw ExperimentError("\(path) can't be put in place: \(String(cString: strerror(errno)))")
    }
  }

  private static func writeInPlace(_ text: String, to path: String) throws(ExperimentError) {
    guard let file = fopen(path, "w") else {
      throw ExperimentError("\(path) can't be written: \(String(cString: strerror(errno)))")
    }
    let isWritten = fputs(text, file) >= 0 && fflush(file) == 0
    let reason = String(cString: strerror(errno))
    fclose(file)
    if !isWritten { throw ExperimentError("\(path) can't be written: \(reason)") }
  }

  /// Makes a folder with those above it.
  ///
  /// - Throws: ``ExperimentError`` that names the folder and the reason.
  public static func makeFolder(_ path: String) throws(ExperimentError) {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true)
    } catch {
      throw ExperimentError("the folder \(path) can't be made: \(reason(error))")
    }
  }

  private static func reason(_ error: any Error) -> String {
    let error = error as NSError
    let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error
    if cause.domain == NSPOSIXErrorDomain { return String(cString: strerror(Int32(cause.code))) }
    return cause.localizedDescription
  }
}
