internal import Foundation
internal import Testing

/// The programs `papers` and `studies`, run as a user runs them.
@Suite struct PapersAndStudiesTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .appendingPathComponent("../../..").standardizedFileURL.path

  private func run(_ program: String, _ arguments: [String]) throws -> BuiltProgram.Outcome {
    try BuiltProgram.inFolder { folder in
      let outcome = try BuiltProgram.run(arguments, in: folder, program: program)
      // Nothing is left behind by a call that was refused.
      if outcome.code != 0 {
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
      }
      return outcome
    }
  }

  /// Wrong calls: one line on standard error, exit code 1, no output.
  @Test(
    .enabled(if: BuiltProgram.isBuilt("papers")),
    arguments: [
      (["baydin2019"], "Unexpected argument 'baydin2019'"),
      (["baydin2018"], "Missing expected argument '--data <data>'"),
      (
        ["baydin2018", "--data", "nowhere", "--seeds", "1"],
        "--seeds is 1, expected a number from 2 to 10000"
      ),
      (
        ["chandra2022", "--data", "nowhere", "--jobs", "0"],
        "--jobs is 0, expected a number from 1 to 1024"
      ),
      (
        ["chandra2022", "--data", "nowhere", "--seeds", "many"],
        "The value 'many' is invalid for '--seeds <seeds>'"
      ),
      (["chandra2022", "--data", "nowhere"], "nowhere"),
      (
        ["chu2025", "--data", ".", "--reference", "nowhere.json"],
        "there is no file nowhere.json: expected the recorded runs, JSON"
      ),
      (
        ["chu2025", "--data", ".", "--reference", ".", "--perturbations", "1001"],
        "--perturbations is 1001, expected a number from 0 to 1000"
      ),
    ]) func aPaperRefusesInOneLine(_ arguments: [String], _ message: String) throws
  {
    let outcome = try run("papers", arguments)
    #expect(outcome.errors.count == 1 && outcome.code == 1 && outcome.output.isEmpty)
    #expect(outcome.errors.first?.hasPrefix("papers: " + message) == true, "\(outcome.errors)")
  }

  @Test(
    .enabled(if: BuiltProgram.isBuilt("studies")),
    arguments: [
      (["stationarity"], "Unexpected argument 'stationarity'"),
      (["stationarity-guard", "0"], "<instances> is 0, expected a number from 1 to 1000"),
      (["stationarity-guard", "few"], "The value 'few' is invalid for '<instances>'"),
      (["default-controller"], "Missing expected argument '<folders> ...'"),
      (
        ["default-controller", "nowhere"],
        "nowhere/manifest.json: there is no such file; name a folder that 'hypergrad compare' wrote"
      ),
    ]) func aStudyRefusesInOneLine(_ arguments: [String], _ message: String) throws
  {
    let outcome = try run("studies", arguments)
    #expect(outcome.errors == ["studies: " + message])
    #expect(outcome.code == 1 && outcome.output.isEmpty)
  }

  /// Every folder with a command is in its program's list, and every folder is in its room's index.
  @Test(
    .enabled(if: BuiltProgram.isBuilt("papers") && BuiltProgram.isBuilt("studies")),
    arguments: [("papers", "Papers"), ("studies", "Studies")])
  func everyFolderIsListed(_ program: String, _ room: String) throws {
    let manager = FileManager.default
    let place = Self.root + "/" + room
    let index = try String(contentsOfFile: place + "/README.md", encoding: .utf8)
    let help = try run(program, [])
    #expect(help.code == 0 && help.errors.isEmpty)
    let listed = help.output.split(separator: "\n").compactMap {
      $0.hasPrefix("  ") ? $0.split(separator: " ").first.map(String.init) : nil
    }
    var commands = 0
    for folder in try manager.contentsOfDirectory(atPath: place)
    where manager.fileExists(atPath: "\(place)/\(folder)/README.md") {
      #expect(index.contains("](\(folder)/README.md)"), "\(room)/README.md has no \(folder)")
      if manager.fileExists(atPath: "\(place)/\(folder)/Command.swift") {
        commands += 1
        let name = listed.first { $0.filter { $0 != "-" } == folder.lowercased() }
        #expect(name != nil, "'\(program)' has no \(folder)")
      }
    }
    #expect(commands >= 2)
  }

  /// From stored results to the page.
  @Test(.enabled(if: BuiltProgram.isBuilt("studies") && BuiltProgram.isBuilt))
  func theDefaultControllersPageIsPrinted() throws {
    try BuiltProgram.inFolder { folder in
      let made = try BuiltProgram.run(
        [
          "compare", "--suite", "smoke", "--steps", "40", "--tasks", "ellipsoid-1e1", "--rules",
          "sgd", "--methods", "fixed,cosine", "--out", "out",
        ], in: folder)
      try #require(made.code == 0, "\(made.errors)")
      let page = try BuiltProgram.run(
        ["default-controller", "out", "--development", "out"], in: folder, program: "studies")
      #expect(page.code == 0 && page.errors.isEmpty)
      let introduction = try String(
        contentsOfFile: Self.root + "/Studies/DefaultController/introduction.md", encoding: .utf8)
      #expect(page.output.hasPrefix(introduction))
      let headings = page.output.dropFirst(introduction.count).split(separator: "\n")
        .filter { $0.hasPrefix("#") }
      let title = "## 40 steps, suite smoke"
      let reported = [
        "", ", the default less the others", ", by starting rate", ", by task",
        ", what the default's rate did",
      ].map { title + $0 }
      #expect(
        headings.map(String.init) == reported + ["# Development", title, title + ", by task"])
    }
  }
}
