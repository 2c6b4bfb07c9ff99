internal import Foundation
internal import Testing

/// The notebooks run from their first line to their last, where each checks what it says, and leave
/// their picture.
@Suite struct NotebookTests {
  static let names: [String] = {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Notebooks-as-scripts")
    return ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
      .filter { FileManager.default.fileExists(atPath: "\(folder.path)/\($0)/main.swift") }.sorted()
  }()

  @Test func thereAreSome() { #expect(Self.names.count >= 3) }

  @Test(.enabled(if: BuiltProgram.isBuilt), arguments: names)
  func itRunsToItsEnd(_ name: String) throws {
    try BuiltProgram.inFolder { folder in
      let outcome = try BuiltProgram.run(["deep/picture.svg"], in: folder, program: name)
      #expect(outcome.code == 0, "\(outcome)")
      #expect(outcome.errors == [])
      #expect(outcome.output.hasSuffix("picture: deep/picture.svg\n"), "\(outcome.output)")
      let picture = try String(contentsOfFile: folder + "/deep/picture.svg", encoding: .utf8)
      #expect(picture.hasPrefix("<svg ") && picture.hasSuffix("</svg>\n"))
      let again = try BuiltProgram.run(["deep/picture.svg"], in: folder, program: name)
      #expect(again.output == outcome.output, "another run, other numbers")
    }
  }

  @Test(.enabled(if: BuiltProgram.isBuilt), arguments: names)
  func aPictureThatCannotBeWritten(_ name: String) throws {
    try BuiltProgram.inFolder { folder in
      let outcome = try BuiltProgram.run(["/dev/null/picture.svg"], in: folder, program: name)
      #expect(outcome.code == 1)
      #expect(outcome.errors.count == 1 && outcome.errors[0].contains("/dev/null"), "\(outcome)")
    }
  }
}
