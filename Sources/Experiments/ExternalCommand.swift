internal import ExternalPrograms
internal import Foundation
internal import HypergradientRecipes
internal import Records

/// The command of a task that a program answers for, and the files that it names.
package enum ExternalCommand {
  /// Whether a thread waits for a program's answer.
  package static var isAsked: Bool { ChildProcess.isAsked }

  /// The command of a task's text; `nil` where no program answers for it.
  static func command(ofTask text: String) -> String? {
    guard let call = try? SpecText(text, variables: ["steps"]).single("a task"),
      call.name == "external",
      case .text(let command)? = call.arguments.first(where: { $0.label == "command" })?.value
    else { return nil }
    return command
  }

  /// SHA-256 of the files that a command names by its words, such as `task.py`, by these words. What
  /// these files read themselves is not among them.
  static func digests(of command: String) -> [String: String] {
    var digests: [String: String] = [:]
    for word in command.split(whereSeparator: \.isWhitespace) {
      let path = word.trimmingCharacters(in: CharacterSet(charactersIn: "\"'"))
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder),
        !isFolder.boolValue
      else { continue }
      digests[path] = Digest.sha256(ofFile: path)
    }
    return digests
  }

  /// The same in one line, in an order of their own.
  static func line(_ digests: [String: String]) -> String {
    digests.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: " ")
  }
}
