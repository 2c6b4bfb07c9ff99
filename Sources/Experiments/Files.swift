internal import Foundation

/// Files that are there whole or not at all.
public enum Files {
  /// Writes through a temporary file beside it, and renames.
  ///
  /// - Throws: ``ExperimentError`` that names the file and the reason.
  public static func write(_ text: String, to path: String) throws(ExperimentError) {
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
