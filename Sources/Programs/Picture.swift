internal import Foundation
internal import Records

/// The file of a notebook's picture: its first argument, or else `path`. Asked for before the work, since
/// other arguments end the program with one line and exit code 1.
public func pictureFile(_ path: String) -> String {
  let arguments = CommandLine.arguments.dropFirst()
  guard let name = arguments.first else { return path }
  guard arguments.count == 1, !name.hasPrefix("-"), !name.isEmpty else {
    Progress.say(
      StandardStreams.oneLine(
        "expected the file of the picture, or nothing, which is \(path), and found "
          + arguments.map { "'\($0)'" }.joined(separator: " ")))
    Foundation.exit(1)
  }
  return name
}

/// Writes a notebook's picture, and says where it is; one line and exit code 1 where it can't be written.
public func publishPicture(_ svg: String, to path: String) {
  do {
    try Files.makeFolder(URL(fileURLWithPath: path).deletingLastPathComponent().path)
    try Files.write(svg, to: path)
    print("picture: \(path)")
  } catch {
    Progress.say(StandardStreams.oneLine("\(error)"))
    Foundation.exit(1)
  }
}
