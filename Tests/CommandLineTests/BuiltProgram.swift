internal import Foundation
internal import Testing

/// A program beside the test bundle, run as a user runs it: `hypergrad` where none is named.
enum BuiltProgram {
  struct Outcome {
    var code: Int32
    var output: String
    var errors: [String]
  }

  /// `nil`, with a printed reason, where it is not built.
  static func path(of program: String) -> String? {
    let folder = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      .map { URL(fileURLWithPath: $0).deletingLastPathComponent().path }
    let places = [folder, Bundle.main.bundleURL.deletingLastPathComponent().path].compactMap { $0 }
    let found = places.map { $0 + "/" + program }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
    if found == nil { print("\(program) is not built beside the tests: skipped") }
    return found
  }

  static func isBuilt(_ program: String) -> Bool { path(of: program) != nil }
  static var isBuilt: Bool { isBuilt("hypergrad") }

  /// An empty folder that is removed when `body` ends.
  static func inFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let manager = FileManager.default
    let folder = manager.temporaryDirectory.path + "/hypergrad-" + UUID().uuidString
    try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? manager.removeItem(atPath: folder) }
    return try body(folder)
  }

  /// Runs a shell's script, in which `$hypergrad` is the program; a signal that ends it there is a
  /// code above 128.
  static func shell(_ script: String, in folder: String) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", script]
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    let (output, errors) = (folder + ".out", folder + ".err")
    for path in [output, errors] {
      _ = FileManager.default.createFile(atPath: path, contents: nil)
    }
    defer { for path in [output, errors] { try? FileManager.default.removeItem(atPath: path) } }
    process.environment = ProcessInfo.processInfo.environment.merging([
      "hypergrad": try #require(path(of: "hypergrad")), "TERM": "xterm",
    ]) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardError = FileHandle(forWritingAtPath: errors)
    try process.run()
    process.waitUntilExit()
    return Outcome(
      code: process.terminationStatus, output: try String(contentsOfFile: output, encoding: .utf8),
      errors: try String(contentsOfFile: errors, encoding: .utf8).split(separator: "\n")
        .map(String.init))
  }

  static func run(
    _ arguments: [String], in folder: String, program: String = "hypergrad"
  ) throws -> Outcome {
    let manager = FileManager.default
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(path(of: program)))
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    // Files, since a full pipe would stop the program.
    let (output, errors) = (folder + ".out", folder + ".err")
    for path in [output, errors] { _ = manager.createFile(atPath: path, contents: nil) }
    defer { for path in [output, errors] { try? manager.removeItem(atPath: path) } }
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardError = FileHandle(forWritingAtPath: errors)
    try process.run()
    process.waitUntilExit()
    let lines = try String(contentsOfFile: errors, encoding: .utf8)
      .split(separator: "\n").map(String.init)
    #expect(process.terminationReason == .exit, "ended by a signal: \(lines)")
    return Outcome(
      code: process.terminationStatus, output: try String(contentsOfFile: output, encoding: .utf8),
      errors: lines)
  }
}
