internal import Foundation
internal import Records

/// Writes a notebook's picture to the file that its first argument names, or else to `path`, and says
/// where it is; one line and exit code 1 where it can't be written.
public func publishPicture(_ svg: String, to path: String) {
  let path = CommandLine.arguments.dropFirst().first ?? path
  do {
    try Files.makeFolder(URL(fileURLWithPath: path).deletingLastPathComponent().path)
    try Files.write(svg, to: path)
    print("picture: \(path)")
  } catch {
    Progress.say(StandardStreams.oneLine("\(error)"))
    Foundation.exit(1)
  }
}
